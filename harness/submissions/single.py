"""Reads a single file of predictions: a table, or SQuAD's JSON."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from harness.api.example import Example, Prediction
from harness.api.submission import AnswersFormat, TableFormat
from harness.api.task import Task
from harness.data.loading import read_split
from harness.data.source import Source
from harness.errors import SubmissionError, UsageError
from harness.outputs import kind_of
from harness.store.predictions import SplitPredictions
from harness.submissions.formats import parse_table, read_answers, read_bytes, read_probabilities, table_lines
from harness.submissions.submission import Submission

UNANSWERED = "\0"
"""Stands for a prediction that is not in the file: no passage holds it, so it scores 0, as the SQuAD 1.1 script has it.
The empty text would not do: it agrees with an accepted answer of nothing but articles and punctuation."""


def read_file(
    task: Task, path: Path, source: Source, split: str | None = None, na_probabilities: Path | None = None
) -> Submission:
    """Return the predictions in a file, for a split that has labels.

    ``split`` may be left out where the predictions tell which one they belong to. ``na_probabilities`` is SQuAD 2.0's
    file of the doubt in each prediction.

    Raises:
        SubmissionError: a file that is not what the task's format says, or is for a split that has no labels here.
        UsageError: a task that has no such files, or a split that it has not.
    """
    if na_probabilities and not _may_be_unanswerable(task):
        raise UsageError(f"task {task.name!r}: each question has an answer, so there is no use for {na_probabilities}.")
    labelled = _labelled(task, source, split)
    match task.submission:
        case TableFormat() as table_format:
            return _table(task, path, source, table_format, labelled)
        case AnswersFormat():
            return _answers(task, path, na_probabilities, labelled)
        case None:
            raise UsageError(f"task {task.name!r} does not say how a file of predictions for it looks.")


def _may_be_unanswerable(task: Task) -> bool:
    return kind_of(task.output).may_be_unanswerable


def _labelled(task: Task, source: Source, split: str | None) -> dict[str, list[Example]]:
    """Return the examples of the splits that can be scored: the one asked for, or all of the task's."""
    wanted, held = [split] if split else task.scored, source.splits(task)
    examples = {name: read_split(task, source, name) for name in wanted if name in held}
    labelled = {name: rows for name, rows in examples.items() if all(row.target is not None for row in rows)}
    if not labelled:
        why = f"{', '.join(examples)}: no labels" if examples else f"no split {' or '.join(wanted) or 'with labels'}"
        raise UsageError(f"task {task.name!r}, {source}: nothing to score ({why}); it holds {', '.join(held)}.")
    return labelled


def _table(
    task: Task, path: Path, source: Source, table_format: TableFormat, labelled: Mapping[str, list[Example]]
) -> Submission:
    """Read a table against the split that has as many rows."""
    lines = table_lines(read_bytes(path), str(path))
    num_rows = len(lines) - 1
    matching = [name for name, examples in labelled.items() if len(examples) == num_rows]
    others = [name for name in source.splits(task) if name in task.predicted and name not in labelled]
    unlabelled = [name for name in others if len(read_split(task, source, name)) == num_rows]
    if unlabelled and not matching:
        raise SubmissionError(
            f"{path}: found {num_rows} rows, those of the {unlabelled[0]} split, which has no labels."
        )
    split, *more = matching if len(matching) == 1 else labelled
    if more:
        lengths = ", ".join(f"{name} has {len(examples)}" for name, examples in labelled.items())
        raise SubmissionError(f"{path}: found {num_rows} rows, which do not tell the split ({lengths}); name it.")
    examples = labelled[split]
    predictions = parse_table(lines, table_format, len(examples), str(path))
    notes = tuple(f"taken for the {split} split; the {name} split has as many rows." for name in unlabelled)
    found = SplitPredictions(task=task.name, split=split, examples=examples, predictions=predictions)
    return Submission(path=path, files={path.name: found}, notes=notes)


def _answers(
    task: Task, path: Path, na_probabilities: Path | None, labelled: Mapping[str, list[Example]]
) -> Submission:
    """Read a JSON file of predictions against the split that has most of its questions."""
    answers = read_answers(path)
    split = max(labelled, key=lambda name: sum(example.id in answers for example in labelled[name]))
    examples = labelled[split]
    num_answered = sum(example.id in answers for example in examples)
    if not num_answered or _may_be_unanswerable(task):  # there "" is an answer, and the official script wants them all
        _require_all(path, answers, examples, split)
    doubts: dict[str, float] = {}
    if na_probabilities:
        doubts = read_probabilities(na_probabilities)
        _require_all(na_probabilities, doubts, examples, split)
        by_id = {example.id: example for example in examples}
        examples = [by_id[name] for name in doubts if name in by_id]  # the script breaks ties by the order of this file
    predictions = [
        Prediction(
            value=answers.get(example.id, UNANSWERED), scores=(doubts[example.id],) if example.id in doubts else ()
        )
        for example in examples
    ]
    notes = []
    if num_missing := len(examples) - num_answered:
        notes.append(f"{num_missing} of {len(examples)} questions have no answer in the file and count as wrong.")
    if num_unknown := len(answers) - num_answered:
        notes.append(f"{num_unknown} predictions for questions that are not in the {split} split were ignored.")
    found = SplitPredictions(task=task.name, split=split, examples=examples, predictions=predictions)
    return Submission(path=path, files={path.name: found}, notes=tuple(notes))


def _require_all(path: Path, given: Collection[str], examples: Sequence[Example], split: str) -> None:
    if missing := [example.id for example in examples if example.id not in given]:
        raise SubmissionError(
            f"{path}: found {len(examples) - len(missing)} of the {len(examples)} questions of the {split} split, "
            f"expected all; the first missing is {missing[0]}."
        )
