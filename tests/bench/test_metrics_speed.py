"""What metrics on many resamples at once gain over the same metrics computed on one resample after the other.

The gain grows with the number of resamples and models.
"""

from collections.abc import Mapping

import numpy as np
import pytest

from harness.api.example import Example, Prediction, Span
from harness.api.metric import Metric
from harness.metrics import glue, squad
from tests.bench.ratios import assert_speedup

NUM_EXAMPLES, NUM_RESAMPLES, NUM_MODELS = 200, 20, 2
MEASURED = {"accuracy": 32, "f1": 600, "matthews": 400, "pearson": 65, "spearman": 24, "squad": 20, "squad v2": 20}
"""Times as fast, of which a third is asserted."""


def predicted(name: str, generator: np.random.Generator) -> tuple[list[list[Prediction]], list[Example]]:
    """Return the predictions of some models, and the examples."""
    true = generator.normal(size=NUM_EXAMPLES)
    predicted = true + generator.normal(size=(NUM_MODELS, NUM_EXAMPLES))
    if name in {"pearson", "spearman"}:
        examples = [Example(id=str(i), text="", target=float(value)) for i, value in enumerate(true)]
        return [[Prediction(value=float(value)) for value in row] for row in predicted], examples
    if name.startswith("squad"):
        known = np.array(["the red house", "a green tree and some grass", "in 1984", "nobody"])
        spans = [(Span(start=0, text=text),) for text in known[(4 * true).astype(int) % 4].tolist()]
        examples = [Example(id=str(i), text="", pair="", target=span) for i, span in enumerate(spans)]
        texts = known[(4 * predicted).astype(int) % 4].tolist()
        return [[Prediction(value=text) for text in row] for row in texts], examples
    examples = [Example(id=str(i), text="", target=int(value > 0)) for i, value in enumerate(true)]
    return [[Prediction(value=int(value > 0)) for value in row] for row in predicted], examples


METRICS: Mapping[str, Metric] = {
    "accuracy": glue.ACCURACY,
    "f1": glue.F1,
    "matthews": glue.MATTHEWS,
    "pearson": glue.PEARSON,
    "spearman": glue.SPEARMAN,
    "squad": squad.OFFICIAL_V1,
    "squad v2": squad.OFFICIAL_V2,
}


@pytest.mark.parametrize("name", METRICS)
def test_resampled(name: str) -> None:
    metric, generator = METRICS[name], np.random.default_rng(0)
    assert metric.resample is not None
    predictions, examples = predicted(name, generator)
    rows = generator.integers(0, NUM_EXAMPLES, (NUM_RESAMPLES, NUM_EXAMPLES))
    weights = np.stack([np.bincount(row, minlength=NUM_EXAMPLES) for row in rows]).astype(float)
    (main,) = metric.names

    def readable() -> list[list[float]]:
        return [
            [metric.compute([each[i] for i in row], [examples[i] for i in row])[main] for row in rows.tolist()]
            for each in predictions
        ]

    def fast() -> np.ndarray:
        return metric.resample(predictions, examples)(weights)[main]

    assert fast() == pytest.approx(np.array(readable()))
    assert_speedup(readable, fast, least=MEASURED[name] / 3)
