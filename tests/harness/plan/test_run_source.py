"""A run goes on where its data have moved to, and with no other rows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.api.data import FolderData
from harness.api.task import Task
from harness.catalog import Catalog
from harness.data.source import Source
from harness.errors import RunError, UsageError
from harness.plan.run_source import run_source
from harness.store.run import Run
from tests.fakes.synthetic import Plan, make_info, make_result
from tests.fakes.toy import TOY


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [{"text": line} for line in path.read_text().splitlines()]


def put(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.txt").write_text(content)
    return folder


@pytest.fixture
def tasks() -> tuple[Task, Task]:
    first, second = (
        replace(TOY, name=name, folder=FolderData(files={"train": f"{name}.txt"}, read=read_lines))
        for name in ("first", "second")
    )
    return first, second


def run_in(folder: Path, data: Path, tasks: tuple[Task, ...]) -> Run:
    """Return a run whose results of ``tasks`` came from the folder ``data``."""
    run, source = Run(folder), Source(kind="folder", root=data)
    plan = Plan(tasks=[task.name for task in tasks], models=["bag"], num_seeds=1)
    run.save_info(make_info(plan).model_copy(update={"source": str(data), "source_note": "the folder old"}))
    for task in tasks:
        result = make_result(plan, task.name, "bag", 0)
        about = result.data.model_copy(update={"kind": "folder", "fingerprint": source.fingerprint(task)})
        run.save(result.model_copy(update={"data": about}), [])
    return run


def catalog(*tasks: Task) -> Catalog:
    return Catalog(tasks={task.name: task for task in tasks})


def test_a_run_goes_on_where_its_data_have_moved_to(tmp_path: Path, tasks: tuple[Task, Task]) -> None:
    old = put(tmp_path / "old", first="a", second="b")
    run = run_in(tmp_path / "run", old, tasks)
    new = old.rename(tmp_path / "new")
    with pytest.raises(
        RunError, match=r"its data were in .*old, which is not there; .* give --data with the new place"
    ):
        run_source("auto", run, tasks, catalog(*tasks))
    moved = run_source(str(new), run, tasks, catalog(*tasks))
    assert (moved.root, moved.note) == (new, "the folder new")
    run.add_info(run.info().model_copy(update={"source": str(moved), "source_note": moved.note}))
    assert run_source("auto", run, tasks, catalog(*tasks)) == moved == run_source(str(new), run, (), catalog())


def test_the_same_place_goes_on_without_a_look_at_the_files(tmp_path: Path, tasks: tuple[Task, Task]) -> None:
    old = put(tmp_path / "old", first="a", second="b")
    run = run_in(tmp_path / "run", old, tasks)
    (old / "first.txt").write_text("other")
    assert run_source(str(old), run, tasks, catalog()).note == run_source("auto", run, (), catalog()).note


@pytest.mark.parametrize(
    ("files", "known", "reason"),
    [
        ({"first": "a", "second": "c"}, 2, "the files of task 'second' are not the same in both"),
        ({"first": "a"}, 2, "the files of task 'second' are not the same in both"),
        ({"first": "a", "second": "b"}, 1, "task 'second' is not known, so its rows cannot be compared"),
    ],
)
def test_other_rows_are_refused(
    tmp_path: Path, tasks: tuple[Task, Task], files: dict[str, str], known: int, reason: str
) -> None:
    run = run_in(tmp_path / "run", put(tmp_path / "old", first="a", second="b"), tasks)
    with pytest.raises(RunError, match=reason):
        run_source(str(put(tmp_path / "new", **files)), run, tasks, catalog(*tasks[:known]))


def test_a_run_without_results_may_be_given_any_folder_and_no_sample(tmp_path: Path, tasks: tuple[Task, Task]) -> None:
    run = run_in(tmp_path / "run", put(tmp_path / "old"), ())
    new = put(tmp_path / "new", first="a")
    assert run_source(str(new), run, tasks, catalog(*tasks)).root == new
    with pytest.raises(RunError, match="one is no folder"):
        run_source("sample", run, tasks, catalog(*tasks))


def test_a_new_run_takes_what_it_is_given(tmp_path: Path, tasks: tuple[Task, Task]) -> None:
    assert run_source("sample", Run(tmp_path / "run"), tasks, catalog(*tasks)).kind == "sample"
    with pytest.raises(UsageError, match="no such folder"):
        run_source("nowhere", Run(tmp_path / "run"), tasks, catalog(*tasks))
