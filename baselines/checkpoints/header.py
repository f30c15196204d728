"""What safetensors files say that they hold, from their first bytes: the shape of each tensor, by name."""

import json
import math
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from baselines.checkpoints.files import INDEX, WEIGHTS, brief, check_content, weight_map, weights_of
from harness.errors import UsageError

MAX_HEADER_BYTES = 100_000_000  # as safetensors has it
BITS = {"BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64, "I64": 64}
BITS |= {"F16": 16, "BF16": 16, "F32": 32, "F64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "C64": 64}

Shapes = dict[str, tuple[int, ...]]


def read_shapes(folder: Path) -> Shapes:
    """Return the shape of each tensor in a checkpoint's weights.

    Raises:
        UsageError: a file is torn or none of safetensors, or does not hold what the index says.
    """
    shapes: Shapes = {}
    held: dict[str, set[str]] = {}
    for path in weights_of(folder):
        found = read_header(path)
        held[path.relative_to(folder).as_posix()] = set(found)
        shapes |= found
    if not (folder / WEIGHTS).is_file():
        _check_index(folder / INDEX, held)
    if not shapes:
        raise UsageError(f"{folder}: its weights hold no tensor at all.")
    return shapes


def read_header(path: Path) -> Shapes:
    """Return the shape of each tensor in one file, after a check that all their bytes are there."""
    check_content(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else -1
        if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise UsageError(f"{path} is no safetensors file, or a torn one; copy or download it again.")
        text = file.read(length)
    try:
        header = json.loads(text)
        tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
        shapes = {name: tuple(entry["shape"]) for name, entry in tensors.items()}
        end = max((_end(shapes[name], entry) for name, entry in tensors.items()), default=0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path}: the header of this safetensors file is damaged ({brief(error)}).") from error
    if end != size - 8 - length:
        raise UsageError(
            f"{path}: its header speaks of {end:,} bytes of weights, {size - 8 - length:,} are there; "
            "copy or download it again."
        )
    return shapes


def _end(shape: tuple[int, ...], entry: Mapping[str, Any]) -> int:
    """Return where a tensor's bytes end, after a check that they are as many as its shape and type need."""
    begin, end = entry["data_offsets"]
    if not all(isinstance(number, int) and number >= 0 for number in (*shape, begin, end)):
        raise ValueError("shapes and offsets are natural numbers")
    if entry["dtype"] in BITS and 8 * (end - begin) != math.prod(shape) * BITS[entry["dtype"]]:
        raise ValueError(f"{end - begin} bytes do not hold the shape {list(shape)} of {entry['dtype']}")
    return int(end)


def _check_index(index: Path, held: Mapping[str, Iterable[str]]) -> None:
    named = weight_map(index)
    if lost := sorted(name for name, file in named.items() if name not in held[file]):
        raise UsageError(
            f"{index}: {len(lost)} of its tensors are not in the files that it names, such as {brief(lost[0])} in "
            f"{brief(named[lost[0]])}."
        )
    if extra := sorted({name for names in held.values() for name in names} - named.keys()):
        raise UsageError(f"{index} does not name {len(extra)} tensors that its files hold, such as {brief(extra[0])}.")
