"""Our side: grids of trials by the engine, in runs of a temporary folder; one server of workers serves them all."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.engine.events import ignore
from harness.engine.local import LocalEngine
from harness.engine.options import Options
from harness.engine.perform import perform
from harness.plan.plan import Plan
from harness.plan.request import Request, prepare
from harness.plan.trial import Trial
from harness.store.records import Result
from harness.store.run import Run
from tests.bench.against_trainer import assignment as shared
from tests.bench.against_trainer.ours import span
from tests.bench.on_gpu.other_side import OtherSide
from tests.bench.on_gpu.records import Device, Row, Throughput
from tests.bench.on_gpu.size import Size

TASK_PLUGINS = (str(Path(shared.__file__)),)
PLUGINS = (*TASK_PLUGINS, str(Path(__file__).with_name("assignment.py")))
"""Each worker reads them, and that of the models hashes a checkpoint of BERT-base: too much for a small trial."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What sections measure with; the runs lie in ``folder``, and a file called ``cut`` asks for a training's death."""

    device: Device
    data: str
    size: Size
    folder: Path
    checkpoints: Path
    cut: Path
    other_side: OtherSide


class Findings:
    """What sections have found so far."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.throughputs: list[Throughput] = []


class TrialsAlone(Plan):
    """A plan of trials whose speed is not measured afterwards."""

    @property
    def pairs(self) -> tuple[Trial, ...]:
        """None."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Trials to be done: tasks and models by name, and how many at a time on which device."""

    tasks: Sequence[str]
    models: Sequence[str]
    limits: Limits
    num_seeds: int = 1
    num_workers: int = 1
    device: str
    data: str
    plugins: tuple[str, ...] = PLUGINS

    def perform(self, bench: Bench, name: str, *, measured: bool = False) -> Run:
        """Do what the run ``name`` lacks of it, and measure the speed of each pair where that is asked for.

        Raises:
            RuntimeError: a trial failed.
        """
        request = Request(
            suite=None,
            tasks=tuple(self.tasks),
            models=tuple(self.models),
            seeds=tuple(range(self.num_seeds)),
            data=self.data,
            limits=self.limits,
            device=self.device,
            out=bench.folder / name,
            command="",
        )
        prepared = prepare(request, load_catalog(self.plugins))
        if not measured:
            prepared = replace(prepared, plan=TrialsAlone(**vars(prepared.plan)))
        options = Options(
            device=prepared.device, num_workers=self.num_workers, plugins=self.plugins, model_names=prepared.model_names
        )
        perform(prepared, options, LocalEngine(), ignore)
        if failures := prepared.run.failures():
            raise RuntimeError(f"{failures[0].task} × {failures[0].model}: {failures[0].message}")
        return prepared.run


def wall_seconds(run: Run) -> float:
    """Return the time from the first example of a run to its last result."""
    begun, last = span(run, run.results())
    return last - begun


def result_of(run: Run, *, task: str, model: str) -> Result:
    """Return the result of one pair's first seed."""
    return next(r for r in run.results() if (r.task, r.model.name, r.seed) == (task, model, 0))


def throughputs(run: Run) -> list[Throughput]:
    """Return how fast the models of a run predict."""
    return [
        Throughput(
            model=speed.model,
            task=speed.task,
            batch_seconds={size: statistics.median(times) for size, times in speed.batch_seconds.items()},
        )
        for speed in run.speeds()
    ]
