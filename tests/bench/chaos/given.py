"""The kinds of file that a person gives: data, checkpoints, submissions, another tool's timings."""

import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from harness.api.network import Batch
from harness.api.task import Task
from harness.catalog import load_catalog
from harness.data.loading import TaskData, load, read_split
from harness.data.source import Source
from harness.gate.benchmarks import judge_benchmarks
from harness.gate.gate import Options
from harness.outputs import kind_of
from harness.submissions.scoring import score_submission
from harness.submissions.single import read_file
from harness.submissions.suite import read_zip
from tasks.glue import GLUE
from tests.bench.chaos.inputs import Kind, Reading
from tests.fakes.checkpoints import save_checkpoint
from tests.fakes.official import write_official

ENCODERS = ("bert", "roberta", "deberta-v3")
TASKS = (*GLUE.tasks, "squad", "squad_v2")
Tasks = Mapping[str, Task]


def given_kinds() -> tuple[Kind, ...]:
    """Return the kinds."""
    tasks = load_catalog().tasks
    data = [_data(tasks[name]) for name in TASKS]
    checkpoints = [_checkpoint(name, tasks["sst2"]) for name in ENCODERS]
    return (*data, *checkpoints, _table(tasks["mrpc"]), _spans(tasks["squad_v2"]), _zip(tasks), _benchmarks())


def _all(place: Path) -> Sequence[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def _folder(place: Path) -> Source:
    return Source(kind="folder", root=place / "data", note="")


def _data(task: Task) -> Kind:
    def read(place: Path) -> Reading:
        source = _folder(place)
        found = load(task, source)
        _check_targets(task, found)
        return Reading(content=found, identity=source.fingerprint(task))

    return Kind(
        name=f"data of {task.name}",
        plant=lambda place: write_official(task, place / "data"),
        read=read,
        files=_all,
        is_given=True,
    )


def _check_targets(task: Task, found: TaskData) -> None:
    """Raise an AssertionError where an example to learn from or to be scored by has no target of its kind."""
    for examples in (found.train, *found.scored.values()):
        for example in examples:
            assert example.target is not None, example.id
            assert isinstance(example.text, str), example.id
    labels = getattr(task.output, "labels", ())
    if labels:
        assert all(0 <= e.target < len(labels) for e in found.train), "a label that is none"  # type: ignore[operator]


def _checkpoint(name: str, task: Task) -> Kind:
    def read(place: Path) -> Reading:
        from baselines.networks.pretrained import load_network
        from baselines.pretrained import resolve

        spec = resolve(str(place / "model"))
        assert spec is not None
        identity = str(spec.identity())
        if not spec.supports(task.output):
            return Reading(content="not supported", identity=identity)
        torch.manual_seed(0)
        encoding = spec.recipe_for(task).encoding
        network = load_network(spec.checkpoint.folder(), output=task.output, encoding=encoding)
        encoded = network.encode(read_split(task, Source(kind="sample"), "validation", 4))
        rows = torch.tensor(encoded.ids[: encoded.offsets[1]].astype("int64"))[None]
        batch = Batch(ids=rows, types=torch.zeros_like(rows), mask=torch.ones_like(rows, dtype=torch.bool))
        with torch.no_grad():
            logits = network.predict(batch)
        return Reading(content=(encoded.ids.tolist(), logits.nan_to_num(7.0).tolist()), identity=identity)

    return Kind(
        name=f"checkpoint ({name})",
        plant=lambda place: save_checkpoint(place / "model", name) and None,
        read=read,
        files=_all,
        is_given=True,
    )


def _submitted(name: str, tasks: Sequence[Task], file: str, write: Any, read: Any) -> Kind:
    def plant(place: Path) -> None:
        for task in tasks:
            write_official(task, place / "data")
        write(place / file, _folder(place))

    def read_all(place: Path) -> Reading:
        found = score_submission(read(place / file, _folder(place)), tasks, _folder(place))
        return Reading(content=found, identity=str((place / file).read_bytes()))

    return Kind(name=name, plant=plant, read=read_all, files=lambda place: [place / file], is_given=True)


def _rows(task: Task, source: Source, split: str) -> str:
    assert task.submission is not None
    words = getattr(task.submission, "words", ())
    examples = read_split(task, source, split)
    known = [0 if example.target is None else example.target for example in examples]
    cells = [str(words[int(target)]) if words else f"{float(target):.3f}" for target in known]  # type: ignore[arg-type]
    return "".join(["index\tprediction\n", *(f"{number}\t{cell}\n" for number, cell in enumerate(cells))])


def _table(task: Task) -> Kind:
    return _submitted(
        "a table of predictions",
        [task],
        "MRPC.tsv",
        lambda path, source: path.write_text(_rows(task, source, "validation")),
        lambda path, source: read_file(task, path, source),
    )


def _spans(task: Task) -> Kind:
    def write(path: Path, source: Source) -> None:
        examples = read_split(task, source, "validation")
        constant = kind_of(task.output).constant([example.target for example in examples])
        path.write_text(json.dumps({example.id: str(constant.predict(example).value) for example in examples}))

    return _submitted(
        "SQuAD's predictions.json",
        [task],
        "predictions.json",
        write,
        lambda path, source: read_file(task, path, source),
    )


def _zip(tasks: Tasks) -> Kind:
    suite = [tasks[name] for name in GLUE.tasks]

    def write(path: Path, source: Source) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for task in suite:
                for split, name in task.submission.files.items():  # type: ignore[union-attr]
                    if split in task.scored:
                        archive.writestr(name, _rows(task, source, split))

    return _submitted(
        "a suite's zip",
        suite,
        "submission.zip",
        write,
        lambda path, source: read_zip(path, suite, source, "validation", partial=True),
    )


def _benchmarks() -> Kind:
    def plant(place: Path) -> None:
        place.mkdir()
        stats = {"median": 1.0, "data": [0.9, 1.0, 1.1]}
        document = {"machine_info": {"cpu": {"count": 2}}, "benchmarks": [{"fullname": "a::b", "stats": stats}]}
        (place / "before.json").write_text(json.dumps(document))
        shutil.copy(place / "before.json", place / "after.json")

    def read(place: Path) -> Reading:
        report = judge_benchmarks(place / "after.json", place / "before.json", Options())
        return Reading(content=report, identity=str([path.read_bytes() for path in sorted(_all(place))]))

    return Kind(name="pytest-benchmark's JSON", plant=plant, read=read, files=_all, is_given=True)
