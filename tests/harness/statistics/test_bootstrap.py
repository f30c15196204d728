"""Resamples follow from the name and the size of a test set, today as in earlier versions."""

from harness.api.example import Example, Prediction
from harness.metrics.glue import ACCURACY
from harness.statistics.bootstrap import resample

EXAMPLES = [Example(id=str(i), text="", target=int(i < 6)) for i in range(8)]


def test_resamples_stay_what_they_are() -> None:
    (found,) = resample([ACCURACY], [[Prediction(value=1)] * 8], EXAMPLES, name="rte validation")
    assert found["accuracy"][:8].tolist() == [75.0, 62.5, 50.0, 75.0, 50.0, 75.0, 62.5, 75.0]
