"""Reads a suite's submission, the zip file that the GLUE site takes, and refuses whatever is not faultless.

It says the file, the line and the reason. Where there are no labels for a file, it is checked all the same, its number
of rows too if the examples are at hand.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from harness.api.example import Example
from harness.api.task import Task
from harness.data.loading import read_split
from harness.data.source import Source
from harness.errors import SubmissionError
from harness.store.predictions import SplitPredictions
from harness.submissions.archive import read_archive
from harness.submissions.formats import parse_table, table_lines
from harness.submissions.sides import Side, split_in, splits_in, table_files, table_format
from harness.submissions.submission import Submission


def read_zip(
    path: Path, tasks: Sequence[Task], source: Source, side: Side | None = None, *, partial: bool = False
) -> Submission:
    """Return the predictions in the tables of a zip file.

    ``tasks`` are the suite's. ``side`` may be left out where the numbers of rows tell it. With ``partial``, files may
    be absent.

    Raises:
        SubmissionError: an archive or a table that is not what the format says.
        UsageError: a suite whose predictions are no tables.
    """
    files, splits = table_files(tasks), _Splits(source)
    tables = {name: table_lines(raw, f"{path}/{name}") for name, raw in read_archive(path, files).items()}
    absent = tuple(name for name in files if name not in tables)
    if absent and not (partial and tables):
        hint = " (--partial scores what is there)" if tables else ""
        raise SubmissionError(f"{path}: found no {', '.join(absent)}; expected all {len(files)} files{hint}.")
    if side is None:
        side = _side(path, {name: len(lines) - 1 for name, lines in tables.items()}, files, splits)
    found = {}
    for name, lines in tables.items():
        split = split_in(files[name], name, side)
        found[name] = _read_table(f"{path}/{name}", lines, files[name], split, splits.of(files[name], split))
    return Submission(path=path, files=found, side=side, absent=absent)


def _read_table(
    where: str, lines: Sequence[str], task: Task, split: str, examples: Sequence[Example]
) -> SplitPredictions:
    if len(lines) == 1 and not examples:
        raise SubmissionError(f"{where}: found no rows.")
    predictions = parse_table(lines, table_format(task), len(examples) or len(lines) - 1, where)
    return SplitPredictions(task=task.name, split=split, examples=examples, predictions=predictions)


class _Splits:
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


def _side(path: Path, num_rows: Mapping[str, int], files: Mapping[str, Task], splits: _Splits) -> Side:
    """Return the side that has as many rows as the most files; those that are for one split alone tell nothing."""
    expected: dict[Side, dict[str, int]] = {}
    for side in get_args(Side):
        telling = [name for name in num_rows if len(splits_in(files[name], name)) > 1]
        examples = {name: splits.of(files[name], split_in(files[name], name, side)) for name in telling}
        lengths = {name: len(found) for name, found in examples.items() if found}
        if lengths:
            expected[side] = lengths
    fits = {side: sum(num_rows[name] == length for name, length in found.items()) for side, found in expected.items()}
    best = [side for side, count in fits.items() if count == max(fits.values())]
    if len(best) == 1 or not best:
        return best[0] if best else "test"
    name = next(iter(expected[best[0]]))
    counts = ", ".join(f"{side} has {expected[side].get(name, 'none')}" for side in best)
    raise SubmissionError(
        f"{path}: the numbers of rows do not tell which splits it is for ({name} has {num_rows[name]}; {counts}); "
        "say --split validation or --split test."
    )
