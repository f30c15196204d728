"""The one switch ``--data auto|hub|sample|DIR``: a :class:`Source` gives a task's rows, and a fingerprint of them."""

import functools
import hashlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from harness.api.data import FolderData, HubData, SampleData
from harness.api.task import Task
from harness.data.disguises import disguise
from harness.data.folder import explain_absence, find_files
from harness.errors import DataError, UsageError, did_you_mean
from harness.outputs import kind_of
from harness.system.accounts import account_of

Kind = Literal["hub", "folder", "sample"]
HUB_TIMEOUT_SECONDS = 4.0

HUB_NOTE = "the hub, at pinned revisions"
SAMPLE_NOTE = "the generated sample, not the real benchmark"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the rows of one run come from. ``note`` says so to a person, and why, where that was not their choice."""

    kind: Kind
    root: Path | None = None
    note: str = ""

    def __str__(self) -> str:
        """Return the value of ``--data`` that opens this source again."""
        return str(self.root) if self.kind == "folder" else self.kind

    def splits(self, task: Task) -> tuple[str, ...]:
        """Return the splits of ``task`` that this source holds."""
        match self._data(task):
            case FolderData() as data:
                found = find_files(data, self._root(data))
                return tuple(split for split in data.files if split in found)
            case HubData() | SampleData() as data:
                return tuple(data.splits)

    def rows(self, task: Task, split: str) -> Iterable[Mapping[str, Any]]:
        """Return the rows of one split, as its reader gives them."""
        match self._data(task):
            case FolderData() as data:
                first, *others = find_files(data, self._root(data))[split]
                return chain(data.read(first), *map(data.read, others)) if others else data.read(first)
            case SampleData() as data:
                return data.generate(split, data.seed)
            case HubData() as data:
                return _hub_rows(data, split)

    def place(self, task: Task, split: str) -> str:
        """Return where the rows of a split lie: the file, the hub's data set, or the sample."""
        match self._data(task):
            case FolderData() as data:
                found = find_files(data, self._root(data)).get(split, ())
                return str(found[0] if len(found) == 1 else self._root(data))
            case HubData() as data:
                return f"{data.name} ({', '.join(data.splits[split])}) on the hub"
            case SampleData():
                return "the sample data"

    def disguise(self, task: Task, split: str) -> str:
        """Return what the file of a split seems to be instead of what is expected; empty where nothing tells."""
        data = self._data(task)
        return disguise(Path(self.place(task, split))) if isinstance(data, FolderData) else ""

    def reason_absent(self, task: Task, *, needs_training: bool = True) -> str:
        """Return what of a task the source does not hold, or an empty string if it can be scored.

        A training split it holds then too, where the kind of answer asks for one, unless ``needs_training`` is false.
        """
        held, data = self.splits(task), self._data(task)
        needs_training = needs_training and kind_of(task.output).needs_training
        wanted = ("train",) if "train" not in held and needs_training else task.scored
        if set(wanted) & set(held):
            return ""
        reason = f"no {' or '.join(wanted)} split" if wanted is task.scored else "no training split"
        if not isinstance(data, FolderData):
            return f"{reason} in the {self.kind} data"
        files = [split for split in wanted if split in data.files]
        return f"{reason}: {explain_absence(data, self._root(data), files)}" if files else f"{reason} among its files"

    def fingerprint(self, task: Task) -> str:
        """Return a hash that changes when any row of ``task`` in this source does."""
        match self._data(task):
            case FolderData() as data:
                found = sorted(find_files(data, self._root(data)).items())
                content: object = {split: _hash_of(paths) for split, paths in found}
            case SampleData() as data:
                content = ["sample", task.name, data.version, data.seed]
            case HubData() as data:
                content = ["hub", data.name, data.revision, sorted(data.splits.items())]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def kind_for(self, task: Task) -> Kind:
        """Return the kind of source that ``task`` is read from: this one's, unless the task brings its own folder."""
        return "folder" if isinstance(self._data(task), FolderData) else self.kind

    def _data(self, task: Task) -> HubData | FolderData | SampleData:
        if task.folder is not None and _has_own_folder(task):
            return task.folder
        declared = {"hub": task.hub, "folder": task.folder, "sample": task.sample}
        chosen = declared[self.kind]
        if chosen is None:
            offered = [kind for kind, data in declared.items() if data is not None]
            raise UsageError(f"task {task.name!r} has no {self.kind} data; it offers: {', '.join(offered) or 'none'}.")
        return chosen

    def _root(self, data: FolderData) -> Path:
        root = data.root or self.root
        assert root is not None, "a folder source has a root"
        return root


