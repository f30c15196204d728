"""Does the gate catch what goes wrong in practice, and name the right task? Real trainings on the generated sample.

    python -m tests.bench.planted_faults --out runs/faults        # what docs/gate.md tells: resumable

A reference of ``transformer-tiny`` on two tasks; then, for each fault of ``tests.bench.faulty_models``, the same with
the fault planted in one of them, gated with ``--until-decided``. The other task has nothing wrong.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.faulty_models import FAULTS

PLUGIN = Path(__file__).parent / "faulty_models.py"


@dataclass(frozen=True, kw_only=True)
class Trials:
    """Where the runs lie, and what they are asked."""

    out: Path
    tasks: tuple[str, ...]
    num_seeds: int
    """Of the reference."""
    max_seeds: int
    """Of a run with a fault."""
    margin: float
    model: str

    def train_reference(self) -> None:
        """Train what nothing is wrong with: of a task without a fault two seeds, which predict the same again."""
        for task in self.tasks:
            seeds = self.num_seeds if task == self.tasks[0] else 2
            self._run(self.out / "reference", ["--seeds", str(seeds)], tasks=(task,))

    def gate(self, fault: str, at: str) -> dict[str, Any]:
        """Return what the gate says of a run with a fault, as ``--json`` gives it."""
        options = ["--until-decided", str(self.out / "reference"), "--max-seeds", str(self.max_seeds)]
        folder = self.out / f"{fault.replace(' ', '-')}-{at}"
        options += ["--margin", str(self.margin)]
        gated: dict[str, Any] = self._run(folder, options, tasks=self.tasks, fault=fault, at=at)["gate"]
        return gated

    def _run(self, folder: Path, asked: Sequence[str], *, tasks: Sequence[str], fault: str = "", at: str = "") -> Any:
        command = [sys.executable, "-m", "harness", "run", "--plugin", str(PLUGIN), "--model", self.model]
        command += [option for task in tasks for option in ("--task", task)]
        command += ["--data", "sample", "--out", str(folder), "--json", *asked]
        environment = os.environ | {"PLANTED_FAULT": fault, "PLANTED_AT": at}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        if not done.stdout:
            raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}")
        return json.loads(done.stdout)


def lines(trials: Trials, planted: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield a Markdown table, a line a fault."""
    yield "| fault | planted in | figures called worse | its change | seeds of it | others called worse |"
    yield "|---|---|---|---|---|---|"
    trials.train_reference()
    for fault, at in planted:
        yield line(fault, at, trials.gate(fault, at))


def line(fault: str, at: str, gated: dict[str, Any]) -> str:
    """Return what became of one fault."""
    findings = gated["report"]["findings"]
    worse = [finding for finding in findings if finding["verdict"] == "worse"]
    mine = [finding for finding in worse if finding["task"] == at]
    others = [f"{f['task'] or 'mean'}: {f['metric']}" for f in worse if f["task"] not in {at, None}]
    quality = next(f for f in findings if f["task"] == at and f["metric"] == "quality")
    shown = mine or [quality]
    changes = [_change(finding) for finding in shown]
    named = ", ".join(finding["metric"] for finding in mine) or f"none ({quality['verdict']})"
    seeds = f"{quality['num_seeds'][0]} and {quality['num_seeds'][1]}"
    return f"| {fault} | {at} | {named} | {', '.join(changes)} | {seeds} | {', '.join(others) or 'none'} |"


def _change(finding: dict[str, Any]) -> str:
    change = finding["change"]
    if change is None:
        return "unknown"
    return f"{change:+.1f} points" if finding["unit"] == "points" else f"{100 * change:+.0f} %"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/faults"))
    parser.add_argument("--task", action="append", help="The tasks: the first gets the faults. SST-2, and CoLA.")
    parser.add_argument("--model", choices=["candidate", "pretrained-candidate"], default="candidate")
    parser.add_argument("--fault", action="append", choices=FAULTS)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--max-seeds", type=int, default=20)
    parser.add_argument("--margin", type=float, default=1.0)
    asked = parser.parse_args(arguments)
    tasks = tuple(asked.task or ("sst2", "cola"))
    trials = Trials(
        model=asked.model,
        out=asked.out,
        tasks=tasks,
        num_seeds=asked.seeds,
        max_seeds=asked.max_seeds,
        margin=asked.margin,
    )
    for text in lines(trials, [(fault, tasks[0]) for fault in asked.fault or FAULTS]):
        print(text, flush=True)  # noqa: T201 (a script's output)


if __name__ == "__main__":
    main()
