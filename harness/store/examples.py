"""Examples and attributions on disk: what a report needs to show where models err, without the data source."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.api.attribution import Attribution
from harness.api.example import Example
from harness.errors import RunError, first_mistake
from harness.store.answers import from_column, to_column
from harness.store.predictions import SplitPredictions
from harness.store.records import Result
from harness.store.run import Run
from harness.system.files import replacing, write_text


def write_examples(path: Path, examples: Sequence[Example]) -> None:
    """Write examples as Parquet: columns ``id``, ``text``, ``pair``, ``target`` (spans as structs) and ``tags``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "id": [example.id for example in examples],
        "text": [example.text for example in examples],
        "pair": pa.array([example.pair for example in examples], pa.string()),
        "target": to_column([example.target for example in examples]),
        "tags": pa.array([example.tags for example in examples], pa.list_(pa.string())),
    }
    with replacing(path) as temporary:
        pq.write_table(pa.table(columns), temporary, compression="zstd")


def read_examples(path: Path) -> list[Example]:
    """Return the examples of a file, in its order.

    Raises:
        RunError: the file is not there, or is not what :func:`write_examples` writes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        rows, targets = table.drop_columns("target").to_pylist(), from_column(table["target"])
        return [
            Example(**{**row, "target": target, "tags": tuple(row["tags"])})
            for row, target in zip(rows, targets, strict=True)
        ]
    except (OSError, pa.ArrowInvalid, KeyError, TypeError) as error:
        raise RunError(f"{path}: examples that cannot be read ({error}); is the file cut short or missing?") from error


def write_attributions(path: Path, attributions: Sequence[Attribution]) -> None:
    """Write attributions as JSON."""
    write_text(path, json.dumps([asdict(attribution) for attribution in attributions], ensure_ascii=False))


def read_attributions(path: Path) -> list[Attribution]:
    """Return the attributions of a file; none where there is none.

    Raises:
        RunError: the file is not what :func:`write_attributions` writes.
    """
    if not path.is_file():
        return []
    try:
        return TypeAdapter(list[Attribution]).validate_json(path.read_bytes())
    except ValidationError as error:
        raise RunError(f"{path}: attributions that cannot be read ({first_mistake(error)}).") from error


def record_examples(run: Run, result: Result, splits: Iterable[SplitPredictions]) -> None:
    """Write the examples of each split whose targets are all known, unless another trial has."""
    for found in splits:
        path = run.examples_path(result, found.split)
        if not path.is_file() and found.is_labelled:
            write_examples(path, found.examples)
