import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from harness.store.run import Run
from reports import stamp, write_report
from reports.evidence.results import read_evidence
from reports.page.costs import limits
from reports.page.details import Settings, settings
from tests.fakes.synthetic import Plan, make_result, make_speed, write_run
from tests.reports.conftest import HOSTILE

PLOTS = (
    "latency",
    "learning-curves",
    "score-latency",
    "score-size",
    "score-training-time",
    "scores",
    "throughput",
)
TABLES = (
    "comparison.csv",
    "comparison.json",
    "comparison.md",
    "comparison.tex",
    "costs.csv",
    "index.html",
    "results.csv",
)
SAMPLE, LIMITS = "generated sample, not GLUE/SQuAD", "limited to 100 training / 50 evaluation examples"


def svg_texts(path: Path) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def test_every_file_is_there(report: Path) -> None:
    assert sorted(path.name for path in report.iterdir()) == sorted([stamp.NAME, *TABLES, "exports", "plots"])
    files = {path.name for path in (report / "plots").iterdir()}
    assert files == {f"{name}.{kind}" for name in PLOTS for kind in ("png", "svg")}
    assert all((report / "plots" / f"{name}.png").read_bytes().startswith(b"\x89PNG") for name in PLOTS)


def test_every_table_page_and_plot_says_that_it_is_a_limited_sample(report: Path) -> None:
    for name in ("comparison.csv", "comparison.json", "comparison.md", "comparison.tex", "index.html"):
        text = (report / name).read_text(encoding="utf-8")
        assert SAMPLE in text, name
        assert LIMITS in text, name
        assert "GLUE score" not in text
    for name in PLOTS:
        texts = svg_texts(report / "plots" / f"{name}.svg")
        assert {SAMPLE, LIMITS, "GLUE-style tasks, generated sample"} <= set(texts), name


def test_plots_name_the_models_as_they_are(report: Path) -> None:
    for name in PLOTS:
        assert HOSTILE in svg_texts(report / "plots" / f"{name}.svg"), name


def test_settings_of_one_task_stand_beside_the_recipe(tmp_path: Path) -> None:
    plan = Plan(tasks=("cola", "rte"), models=("majority", "mini"), has_speed=False, num_steps=2)
    (evidence,) = read_evidence([write_run(tmp_path / "run", plan)])
    assert settings(evidence, "majority") == Settings(title="", recipe="class MadeUp, width 64", by_task=())
    assert settings(evidence, "mini") == Settings(
        title="",
        recipe="class MadeUp, width 128, epochs 3, learning rate 5e-05",
        by_task=(("RTE", "epochs 10"),),
    )


def test_every_row_of_a_markdown_table_has_its_columns(report: Path) -> None:
    lines = (report / "comparison.md").read_text(encoding="utf-8").splitlines()
    rows = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert {row.count("|") for row in rows} == {rows[0].count("|")}


def test_results_csv_is_tidy(report: Path) -> None:
    frame = pd.read_csv(report / "results.csv")
    keys = ["run", "task", "model", "seed", "split", "metric"]
    assert not frame.duplicated(keys).any()
    assert (
        len(frame) == 3 * 2 * 1 - 1 + 2 * 2 * 2 + 3 * 2 * 2
    )  # CoLA less a failure, MRPC with two figures, MNLI's splits
    assert set(frame["model"]) == {"majority", HOSTILE, "big"}
    assert (frame["limit_train"] == 100).all()
    assert "100.0" not in (report / "results.csv").read_text(encoding="utf-8").splitlines()[1].split(",")
    mrpc = frame[(frame["task"] == "mrpc") & (frame["model"] == "big") & (frame["seed"] == 0)].set_index("metric")
    assert mrpc.loc[["f1", "accuracy"], "value"].mean() == pytest.approx(mrpc["score"].iloc[0])
    assert frame.notna()[["value", "key", "data_kind", "fit_seconds", "num_parameters", "created"]].all(axis=None)


def test_costs_csv_has_each_batch_size(report: Path) -> None:
    frame = pd.read_csv(report / "costs.csv")
    assert not frame.duplicated(["run", "task", "model", "batch_size"]).any()
    assert sorted(frame["batch_size"].unique()) == [1, 2, 4, 8, 16, 32, 64]
    assert (frame["latency_p50_seconds"] < frame["latency_p99_seconds"]).all()


