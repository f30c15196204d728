"""Parquet tables with a checksum: written, and read with one thread from bytes that fit it.

One thread, as a pool of them that cannot start, for want of memory or of processes, is waited for without end.
"""

from collections.abc import Collection, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.store.answers import from_column
from harness.store.reading import StoredFileError
from harness.system.files import replacing
from harness.system.sealed import UNSEALED, DamagedError, checksum, read_bytes, seal

if TYPE_CHECKING:
    import pyarrow as pa

Holds = Literal["text", "lists of numbers", "lists of texts", "targets"]
"""What the rows of a column hold; targets, or predicted values, may be absent."""


def write_table(path: Path, columns: Mapping[str, Any]) -> str:
    """Write columns, lists or Arrow's arrays, and return the file's checksum."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(columns))
    with replacing(path) as temporary:
        # Without statistics the footer holds no text of the table, where the place of the checksum is looked for.
        with pq.ParquetWriter(temporary, table.schema, compression="zstd", write_statistics=False) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata({"checksum": UNSEALED})
        return seal(temporary)


def read_table(
    path: Path, expected: Mapping[str, Holds], *, optional: Collection[str] = (), sealed_as: str | None = None
) -> dict[str, list[Any]]:
    """Return the columns of a table.

    Args:
        path: the file.
        expected: what each of its columns holds.
        optional: the columns whose rows may be empty.
        sealed_as: the checksum that the file must have, where that is known.

    Raises:
        StoredFileError: the file is not there, is damaged, or holds something else.
    """
    import pyarrow as pa

    try:
        table = _read(path, sealed_as)
        if reason := _reason_not(table, expected, optional):
            raise DamagedError(reason)
        return {
            name: from_column(table[name]) if holds == "targets" else table[name].to_pylist()
            for name, holds in expected.items()
        }
    except (OSError, DamagedError, pa.ArrowException, ValueError, TypeError, LookupError, MemoryError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
        raise StoredFileError(path, f"cannot be read ({' '.join(reason.split())})") from error


def _read(path: Path, sealed_as: str | None) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as pq

    raw = read_bytes(path)
    found = checksum(BytesIO(raw))
    if sealed_as not in {None, found}:
        raise DamagedError("it is not the file that its result names: damaged, cut short, or another one")
    with pq.ParquetFile(pa.BufferReader(raw)) as file:
        table = file.read(use_threads=False)
    if found is None:
        table.validate(full=True)
    return table


def _reason_not(table: "pa.Table", expected: Mapping[str, Holds], optional: Collection[str]) -> str:
    """Return why a table is not the expected one, or an empty string."""
    if sorted(table.column_names) != sorted(expected):
        return f"expected the columns {', '.join(expected)}, not {', '.join(table.column_names) or 'none'}"
    for name, holds in expected.items():
        column = table[name]
        if not _may_hold(column.type, holds):
            return f"expected {holds} in column {name}, not {column.type}"
        if column.null_count and holds != "targets" and name not in optional:
            return f"column {name} has rows without a value"
    return ""


def _may_hold(found: "pa.DataType", holds: Holds) -> bool:
    from pyarrow import types

    if types.is_null(found):
        return True
    if types.is_list(found):
        inner = found.value_type
        if holds == "targets":
            spans = types.is_struct(inner) and {field.name for field in inner} == {"text", "start"}
            return spans or types.is_integer(inner) or types.is_null(inner)
        kinds = {"lists of numbers": types.is_floating, "lists of texts": types.is_string}
        return holds in kinds and bool(kinds[holds](inner) or types.is_null(inner))
    if holds == "targets":
        scalars = (types.is_integer, types.is_floating, types.is_string, types.is_boolean)
        return any(is_such(found) for is_such in scalars)
    return holds == "text" and bool(types.is_string(found))
