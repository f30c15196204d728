"""Examples and attributions on disk: what a report needs to show where models err, without the data source."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from harness.api.attribution import Attribution
from harness.api.example import Example
from harness.errors import first_mistake
from harness.store.answers import to_column
from harness.store.listing import is_there
from harness.store.predictions import SplitPredictions
from harness.store.reading import StoredFileError
from harness.store.records import Result
from harness.store.run import Run
from harness.store.tables import read_table, write_table
from harness.system.files import write_text
from harness.system.sealed import DamagedError, read_json, seal_json


def write_examples(path: Path, examples: Sequence[Example]) -> None:
    """Write examples as Parquet: columns ``id``, ``text``, ``pair``, ``target`` (spans as structs) and ``tags``."""
    import pyarrow as pa

    columns = {
        "id": [example.id for example in examples],
        "text": [example.text for example in examples],
        "pair": pa.array([example.pair for example in examples], pa.string()),
        "target": to_column([example.target for example in examples]),
        "tags": pa.array([example.tags for example in examples], pa.list_(pa.string())),
    }
    write_table(path, columns)


def read_example_table(path: Path) -> dict[str, list[Any]]:
    """Return the columns of a file of examples, with tags as tuples; see :func:`read_examples`."""
    columns = read_table(
        path,
        {"id": "text", "text": "text", "pair": "text", "target": "targets", "tags": "lists of texts"},
        optional=("pair",),
    )
    return {**columns, "tags": [tuple(tags) for tags in columns["tags"]]}


def read_examples(path: Path) -> list[Example]:
    """Return the examples of a file, in its order.

    Raises:
        StoredFileError: the file is not there, is damaged, or is not what :func:`write_examples` writes.
    """
    columns = read_example_table(path)
    return [Example(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


class _Attributions(BaseModel):
    attributions: list[Attribution]


def write_attributions(path: Path, attributions: Sequence[Attribution]) -> None:
    """Write attributions as JSON."""
    content = {"attributions": [asdict(attribution) for attribution in attributions]}
    write_text(path, seal_json(json.dumps(content, ensure_ascii=False)))


def read_attributions(path: Path) -> list[Attribution]:
    """Return the attributions of a file; none where there is none. In a file of an earlier version they are a list.

    Raises:
        StoredFileError: the file is damaged, or not what :func:`write_attributions` writes.
    """
    try:
        document = read_json(path)
        if document.checksum is None:
            return TypeAdapter(list[Attribution]).validate_json(document.content)
        return _Attributions.model_validate_json(document.content).attributions
    except FileNotFoundError:
        return []
    except (OSError, DamagedError, ValidationError) as error:
        reason = first_mistake(error) if isinstance(error, ValidationError) else error
        raise StoredFileError(path, f"attributions that cannot be read ({reason})") from error


def record_examples(run: Run, result: Result, splits: Iterable[SplitPredictions]) -> None:
    """Write the examples of each split whose targets are all known, unless another trial has."""
    for found in splits:
        path = run.examples_path(result, found.split)
        if not is_there(path) and found.is_labelled:
            write_examples(path, found.examples)
