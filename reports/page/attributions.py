"""Why models predicted what they did: a handful of examples, their words shaded by how they bear on the prediction."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.api.attribution import Attribution, words
from harness.store.examples import read_attributions
from harness.store.run import Run
from reports.evidence.columns import ExampleColumns
from reports.evidence.results import Evidence

MAX_MODELS = 6
MAX_EXAMPLES = 4


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word, or the white space between two, with its weight over the largest of the example, −1 to 1."""

    text: str
    weight: float

    @property
    def side(self) -> str:
        """``for`` or ``against`` the prediction, or empty where the weight is too small to be seen."""
        return "" if abs(self.weight) < 0.05 else "for" if self.weight > 0 else "against"


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One prediction with its words."""

    label: str
    towards: str
    right: str
    text: tuple[Word, ...]
    pair: tuple[Word, ...]


def explained(evidence: Evidence, task: str, examples: ExampleColumns, labels: Sequence[str]) -> list[Explained]:
    """Return what is stored for some of the models that have anything stored, each a few examples, the first seed's."""
    positions = {key: position for position, key in enumerate(zip(examples.splits, examples.ids, strict=True))}
    found: list[Explained] = []
    shown = 0
    for label in labels:
        mine = [
            _explained(examples, positions[split, attribution.id], label, attribution)
            for split, attribution in _stored(evidence, task, label, examples)
            if (split, attribution.id) in positions
        ]
        found += mine[:MAX_EXAMPLES]
        shown += bool(mine)
        if shown == MAX_MODELS:
            break
    return found


def _stored(evidence: Evidence, task: str, label: str, examples: ExampleColumns) -> list[tuple[str, Attribution]]:
    run = Run(evidence.models[label].folder)
    return [
        (split, attribution)
        for result in evidence.results.get((task, label), ())[:1]
        for split in dict.fromkeys(examples.splits)
        for attribution in read_attributions(run.attributions_path(result.key, split))
    ]


def _explained(examples: ExampleColumns, position: int, label: str, attribution: Attribution) -> Explained:
    largest = max(map(abs, (*attribution.text, *attribution.pair)), default=0.0) or 1.0
    return Explained(
        label=label,
        towards=attribution.towards,
        right=examples.kind.show(examples.targets[position]),
        text=shaded(examples.texts[position], attribution.text, largest),
        pair=shaded(examples.pairs[position] or "", attribution.pair, largest),
    )


def shaded(text: str, weights: Sequence[float], largest: float) -> tuple[Word, ...]:
    """Return the text in parts, a weight over ``largest`` for each word; none where their numbers differ."""
    spans = words(text)
    if len(spans) != len(weights):
        return (Word(text=text, weight=0.0),) if text else ()
    parts, done = [], 0
    for (start, end), weight in zip(spans, weights, strict=True):
        if start > done:
            parts.append(Word(text=text[done:start], weight=0.0))
        parts.append(Word(text=text[start:end], weight=weight / largest))
        done = end
    if done < len(text):
        parts.append(Word(text=text[done:], weight=0.0))
    return tuple(parts)
