"""Somebody's predictions as results: those that a run with these predictions would have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from harness.api.submission import TableFormat
from harness.api.task import Suite, Task
from harness.data.source import Source
from harness.errors import HarnessError, SubmissionError
from harness.metrics.scoring import headline, higher_is_better, unit_of
from harness.plan.trial import FORMAT, fingerprint_of, key_of
from harness.store.predictions import SplitPredictions
from harness.store.records import DataRecord, ModelRecord, Result, SubmissionRecord
from harness.store.run_info import RunInfo
from harness.submissions.formats import read_bytes
from harness.submissions.scoring import TaskScore, score_submission
from harness.submissions.single import read_file
from harness.submissions.submission import Submission
from harness.submissions.suite import read_zip
from harness.system.environment import now, versions

SEED = 0
"""An entry has one; any would do."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What submissions are for: a suite, in a zip, or without one the only task, in a single file."""

    suite: Suite | None
    tasks: tuple[Task, ...]
    data: str
    """The value of ``--data``; ``auto`` is the data of the runs, where they have the same."""
    command: str


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the runs are about that submissions stand beside, and so what of a submission is scored."""

    tasks: frozenset[str] | None
    """``None``: there are no runs, so everything is."""
    limits: Mapping[str, int | None]
    """On evaluation examples, by task, where all runs have the same: a submission is scored on these examples alone."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A submission, read and scored."""

    info: RunInfo
    results: Sequence[tuple[Result, Sequence[SplitPredictions]]]
    """A result a task, and the predictions that it was computed from."""


def read_entry(path: Path, asked: Asked, source: Source, beside: Beside) -> Entry:
    """Read and score a submission.

    Raises:
        SubmissionError: a file that is not what the format says, or that is for splits without labels at hand.
        UsageError: a task that has no such files.
    """
    submission = _read(path, asked, source)
    scored = score_submission(submission, asked.tasks, source, beside.limits)
    notes = [*submission.notes, *_notes_of_zip(submission, scored)]
    whole = [one for one in scored if _is_scored(path, one, source)]
    kept = [one for one in whole if beside.tasks is None or one.task.name in beside.tasks]
    if left_out := [one.task.title for one in whole if one not in kept]:
        notes.append(f"Left out, as no run has the task: {', '.join(left_out)}.")
    if not kept:
        raise SubmissionError(f"{path}: nothing to score. {' '.join(notes)}")
    record = SubmissionRecord(file=path.name, sha256=sha256(read_bytes(path)).hexdigest(), notes=notes)
    results = [(_result(one, record), [each.found for each in one.splits if each.found.examples]) for one in kept]
    return Entry(info=_info(record, asked, [one.task for one in kept], source), results=results)


def _read(path: Path, asked: Asked, source: Source) -> Submission:
    if asked.suite is None:
        return read_file(asked.tasks[0], path, source)
    try:
        return read_zip(path, asked.tasks, source, "validation", partial=True)
    except SubmissionError as error:
        if _is_for_test(path, asked.tasks, source):
            raise SubmissionError(
                f"{path}: found predictions for the test splits, which have no labels at hand; "
                "expected predictions for the validation splits."
            ) from error
        raise


def _is_for_test(path: Path, tasks: Sequence[Task], source: Source) -> bool:
    try:
        submission = read_zip(path, tasks, source, "test", partial=True)
    except HarnessError:
        return False
    return all(found.examples for found in submission.files.values())


def _notes_of_zip(submission: Submission, scored: Sequence[TaskScore]) -> list[str]:
    """Say which files of a zip are absent, or cannot be scored."""
    splits = [split for one in scored for split in one.splits if split.counts]
    notes = [f"{split.file} is not scored: {split.reason}." for split in splits if split.reason]
    return [*notes, f"It holds no {', '.join(submission.absent)}."] if submission.absent else notes


def _is_scored(path: Path, scored: TaskScore, source: Source) -> bool:
    """Return whether all splits of the task that the source holds are scored.

    Raises:
        SubmissionError: some of these splits alone are, whose mean would be another than a run's.
    """
    task = scored.task
    held = [split for split in task.scored if split in source.splits(task)]
    given = [split for split in held if split in scored.scores]
    if given and (missing := [split for split in held if split not in given]):
        files = task.submission.files if isinstance(task.submission, TableFormat) else {}
        listed = " and ".join(f"{files[split]} ({split})" if split in files else split for split in missing)
        raise SubmissionError(
            f"{path}: found predictions for {', '.join(given)} alone, expected {listed} with labels too."
        )
    return bool(given)


def _result(scored: TaskScore, record: SubmissionRecord) -> Result:
    """Return the result of a task, in which what only a training has is unknown."""
    task, scores, model = scored.task, scored.scores, _model(record)
    assert scored.score is not None
    fingerprint = fingerprint_of(_identity(task, scored.data, record))
    return Result(
        key=key_of(task.name, model.name, SEED, fingerprint),
        fingerprint=fingerprint,
        task=task.name,
        task_version=task.version,
        model=model,
        seed=SEED,
        output=task.output,
        scores={split: dict(values) for split, values in scores.items()},
        headline=list(headline(task.metrics, next(iter(scores.values())))),
        higher_is_better=higher_is_better(task.metrics),
        unit=unit_of(task.metrics),
        score=scored.score,
        data=scored.data,
        history=None,
        timings=None,
        peak_memory_bytes=None,
        machine=None,
        submission=record,
        versions=versions(),
        created=now(),
    )


def _model(record: SubmissionRecord) -> ModelRecord:
    return ModelRecord(
        name=Path(record.file).stem,
        title=f"submission {record.file}, sha256 {record.sha256[:12]}",
        identity={"class": "Submission", "file": record.file, "sha256": record.sha256},
        recipe=None,
        task_settings={},
        num_parameters=None,
    )


def _identity(task: Task, data: DataRecord, record: SubmissionRecord) -> dict[str, Any]:
    """Return all that can change an entry's scores, as JSON values."""
    return {
        "format": FORMAT,
        "submission": {"file": record.file, "sha256": record.sha256},
        "task": {"name": task.name, "version": task.version},
        "data": {"kind": data.kind, "fingerprint": data.fingerprint, "limit": data.limit_evaluation},
    }


def _info(record: SubmissionRecord, asked: Asked, tasks: Sequence[Task], source: Source) -> RunInfo:
    suite = asked.suite
    return RunInfo(
        suite=suite.name if suite else None,
        suite_title=suite.title if suite else ", ".join(task.title for task in tasks),
        score_name=suite.score_name if suite else "",
        suite_tasks=list(suite.tasks) if suite else [],
        tasks=[task.name for task in tasks],
        task_titles={task.name: task.title for task in tasks},
        models=[Path(record.file).stem],
        num_seeds=1,
        source=str(source),
        source_note=source.note,
        is_sample="sample" in map(source.kind_for, tasks),
        commands=[asked.command],
        created=now(),
    )
