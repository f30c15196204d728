"""The files of a checkpoint that are read, which are also those that are hashed; nothing else in its folder is.

A file that is none is told by its first bytes: a pointer of Git LFS, a page of HTML, or nothing at all.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from harness.errors import UsageError
from harness.markup import one_line

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
TOKENIZERS = ("tokenizer.json", "tokenizer.*.json", "vocab.txt", "vocab.json", "*.model")
"""Each of them holds the tokens; ``vocab.json`` together with ``merges.txt``."""
SMALL_FILES = (
    *("config.json", *TOKENIZERS),
    *("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt"),
)
PATTERNS = (*SMALL_FILES, WEIGHTS, INDEX, "model-*-of-*.safetensors")
"""The files of a checkpoint that can change its predictions; and what its index names, whatever it is called."""

CHAT_TEMPLATE = "chat_template.jinja"
"""Read where a model is prompted, and part of the identity of such a model alone."""

MAX_JSON_BYTES = 200_000_000
MAX_TEXT = 120


def brief(text: object) -> str:
    """Return what a checkpoint says of itself as a short, printable line."""
    line = one_line(str(text)[: 4 * MAX_TEXT])
    return line if len(line) <= MAX_TEXT else f"{line[:MAX_TEXT]}…"


def files_of(folder: Path) -> list[PurePosixPath]:
    """Return the files that are read, sorted, relative to the folder.

    Raises:
        UsageError: the index of the weights names a file that is not there, or that lies elsewhere.
    """
    found = {PurePosixPath(file.name) for pattern in PATTERNS for file in folder.glob(pattern) if file.is_file()}
    return sorted({*found, *map(PurePosixPath, _named_by_index(folder))})


def weights_of(folder: Path) -> list[Path]:
    """Return the safetensors files that hold the weights: one, or those that the index names."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    return [folder / name for name in sorted(_named_by_index(folder))]


def _named_by_index(folder: Path) -> set[str]:
    if (folder / WEIGHTS).is_file() or not (folder / INDEX).is_file():
        return set()
    names = shards(folder / INDEX)
    for name in sorted(names):
        if _leads_outside(folder, name):
            raise UsageError(f"{folder / INDEX} names {brief(name)!r}, which lies outside of the checkpoint's folder.")
        if not (folder / name).is_file():
            raise UsageError(
                f"{folder / INDEX} names {brief(name)!r}, which is not there; copy or download the rest of the weights."
            )
    return names


def weight_map(index: Path) -> dict[str, str]:
    """Return which file holds each tensor, as the index of the weights says.

    Raises:
        UsageError: it says nothing of the kind, or names a file by an absolute path or one with ``..``.
    """
    found = read_object(index).get("weight_map")
    if not isinstance(found, dict) or not found or not all(isinstance(name, str) for name in found.values()):
        raise UsageError(f"{index}: expected a 'weight_map' from tensors to files.")
    for name in set(found.values()):
        if not _is_within(name):
            raise UsageError(f"{index} names {brief(name)!r}: expected a safetensors file in the checkpoint's folder.")
    return found


def shards(index: Path) -> set[str]:
    """Return the files that an index names."""
    return set(weight_map(index).values())


def _is_within(name: str) -> bool:
    path = PurePosixPath(name)
    plain = name.isprintable() and "\\" not in name and not set(name) & set("*?[")
    return plain and name.endswith(".safetensors") and not path.is_absolute() and ".." not in path.parts


def _leads_outside(folder: Path, name: str) -> bool:
    """Return whether a file is a link out of the folder; the hub's cache links each into its folder of blobs."""
    target, root = (folder / name).resolve(), folder.resolve()
    return not (target.is_relative_to(root) or target.is_relative_to(root.parent.parent / "blobs"))


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        UsageError: it holds none.
    """
    check_content(path)
    if path.stat().st_size > MAX_JSON_BYTES:
        raise UsageError(f"{path}: {path.stat().st_size:,} bytes are too many for a file of JSON.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {brief(error)}.") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected a JSON object, found {type(content).__name__}.")
    return content


def check_content(path: Path) -> None:
    """Raise a UsageError where a file stands for its content without having it."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise UsageError(f"{path} is empty; copy or download it again.")
    if start.startswith(b"version https://git-lfs"):
        raise UsageError(f"{path} is a Git LFS pointer, not the file itself; run `git lfs pull` in its folder.")
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise UsageError(f"{path} is a page of HTML, not the file itself; download it again.")


@contextmanager
def read_only_these(folder: Path) -> Iterator[Path]:
    """Lend a folder that links to the files of a checkpoint that are read, and has nothing else in it.

    Of a file of GGUF it is that file.
    """
    with tempfile.TemporaryDirectory(prefix="harness-checkpoint-") as view:
        if folder.is_file():
            (Path(view) / folder.name).symlink_to(folder.resolve())
        for name in files_of(folder) if folder.is_dir() else ():
            link = Path(view) / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to((folder / name).resolve())
        yield Path(view)
