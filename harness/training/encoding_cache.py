"""Token sequences kept on disk, so that the trials of a run tokenise a text once and not once a seed: :func:`encode`.

A file is named by a hash of all that shapes its content, and says which, so what is there is right, for whoever asks.
It is written whole or not at all: workers that miss the same file at once each write it, the same, and none waits for
another. One that is damaged is made anew.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from harness.api.encoding import Encoded
from harness.api.example import Example
from harness.api.network import KeyedNetwork, Network
from harness.system.sealed import DamagedError
from harness.training.tensor_files import read_about, writing

FORMAT = "harness-encoding-2"
"""Changes with the fields of ``Encoded`` and with the key."""

MIN_EXAMPLES = 1_000
"""Fewer are tokenised anew each time: it takes a fraction of a second, and as a part of ``predict`` it is timed."""


def encode(network: Network, examples: Sequence[Example], *, folder: Path | None) -> Encoded:
    """Return ``network.encode(examples)``: from ``folder`` where it is there and can be read, else newly written to it.

    Nothing is kept without a folder, of fewer than ``MIN_EXAMPLES``, and of a network that is no ``KeyedNetwork``.
    """
    if folder is None or len(examples) < MIN_EXAMPLES or not isinstance(network, KeyedNetwork):
        return network.encode(examples)
    path = folder / f"{key(network, examples)}.safetensors"
    encoded = read(path)
    if encoded is None:
        encoded = network.encode(examples)
        write(path, encoded)
    return encoded


def key(network: KeyedNetwork, examples: Sequence[Example]) -> str:
    """Return the SHA-256 of what shapes ``network.encode(examples)``; an example's id does not."""
    kind = type(network)
    digest = hashlib.sha256(repr((FORMAT, kind.__module__, kind.__qualname__, network.encoding_key())).encode())
    for example in examples:
        # As Python writes it, a tuple says where it ends, and 1 is neither 1.0 nor "1"; a set has no order.
        target = sorted(example.target) if isinstance(example.target, frozenset) else example.target
        digest.update(repr((example.text, example.pair, target)).encode())
    return digest.hexdigest()


def write(path: Path, encoded: Encoded) -> None:
    """Write one safetensors file with an array for each field that is not ``None``."""
    arrays = {name: np.ascontiguousarray(array) for name, array in vars(encoded).items() if array is not None}
    with writing(path, _about(path)) as (temporary, metadata):
        save_file(arrays, temporary, metadata=metadata)


def read(path: Path) -> Encoded | None:
    """Return what lies at ``path``, or ``None`` where nothing does that can be read.

    Torch maps the file into memory, so workers that read it share its pages; ``framework="numpy"`` would copy.
    """
    try:
        if read_about(path) != _about(path):
            return None
        with safe_open(path, framework="pt") as file:
            return Encoded(**{name: file.get_tensor(name).numpy() for name in file.keys()})  # noqa: SIM118
    except (OSError, DamagedError):
        return None


def _about(path: Path) -> str:
    """Return what a file says of itself: a file under another's name is not that."""
    return f"{FORMAT} {path.stem}"
