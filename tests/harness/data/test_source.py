import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.api.data import FolderData, HubData, SampleData
from harness.api.example import Example
from harness.api.output import Classification
from harness.api.task import Task
from harness.data import source as sources
from harness.data.source import Source, open_source
from harness.errors import UsageError
from harness.metrics.glue import ACCURACY
from tests.fakes.hub import FakeHub, serve

REVISION = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c"


def read_lines(path: Path) -> list[dict[str, str]]:
    return [{"text": line} for line in path.read_text().splitlines()]


TASK = Task(
    name="toy",
    title="Toy",
    output=Classification(labels=("no", "yes")),
    read=lambda row: Example(id=str(row["idx"]), text=row["text"]),
    metrics=(ACCURACY,),
    hub=HubData(name="owner/toy", revision=REVISION, splits={"train": ("plain", "train")}),
    folder=FolderData(files={"train": "train.txt", "validation": "dev.txt"}, read=read_lines, child="toy"),
    sample=SampleData(splits=("train",), generate=lambda split, seed: [{"text": f"{split} {seed}"}], version=1),
)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield hub


def folder(root: Path, **files: str) -> Source:
    for name, text in files.items():
        (root / f"{name}.txt").write_text(text)
    return Source(kind="folder", root=root)


def test_folder_holds_the_splits_whose_files_are_there(tmp_path: Path) -> None:
    source = folder(tmp_path, dev="a\nb\n")
    assert source.splits(TASK) == ("validation",)
    assert source.rows(TASK, "validation") == [{"text": "a"}, {"text": "b"}]


def test_a_child_folder_is_taken_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    folder(tmp_path / "toy", train="inner")
    assert folder(tmp_path, train="outer").rows(TASK, "train") == [{"text": "inner"}]


def test_of_several_files_the_first_that_is_there_counts(tmp_path: Path) -> None:
    files = {"train": "train.txt", "validation": ("dev.txt", "dev-full.txt")}
    task = replace(TASK, folder=replace(TASK.folder, files=files))
    full = folder(tmp_path, **{"dev-full": "second"})
    assert full.splits(task) == ("validation",)
    assert full.rows(task, "validation") == [{"text": "second"}]
    both = folder(tmp_path, dev="first")
    assert both.rows(task, "validation") == [{"text": "first"}]
    assert both.fingerprint(task) == both.fingerprint(TASK) != folder(tmp_path, train="a").fingerprint(TASK)


def test_folder_fingerprint_follows_content_not_place(tmp_path: Path) -> None:
    source = folder(tmp_path, train="a")
    first = source.fingerprint(TASK)
    moved = tmp_path / "moved"
    moved.mkdir()
    assert folder(moved, train="a").fingerprint(TASK) == first
    assert folder(tmp_path, dev="b").fingerprint(TASK) != first
    (tmp_path / "dev.txt").unlink()
    assert source.fingerprint(TASK) == first
    (tmp_path / "train.txt").write_text("c")
    assert source.fingerprint(TASK) != first


def test_sample_fingerprint_follows_version_and_seed() -> None:
    assert TASK.sample is not None
    source = Source(kind="sample")
    tasks = [TASK, *(replace(TASK, sample=replace(TASK.sample, **{field: 7})) for field in ("version", "seed"))]
    assert len({source.fingerprint(task) for task in tasks}) == 3
    assert source.rows(tasks[2], "train") == [{"text": "train 7"}]


def test_hub_fingerprint_follows_the_revision() -> None:
    assert TASK.hub is not None
    other = replace(TASK, hub=replace(TASK.hub, revision="0" * 40))
    assert Source(kind="hub").fingerprint(TASK) != Source(kind="hub").fingerprint(other)


def test_a_task_that_brings_its_own_folder_is_read_from_it_whatever_the_source(tmp_path: Path) -> None:
    assert TASK.folder is not None
    folder(tmp_path, train="own")
    task = replace(TASK, folder=replace(TASK.folder, root=tmp_path), hub=None, sample=None)
    source = Source(kind="sample")
    assert source.rows(task, "train") == [{"text": "own"}]
    assert source.kind_for(task) == "folder"


def test_a_task_without_that_kind_of_data_says_what_it_offers() -> None:
    with pytest.raises(UsageError, match="task 'toy' has no hub data; it offers: folder, sample"):
        Source(kind="hub").splits(replace(TASK, hub=None))


def test_open_source_names_what_it_takes(tmp_path: Path) -> None:
    assert open_source("hub").kind == "hub"
    assert "not the real benchmark" in open_source("sample").note
    source = open_source(str(tmp_path))
    assert (source.kind, source.root, str(source)) == ("folder", tmp_path, str(tmp_path))
    with pytest.raises(UsageError, match="no such folder; expected auto, hub, sample or a folder"):
        open_source(str(tmp_path / "nowhere"))


def test_auto_takes_the_hub_when_it_answers(hub: FakeHub) -> None:
    hub.add("datasets", "owner/toy", {}, revision=REVISION)
    own = replace(TASK, hub=None)
    assert open_source("auto", [own, TASK, TASK]).kind == "hub"
    assert hub.requests == [f"HEAD /api/datasets/owner/toy/revision/{REVISION}"]  # asked once, for the first there


def test_auto_asks_nobody_where_no_task_is_on_the_hub(hub: FakeHub) -> None:
    source = open_source("auto", [replace(TASK, hub=None)])
    assert (source.kind, hub.requests) == ("sample", [])
    assert "not the real benchmark: none of these tasks is on the hub" in source.note


