import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.statistics.intervals import Estimate
from reports.analysis.published import Beside, ours_text, published_table, published_values, read_published
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence, read_evidence
from tests.fakes.synthetic import FIGURES, SPLITS, Plan, write_run

CASED = {"class": "Pretrained", "checkpoint": "google-bert/bert-base-cased@0123abc"}
MINILM = {
    "class": "Pretrained",
    "checkpoint": "sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
README = {"epochs": 3.0, "batch_size": 32, "learning_rate": 2e-5}


def evidence_of(
    folder: Path, identity: Mapping[str, Any], *, name: str = "mini", recipe: Any = None, **settings: Any
) -> Evidence:
    """Return the evidence of one model, which is what ``identity`` says."""
    plan = {"models": (name,), "num_seeds": 3, "has_speed": False, "num_steps": 2, **settings}
    (evidence,) = read_evidence([write_run(folder / "run", Plan(**plan))])
    results = {
        pair: tuple(
            r.model_copy(
                update={
                    "model": r.model.model_copy(update={"identity": dict(identity), "recipe": recipe}),
                    "history": replace(r.history, precision="float32"),
                }
            )
            for r in found
        )
        for pair, found in evidence.results.items()
    }
    return replace(evidence, results=results)


def estimates(task: str, low: float, high: float, *, label: str = "mini", num_seeds: int = 3) -> Analysis:
    """Return an analysis in which every figure of a task has the same interval."""
    estimate = Estimate(value=(low + high) / 2, low=low, high=high, num_seeds=num_seeds)
    keys = [(task, label, split, figure) for split in SPLITS.get(task, ("validation",)) for figure in FIGURES[task]]
    return Analysis(metric_values=dict.fromkeys(keys, estimate), scores={(task, label): estimate})


def only(besides: list[Beside]) -> Beside:
    (beside,) = besides
    return beside


def test_the_file_is_whole() -> None:
    rows = read_published()
    assert len(rows) == 124
    for row in rows:
        assert 0 <= row.value <= 100
        assert row.source
        assert bool(row.resembling) == bool(row.difference), row
        known = {figure for figures in FIGURES.values() for figure in figures} | {"score", "exact", "word_perplexity"}
        assert set(row.metrics) <= known
        assert all(split == "test" or split.startswith("validation") for split in row.splits)
    keys = Counter((row.model, row.task, row.metrics, row.splits, row.source) for row in rows)
    assert max(keys.values()) == 1


def test_a_variant_that_is_not_stated_is_not_guessed() -> None:
    found = {(row.model, row.task): row for row in read_published()}
    assert found["BERT-base-uncased", "mrpc"].metric_text == "F1 or acc, not stated"
    assert found["RoBERTa-base", "stsb"].metric_text == "Pearson or Spearman, not stated"
    assert found["DistilBERT-uncased", "mnli"].split_text == "validation_matched or validation_mismatched, not stated"
    assert found["ELECTRA-small", "mrpc"].metric_text == "acc"
    assert found["MiniLM-L12-H384", "mnli"].splits == ("validation_matched",)
    assert found["MiniLM-L12-H384", "mrpc"].metric_text == "acc"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (60.0, 70.0, "inside what seeds and examples explain"),
        (66.0, 70.0, "outside"),
        (65.704, 70.0, "inside what seeds and examples explain"),  # 65.70 may be 65.704, rounded
        (60.0, 65.6, "outside"),
    ],
)
def test_the_interval_reaches_the_figure_or_not(tmp_path: Path, low: float, high: float, verdict: str) -> None:
    evidence = evidence_of(tmp_path, CASED, tasks=("rte",), recipe=README, suite=None)
    beside = only(published_values(evidence, estimates("rte", low, high)))
    assert (beside.verdict, beside.reasons) == (verdict, ())
    assert beside.published.value == 65.70


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"kind": "sample"}, "ours is on the generated sample, which is not the benchmark"),
        ({"limits": (None, 50)}, "ours is under a limit on examples"),
    ],
)
def test_what_is_not_the_benchmark_does_not_compare(tmp_path: Path, settings: Any, reason: str) -> None:
    evidence = evidence_of(tmp_path, CASED, tasks=("rte",), suite=None, **settings)
    beside = only(published_values(evidence, estimates("rte", 60.0, 70.0)))
    assert beside.verdict == "not comparable"
    assert reason in beside.reasons


def test_without_an_analysis_there_is_a_mean_and_no_verdict(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, CASED, tasks=("rte",), suite=None, scores={("rte", "mini"): (60.0, 66.0, 66.0)})
    beside = only(published_values(evidence, Analysis()))
    assert beside.ours["validation", "accuracy"].value == pytest.approx(64.0)
    assert math.isnan(beside.ours["validation", "accuracy"].low)
    assert (beside.verdict, beside.reasons) == ("not comparable", ("no interval of ours is known",))
    assert ours_text(beside) == "64.0"


def test_other_settings_and_one_seed_are_said_beside_the_verdict(tmp_path: Path) -> None:
    recipe = README | {"epochs": 10.0, "learning_rate": 5e-5}
    evidence = evidence_of(tmp_path, CASED, tasks=("rte",), recipe=recipe, suite=None, num_seeds=1)
    beside = only(published_values(evidence, estimates("rte", 60.0, 70.0, num_seeds=1)))
    assert beside.verdict == "inside what seeds and examples explain"
    assert beside.reasons == (
        "trained otherwise: epochs 3 there and 10 here, learning rate 2e-05 there and 5e-05 here",
        "one seed of ours: the interval reflects evaluation sampling only",
    )


