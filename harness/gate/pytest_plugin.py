"""The gate as a fixture of pytest, which every project has that installs this package.

::

    def test_my_model(harness_gate):
        harness_gate(model="./checkpoint", suite="glue", reference="reference.json", seeds=3)

All that is heavy is imported when the fixture is called.
"""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.catalog import Catalog
    from harness.gate.verdicts import GateReport
    from harness.plan.request import Prepared


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What ``harness_gate`` takes, by name: as the options of `harness run` and of `harness gate`."""

    model: str | Sequence[str]
    """A model's name, a checkpoint's folder, or a name on the hub; or several."""
    reference: str | Path
    """A file made by `harness reference`, or a run's folder."""
    suite: str | None = None
    tasks: Sequence[str] = ()
    seeds: int = 3
    data: str = "auto"
    limit: int | None = None
    device: str = "auto"
    plugins: Sequence[str | Path] = ()
    margin: float = 1.0
    alpha: float = 0.05
    strict: bool = False
    cost: bool = False
    """Whether speed and memory are judged too: only of use where nothing else runs meanwhile."""
    out: str | Path | None = None
    """The run's folder, in which only what is missing is run; its owner knows whether it is of today's code."""


@dataclass(frozen=True, kw_only=True)
class HarnessGate:
    """Runs a model and gates it against a reference; the test fails where the model is worse."""

    request: pytest.FixtureRequest

    def __call__(self, **asked: Any) -> "GateReport":
        """Return the report of a gate that passed; fail the test with its text where it did not.

        It takes the fields of :class:`Asked`.
        """
        from harness.errors import HarnessError
        from harness.gate.rendering import RENDERERS
        from harness.gate.verdicts import PASSED

        try:
            report = self._gate(Asked(**asked))
        except HarnessError as error:
            pytest.fail(f"harness_gate: {error}", pytrace=False)
        if report.exit_code != PASSED:
            pytest.fail(RENDERERS["text"](report), pytrace=False)
        return report

    def _gate(self, asked: Asked) -> "GateReport":
        from harness.catalog import load_catalog
        from harness.gate.gate import Options, gate_sides
        from harness.gate.side import open_side, side_of_run

        catalog = load_catalog([str(file) for file in asked.plugins])
        reference = open_side(Path(asked.reference), catalog.tasks)  # first: its mistakes cost no training
        prepared = self._run(asked, catalog)
        options = Options(
            margin=asked.margin,
            alpha=asked.alpha,
            strict=asked.strict,
            models=tuple(dict.fromkeys(trial.model.name for trial in prepared.plan.trials)),
            tasks=tuple(dict.fromkeys(trial.task.name for trial in prepared.plan.trials)),
            quality_only=not asked.cost,
        )
        return gate_sides(reference, side_of_run(prepared.run, catalog.tasks), options, catalog.tasks)

    def _run(self, asked: Asked, catalog: "Catalog") -> "Prepared":
        """Do what is missing in the run's folder."""
        from harness.api.limits import Limits
        from harness.engine.events import ignore
        from harness.engine.local import LocalEngine
        from harness.engine.options import Options, num_workers
        from harness.engine.perform import perform
        from harness.plan.request import Request, prepare

        request = Request(
            suite=asked.suite,
            tasks=tuple(asked.tasks),
            models=(asked.model,) if isinstance(asked.model, str) else tuple(asked.model),
            seeds=tuple(range(asked.seeds)),
            data=asked.data,
            limits=Limits(train=asked.limit, evaluation=asked.limit),
            device=asked.device,
            out=self._folder(asked) if asked.out is None else Path(asked.out),
            command=f"pytest {self.request.node.nodeid}",
        )
        prepared = prepare(request, catalog)
        options = Options(
            device=prepared.device,
            num_workers=num_workers(None, prepared.device),
            plugins=tuple(map(str, asked.plugins)),
            model_names=prepared.model_names,
        )
        perform(prepared, options, LocalEngine(), ignore)  # a test's output is its own
        return prepared

    def _folder(self, asked: Asked) -> Path:
        """Return the run's folder in pytest's cache: one for what is asked, today's code and libraries.

        A result is filed under what was asked, not under the code that made it, so one of other code must not be found
        again: the folder's name holds the state of the git work tree and the libraries' versions, and folders of other
        states go. Without git, each call runs everything.
        """
        from harness.gate.worktree import state_of
        from harness.system.environment import versions

        config = self.request.config
        state = state_of(config.rootpath)
        if state is None or config.cache is None:
            factory: pytest.TempPathFactory = self.request.getfixturevalue("tmp_path_factory")
            return factory.mktemp("harness") / "run"
        shown = (asked.suite, asked.tasks, asked.model, asked.data, asked.limit, asked.device, asked.plugins)
        parent = config.cache.mkdir("harness") / _short_hash(shown)
        current = parent / _short_hash((state, versions()))
        for other in set(parent.glob("*")) - {current}:
            shutil.rmtree(other, ignore_errors=True)
        return current


def _short_hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]


@pytest.fixture
def harness_gate(request: pytest.FixtureRequest) -> HarnessGate:
    """Give a function that runs a model, gates it against a reference, and fails the test where it is worse."""
    return HarnessGate(request=request)
