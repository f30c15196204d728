"""The examples that are scored while a training goes on: few, so that it costs little beside the training."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from harness.api.example import Example, Prediction
from harness.api.model import Validation
from harness.api.task import Task
from harness.metrics.scoring import headline, score
from harness.outputs import kind_of
from harness.outputs.validity import check_predictions

MOST_EXAMPLES = 256
LARGEST_FRACTION = 0.05
"""Of the number of training examples. Predicting one takes a third of learning from it: some 2 % of an epoch."""
FEWEST_EXAMPLES = 20
"""A score of fewer says nothing."""


def validation_of(task: Task, train: Sequence[Example], scored: Mapping[str, Sequence[Example]]) -> Validation | None:
    """Return examples of the first split to be scored, drawn without regard to the trial; ``None`` where too few."""
    examples = next(iter(scored.values()), ())
    count = min(len(examples), MOST_EXAMPLES, int(LARGEST_FRACTION * len(train)))
    if count < FEWEST_EXAMPLES:
        return None
    drawn = sorted(np.random.default_rng(0).permutation(len(examples))[:count].tolist())
    chosen = [examples[index] for index in drawn]

    def score_of(predictions: Sequence[Prediction]) -> float | None:
        try:
            check_predictions(kind_of(task.output), predictions, chosen, split="validation")
            values = score(task.metrics, predictions, chosen)
            found = fmean(values[name] for name in headline(task.metrics, values))
        except Exception:  # noqa: BLE001 (a metric may need the whole split; what is wrong is told where that is scored)
            return None
        return found if math.isfinite(found) else None

    return Validation(examples=chosen, score=score_of)
