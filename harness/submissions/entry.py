"""Somebody's file of answers, read and scored: the results that a run with these answers would have."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from harness.api.example import Example, Prediction
from harness.api.submission import TableFormat
from harness.api.task import Suite, Task
from harness.data.loading import sample
from harness.data.source import Source
from harness.errors import HarnessError, SubmissionError
from harness.metrics.scoring import headline, score, task_score
from harness.plan.trial import FORMAT, fingerprint_of, key_of
from harness.store.records import DataRecord, ModelRecord, Result, RunInfo, SubmissionRecord
from harness.submissions.formats import read_bytes
from harness.submissions.scoring import data_record
from harness.submissions.single import read_submission
from harness.submissions.suite import read_suite_submission
from harness.system.environment import now, versions

SEED = 0
"""An entry has one; any would do."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What submissions answer: a suite, in a zip, or without one the only task, in a single file."""

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
class Answers:
    """A submission's answers to one split, in the order of its examples."""

    examples: Sequence[Example]
    predictions: Sequence[Prediction]

    def limited(self, limit: int | None) -> "Answers":
        """Return those to the examples that a run under this limit answers."""
        examples = sample(list(self.examples), limit)
        by_id = {e.id: p for e, p in zip(self.examples, self.predictions, strict=True)}
        return Answers(examples=examples, predictions=[by_id[example.id] for example in examples])


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A submission, read and scored."""

    info: RunInfo
    results: Mapping[str, Result]
    """By task."""
    answers: Mapping[str, Mapping[str, Answers]]
    """By task and split."""


def read_entry(path: Path, asked: Asked, source: Source, beside: Beside) -> Entry:
    """Read and score a submission.

    Raises:
        SubmissionError: a file that is not what the format says, or that answers what has no labels at hand.
        UsageError: a task that has no such files.
    """
    notes: list[str] = []
    if asked.suite:
        found = _read_suite(path, asked.suite, asked.tasks, source, notes)
    else:
        answered = read_submission(asked.tasks[0], path, source)
        notes += answered.notes
        answers = Answers(examples=answered.examples, predictions=answered.predictions)
        found = {asked.tasks[0].name: {answered.split: answers}}
    scored = [task for task in asked.tasks if _is_scored(path, task, source, found.get(task.name, {}))]
    tasks = [task for task in scored if beside.tasks is None or task.name in beside.tasks]
    if left_out := [task.title for task in scored if task not in tasks]:
        notes.append(f"Left out, as no run has the task: {', '.join(left_out)}.")
    if not tasks:
        raise SubmissionError(f"{path}: nothing to score. {' '.join(notes)}")
    limits = {task.name: beside.limits.get(task.name) for task in tasks}
    limited = {
        name: {split: answers.limited(limit) for split, answers in found[name].items()}
        for name, limit in limits.items()
    }
    record = SubmissionRecord(file=path.name, sha256=sha256(read_bytes(path)).hexdigest(), notes=notes)
    results = {task.name: _result(task, source, limited[task.name], limits[task.name], record) for task in tasks}
    return Entry(info=_info(record, asked, tasks, source), results=results, answers=limited)


def _read_suite(
    path: Path, suite: Suite, tasks: Sequence[Task], source: Source, notes: list[str]
) -> dict[str, dict[str, Answers]]:
    """Return a zip's answers by task and split; ``notes`` hears of files that are absent, or cannot be scored."""
    try:
        submission = read_suite_submission(path, suite, tasks, source, "validation", partial=True)
    except SubmissionError as error:
        if _answers_test(path, suite, tasks, source):
            raise SubmissionError(
                f"{path}: found answers to the test splits, which have no labels at hand; "
                "expected answers to the validation splits."
            ) from error
        raise
    found: dict[str, dict[str, Answers]] = {}
    for each in submission.answers:
        if each.lack and each.counts:
            notes.append(f"{each.file} is not scored: {each.lack}.")
        if each.examples:
            answers = Answers(examples=each.examples, predictions=each.predictions)
            found.setdefault(each.task, {})[each.split] = answers
    if submission.absent:
        notes.append(f"It holds no {', '.join(submission.absent)}.")
    return found


def _answers_test(path: Path, suite: Suite, tasks: Sequence[Task], source: Source) -> bool:
    try:
        submission = read_suite_submission(path, suite, tasks, source, "test", partial=True)
    except HarnessError:
        return False
    return all(each.examples for each in submission.answers)


def _is_scored(path: Path, task: Task, source: Source, answers: Mapping[str, Answers]) -> bool:
    """Return whether the answers score: to all splits of the task that the source holds, with labels.

    Raises:
        SubmissionError: answers to some of these splits alone, whose mean would be another than a run's.
    """
    held = [split for split in task.scored if split in source.splits(task)]
    given = [split for split in held if split in answers and _labelled(answers[split].examples)]
    if given and (lacking := [split for split in held if split not in given]):
        files = task.submission.files if isinstance(task.submission, TableFormat) else {}
        listed = " and ".join(f"{files[split]} ({split})" if split in files else split for split in lacking)
        raise SubmissionError(f"{path}: found answers to {', '.join(given)} alone, expected {listed} with labels too.")
    return bool(given)


def _labelled(examples: Sequence[Example]) -> bool:
    return all(example.target is not None for example in examples)


def _result(
    task: Task, source: Source, answers: Mapping[str, Answers], limit: int | None, record: SubmissionRecord
) -> Result:
    """Return the result of a task, in which what only a training has is unknown."""
    scored = {split: answers[split] for split in task.scored if split in answers}
    scores = {split: score(task.metrics, found.predictions, found.examples) for split, found in scored.items()}
    data = data_record(task, source, {split: len(found.examples) for split, found in answers.items()}, limit)
    model = _model(record)
    fingerprint = fingerprint_of(_identity(task, data, record))
    return Result(
        key=key_of(task.name, model.name, SEED, fingerprint),
        fingerprint=fingerprint,
        task=task.name,
        task_version=task.version,
        model=model,
        seed=SEED,
        output={"kind": type(task.output).__name__, **asdict(task.output)},
        scores=scores,
        headline=list(headline(task.metrics, next(iter(scores.values())))),
        score=task_score(task, scores),
        data=data,
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
