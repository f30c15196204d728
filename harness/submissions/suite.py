"""A suite's submission, the zip file that the GLUE site takes: which file answers what, and what all of it scores.

:func:`read_suite_submission` refuses whatever is not faultless, and says the file, the line and the reason. Where there
are no labels for a file, it is checked all the same, its number of rows too if the questions are at hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from harness.api.example import Example, Prediction
from harness.api.submission import TableFormat
from harness.api.task import Suite, Task
from harness.data.loading import read_split
from harness.data.source import Source
from harness.errors import SubmissionError, UsageError
from harness.metrics.scoring import headline, score, suite_score, task_score
from harness.store.naming import mean_name
from harness.submissions.archive import read_archive
from harness.submissions.formats import parse_table, table_lines
from harness.submissions.scoring import data_record

Side = Literal["test", "validation"]
"""Which splits a submission answers: those that tasks only answer, as the site asks, or those that they score."""


@dataclass(frozen=True, kw_only=True)
class SplitAnswers:
    """One file of a submission, and the split that it answers.

    ``predictions`` are in the order of the split, as are ``examples``, which are empty where the split is not at hand.
    ``figures`` are empty where there is nothing to score by, and then ``lack`` says why. ``counts`` is whether they
    enter the task's score: those of the diagnostic set stand beside it.
    """

    task: str
    split: str
    file: str
    predictions: tuple[Prediction, ...]
    examples: tuple[Example, ...]
    figures: Mapping[str, float]
    headline: tuple[str, ...]
    lack: str
    counts: bool


@dataclass(frozen=True, kw_only=True)
class SuiteSubmission:
    """A whole submission, read and scored.

    ``scores`` are those of the tasks with labels at hand, each over the splits that have them; ``mean`` is their mean,
    or ``None`` without any, and ``mean_name`` what it may be called. ``absent`` are files that a whole one would have.
    """

    path: Path
    suite: str
    side: Side
    answers: tuple[SplitAnswers, ...]
    scores: Mapping[str, float]
    mean: float | None
    mean_name: str
    absent: tuple[str, ...]


def table_files(tasks: Sequence[Task]) -> dict[str, Task]:
    """Return the task of each file that a submission for these tasks holds.

    Raises:
        UsageError: a task that is not answered in tables.
    """
    files: dict[str, Task] = {}
    for task in tasks:
        if not isinstance(task.submission, TableFormat):
            raise UsageError(f"task {task.name!r} is not answered in tables, so it has no part in a zip; use --task.")
        files.update(dict.fromkeys(task.submission.files.values(), task))
    return files


def split_of(task: Task, splits: Sequence[str], side: Side) -> str:
    """Return which of the splits belongs to a side; the first where none does, such as MNLI's diagnostic set."""
    return next((split for split in splits if _is_on(task, split, side)), splits[0])


def split_in(task: Task, file: str, side: Side) -> str:
    """Return the split that a file of a submission answers."""
    return split_of(task, _splits(task, file), side)


def _splits(task: Task, file: str) -> list[str]:
    assert isinstance(task.submission, TableFormat)
    return [split for split, name in task.submission.files.items() if name == file]


def side_named(name: str | None) -> Side | None:
    """Return the side of that name.

    Raises:
        UsageError: there is no such side.
    """
    match name:
        case None | "test" | "validation":
            return name
    raise UsageError(f"--split {name}: of a whole submission, expected validation or test.")