def test_how_close_to_the_limit(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", Plan(tasks=("cola",), models=("majority", "mini", "big"), num_steps=2))
    other = make_result(Plan(tasks=("cola",), num_steps=2), "cola", "big", 1)  # in a type that the peak is not of
    run.save(other.model_copy(update={"history": replace(other.history, precision="bfloat16")}), ())
    (evidence,) = read_evidence([run])
    table = limits(evidence, list(evidence.models))
    assert table is not None
    cells = table.rows
    # 3 epochs of 1,000 examples of 3 MFLOP in 2.5 s, on a machine that does 50 GFLOP/s
    assert cells[0][:6] == ("mini", "float32", "1", "50.0", "0.00300", f"{100 * 3 * 1000 * 3e6 / 2.5 / 5e10:.2f}")
    assert cells[1][:6] == ("big", "float32", "1", "50.0", "0.00600", f"{100 * 3 * 1000 * 6e6 / 3.75 / 5e10:.2f}")
    assert [row[6] for row in cells] == ["0.00100", "0.00200"]
    frame = pd.read_csv(write_report([run], tmp_path / "out").parent / "costs.csv").set_index(["model", "batch_size"])
    assert frame.loc["majority", ["inference_fraction_of_peak", "training_fraction_of_peak"]].isna().all(axis=None)
    mini = frame.loc["mini"]
    assert mini["inference_fraction_of_peak"].tolist() == pytest.approx((mini["examples_per_second"] / 5e4).tolist())
    assert float(cells[0][7]) == pytest.approx(100 * mini["inference_fraction_of_peak"].max(), rel=1e-2)


def test_trainings_of_another_machine_have_no_share() -> None:
    plan = Plan()
    result, speed = make_result(plan, "cola", "mini", 0), make_speed(plan, "cola", "mini", 0)
    assert speed.training_fraction_of_peak(result) == pytest.approx(0.072)
    for machine in ({"device": "another"}, {"num_threads": 2}):
        elsewhere = result.machine.model_copy(update=machine)
        assert speed.training_fraction_of_peak(result.model_copy(update={"machine": elsewhere})) is None
    assert speed.training_fraction_of_peak(make_result(plan, "cola", "majority", 0)) is None
    assert make_speed(plan, "cola", "majority", 0).fraction_of_peak == {}


def test_the_same_run_gives_the_same_bytes(run: Run, report: Path) -> None:
    again = write_report([run], run.folder / "again").parent
    for path in sorted(report.rglob("*")):
        if path.is_file() and path.name != stamp.NAME:
            assert path.read_bytes() == (again / path.relative_to(report)).read_bytes(), path.name


def test_runs_that_do_not_compare_have_tables_and_plots_of_their_own(tmp_path: Path) -> None:
    plan = {"tasks": ("cola", "mrpc"), "models": ("majority", "mini"), "has_speed": False, "num_steps": 0}
    runs = [write_run(tmp_path / "a", Plan(**plan)), write_run(tmp_path / "b", Plan(**plan | {"data": "others"}))]
    index = write_report(runs, tmp_path / "out")
    page = index.read_text(encoding="utf-8")
    assert "do not compare" in page
    assert page.count(">Leaderboard</h3>") == 2
    assert "Latency of one example is not drawn: no speed was measured." in page
    drawn = {path.stem for path in (tmp_path / "out" / "plots").iterdir()}
    assert drawn == {f"{name}-{n}" for name in ("scores", "score-size", "score-training-time") for n in (1, 2)}
    assert "mini (a)" in page
    assert len(pd.read_csv(tmp_path / "out" / "comparison.csv")) == 4


def test_a_run_without_results_has_a_report(tmp_path: Path) -> None:
    skipped = [(task, model) for task in Plan().tasks for model in Plan().models]
    run = write_run(tmp_path / "empty", Plan(skipped=skipped, has_speed=False))
    write_report([run], tmp_path / "out")
    assert "| majority | … | … | … |" in (tmp_path / "out" / "comparison.md").read_text(encoding="utf-8")
    assert pd.read_csv(tmp_path / "out" / "results.csv").empty


def test_reports_leave_the_rest_alone(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", Plan(tasks=("cola",), models=("mini", "big"), num_steps=2))
    code = (
        "import sys, reports\n"
        "heavy = {'pandas', 'matplotlib', 'jinja2'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
        "from pathlib import Path\n"
        "from harness.store.run import Run\n"
        "reports.write_report([Run.open(Path(sys.argv[1]))], Path(sys.argv[2]))\n"
        "heavy = {'torch', 'transformers', 'tasks', 'baselines', 'datasets', 'matplotlib.pyplot'}\n"
        "found = heavy & sys.modules.keys()\n"
        "assert not found, found\n"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(run.folder), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
