"""Stored predictions beside their examples."""

from collections.abc import Sequence

from harness.api.example import Example
from harness.errors import RunError
from harness.store.examples import read_examples
from harness.store.listing import is_there
from harness.store.predictions import SplitPredictions
from harness.store.records import Result
from harness.store.run import Run


def stored_examples(trials: Sequence[tuple[Run, Result]]) -> dict[str, list[Example]]:
    """Return the examples of each scored split, from the first run that holds them all; none if none does.

    All results are about the same ones. Runs of earlier versions hold no examples.
    """
    for run, result in trials:
        paths = {split: run.examples_path(result, split) for split in result.scores}
        if all(is_there(path) for path in paths.values()):
            return {split: read_examples(path) for split, path in paths.items()}
    return {}


def aligned_predictions(run: Run, result: Result, split: str, examples: Sequence[Example]) -> SplitPredictions:
    """Return a trial's predictions for a split, in the order of the examples.

    Raises:
        RunError: the predictions cannot be read, or are not those for these examples.
    """
    predictions = run.predictions(result, split)
    if len(predictions) != len(examples):
        raise RunError(f"{len(predictions)} predictions for the {len(examples)} examples of the {split} split.")
    try:
        ordered = [predictions[example.id] for example in examples]
    except KeyError as error:
        raise RunError(f"no prediction for example {error} of the {split} split.") from error
    return SplitPredictions(task=result.task, split=split, examples=examples, predictions=ordered)