def test_a_figure_of_unknown_kind_has_a_verdict_only_where_all_agree(tmp_path: Path) -> None:
    uncased = {"checkpoint": "google-bert/bert-base-uncased@0123abc"}
    evidence = evidence_of(tmp_path, uncased, tasks=("mrpc",), suite=None)
    both = only(published_values(evidence, estimates("mrpc", 85.0, 90.0)))
    assert both.verdict == "inside what seeds and examples explain"
    assert both.reasons == ("the source does not say whether it is F1 or acc on validation",)
    assert ours_text(both) == "87.5 [85.0, 90.0] (F1, validation); 87.5 [85.0, 90.0] (acc, validation)"
    lower = Estimate(value=84.0, low=83.0, high=85.0, num_seeds=3)
    figures = {**both.ours, ("validation", "accuracy"): lower}
    analysis = Analysis(metric_values={("mrpc", "mini", *key): estimate for key, estimate in figures.items()})
    one = only(published_values(evidence, analysis))
    assert one.verdict == "not comparable"
    assert "inside for one of the metrics that it may be and outside for another" in one.reasons[0]


def test_our_minilm_is_not_the_published_checkpoint(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, MINILM, tasks=("rte",), suite=None)
    beside = only(published_values(evidence, estimates("rte", 60.0, 70.0)))
    assert beside.published.model == "MiniLM-L6-H384"
    assert beside.verdict == "not comparable"
    assert "a sentence encoder, tuned contrastively" in beside.reasons[0]


def test_figures_that_started_from_mnli_do_not_compare(tmp_path: Path) -> None:
    modern = {"checkpoint": "answerdotai/ModernBERT-base@0123abc"}
    evidence = evidence_of(tmp_path, modern, tasks=("rte", "cola"), suite=None)
    rte, cola = published_values(evidence, Analysis())
    assert "started from a model trained on MNLI, which ours is not" in rte.reasons
    assert cola.reasons == ("no interval of ours is known",)


def test_a_mean_of_two_splits_is_the_tasks_score(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, {"class": "BiLSTMSpec"}, tasks=("mnli",))
    estimate = Estimate(value=66.0, low=65.0, high=67.0, num_seeds=3)
    besides = published_values(evidence, Analysis(scores={("mnli", "mini"): estimate}))
    first = next(beside for beside in besides if beside.task == "mnli")
    assert first.published.value == 66.7
    assert first.ours == {("validation_matched and validation_mismatched", "accuracy"): estimate}
    assert "GloVe" in first.reasons[0]


def test_averages_over_the_hidden_test_set_stand_beside_the_suites_mean(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, {"class": "BiLSTMSpec"}, tasks=("rte", "cola"))
    mean = Estimate(value=40.0, low=39.0, high=41.0, num_seeds=3)
    besides = [b for b in published_values(evidence, Analysis(means={"mini": mean})) if b.task == "glue"]
    assert [(b.published.model, b.published.value) for b in besides] == [("CBoW", 58.9), ("BiLSTM", 63.9)]
    assert {b.verdict for b in besides} == {"not comparable"}
    assert all("hidden test set" in b.reasons[0] for b in besides)
    assert ours_text(besides[0]) == "40.0 [39.0, 41.0]"


def test_a_folder_is_known_by_its_name_and_a_stranger_is_not(tmp_path: Path) -> None:
    folder = {"checkpoint": f"sha256:{'0' * 64}"}
    evidence = evidence_of(tmp_path, folder, name="bert-base-cased@00000000", tasks=("rte",), suite=None)
    label = "bert-base-cased@00000000"
    beside = only(published_values(evidence, estimates("rte", 60.0, 70.0, label=label)))
    assert beside.reasons == ("the checkpoint is known by the name of its folder alone",)
    for identity in ({"checkpoint": "somebody/bert-base-cased@0123abc"}, {"class": "MadeUp"}, {}):
        other = evidence_of(tmp_path / str(len(identity)), identity, name="bert-base-cased", tasks=("rte",))
        assert published_values(other, Analysis()) == []


def test_a_figure_that_we_do_not_have_says_so(tmp_path: Path) -> None:
    evidence = evidence_of(
        tmp_path, CASED, tasks=("mnli",), suite=None, missing_splits={"mnli": ["validation_mismatched"]}
    )
    matched, mismatched = published_values(evidence, estimates("mnli", 80.0, 90.0))
    assert matched.verdict == "inside what seeds and examples explain"
    assert (mismatched.ours, mismatched.reasons) == ({}, ("we have no such metric value on that split",))


def test_squad_has_exact_match_and_f1_of_each_source(tmp_path: Path) -> None:
    uncased = {"checkpoint": "bert-base-uncased@0123abc"}
    evidence = evidence_of(tmp_path, uncased, tasks=("squad",), suite="squad")
    besides = published_values(evidence, estimates("squad", 80.0, 89.0))
    found = [(beside.published.metric_text, beside.published.value) for beside in besides]
    assert found == [("EM", 81.22), ("F1", 88.52), ("EM", 81.25), ("F1", 88.41)]


def test_the_table_has_a_head_and_as_many_cells_in_each_row(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, CASED, tasks=("rte", "mrpc"), suite=None)
    head, *rows = published_table(published_values(evidence, estimates("rte", 60.0, 70.0)), evidence)
    assert [len(row) for row in rows] == [len(head)] * 3
    assert rows[0][:7] == ["RTE", "mini", "BERT-base-cased", "acc", "validation", "65.70", "65.0 [60.0, 70.0]"]
