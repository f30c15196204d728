from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.statistics.comparison import PairedTest
from harness.statistics.intervals import Estimate
from harness.statistics.ranking import Standing
from reports.analysis.comparison import Comparison, compare
from reports.analysis.conclusions import conclusions, listed, points
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence, read_evidence
from tests.fakes.analysis import make_tests
from tests.fakes.synthetic import Plan, write_run

SMALL = {"has_speed": False, "num_steps": 0}


def compared(folder: Path, **settings: Any) -> tuple[Evidence, Comparison]:
    (evidence,) = read_evidence([write_run(folder / "run", Plan(**SMALL | settings))])
    return evidence, compare(evidence)


def analysis_of(means: dict[str, float], places: dict[str, tuple[int, int]], **more: Any) -> Analysis:
    num_seeds = more.pop("num_seeds", 3)
    found = {k: Estimate(value=v, low=v - 3, high=v + 3, num_seeds=num_seeds) for k, v in means.items()}
    standings = {label: Standing(label=label, first=first, last=last) for label, (first, last) in places.items()}
    return Analysis(means=found, standings=standings, mean_tests=make_tests(found), **more)


def test_one_leader(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path)
    means = {"majority": 50.0, "mini": 60.0, "big": 75.0}
    analysis = analysis_of(means, {"majority": (3, 3), "mini": (2, 2), "big": (1, 1)})
    assert conclusions(evidence, comparison, analysis) == [
        "By the GLUE score, big is significantly better than every other model: mini (by 15.0 points [12.0, 18.0]) and "
        "majority (by 25.0 points [22.0, 28.0])."
    ]


def test_a_shared_first_rank_is_no_victory(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path)
    analysis = analysis_of(
        {"majority": 50.0, "mini": 74.0, "big": 75.0},
        {"majority": (3, 3), "mini": (1, 2), "big": (1, 2)},
        groups=(("big", "mini"), ("majority",)),
    )
    assert conclusions(evidence, comparison, analysis) == [
        "By the GLUE score, big and mini share rank 1: not significantly different (difference "
        "1.0 point [-2.0, 4.0]); minimum detectable difference: 4.5 points (80 % power).",
        "big is significantly better than majority (by 25.0 points [22.0, 28.0]).",
    ]


def test_an_interval_that_leaves_0_out_among_many_pairs(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path)
    places = {"majority": (3, 3), "mini": (1, 2), "big": (1, 2)}
    analysis = analysis_of({"majority": 50.0, "mini": 74.0, "big": 75.0}, places)
    near = [test for test in analysis.mean_tests if {test.first, test.second} == {"mini", "big"}]
    shifted = {test: replace(test, low=test.difference - 0.5, high=test.difference + 0.5) for test in near}
    analysis = replace(analysis, mean_tests=tuple(shifted.get(test, test) for test in analysis.mean_tests))
    assert (
        "1.0 point [0.5, 1.5], not significant after Holm's correction for 3 pairs"
        in (conclusions(evidence, comparison, analysis)[0])
    )


def test_what_only_an_impossible_difference_would_have_shown(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path)
    places = {"majority": (3, 3), "mini": (1, 2), "big": (1, 2)}
    analysis = analysis_of({"majority": 50.0, "mini": 74.0, "big": 75.0}, places)
    analysis = replace(analysis, mean_tests=tuple(replace(t, detectable=130.0) for t in analysis.mean_tests))
    first = conclusions(evidence, comparison, analysis)[0]
    assert first.endswith("; too few examples to detect any possible difference.")


def test_models_that_score_the_same(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path)
    places = {"majority": (3, 3), "mini": (1, 2), "big": (1, 2)}
    analysis = analysis_of({"majority": 50.0, "mini": 75.0, "big": 75.0}, places)
    same = [test for test in analysis.mean_tests if {test.first, test.second} == {"mini", "big"}]
    shifted = {test: replace(test, are_same=True) for test in same}
    analysis = replace(analysis, mean_tests=tuple(shifted.get(test, test) for test in analysis.mean_tests))
    first = conclusions(evidence, comparison, analysis)[0]
    assert first == "By the GLUE score, mini and big share rank 1: their predictions score the same."


