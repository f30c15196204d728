"""The predictions of a split: with their examples, and on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.api.example import Example, Prediction
from harness.store.answers import to_column
from harness.store.reading import StoredFileError
from harness.store.tables import read_table, write_table


@dataclass(frozen=True, kw_only=True)
class SplitPredictions:
    """The predictions for the examples of one split, in the same order."""

    task: str
    split: str
    examples: Sequence[Example]
    """Empty where the split is not at hand, as may be for somebody's file."""
    predictions: Sequence[Prediction]

    @property
    def is_labelled(self) -> bool:
        """Whether there are examples, and the target of each is known."""
        return bool(self.examples) and all(example.target is not None for example in self.examples)


def write_predictions(path: Path, ids: Sequence[str], predictions: Sequence[Prediction]) -> str:
    """Write predictions as Parquet: columns ``id``, ``value``, and ``scores`` (a list of numbers).

    Returns:
        The file's checksum.
    """
    import pyarrow as pa

    scores = pa.array([p.scores for p in predictions], pa.list_(pa.float64()))
    return write_table(path, {"id": list(ids), "value": to_column([p.value for p in predictions]), "scores": scores})


def read_prediction_table(path: Path, sealed_as: str | None = None) -> dict[str, list[Any]]:
    """Return the columns of a file of predictions, ``id``, ``value`` and ``scores``; see :func:`read_predictions`."""
    columns = read_table(path, {"id": "text", "value": "targets", "scores": "lists of numbers"}, sealed_as=sealed_as)
    if len(set(columns["id"])) < len(columns["id"]):
        raise StoredFileError(path, "two predictions for one example")
    return columns


def read_predictions(path: Path, sealed_as: str | None = None) -> dict[str, Prediction]:
    """Return predictions by the id of their example, in the order of the file.

    Raises:
        StoredFileError: the file is not there, is damaged, holds something else, or has not the checksum ``sealed_as``.
    """
    columns = read_prediction_table(path, sealed_as)
    rows = zip(columns["id"], columns["value"], columns["scores"], strict=True)
    return {id_: Prediction(value=value, scores=tuple(given)) for id_, value, given in rows}