def open_source(choice: str, tasks: Sequence[Task] = ()) -> Source:
    """Return the source that ``--data CHOICE`` names.

    ``auto`` asks the hub once, for a few seconds, about the first data set that one of ``tasks`` has there, and
    otherwise takes the sample and says so; where all tasks bring their own folders it need not ask.

    Raises:
        UsageError: ``choice`` is neither ``auto``, ``hub``, ``sample`` nor a folder.
    """
    match choice:
        case "hub":
            return Source(kind="hub", note=HUB_NOTE)
        case "sample":
            return Source(
                kind="sample", note="the generated sample that ships with the project, not the real benchmark"
            )
        case "auto" if tasks and all(_has_own_folder(task) for task in tasks):
            return Source(kind="sample", note="the files that come with the task")
        case "auto":
            return _open_auto([task.hub for task in tasks if task.hub and not _has_own_folder(task)])
    root = Path(choice)
    if not root.exists():
        near = did_you_mean(choice, ("auto", "hub", "sample"))
        raise UsageError(
            f"--data {choice}: no such folder; expected auto, hub, sample or a folder of data files.{near}"
        )
    called = "folder" if root.is_dir() else "file"
    return Source(kind="folder", root=root.resolve(), note=f"the {called} {root.name or choice}")


def _open_auto(wanted: Sequence[HubData]) -> Source:
    """Return the hub where it has the first of these, or the sample with a note that says why not."""
    if not wanted:
        return Source(kind="sample", note=f"{SAMPLE_NOTE}: none of these tasks is on the hub")
    if reason := _hub_unreachable(wanted[0]):
        return Source(kind="sample", note=f"{SAMPLE_NOTE}, because the hub cannot be reached ({reason})")
    return Source(kind="hub", note=HUB_NOTE)


def _has_own_folder(task: Task) -> bool:
    return task.folder is not None and task.folder.root is not None


def _hub_unreachable(wanted: HubData) -> str:
    """Return why the hub cannot be asked for this, or an empty string if it has it."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}:
        return "HF_HUB_OFFLINE is set"
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    url = f"{endpoint}/api/datasets/{wanted.name}/revision/{wanted.revision}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=HUB_TIMEOUT_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"it answers {error.code}"
    except Exception as error:  # noqa: BLE001 (anything may answer in the hub's place, or be set as its proxy)
        reason = getattr(error, "reason", error)
        return account_of(reason) if isinstance(reason, BaseException) else str(reason)


def _hub_rows(data: HubData, split: str) -> Iterable[Mapping[str, Any]]:
    import datasets

    configs, hub_split = data.splits[split]
    datasets.disable_progress_bars()
    rows: list[Mapping[str, Any]] = []
    for config in configs.split(","):
        try:
            rows += datasets.load_dataset(data.name, config, split=hub_split, revision=data.revision).to_list()
        except Exception as error:
            what = f"{data.name} ({config}, {hub_split}) at revision {data.revision[:8]}"
            raise DataError(
                f"the hub did not give {what}: {account_of(error)}. "
                "Expected network access or a filled cache; --data sample and --data DIR need neither."
            ) from error
    return data.gather(rows) if data.gather else rows


def _hash_of(paths: Sequence[Path]) -> object:
    """Return what stands for the content of a split: the hash of its file, or of each by name where there are more."""
    hashes = {path.name: _file_hash(path, path.stat().st_mtime_ns) for path in paths}
    return hashes if len(paths) > 1 else next(iter(hashes.values()))


@functools.cache
def _file_hash(path: Path, _modified_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
