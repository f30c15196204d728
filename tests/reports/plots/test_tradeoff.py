from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest

from reports.analysis.comparison import compare
from reports.evidence.results import Evidence, read_evidence
from reports.plots.canvas import settings
from reports.plots.tradeoff import LATENCY, SIZE, TRAINING, pareto_front
from reports.plots.view import Plot, make_view
from tests.fakes.synthetic import Plan, write_run


@pytest.fixture(autouse=True)
def our_settings() -> Iterator[None]:
    with settings():
        yield


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    (evidence,) = read_evidence([write_run(tmp_path_factory.mktemp("run"), Plan(num_steps=0))])
    return evidence


def points(plot: Plot, evidence: Evidence) -> tuple[dict[str, tuple[float, float]], tuple[str, ...]]:
    view = make_view(evidence, compare(evidence), "title", []).bare
    drawing = plot.draw(view)
    assert drawing is not None
    (axes,) = drawing.figure.axes
    marked = {line.get_color(): line for line in axes.lines if line.get_marker() != "None"}
    found = {label: marked[s.colour].get_xydata()[0] for label, s in view.styles.items() if s.colour in marked}
    return {label: (float(x), float(y)) for label, (x, y) in found.items()}, drawing.notes


@pytest.mark.parametrize(
    ("plot", "costs"),
    [
        (TRAINING, {"majority": 2.0, "mini": 4.0, "big": 6.0}),
        (SIZE, {"majority": 1_000, "mini": 7_000, "big": 49_000}),
    ],
    ids=["training", "size"],
)
def test_points_are_the_median_cost_and_the_mean_score(plot: Plot, costs: dict[str, float], evidence: Evidence) -> None:
    found, notes = points(plot, evidence)
    for label, (cost, score) in found.items():
        results = [evidence.results[task, label] for task in evidence.tasks]
        assert cost == pytest.approx(costs[label])
        assert score == pytest.approx(fmean(fmean(result.score for result in seeds) for seeds in results))
    assert found.keys() == costs.keys()
    assert "Dashed: the Pareto front, the models that no other beats in both" in notes


def test_latency_is_in_milliseconds(evidence: Evidence) -> None:
    found, _ = points(LATENCY, evidence)
    middle = sorted(evidence.speeds[task, "mini"].latency_quantiles["p50"] for task in evidence.tasks)[1]
    assert found["mini"][0] == pytest.approx(1e3 * middle)


def test_a_model_without_parameters_is_named_in_a_note(evidence: Evidence) -> None:
    empty = {
        (task, label): tuple(
            r.model_copy(update={"model": r.model.model_copy(update={"num_parameters": 0})}) for r in rs
        )
        for (task, label), rs in evidence.results.items()
        if label == "majority"
    }
    found, notes = points(SIZE, replace(evidence, results={**evidence.results, **empty}))
    assert found.keys() == {"mini", "big"}
    assert notes[-1] == "Not shown, as the axis is logarithmic and their size is 0: majority"


def test_one_model_is_no_trade_off(tmp_path: Path) -> None:
    (evidence,) = read_evidence([write_run(tmp_path, Plan(models=("mini",)))])
    view = make_view(evidence, compare(evidence), "title", [])
    assert [plot.draw(view) for plot in (LATENCY, TRAINING, SIZE)] == [None] * 3


def test_the_front_is_what_no_other_beats() -> None:
    points = {"slow": (9.0, 50.0), "fast": (1.0, 40.0), "beaten": (5.0, 39.0), "same": (1.0, 30.0), "good": (2.0, 50.0)}
    assert pareto_front(points) == ["fast", "good"]
    lower = {label: (cost, 100.0 - score) for label, (cost, score) in points.items()}
    assert pareto_front(lower, higher_is_better=False) == ["fast", "good"]
