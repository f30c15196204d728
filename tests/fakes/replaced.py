"""Predictions put in the place of a trial's, with the checksum of the new ones in its result."""

from collections.abc import Mapping

from harness.api.example import Example, Prediction
from harness.store.predictions import SplitPredictions
from harness.store.records import Result
from harness.store.run import Run


def replace_predictions(run: Run, result: Result, split: str, predictions: Mapping[str, Prediction]) -> None:
    """Save a result again, with these predictions by the ids of their examples."""
    run.save(
        result,
        [
            SplitPredictions(
                task=result.task,
                split=split,
                examples=[Example(id=name, text="") for name in predictions],
                predictions=list(predictions.values()),
            )
        ],
    )
