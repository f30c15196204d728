"""A corpus as one long row of token ids on disk, mapped into memory: as many of them as the disk holds.

Documents stand end to end, each ``START … END``. Nothing else is kept of them: where one begins, the token says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from harness.api.pretraining import END_ID, START_ID

CHUNK_CHARACTERS = 1 << 20
"""Tokenized at a time, in a handful of documents or thousands."""

Ids = NDArray[np.unsignedinteger[Any]]


@dataclass(kw_only=True)
class Counted:
    """How much text was written as tokens: documents, their bytes in UTF-8, and tokens, special ones left out."""

    documents: int = 0
    bytes: int = 0
    tokens: int = 0


def write_tokens(documents: Iterable[str], tokenizer: Tokenizer, file: BinaryIO) -> Counted:
    """Write the documents' tokens to a file, and return how much that was."""
    kind, counted = type_of(tokenizer.get_vocab_size()), Counted()
    for chunk in _chunks(documents):
        for text, encoding in zip(chunk, tokenizer.encode_batch_fast(chunk, add_special_tokens=False), strict=True):
            np.array([START_ID, *encoding.ids, END_ID], kind).tofile(file)
            counted.documents += 1
            counted.bytes += len(text.encode())
            counted.tokens += len(encoding.ids)
    return counted


def read_tokens(path: Path, vocabulary_size: int) -> Ids:
    """Return a file's tokens, (T,), mapped: pages come from disk as they are read, and go when memory is short."""
    ids: Ids = np.memmap(path, type_of(vocabulary_size), mode="r")
    return ids


def type_of(vocabulary_size: int) -> type[np.uint16] | type[np.uint32]:
    """Return the smaller type that holds all ids."""
    return np.uint16 if vocabulary_size <= np.iinfo(np.uint16).max + 1 else np.uint32


def _chunks(documents: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(documents)
    while chunk := list(islice(rest, 1)):
        size = len(chunk[0])
        while size < CHUNK_CHARACTERS and (more := list(islice(rest, 1))):
            chunk += more
            size += len(more[0])
        yield chunk
