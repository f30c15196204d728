"""What the commands about files of predictions print: tables for a person, or one JSON document."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from harness.api.task import Suite
from harness.cli.display import print_json
from harness.data.source import Source
from harness.submissions.scoring import SplitScore, TaskScore, named_mean, scores_by_task
from harness.submissions.submission import Submission
from harness.submissions.writer import Written
from harness.system.console import console_on

SCHEMA = 2
"""Of the JSON documents: 1 had no number, `figures` for `metrics`, `lack` for `reason`, and `num_answers`."""


def show_file_score(submission: Submission, scored: TaskScore, source: Source, *, as_json: bool) -> None:
    """Show what a single file scores."""
    (one,) = scored.splits
    if as_json:
        about = {"score": one.score, "num_examples": len(one.found.examples), "notes": submission.notes}
        keep = ("task", "split", "metrics", "headline")
        document = {name: value for name, value in _of_split(one).items() if name in keep}
        print_json({"schema": SCHEMA, **document, **about, "data": source.kind, "data_note": source.note})
        return
    console = console_on()
    about_file = f"{one.found.task}, {one.found.split}: {len(one.found.examples)} examples, from {source.note}"
    console.print(about_file)
    for name, value in one.metric_values.items():
        shown = f"{value:.0f}" if name.endswith("total") else f"{value:.4f}"  # the scripts count questions too
        console.print(f"  {name:<24} {shown}")
    for note in submission.notes:
        console.print(f"  note: {note}")


def show_suite_score(
    submission: Submission, scored: Sequence[TaskScore], suite: Suite, source: Source, *, as_json: bool
) -> None:
    """Show what a zip scores, file by file, and the mean over tasks."""
    splits, scores = [split for one in scored for split in one.splits], scores_by_task(scored)
    mean_name, mean = named_mean(scored, suite)
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "suite": suite.name,
                "side": submission.side,
                "files": [_of_split(split) for split in splits],
                "absent": submission.absent,
                "scores": scores,
                "mean": mean,
                "mean_name": mean_name,
                "data": source.kind,
                "data_note": source.note,
            }
        )
        return
    console = console_on()
    console.print(f"{suite.name}, from {source.note}")
    console.print(_split_table(splits))
    for name in submission.absent:
        console.print(f"  not in the submission: {name}")
    for name, value in scores.items():
        console.print(f"  {name:<24} {value:.4f}")
    if mean is not None:
        console.print(f"{mean_name}: {mean:.4f}")


def _of_split(one: SplitScore) -> dict[str, Any]:
    return {
        "task": one.found.task,
        "split": one.found.split,
        "file": one.file,
        "metrics": one.metric_values,
        "headline": one.headline,
        "reason": one.reason,
        "num_predictions": len(one.found.predictions),
    }


def _split_table(splits: Sequence[SplitScore]) -> Table:
    table = Table("file", "task", "split", "predictions", "metrics", box=None)
    for one in splits:
        values = ", ".join(f"{name} {value:.4f}" for name, value in one.metric_values.items())
        shown = values or f"not scored: {one.reason}"
        table.add_row(one.file, one.found.task, one.found.split, str(len(one.found.predictions)), shown)
    return table


def show_written(written: Written, *, as_json: bool) -> None:
    """Show which files of predictions were written, and from what."""
    if as_json:
        print_json({"schema": SCHEMA, **asdict(written), "paths": [str(path) for path in written.paths]})
        return
    console = console_on()
    console.print(f"{written.model}, seed {written.seed}:")
    for name, count in written.num_predictions.items():
        console.print(f"  {name:<24} {count} predictions")
    for note in written.notes:
        console.print(f"  note: {note}")
    for path in written.paths:
        console.print(f"written: {path}", soft_wrap=True)
