"""An adapter and its base as one checkpoint: the base is where ``adapter_config.json`` says, or nothing is trained."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from baselines.checkpoints.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, base_named, read_adapter_config
from baselines.checkpoints.location import Folder, Hub, file_sha256, open_folder, open_hub
from harness.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Adapted:
    """A folder with an adapter of LoRA, whose matrices are added to the weights of its base."""

    adapter: Path
    sha256: str
    base: Folder | Hub

    @property
    def config(self) -> Path:
        """The base's ``config.json``."""
        return self.base.config

    @property
    def origin(self) -> tuple[str, None]:
        """The adapter's folder."""
        return str(self.adapter), None

    def identity(self) -> str:
        """Return what stands for both."""
        return f"{self.base.identity()}+sha256:{self.sha256}"

    def folder(self) -> Path:
        """Return the base's folder, if nothing of the adapter has changed."""
        if _sha256(self.adapter) != self.sha256:
            raise UsageError(f"the adapter {self.adapter} has changed since the run began; start the run again.")
        return self.base.folder()


def is_adapter(folder: Path) -> bool:
    """Return whether a folder holds an adapter alone; of one beside weights nobody can say which is meant."""
    return (folder / ADAPTER_CONFIG).is_file() and not (folder / "config.json").exists()


def open_adapter(folder: Path) -> Adapted:
    """Return the adapter in a folder, with its base.

    Raises:
        UsageError: it is not one that can be added to its base, or its base is not there.
    """
    folder = folder.expanduser().resolve()
    config = read_adapter_config(folder)
    named = base_named(folder, config)
    try:
        if Path(named).is_dir():
            base: Folder | Hub = open_folder(Path(named))
        elif named.startswith((".", "/", "~")) or named.count("/") > 1:
            raise UsageError("There is no such folder.")
        else:
            base = open_hub(named, str(config.get("revision") or "main"))
    except UsageError as error:
        raise UsageError(
            f"{folder} is an adapter without its base: base_model_name_or_path in its {ADAPTER_CONFIG} is {named!r}. "
            f"{str(error)[:1].upper()}{str(error)[1:]} Mend it there, or merge the two where the base is."
        ) from error
    return Adapted(adapter=folder, sha256=_sha256(folder), base=base)


def _sha256(folder: Path) -> str:
    parts = [file_sha256(folder / name) for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
