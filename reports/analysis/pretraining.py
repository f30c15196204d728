"""What pretraining is worth: a model beside the same architecture from random weights, and what its start cost."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.api.pretraining import PretrainingCost
from harness.statistics.comparison import PairedTest
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.text.numbers import digits, number
from reports.text.table import Table, table

HEAD = (
    *("task", "from random weights", "pretrained", "score of random weights", "score of pretrained"),
    *("gain [95 % interval]", "pretrained on, tokens", "in, s", "TFLOPs", "Wh"),
)
CAPTION = "The same architecture without and with pretraining"
WATT_HOUR = 3_600.0


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A pretrained model and the one from random weights on one task: mean scores, and the paired test of the two."""

    task: str
    scratch_score: float
    pretrained_score: float
    test: PairedTest | None
    """Seen from the pretrained one; ``None`` where it could not be made."""


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What the pretraining of a model is worth on each task that both were trained on."""

    pretrained: str
    scratch: str
    cost: PretrainingCost
    gains: tuple[Gain, ...]


def pretraining_worth(evidence: Evidence, analysis: Analysis) -> list[Worth]:
    """Return each pretrained model of the evidence whose architecture is also there from random weights."""
    found = []
    for label in evidence.models:
        cost = _cost(evidence, label)
        scratch = next((other for other in evidence.models if cost and _is_scratch(evidence, other, cost)), None)
        gains = tuple(_gains(evidence, analysis, label, scratch)) if scratch else ()
        if cost and scratch and gains:
            found.append(Worth(pretrained=label, scratch=scratch, cost=cost, gains=gains))
    return found


def _cost(evidence: Evidence, label: str) -> PretrainingCost | None:
    results = (result for (_, model), held in evidence.results.items() if model == label for result in held)
    return next((result.model.pretraining for result in results if result.model.pretraining), None)


def _is_scratch(evidence: Evidence, label: str, cost: PretrainingCost) -> bool:
    results = (result for (_, model), held in evidence.results.items() if model == label for result in held)
    return any(result.model.name == cost.of and result.model.pretraining is None for result in results)


def _gains(evidence: Evidence, analysis: Analysis, label: str, scratch: str) -> Iterator[Gain]:
    for task in evidence.tasks:
        ours, theirs = (evidence.results.get((task, model), ()) for model in (label, scratch))
        if ours and theirs:
            yield Gain(
                task=task,
                scratch_score=sum(result.score for result in theirs) / len(theirs),
                pretrained_score=sum(result.score for result in ours) / len(ours),
                test=analysis.test(task, label, scratch),
            )


def worth_notes(evidence: Evidence, analysis: Analysis) -> list[str]:
    """Return a sentence for each model that was pretrained and stands beside its architecture."""
    return [
        f"{worth.pretrained} is {worth.scratch} pretrained on {worth.cost.tokens:,} tokens of {worth.cost.corpus} in "
        f"{digits(worth.cost.seconds)} s; gain: {', '.join(_told(evidence, gain) for gain in worth.gains)}."
        for worth in pretraining_worth(evidence, analysis)
    ]


def _told(evidence: Evidence, gain: Gain) -> str:
    return f"{evidence.task_title(gain.task)} {_change(evidence, gain)}"


def _change(evidence: Evidence, gain: Gain) -> str:
    return _gain(gain.test, gain.pretrained_score - gain.scratch_score, evidence.unit(gain.task))


def worth_table(evidence: Evidence, found: Sequence[Worth]) -> Table | None:
    """Return a row a task of each model that was pretrained; ``None`` where there is none beside its architecture."""
    rows = []
    for worth in found:
        for gain in worth.gains:
            unit, names = evidence.unit(gain.task), (worth.scratch, worth.pretrained)
            scores = (number(value, unit) for value in (gain.scratch_score, gain.pretrained_score))
            change, cost = _change(evidence, gain), _costs(worth.cost)
            rows.append([evidence.task_title(gain.task), *names, *scores, change, *cost])
    return table(CAPTION, HEAD, rows, num_texts=3)


def _gain(test: PairedTest | None, difference: float, unit: str) -> str:
    """Return ``+3.1 [1.0, 5.2]``, or the difference alone where no interval is known."""
    text = f"{'+' if difference > 0 else ''}{number(difference, unit)}"
    if test is None or math.isnan(test.low):
        return text
    return f"{text} [{number(test.low, unit)}, {number(test.high, unit)}]{'' if test.differs else ' n.s.'}"


def _costs(cost: PretrainingCost) -> tuple[str, ...]:
    return (
        f"{cost.tokens:,}",
        digits(cost.seconds),
        "" if cost.flops is None else digits(cost.flops / 1e12),
        "" if cost.joules is None else digits(cost.joules / WATT_HOUR),
    )
