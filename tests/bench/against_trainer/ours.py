"""Our side: ``python -m harness run`` as people run it, as many single-threaded trials at a time as there are cores."""

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.api.limits import Limits
from harness.store.records import Result
from harness.store.run import Run
from tests.bench.against_trainer import assignment, children

PLUGIN = Path(assignment.__file__)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What came of a call: the seconds from the command to the last result, and from the first example to it."""

    results: list[Result]
    seconds: float
    seconds_without_start: float
    command: str


def run(folder: Path, *, tasks: Sequence[str], model: str, data: str, limits: Limits, seeds: range) -> Ran:
    """Add some seeds to a run that has those before them; of those no tokens are kept, as Trainer has none either."""
    shutil.rmtree(Run(folder).cache_folder, ignore_errors=True)
    limited = {"limit": limits.evaluation, "limit-train": limits.train}
    options = [f"--{name}={value}" for name, value in limited.items() if value is not None]
    options += [f"--task={assignment.TASKS[task].name}" for task in tasks]
    options += [f"--model={model}", f"--seeds={seeds.stop}", f"--data={data}", "--device=cpu", f"--plugin={PLUGIN}"]
    arguments = ["-m", "harness", "run", *options, f"--out={folder}"]
    started = time.time()
    children.run([sys.executable, *arguments])
    found = [result for result in Run(folder).results() if result.seed in seeds]
    begun, last = span(Run(folder), found)
    return Ran(
        results=found,
        seconds=last - started,
        seconds_without_start=last - begun,
        command=" ".join(["python", *arguments]),
    )


def span(run: Run, results: Sequence[Result]) -> tuple[float, float]:
    """Return when the first of some trials began, and when the last one's result was there."""
    saved = {result.key: (run.trial_folder(result.key) / "result.json").stat().st_mtime for result in results}
    return min(saved[result.key] - result.timings.total_seconds for result in results), max(saved.values())