def test_auto_takes_the_sample_when_the_hub_lacks_the_data(hub: FakeHub) -> None:
    source = open_source("auto", [TASK])
    assert source.kind == "sample"
    assert "it answers 404" in source.note


def test_auto_takes_the_sample_when_nothing_answers(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        started = time.monotonic()
        source = open_source("auto", [TASK])
    assert source.kind == "sample"
    assert "not the real benchmark, because the hub cannot be reached (" in source.note
    assert "refused" in source.note
    assert time.monotonic() - started < 3


def test_auto_waits_seconds_at_most_for_a_hub_that_is_silent(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sources.HUB_TIMEOUT_SECONDS <= 5
    monkeypatch.setattr(sources, "HUB_TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        source = open_source("auto", [TASK])
    assert source.kind == "sample"
    assert "timed out" in source.note


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"\x00\xff" * 9, b"HTTP/9 no\r\n\r\n", b""])
def test_auto_takes_the_sample_when_something_else_than_the_hub_answers(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=answer_once)
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}")
        source = open_source("auto", [TASK])
        thread.join()
    assert source.kind == "sample"
    assert "because the hub cannot be reached (" in source.note
    assert source.note.isprintable()


@pytest.mark.parametrize(
    ("name", "value"),
    [("https_proxy", "foo"), ("HTTPS_PROXY", "http://:0"), ("https_proxy", "http://[:::"), ("https_proxy", "x://y:z"),
     ("HF_ENDPOINT", "foo"), ("HF_ENDPOINT", ""), ("HF_ENDPOINT", "http://a b\x1b"), ("HF_ENDPOINT", "http://["),
     ("HF_ENDPOINT", "http://127.0.0.1:port")],
)  # fmt: skip
def test_auto_takes_the_sample_where_the_way_to_the_hub_is_malformed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.invalid")
    monkeypatch.setenv(name, value)
    source = open_source("auto", [TASK])
    assert source.kind == "sample"
    assert "because the hub cannot be reached (" in source.note
    assert source.note.isprintable()


@pytest.mark.parametrize("value", ["1", "true"])
def test_auto_asks_nobody_when_told_to_stay_offline(hub: FakeHub, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    source = open_source("auto", [TASK])
    assert (source.kind, hub.requests) == ("sample", [])
    assert "HF_HUB_OFFLINE is set" in source.note


def sentences(*labels: int) -> list[dict[str, object]]:
    return [{"sentence": f"Bird {place}.", "label": label, "idx": place} for place, label in enumerate(labels)]


def pairs(*labels: int) -> list[dict[str, object]]:
    return [
        {"premise": f"All {p}.", "hypothesis": f"Some {p}.", "label": label, "idx": p} for p, label in enumerate(labels)
    ]


LOAD = """
import json, sys
from harness.errors import DataError
from harness.data.loading import load, read_split
from harness.data.source import Source
from tasks import glue

hub = Source(kind="hub")
data = load(glue.COLA, hub)
splits = {"train": data.train, **data.scored, **data.predicted, "ax": read_split(glue.MNLI, hub, "ax")}
found = {split: [[e.id, e.text, e.pair, e.target] for e in examples] for split, examples in splits.items()}
try:
    read_split(glue.RTE, hub, "train")
except DataError as error:
    found["error"] = str(error)
print(json.dumps(found))
"""


def load_in_a_new_process(home: Path, **environment: str) -> dict[str, Any]:
    """Load from the hub where huggingface_hub, which reads its settings on import, sees these."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        env={**os.environ, "HF_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_hub_is_asked_for_the_pinned_revision_once_and_the_cache_serves_without_it(
    hub: FakeHub, tmp_path: Path
) -> None:
    cola = {"train": sentences(1, 0, 1), "validation": sentences(0, 1), "test": sentences(-1)}
    hub.add_dataset("nyu-mll/glue", {"cola": cola, "ax": {"test": pairs(-1, -1)}}, revision=REVISION)
    first = load_in_a_new_process(tmp_path)
    assert first["train"] == [["0", "Bird 0.", None, 1], ["1", "Bird 1.", None, 0], ["2", "Bird 2.", None, 1]]
    assert first["validation"] == [["0", "Bird 0.", None, 0], ["1", "Bird 1.", None, 1]]
    assert first["test"] == [["0", "Bird 0.", None, None]]
    assert first["ax"] == [["0", "All 0.", "Some 0.", None], ["1", "All 1.", "Some 1.", None]]
    assert "the hub did not give nyu-mll/glue (rte, train) at revision bcdcba79" in first["error"]

    about_glue = [request for request in hub.requests if "nyu-mll/glue" in request]
    assert all(REVISION in request for request in about_glue)
    downloads = [request for request in about_glue if request.startswith("GET") and request.endswith(".parquet")]
    assert sorted(path.rsplit("/", 2)[1] for path in downloads) == ["ax", "cola", "cola", "cola"]

    asked = len(hub.requests)
    offline = load_in_a_new_process(tmp_path, HF_HUB_OFFLINE="1")
    assert {split: offline[split] for split in first if split != "error"} == {
        split: first[split] for split in first if split != "error"
    }
    assert "--data sample and --data DIR need neither" in offline["error"]
    assert len(hub.requests) == asked