def read_suite_submission(
    path: Path, suite: Suite, tasks: Sequence[Task], source: Source, side: Side | None = None, *, partial: bool = False
) -> SuiteSubmission:
    """Return what the answers in a zip file are, and what they score on the labels at hand.

    ``tasks`` are the suite's. ``side`` may be left out where the numbers of rows tell it. With ``partial``, files may
    be absent.

    Raises:
        SubmissionError: an archive or a table that is not what the format says.
        UsageError: a suite that is not answered in tables.
    """
    files, questions = table_files(tasks), Questions(source)
    tables = {name: table_lines(raw, f"{path}/{name}") for name, raw in read_archive(path, files).items()}
    absent = tuple(name for name in files if name not in tables)
    if absent and not (partial and tables):
        hint = " (--partial scores what is there)" if tables else ""
        raise SubmissionError(f"{path}: found no {', '.join(absent)}; expected all {len(files)} files{hint}.")
    if side is None:
        side = _side(path, {name: len(lines) - 1 for name, lines in tables.items()}, files, questions)
    answers = tuple(_answers(path, name, lines, files[name], side, questions) for name, lines in tables.items())
    figures = {task.name: {each.split: each.figures for each in answers if _enters(each, task)} for task in tasks}
    scores = {task.name: task_score(task, found) for task in tasks if (found := figures[task.name])}
    lengths = {task.name: {each.split: len(each.examples) for each in answers if _enters(each, task)} for task in tasks}
    data = {task.name: [data_record(task, source, lengths[task.name])] for task in tasks if task.name in scores}
    return SuiteSubmission(
        path=path,
        suite=suite.name,
        side=side,
        answers=answers,
        scores=scores,
        mean=suite_score(scores) if scores else None,
        mean_name=mean_name(suite.score_name, suite.tasks, data),
        absent=absent,
    )


def _enters(answers: SplitAnswers, task: Task) -> bool:
    return answers.task == task.name and answers.counts and bool(answers.figures)


class Questions:
    """The splits of a source, each read once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._read: dict[tuple[str, str], list[Example]] = {}

    def of(self, task: Task, split: str) -> list[Example]:
        """Return the examples of a split; none where the source does not hold it."""
        key = (task.name, split)
        if key not in self._read:
            self._read[key] = read_split(task, self.source, split) if split in self.source.splits(task) else []
        return self._read[key]


def _is_on(task: Task, split: str, side: Side) -> bool:
    return split in (task.scored if side == "validation" else task.answered)


def _side(path: Path, num_rows: Mapping[str, int], files: Mapping[str, Task], questions: Questions) -> Side:
    """Return the side that has as many rows as the most files; those that answer one split alone tell nothing."""
    expected: dict[Side, dict[str, int]] = {}
    for side in get_args(Side):
        splits = {name: split_in(files[name], name, side) for name in num_rows}
        telling = [name for name in splits if len(_splits(files[name], name)) > 1]
        lengths = {name: length for name in telling if (length := len(questions.of(files[name], splits[name])))}
        if lengths:
            expected[side] = lengths
    fits = {side: sum(num_rows[name] == length for name, length in found.items()) for side, found in expected.items()}
    best = [side for side, count in fits.items() if count == max(fits.values())]
    if len(best) == 1 or not best:
        return best[0] if best else "test"
    name = next(iter(expected[best[0]]))
    counts = ", ".join(f"{side} has {expected[side].get(name, 'none')}" for side in best)
    raise SubmissionError(
        f"{path}: the numbers of rows do not tell which splits it answers ({name} has {num_rows[name]}; {counts}); "
        "say --split validation or --split test."
    )


def _answers(path: Path, name: str, lines: Sequence[str], task: Task, side: Side, questions: Questions) -> SplitAnswers:
    table_format, split = task.submission, split_in(task, name, side)
    assert isinstance(table_format, TableFormat)
    examples = questions.of(task, split)
    if len(lines) == 1 and not examples:
        raise SubmissionError(f"{path}/{name}: found no rows.")
    predictions = parse_table(lines, table_format, len(examples) or len(lines) - 1, f"{path}/{name}")
    metrics = table_format.split_metrics.get(split, task.metrics)
    lack = "" if examples else f"no {split} split at hand"
    if any(example.target is None for example in examples):
        lack = "no labels"
    figures = {} if lack else score(metrics, predictions, examples)
    return SplitAnswers(
        task=task.name,
        split=split,
        file=name,
        predictions=tuple(predictions),
        examples=tuple(examples),
        figures=figures,
        headline=headline(metrics, figures) if figures else (),
        lack=lack,
        counts=split not in table_format.split_metrics,
    )
