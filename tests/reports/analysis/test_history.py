from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from harness.errors import RunError
from harness.store.run import Run
from reports import history_report
from reports.analysis.history import MEAN, History, read_histories
from reports.formats import history as history_tables
from reports.plots import history as plot
from tasks import glue
from tests.fakes.synthetic import Plan, write_run

LEVELS = (70.0, 70.3, 69.8, 62.0, 62.2)
SPREAD = (-0.4, 0.0, 0.4)


def write_runs(folder: Path, levels: tuple[float, ...] = LEVELS, **more: object) -> list[Run]:
    """Write a run a level: `mini` is at it on CoLA, and elsewhere always the same."""
    plan = Plan(tasks=("cola", "rte"), models=("majority", "mini"), num_seeds=3, suite=None, has_speed=False)
    runs = []
    for number, level in enumerate(levels):
        scores = {
            ("cola", "majority"): (0.0,) * 3, ("rte", "majority"): (50.0,) * 3,
            ("cola", "mini"): tuple(level + offset for offset in SPREAD),
            ("rte", "mini"): tuple(60.0 + 0.1 * number + offset for offset in SPREAD),
        }  # fmt: skip
        created = f"2025-01-0{number + 1}T00:00:00+00:00"
        runs.append(write_run(folder / f"run{number}", replace(plan, scores=scores, created=created, **more)))
        for result in runs[-1].results():
            runs[-1].save(result.model_copy(update={"commit": f"{number}" * 40}), ())
    return runs


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    (found,) = read_histories(write_runs(tmp_path_factory.mktemp("runs")), {})
    return found


def shifts(history: History) -> dict[tuple[str, str], list[int]]:
    return {(series.task, series.model): [shift.index for shift in series.shifts] for series in history.series}


def test_the_shift_is_found_where_it_was_planted(history: History) -> None:
    assert shifts(history) == {
        ("cola", "majority"): [], ("cola", "mini"): [3],
        ("rte", "majority"): [], ("rte", "mini"): [],
        (MEAN, "majority"): [], (MEAN, "mini"): [3],
    }  # fmt: skip
    (series,) = [one for one in history.series if (one.task, one.model) == ("cola", "mini")]
    assert [point.value for point in series.points] == pytest.approx(LEVELS)
    assert series.levels == pytest.approx((70.0333,) * 3 + (62.1,) * 2, abs=1e-3)
    assert [moment.name for moment in history.moments] == [
        "000000000",
        "111111111",
        "222222222",
        "333333333",
        "444444444",
    ]


def test_runs_are_in_the_order_of_time_or_as_given(tmp_path: Path) -> None:
    runs = write_runs(tmp_path)
    (sorted_,) = read_histories(runs[::-1], {})
    assert [moment.label for moment in sorted_.moments] == ["run0", "run1", "run2", "run3", "run4"]
    (given,) = read_histories(runs[::-1], {}, as_given=True)
    assert [moment.label for moment in given.moments] == ["run4", "run3", "run2", "run1", "run0"]
    assert shifts(given)["cola", "mini"] == [2]


def test_a_model_without_chance_shifts_with_any_change(tmp_path: Path) -> None:
    runs = write_runs(tmp_path, (70.0, 70.0, 70.0))
    for result in runs[2].results():
        if result.task == "rte" and result.model.name == "majority":
            runs[2].save(result.model_copy(update={"score": 50.4}), ())
    (found,) = read_histories(runs, {})
    assert shifts(found)["rte", "majority"] == [2]


def test_other_data_are_a_history_of_their_own(tmp_path: Path) -> None:
    runs = [*write_runs(tmp_path / "one"), *write_runs(tmp_path / "two", data="other rows")]
    assert [len(found.moments) for found in read_histories(runs, {})] == [5, 5]


def test_a_pair_may_be_missing_in_a_run(tmp_path: Path) -> None:
    runs = write_runs(tmp_path)
    for path in runs[1].folder.glob("trials/cola--1--*/result.json"):
        path.unlink()
    (found,) = read_histories(runs, {})
    (series,) = [one for one in found.series if (one.task, one.model) == ("cola", "mini")]
    assert [point.moment for point in series.points] == [0, 2, 3, 4]
    assert shifts(found)["cola", "mini"] == [2]
    (mean,) = [one for one in found.series if (one.task, one.model) == (MEAN, "mini")]
    assert [point.moment for point in mean.points] == [0, 2, 3, 4], "a mean over fewer tasks is no point of it"


def test_with_answers_points_have_intervals_and_equal_runs_no_shift(tmp_path: Path) -> None:
    plan = Plan(tasks=("cola", "rte"), models=("majority", "mini"), num_seeds=2, num_questions=60, has_speed=False)
    runs = [write_run(tmp_path / f"run{number}", plan) for number in range(3)]
    (found,) = read_histories(runs, {"cola": glue.COLA, "rte": glue.RTE})
    assert not any(series.shifts for series in found.series)
    assert all(point.low <= point.value <= point.high for series in found.series for point in series.points)


def test_files_and_terminal(history: History, tmp_path: Path) -> None:
    path = history_report.write([history], tmp_path)
    lines = path.read_text().splitlines()
    assert "| task | model | 000000000 | 111111111 | 222222222 | 333333333 | 444444444 |" in lines
    assert "| CoLA | mini | 70.0 | 70.3 | 69.8 | ▼ 62.0 | 62.2 |" in lines
    assert any(
        line.startswith("- CoLA × mini: from 333333333 on 62.1 instead of 70.0 (-7.9, p &lt; 0.001)") for line in lines
    )
    frame = pd.read_csv(tmp_path / "history.csv")
    assert len(frame) == 30
    assert frame[frame["shift"].notna()][["task", "model", "run"]].to_numpy().tolist() == [
        ["cola", "mini", "run3"], ["mean", "mini", "run3"],
    ]  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["history.png", "history.svg"]
    console = Console(record=True, width=160, file=(tmp_path / "shown").open("w"))
    history_tables.show([history], console)
    shown = console.export_text()
    assert "▼ 62.0" in shown
    assert "CoLA × mini: from 333333333 on 62.1" in shown
    console.file.close()


def test_a_level_and_its_shift_are_drawn(history: History) -> None:
    with plot.settings():
        drawing = plot.draw(history)
    cola, rte, _ = drawing.figure.axes
    assert "5 runs" in drawing.alt
    assert "2 shifts" in drawing.alt
    assert [len(axes.patches) for axes in (cola, rte)] == [2, 2]
    dashed = [line for line in cola.lines if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2]
    assert [float(line.get_xdata()[0]) for line in dashed] == [pytest.approx(2.5, abs=0.2)]


def test_long_histories_and_hostile_names(tmp_path: Path) -> None:
    runs = write_runs(tmp_path / "a|b [red]", (70.0,) * 9)
    (found,) = read_histories(runs, {})
    console = Console(record=True, width=160, file=(tmp_path / "shown").open("w"))
    history_tables.show([found], console)
    assert "and 1 earlier run" in console.export_text()
    console.file.close()
    history_report.write([found], tmp_path / "out")


def test_runs_without_a_result_are_one_clear_line(tmp_path: Path) -> None:
    empty = write_run(tmp_path / "empty", Plan(tasks=("cola",), models=("mini",), num_seeds=0, has_speed=False))
    with pytest.raises(RunError, match=r"history: .*empty: holds no result yet"):
        read_histories([empty], {})
    (found,) = read_histories([empty, *write_runs(tmp_path, (70.0,))], {})
    assert [len(series.points) for series in found.series] == [1] * 6
    history_report.write([found], tmp_path / "out")