def test_many_that_are_not_significantly_different(tmp_path: Path) -> None:
    models = tuple(f"m{index}" for index in range(9))
    evidence, comparison = compared(tmp_path, models=models)
    means = {model: 60.0 - 0.1 * index for index, model in enumerate(models[:8])} | {"m8": 40.0}
    places = dict.fromkeys(models[:8], (1, 8)) | {"m8": (9, 9)}
    first, second = conclusions(evidence, comparison, analysis_of(means, places, groups=(models[:8], ("m8",))))
    assert first.startswith("By the GLUE score, m0, m1, m2, m3, m4 and 3 others share rank 1: no two of them")
    assert second == "m0 is significantly better than m8 (by 20.0 points [17.0, 23.0])."


def test_groups_behind_the_leader_are_named(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path)
    means = {"majority": 50.0, "mini": 51.0, "big": 75.0}
    places = {"majority": (2, 3), "mini": (2, 3), "big": (1, 1)}
    sentences = conclusions(evidence, comparison, analysis_of(means, places, groups=(("big",), ("mini", "majority"))))
    assert sentences[1:] == ["mini and majority are not significantly different."]


def test_one_seed_limits_and_sample_are_said(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path, num_seeds=1, kind="sample", limits=(100, None))
    means = {"majority": 50.0, "mini": 60.0, "big": 75.0}
    analysis = analysis_of(means, {"majority": (3, 3), "mini": (2, 2), "big": (1, 1)}, num_seeds=1)
    sentences = conclusions(evidence, comparison, analysis)
    assert sentences[0].startswith("By the mean of 3 tasks, big is significantly better")
    assert sentences[1:] == [
        "One seed each: intervals and tests reflect evaluation sampling only, not seed variance.",
        "Generated sample: these results say nothing about the real benchmark.",
        "Examples were limited: these are not results on the whole data sets.",
    ]


def test_a_model_over_other_tasks_has_no_rank(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path, unsupported=[("cola", "majority")])
    analysis = analysis_of({"mini": 60.0, "big": 75.0}, {"mini": (2, 2), "big": (1, 1)})
    assert conclusions(evidence, comparison, analysis)[-1] == (
        "majority has no rank: its results are over other tasks or data, or without stored predictions."
    )


def test_the_only_task_is_named(tmp_path: Path) -> None:
    evidence, comparison = compared(tmp_path, tasks=("cola",), models=("mini", "big"))
    estimates = {"mini": 50.0, "big": 75.0}
    made = analysis_of(estimates, {"mini": (2, 2), "big": (1, 1)})
    analysis = Analysis(means=made.means, standings=made.standings, tests={"cola": made.mean_tests})
    (sentence,) = conclusions(evidence, comparison, analysis)
    assert (
        sentence
        == "By CoLA's score, big is significantly better than every other model: mini (by 25.0 points [22.0, 28.0])."
    )


@pytest.mark.parametrize(
    ("settings", "gaps", "expected"),
    [
        ({}, ("No task is known.",), ["No ranks: differences", "No task is known."]),
        ({}, (), ["No ranks: differences", "the predictions that paired tests need"]),
        ({"models": ("big",)}, (), ["Only one model was evaluated"]),
        ({"skipped": [(t, m) for t in Plan().tasks for m in Plan().models]}, (), ["Nothing can be concluded yet"]),
    ],
)
def test_nothing_can_be_concluded(tmp_path: Path, settings: Any, gaps: tuple[str, ...], expected: list[str]) -> None:
    evidence, comparison = compared(tmp_path, **settings)
    sentences = conclusions(evidence, comparison, Analysis(reasons=gaps))
    assert len(sentences) == len(expected)
    assert all(sentence.startswith(start) for sentence, start in zip(sentences, expected, strict=True))


def test_names_and_points_as_in_a_sentence() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    test = PairedTest(
        first="a", second="b", difference=1.0, low=-1.25, high=3.0, p_value=0.4, p_holm=0.4, detectable=2.0
    )
    assert points(test) == "1.0 point [-1.2, 3.0]"
