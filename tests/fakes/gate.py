"""Made-up runs and references, small enough to gate in a moment."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.api.task import Task
from harness.gate.gate import Options, gate
from harness.gate.verdicts import Finding, GateReport
from harness.store.records import Result
from harness.store.run import Run
from tasks import glue, squad
from tests.fakes.synthetic import Plan, write_run

TASKS: dict[str, Task] = {task.name: task for task in (glue.COLA, glue.MRPC, glue.STSB, glue.MNLI, squad.SQUAD_V1)}
PLAN = Plan(tasks=("cola", "mrpc", "stsb"), models=("floor", "good"), num_seeds=3, num_questions=120)
"""``floor`` is not trained by gradient and right in half of its answers; ``good`` is, in 95 %."""
WORSE = replace(PLAN, models=("good", "floor"))
"""The skills are exchanged."""


def judged(run: Run, reference: Path, **options: object) -> GateReport:
    return gate(run, reference, Options(**options), TASKS)  # type: ignore[arg-type]


def finding(report: GateReport, task: str | None, model: str, metric: str = "quality") -> Finding:
    (found,) = [f for f in report.findings if (f.task, f.model, f.metric) == (task, model, metric)]
    return found


def edit(run: Run, change: Callable[[Result], Result]) -> Run:
    """Write each result again, changed."""
    for result in run.results():
        path = run.trial_folder(result.key) / "result.json"
        path.write_text(change(result).model_dump_json())
    return run


__all__ = ["PLAN", "TASKS", "WORSE", "edit", "finding", "judged", "write_run"]
