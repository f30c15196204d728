"""The predictions of a split: with their examples, and on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.api.example import Example, Prediction
from harness.errors import RunError
from harness.store.answers import from_column, to_column
from harness.system.files import replacing


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


def write_predictions(path: Path, ids: Sequence[str], predictions: Sequence[Prediction]) -> None:
    """Write predictions as Parquet: columns ``id``, ``value``, and ``scores`` (a list of numbers)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    scores = pa.array([p.scores for p in predictions], pa.list_(pa.float64()))
    table = pa.table({"id": list(ids), "value": to_column([p.value for p in predictions]), "scores": scores})
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_predictions(path: Path) -> dict[str, Prediction]:
    """Return predictions by the id of their example, in the order of the file.

    Raises:
        RunError: the file is not there, or is no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:  # a third of the time that `read_table` takes over a small file
            table = file.read(use_threads=False)
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(
            f"{path}: predictions that cannot be read ({error}); is the file cut short or missing?"
        ) from error
    ids, scores = table["id"].to_pylist(), table["scores"].to_pylist()
    rows = zip(ids, from_column(table["value"]), scores, strict=True)
    return {id_: Prediction(value=value, scores=tuple(given)) for id_, value, given in rows}
