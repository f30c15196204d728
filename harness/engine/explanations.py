"""What a trial leaves for a report beside its predictions: the examples, and why it predicted some as it did."""

import sys
from collections.abc import Mapping, Sequence

from harness.api.attribution import Attribution, find_fault
from harness.api.example import Example
from harness.api.model import Explains, Model
from harness.data.loading import sample
from harness.store.examples import write_attributions
from harness.store.run import Run
from harness.system.accounts import traceback_of

NUM_EXPLAINED = 8
"""Examples of each scored split; a hash of their ids chooses them, so they are the same for all models."""


def record_attributions(run: Run, key: str, model: Model, splits: Mapping[str, list[Example]]) -> None:
    """Write attributions for a handful of examples of each split, where the model has any.

    A model that fails at it leaves a traceback in the trial's log, and no attributions.
    """
    if not isinstance(model, Explains):
        return
    for split, examples in splits.items():
        if attributions := _explained(model, split, sample(examples, NUM_EXPLAINED)):
            write_attributions(run.attributions_path(key, split), attributions)


def _explained(model: Explains, split: str, examples: Sequence[Example]) -> list[Attribution]:
    try:
        attributions = model.explain(examples)
        if fault := find_fault(attributions, examples):
            raise ValueError(fault)
    except BaseException as error:  # noqa: BLE001 (a trial is worth more than the reasons for its predictions)
        print(f"The predictions for {split} are not explained:", file=sys.stderr)  # noqa: T201 (the trial's log)
        sys.stderr.write(traceback_of(error))
        return []
    return attributions
