"""A checkpoint in one file of GGUF, llama.cpp's format, whose quantised weights are made float32 when it is loaded."""

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from baselines.checkpoints.config import CAUSAL
from baselines.checkpoints.files import brief, check_content
from baselines.checkpoints.location import file_sha256
from harness.errors import UsageError

MAGIC = b"GGUF"
RENAMED = {"qwen2moe": "qwen2_moe", "qwen3moe": "qwen3_moe", "gemma3": "gemma3_text"}
"""What transformers calls a type in another way than llama.cpp."""
SIZES = {
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "block_count": "num_hidden_layers",
}


@dataclass(frozen=True, kw_only=True)
class Gguf:
    """A file, and its SHA-256."""

    adapter: ClassVar[None] = None

    path: Path
    sha256: str

    @property
    def config(self) -> Path:
        """The file itself, which holds the configuration too."""
        return self.path

    @property
    def origin(self) -> tuple[str, None]:
        """The file."""
        return str(self.path), None

    def identity(self) -> str:
        """Return the hash."""
        return f"sha256:{self.sha256}"

    def folder(self) -> Path:
        """Return the file, which stands for a folder that holds nothing else, if it is still the same."""
        if file_sha256(self.path) != self.sha256:
            raise UsageError(f"{self.path} has changed since the run began; start the run again.")
        return self.path


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a file says of itself: the model's type and sizes, as in a ``config.json``, and its weights' format."""

    config: dict[str, Any]
    quantisation: str


def gguf_in(place: Path) -> Path | None:
    """Return the file that a path leads to, or the only one in a folder that is no other checkpoint."""
    if place.is_file() and place.suffix == ".gguf":
        return place
    if not place.is_dir() or (place / "config.json").exists():
        return None
    found = sorted(place.glob("*.gguf"))
    if len(found) > 1:
        raise UsageError(f"{place} holds {len(found)} files of GGUF; give one of them, such as {found[0]}.")
    return found[0] if found else None


def open_gguf(path: Path) -> Gguf:
    """Return the checkpoint in a file."""
    path = path.resolve()
    return Gguf(path=path, sha256=file_sha256(path))


@functools.cache
def describe(path: Path) -> Described:
    """Return what a file says of itself.

    Raises:
        UsageError: it is none of GGUF, or torn, or of a type that is not supported; or the package that reads it is not
            installed.
    """
    check_content(path)
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            raise UsageError(f"{path} is no file of GGUF; copy or download it again.")
    if importlib.util.find_spec("gguf") is None:
        raise UsageError(f"{path}: the package that reads GGUF is not installed; pip install 'harness[gguf]'.")
    from gguf import GGUFReader, LlamaFileType

    try:
        fields = GGUFReader(path).fields
        kind = str(fields["general.architecture"].contents())
        known = {ours: fields.get(f"{kind}.{theirs}") for theirs, ours in SIZES.items()}
        sizes = {name: field.contents() for name, field in known.items() if field is not None}
        stored = fields["general.file_type"].contents() if "general.file_type" in fields else None
        quantisation = "" if stored is None else LlamaFileType(stored).name.removeprefix("MOSTLY_").removeprefix("ALL_")
    except Exception as error:
        raise UsageError(f"{path} is a damaged file of GGUF ({brief(error)}); copy or download it again.") from error
    model_type = RENAMED.get(kind, kind)
    if model_type not in CAUSAL:
        raise UsageError(f"{path}: its architecture {brief(repr(kind))} is none of a causal language model we know.")
    return Described(config={"model_type": model_type, **sizes}, quantisation=quantisation or "an unknown format")
