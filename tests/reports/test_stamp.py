import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.store.run import Run
from reports import report, stamp, write_report
from tests.fakes.synthetic import Plan, make_failure, make_result, make_speed, write_run

PLAN = Plan(tasks=("cola",), models=("majority", "mini"), num_steps=2)


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where a report was written, each time: instead of a report, a page, a plot and an export."""
    written: list[Path] = []

    def write(runs: list[Run], folder: Path, _tasks: object, _tex_width: str) -> None:
        written.append(folder)
        for name in ("index.html", "plots/scores.svg", "exports/mini/README.md"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"report {len(written)}, {len(runs)} runs")

    monkeypatch.setattr(report, "write", write)
    return written


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_run(tmp_path / "run", PLAN)


def test_a_report_is_made_once(run: Run, writes: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run.folder / "report"
    for _ in range(2):
        assert write_report([run], folder) == folder / "index.html"
        run.save_failure(make_failure("cola", "mini", 1).model_copy(update={"key": "elsewhere"}))
        (run.trial_folder("elsewhere") / "failure.json").unlink()
    monkeypatch.chdir(run.folder.parent)
    write_report([Run(Path("run"))], Path("run") / "report")
    assert writes == [folder]


def replace_index(folder: Path) -> None:
    (folder / "index.html").write_text("edited")


CHANGES: dict[str, Callable[[Run], object]] = {
    "a new result": lambda run: run.save(make_result(PLAN, "cola", "mini", 7), ()),
    "a result replaced by its like": lambda run: run.save(run.results()[0], ()),
    "a result gone": lambda run: (run.trial_folder(run.results()[0].key) / "result.json").unlink(),
    "a speed": lambda run: run.save_speed("another", make_speed(PLAN, "cola", "mini", 1)),
    "a failure": lambda run: run.save_failure(make_failure("cola", "mini", 3)),
    "another command": lambda run: run.save_info(run.info().model_copy(update={"commands": ["harness"]})),
    "an edited page": lambda run: replace_index(run.folder / "report"),
    "a plot gone": lambda run: (run.folder / "report" / "plots" / "scores.svg").unlink(),
    "an export gone": lambda run: (run.folder / "report" / "exports" / "mini" / "README.md").unlink(),
    "an older stamp": lambda run: (run.folder / "report" / stamp.NAME).write_text("0" * 64),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_makes_it_anew(run: Run, writes: list[Path], change: Callable[[Run], object]) -> None:
    folder = run.folder / "report"
    write_report([run], folder)
    change(run)
    for _ in range(2):
        write_report([run], folder)
    assert writes == [folder] * 2


def test_a_result_edited_in_place_makes_it_anew(run: Run, writes: list[Path]) -> None:
    path = run.records()[1]
    write_report([run], run.folder / "report")
    state = path.stat()
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    write_report([run], run.folder / "report")
    assert len(writes) == 2


@pytest.mark.parametrize("name", ["harness", "scipy"])
def test_another_version_makes_it_anew(
    run: Run, writes: list[Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_report([run], run.folder / "report")
    monkeypatch.setattr(stamp, "versions", lambda: {name: "99"})
    write_report([run], run.folder / "report")
    assert len(writes) == 2


@pytest.mark.parametrize("name", ["page.py", "page.html.j2", "styles.css", "page.js", "published.csv"])
def test_other_code_makes_it_anew(
    run: Run, writes: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "code").mkdir()
    monkeypatch.setattr(stamp, "CODE", tmp_path / "code")
    write_report([run], run.folder / "report")
    (tmp_path / "code" / name).write_text("code")
    write_report([run], run.folder / "report")
    assert len(writes) == 2


def test_other_runs_or_another_place_make_it_anew(run: Run, writes: list[Path], tmp_path: Path) -> None:
    other, folder = write_run(tmp_path / "other", PLAN), run.folder / "report"
    write_report([run], folder)
    write_report([run, other], folder)
    folder.rename(run.folder / "moved")
    write_report([run, other], run.folder / "moved")
    run.folder.rename(tmp_path / "renamed")
    write_report([Run(tmp_path / "renamed"), other], tmp_path / "renamed" / "moved")
    assert len(writes) == 4


def test_what_comes_while_it_is_made_makes_it_anew(
    run: Run, writes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = report.write

    def write_beside_a_trial(runs: list[Run], folder: Path, tasks: object, tex_width: str) -> None:
        write(runs, folder, tasks, tex_width)
        run.save(make_result(PLAN, "cola", "mini", 7), ())

    monkeypatch.setattr(report, "write", write_beside_a_trial)
    write_report([run], run.folder / "report")
    monkeypatch.setattr(report, "write", write)
    write_report([run], run.folder / "report")
    assert len(writes) == 2


def test_a_report_that_fails_is_not_taken_for_one(
    run: Run, writes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_runs: list[Run], folder: Path, _tasks: object, _tex_width: str) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "index.html").write_text("half of it")
        raise OSError("no space left")

    write = report.write
    monkeypatch.setattr(report, "write", fail)
    with pytest.raises(OSError, match="no space"):
        write_report([run], run.folder / "report")
    monkeypatch.setattr(report, "write", write)
    write_report([run], run.folder / "report")
    assert len(writes) == 1
