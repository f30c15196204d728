from pathlib import Path
from typing import Any

import pytest

from reports.analysis.cautions import Caution, cautions
from reports.analysis.comparison import Comparison, compare
from reports.analysis.constant import ConstantSeeds
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.analysis.verdict import caution, verdict
from reports.evidence.results import Evidence, read_evidence
from tests.fakes.analysis import make_analysis
from tests.fakes.synthetic import Plan, write_run

MODELS = ("majority", "small", "mini", "big")
SCORES = {
    **{("cola", name): (value, value) for name, value in zip(MODELS, (50.0, 66.0, 74.0, 75.0), strict=True)},
    **{("mrpc", name): (value, value) for name, value in zip(MODELS, (60.0, 66.0, 74.0, 75.0), strict=True)},
}


def made(folder: Path, **settings: Any) -> tuple[Evidence, Comparison, Analysis]:
    plan = Plan(**{"tasks": ("cola", "mrpc"), "models": MODELS, "num_steps": 0, "scores": SCORES} | settings)
    (evidence,) = read_evidence([write_run(folder / "run", plan)])
    comparison = compare(evidence)
    return evidence, comparison, make_analysis(evidence, comparison)


def test_a_model_is_recommended_by_need(tmp_path: Path) -> None:
    assert verdict(*made(tmp_path)) == (
        "Best: big, 75.0. Best under 2 ms: mini, 74.0. Not significantly different from the best: mini."
    )


def test_the_baseline_is_no_recommendation_and_no_tie_is_said(tmp_path: Path) -> None:
    scores = {(task, name): (value, value) for task in ("cola", "mrpc") for name, value in
              zip(("majority", "big"), (50.0, 75.0), strict=True)}  # fmt: skip
    found = verdict(*made(tmp_path, models=("majority", "big"), scores=scores))
    assert found == "Best: big, 75.0. Not significantly different from the best: none."


def test_without_speed_and_tests_there_is_less_to_say(tmp_path: Path) -> None:
    evidence, comparison, _ = made(tmp_path, has_speed=False)
    assert verdict(evidence, comparison, NO_ANALYSIS) == "Best: big, 75.0. Differences were not tested."


def test_the_only_task_has_a_verdict(tmp_path: Path) -> None:
    assert verdict(*made(tmp_path, tasks=("cola",))).startswith("Best: big, 75.0. Best under 2 ms: mini, 74.0.")


def test_one_model_has_no_verdict(tmp_path: Path) -> None:
    assert verdict(*made(tmp_path, models=("big",), scores={})) == ""


def kinds(found: list[Caution]) -> set[tuple[str, str, str]]:
    return {(one.task, one.label, one.kind) for one in found}


def test_below_the_baseline_collapsed_and_unsteady_seeds_are_found(tmp_path: Path) -> None:
    scores: dict[tuple[str, str], tuple[float, ...]] = {
        (task, name): (70.0, 70.5, 71.0) for task in ("cola", "mrpc") for name in MODELS
    }
    scores |= {("cola", "majority"): (65.0,) * 3, ("mrpc", "majority"): (69.0,) * 3}
    scores |= {("cola", "small"): (70.0, 71.0, 58.0), ("cola", "mini"): (70.0, 76.0, 72.0)}
    scores |= {("mrpc", "big"): (68.0, 68.5, 67.5)}
    evidence, _, analysis = made(tmp_path, num_seeds=3, scores=scores)
    found = cautions(evidence, analysis)
    assert kinds(found) == {
        ("cola", "small", "A seed collapsed"),
        ("cola", "mini", "Seeds disagree"),
        ("mrpc", "big", "Below the majority baseline"),
    }
    assert caution(found, evidence) == (
        "A seed collapsed: small (CoLA). Seeds disagree: mini (CoLA). Below the majority baseline: big (MRPC)."
    )


def test_a_seed_collapses_upwards_where_lower_is_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = {("cola", "small"): (70.0, 71.0, 58.0), ("cola", "mini"): (70.0, 71.0, 83.0)}
    evidence, _, analysis = made(tmp_path, num_seeds=3, scores=scores)
    monkeypatch.setattr(Evidence, "higher_is_better", lambda _self, _task: False)
    found = [one for one in cautions(evidence, analysis) if one.kind == "A seed collapsed"]
    assert [(one.task, one.label, one.text) for one in found] == [("cola", "mini", "seed at 83.0")]


def test_one_class_is_said_of_a_model_and_not_of_the_baseline(tmp_path: Path) -> None:
    evidence, _, _ = made(tmp_path)
    seeds = ConstantSeeds(num_constant=2, num_seeds=2)
    found = cautions(evidence, Analysis(constant={("cola", "majority"): seeds, ("cola", "mini"): seeds}))
    assert [(one.label, one.kind, one.text) for one in found] == [
        ("mini", "Predicts one class", "one class, 2/2 seeds")
    ]
