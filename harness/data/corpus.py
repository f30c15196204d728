"""The one switch ``--corpus FILE|DIR|hub:NAME|sample``: a :class:`Corpus` gives documents, and a fingerprint of them.

Documents are read anew in each pass, and none is kept: a corpus may be larger than memory. Those of the hub come from
Arrow files that ``datasets`` maps into memory.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.data.disguises import disguise
from harness.data.documents import read_documents
from harness.data.hub_text import HubText
from harness.errors import DataError, UsageError, did_you_mean

SUFFIXES = (".txt", ".tokens", ".jsonl")
OTHER_SPLITS = frozenset({"valid", "validation", "dev", "test"})
"""Parts of a file's name: such files of a folder are not trained on."""


@dataclass(frozen=True, kw_only=True)
class SampleCorpus:
    """Documents made by our own code; ``generate`` always gives the same, or ``version`` is raised."""

    generate: Callable[[], Iterator[str]]
    version: int


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Where documents come from. ``note`` says so to a person."""

    kind: Literal["files", "hub", "sample"]
    note: str
    files: tuple[Path, ...] = ()
    hub: HubText | None = None
    sample: SampleCorpus | None = None

    def documents(self) -> Iterator[str]:
        """Yield each document, in an order that is always the same.

        Raises:
            DataError: a file or a row cannot be read.
        """
        if self.hub:
            yield from self.hub.documents()
        elif self.sample:
            yield from self.sample.generate()
        else:
            for file in self.files:
                yield from read_documents(file)

    def fingerprint(self) -> str:
        """Return a hash that changes when any document does; files are read for it, but in order, whatever their names.

        Of the hub it stands for the name and the commit.
        """
        if self.hub:
            content: object = ["hub", *self.hub.identity()]
        elif self.sample:
            content = ["sample", self.sample.version]
        else:
            content = [(file.suffix == ".jsonl", _sha256(file)) for file in self.files]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def open_corpus(choice: str, sample: SampleCorpus) -> Corpus:
    """Return the corpus that ``--corpus CHOICE`` names.

    Raises:
        UsageError: it is neither a file, nor a folder, nor ``hub:NAME``, nor ``sample``.
        DataError: there are no texts in it.
    """
    if choice == "sample":
        return Corpus(kind="sample", sample=sample, note="the generated sample, not a real corpus")
    if choice.startswith("hub:"):
        hub = HubText.opened(choice.removeprefix("hub:"))
        return Corpus(kind="hub", hub=hub, note=f"{hub.name} on the hub, at {hub.revision[:8]}")
    path = Path(choice).expanduser()
    if path.is_file():
        return Corpus(kind="files", files=(_checked(path),), note=f"the file {path.name}")
    if not path.is_dir():
        near = did_you_mean(choice, ("sample", "hub:"))
        raise UsageError(
            f"--corpus {choice}: no such file or folder; expected one of texts, hub:NAME, or sample.{near}"
        )
    files, others = _files(path)
    left_out = f" (without {', '.join(file.name for file in others)})" if others else ""
    if not files:
        raise DataError(
            f"--corpus {choice}: no texts to train on{left_out}; expected files *.txt, *.tokens or *.jsonl in it."
        )
    number = f"{len(files)} file{'s' * (len(files) > 1)}"
    return Corpus(kind="files", files=files, note=f"the folder {path.name or choice}: {number}{left_out}")


def _files(folder: Path) -> tuple[tuple[Path, ...], list[Path]]:
    """Return the texts below a folder, by name, and those that their names call another split than for training."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    texts = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    others = [path for path in texts if OTHER_SPLITS & set(path.stem.casefold().replace("-", ".").split("."))]
    return tuple(_checked(path) for path in texts if path not in others), others


def _checked(path: Path) -> Path:
    if seems := disguise(path):
        raise DataError(f"{path}: expected a text file in UTF-8.{seems}")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
