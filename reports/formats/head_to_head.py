"""Two models against each other, as tables on a terminal."""

from collections.abc import Sequence
from math import isnan

from rich.console import Console
from rich.text import Text

from harness.markup import one_line
from harness.statistics.intervals import Estimate
from reports.analysis.head_to_head import HeadToHead, Line
from reports.formats.terminal import show_heading, show_notes, text_table
from reports.text.numbers import detectable_text, interval_text

HEADS = ("task", "first", "second", "difference", "p", "p (Holm)", "McNemar p", "MDD", "verdict")
CALIBRATION_HEADS = ("task", "ECE, first", "second", "Brier score, first", "second")
EXPLANATION = (
    "Score and difference: the mean over seeds with its 95 % interval, over the seeds and the examples.",
    "p: paired bootstrap over the same examples with seed variance, two-sided, and no smaller than the exact "
    "test's where fewer than ten examples tell the two apart; p (Holm): corrected over the tasks.",
    "McNemar p: exact, on the predictions of single runs; it does not account for seed variance.",
    "MDD: the minimum detectable difference of a line's test alone, at the 5 % level (80 % power).",
)


def show(found: Sequence[HeadToHead], console: Console) -> None:
    """Show the comparisons."""
    for one in found:
        show_heading(f"{one.first} against {one.second}", one.notes, console)
        if not one.lines:
            console.print("Nothing to test: the two have no task with stored predictions in common.")
            continue
        console.print(text_table(HEADS, [_texts(_cells(line)) for line in one.lines]))
        if calibrated := [line for line in one.lines if all(line.calibration)]:
            console.print(text_table(CALIBRATION_HEADS, [_texts(_calibration_cells(line)) for line in calibrated]))
        show_notes(EXPLANATION, console)


def _texts(cells: Sequence[str]) -> list[Text]:
    return [Text(one_line(cell)) for cell in cells]


def _cells(line: Line) -> list[str]:
    test = line.test
    difference = Estimate(value=test.difference, low=test.low, high=test.high, num_seeds=0, unit=test.unit)
    mcnemar = "" if test.mcnemar_p is None else _probability(test.mcnemar_p)
    verdict = "not significantly different"
    if test.differs:
        verdict = f"the {'first' if test.difference > 0 else 'second'} is significantly better"
    return [
        line.title,
        *(interval_text(estimate) for estimate in (line.first, line.second, difference)),
        *(
            _probability(test.p_value),
            _probability(test.p_holm),
            mcnemar,
            detectable_text(test.detectable, test.unit),
            verdict,
        ),
    ]


def _calibration_cells(line: Line) -> list[str]:
    first, second = (found for found in line.calibration if found)
    values = (first.error, second.error, first.brier, second.brier)
    return [line.title, *(f"{value:.3f}" for value in values)]


def _probability(value: float) -> str:
    """Return a p-value as it is printed; nothing for one that is not known."""
    return "" if isnan(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"
