"""The matrix of paired tests: every model against every other, by sign and word and not by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.statistics.comparison import PairedTest
from reports.analysis.conclusions import interval
from reports.analysis.statistics import Analysis
from reports.text.numbers import PERCENT, counted_in, detectable_text, number
from reports.text.table import Table, table

AHEAD, BEHIND, NEITHER = "▲", "▼", "·"


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """One cell: the row's model minus the column's."""

    text: str
    mark: str
    """Significantly better, worse, or neither; empty where there is no test."""
    note: str
    """The whole of it in words."""


@dataclass(frozen=True, kw_only=True)
class Pairings:
    """The matrix of some models, and the table of all their tests."""

    labels: tuple[str, ...]
    rows: tuple[tuple[Meeting | None, ...], ...]
    """``None`` on the diagonal."""
    details: Table


def pairings(analysis: Analysis, task: str | None, labels: Sequence[str]) -> Pairings | None:
    """Return the tests between those of the models that have any; ``None`` if no two have."""
    tests = _by_pair(analysis.mean_tests if task is None else analysis.tests.get(task, ()))
    met = [pair for pair in combinations(labels, 2) if frozenset(pair) in tests]
    shown = [label for label in labels if any(label in pair for pair in met)]
    details = _details([tests[frozenset(pair)] for pair in met])
    if details is None:
        return None
    rows = tuple(tuple(None if row == column else _meeting(tests, row, column) for column in shown) for row in shown)
    return Pairings(labels=tuple(shown), rows=rows, details=details)


def _by_pair(tests: Sequence[PairedTest]) -> dict[frozenset[str], PairedTest]:
    return {frozenset((test.first, test.second)): test for test in tests}


def _meeting(tests: dict[frozenset[str], PairedTest], row: str, column: str) -> Meeting:
    test = tests.get(frozenset((row, column)))
    if test is None:
        return Meeting(text="", mark="", note=f"{row} and {column} were not tested against each other.")
    sign = 1 if test.first == row else -1
    difference, low, high = sign * test.difference, *sorted((sign * test.low, sign * test.high))
    mark = NEITHER if not test.differs else AHEAD if difference > 0 else BEHIND
    word = {NEITHER: "not significantly different", AHEAD: "significantly better", BEHIND: "significantly worse"}[mark]
    note = (
        f"{row} minus {column}: {signed(difference, test.unit)} {counted_in(test.unit)} "
        f"{interval(low, high, test.unit)}, {word}; "
        f"p {probability(test.p_value)}, Holm-corrected {probability(test.p_holm)}; "
        f"minimum detectable difference {detectable_text(test.detectable, test.unit)}"
    )
    return Meeting(text=signed(difference, test.unit), mark=mark, note=note)


def _details(tests: Sequence[PairedTest]) -> Table | None:
    head = ["first", "second", "difference", "95 % interval", "p", "p, Holm", "significant", "McNemar p", "detectable"]
    rows = (
        (
            test.first,
            test.second,
            signed(test.difference, test.unit),
            interval(test.low, test.high, test.unit),
            probability(test.p_value),
            probability(test.p_holm),
            "yes" if test.differs else "no",
            "" if test.mcnemar_p is None else probability(test.mcnemar_p),
            detectable_text(test.detectable, test.unit),
        )
        for test in tests
    )
    unit = next((counted_in(test.unit) for test in tests), "points")
    return table(f"Each pair: the first minus the second, in {unit}", head, rows, num_texts=2)


def signed(value: float, unit: str = PERCENT) -> str:
    """Return a difference with its sign, a true minus for one below 0."""
    text = number(value, unit)
    return f"−{text[1:]}" if text.startswith("-") else f"+{text}" if float(text) else text


def probability(value: float) -> str:
    """Return a p-value to three digits after the point."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"
