import json
import math
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import EvalResult, ModelCard
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.statistics.intervals import Estimate
from reports import write_report
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence, read_evidence
from reports.exports import write_exports
from reports.exports.lm_eval import results_json
from reports.exports.metric_values import folder_names, model_metric_values
from reports.exports.model_card import model_card
from tests.fakes.synthetic import Plan, make_result, write_run
from tests.golden import GOLDEN
from tests.reports.conftest import HOSTILE

REAL = Plan(tasks=("cola", "mrpc", "mnli"), models=("majority", "big"), has_speed=False, num_steps=2)
INTERVAL = Estimate(value=62.6, low=60.1, high=65.02, num_seeds=2)
ANALYSIS = Analysis(metric_values={("cola", "big", "validation", "matthews"): INTERVAL})
NASTY = 'a: "b"\n---\n# {c} [d](e) | <i> `f` \\ \u2028 ✓'


def evidence_of(folder: Path, plan: Plan) -> Evidence:
    (evidence,) = read_evidence([write_run(folder / "run", plan)])
    return evidence


def card_of(evidence: Evidence, label: str, analysis: Analysis = ANALYSIS) -> ModelCard:
    return ModelCard(model_card(evidence, label, model_metric_values(evidence, analysis, label)))


def results_of(evidence: Evidence, label: str, analysis: Analysis = ANALYSIS) -> dict[str, Any]:
    loaded = json.loads(results_json(evidence, label, model_metric_values(evidence, analysis, label)))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("name", ["model_card.md", "lm_eval.json"])
def test_exports_are_golden(tmp_path: Path, name: str) -> None:
    plan = Plan(tasks=("cola",), models=("majority", "big"), has_speed=False, num_steps=2, limits=(None, 100))
    evidence = evidence_of(tmp_path, plan)
    figures = model_metric_values(evidence, ANALYSIS, "big")
    make = {"model_card.md": model_card, "lm_eval.json": results_json}[name]
    assert make(evidence, "big", figures) == (GOLDEN / "reports" / name).read_text(encoding="utf-8")


def test_the_hubs_own_parser_reads_the_card_back(tmp_path: Path) -> None:
    card = card_of(evidence_of(tmp_path, REAL), "big")
    assert ModelCard(str(card)).data.to_dict() == card.data.to_dict()
    assert card.data.model_name == "big"
    results: list[EvalResult] = card.data.eval_results or []
    found = [(r.dataset_type, r.dataset_config, r.dataset_split, r.metric_type) for r in results]
    assert found == [
        ("nyu-mll/glue", "cola", "validation", "matthews_correlation"),
        ("nyu-mll/glue", "mrpc", "validation", "f1"),
        ("nyu-mll/glue", "mrpc", "validation", "accuracy"),
        ("nyu-mll/glue", "mnli", "validation_matched", "accuracy"),
        ("nyu-mll/glue", "mnli", "validation_mismatched", "accuracy"),
    ]
    assert results[0].metric_value == 0.626
    assert results[0].metric_name == "Matthews (mean over 2 seeds, 95 % interval 0.601 to 0.650)"
    assert card.data.datasets == ["nyu-mll/glue"]
    assert "verified" not in str(card)
    assert "62.6 \\[60.1, 65.0\\]" in card.text


@pytest.mark.parametrize(
    ("task", "types"),
    [("stsb", ["pearsonr", "spearmanr"]), ("squad", ["exact_match", "f1"]), ("haiku", ["accuracy"])],
)
def test_metrics_bear_the_hubs_names(tmp_path: Path, task: str, types: list[str]) -> None:
    card = card_of(evidence_of(tmp_path, Plan(tasks=(task,), has_speed=False, suite=None)), "big")
    assert [result.metric_type for result in card.data.eval_results or []] == types


def test_the_sample_never_bears_the_benchmarks_name(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, Plan(kind="sample", limits=(100, 50), has_speed=False, num_steps=2))
    card = card_of(evidence, "big")
    for result in card.data.eval_results or []:
        assert result.dataset_type == "generated-sample"
        assert result.dataset_name.startswith("generated sample")
        assert "limited to 100 training / 50 evaluation examples" in result.dataset_name
    assert "nyu-mll" not in str(card)
    assert "> **generated sample, not GLUE/SQuAD**" in card.text
    results = results_of(evidence, "big")
    assert all(name.startswith("sample_") for name in results["results"])
    assert all("generated sample; limited" in task["alias"] for task in results["results"].values())
    assert results["config"]["limit"] == 50
    assert "nyu-mll" not in json.dumps(results)


def table_rows(results: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Read results as ``lm_eval.utils.make_table`` does: the same keys, in the same way."""
    rows = []
    for task, scores in results["results"].items():
        version, shots = results["versions"].get(task, "N/A"), str(results["n-shot"].get(task, " "))
        assert isinstance(version, float)
        assert shots == "0"
        alias = scores.pop("alias")
        for key, value in sorted(scores.items()):
            metric, _, filtered = key.partition(",")
            if not metric.endswith("_stderr"):
                error = scores[f"{metric}_stderr,{filtered}"]
                rows.append((f"{alias} {metric}", f"{value:.4f}", error if error == "N/A" else f"{error:.4f}"))
    return rows


def test_lm_evals_own_readers_find_what_they_need(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, Plan(**{**vars(REAL), "num_seeds": 1}))
    results = results_of(evidence, "majority")
    tasks = list(results["results"])
    assert tasks == ["cola", "mrpc", "mnli", "mnli_mismatch"]
    for part in ("configs", "versions", "n-shot", "higher_is_better", "n-samples", "group_subtasks", "task_hashes"):
        assert list(results[part]) == tasks, part
    assert {"config", "git_hash", "date", "model_name", "model_name_sanitized"} <= results.keys()
    first, second = results["results"]["mnli"], results_of(evidence, "big")["results"]["mnli"]
    z = (first["acc,none"] - second["acc,none"]) / math.hypot(first["acc_stderr,none"], second["acc_stderr,none"])
    assert z < -2  # as scripts/model_comparator.py computes it
    rows = table_rows(results)
    assert [name for name, _, _ in rows] == ["cola mcc", "mrpc acc", "mrpc f1", "mnli acc", "mnli_mismatch acc"]
    share = float(rows[3][1])
    assert float(rows[3][2]) == pytest.approx(math.sqrt(share * (1 - share) / 249), abs=1e-4)
    assert rows[0][2] == "N/A"  # one seed's Matthews correlation has no formula


def test_standard_errors_are_the_intervals_where_it_is_known(tmp_path: Path) -> None:
    scores = results_of(evidence_of(tmp_path, REAL), "big")["results"]
    assert scores["cola"]["mcc,none"] == 0.626
    assert scores["cola"]["mcc_stderr,none"] == pytest.approx((0.6502 - 0.601) / 2 / 1.96, rel=1e-3)
    assert scores["mnli"]["acc_stderr,none"] == "N/A"  # of two seeds, without an analysis


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40) | st.just(NASTY))
def test_any_name_comes_back(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    plan = Plan(tasks=("cola",), models=("first", name + "'"), has_speed=False, num_steps=0)
    infos = {"cola": make_result(plan, "cola", name + "'", 0)}
    folder = tmp_path_factory.mktemp("run")
    evidence = evidence_of(folder, plan)
    assert infos["cola"].model.name in evidence.models
    card = card_of(evidence, name + "'")
    shown = " ".join("".join(c if c.isprintable() else " " for c in name + "'").split())
    assert card.data.model_name == shown
    assert len(card.data.eval_results or []) == 1
    assert "\n<" not in card.text
    assert results_of(evidence, name + "'")["model_name"] == shown


def test_each_model_has_a_folder_of_its_own(tmp_path: Path) -> None:
    names = folder_names(["a/b", "a b", "A-B", "c", "///", "../x"])
    assert names["c"] == "c"
    assert names["///"] == "model"
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert all(name.startswith(("a-b-", "A-B-")) for name in (names["a/b"], names["a b"], names["A-B"]))
    assert not any("/" in name or name.startswith(".") for name in names.values())
    plan = Plan(tasks=("cola",), models=("a/b", "a b"), has_speed=False, num_steps=2)
    write_exports([(evidence_of(tmp_path, plan), Analysis())], tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([names["a/b"], names["a b"]])


def test_the_newest_results_are_the_only_ones(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", REAL)
    write_exports([(read_evidence([run])[0], Analysis())], tmp_path / "out")
    later = make_result(REAL, "cola", "big", 0).model_copy(update={"created": "2025-03-01T12:30:00+01:00"})
    run.save(later, ())
    write_exports([(read_evidence([run])[0], Analysis())], tmp_path / "out")
    (found,) = (tmp_path / "out" / "big").glob("results_*.json")
    assert found.name == "results_2025-03-01T11-30-00.000000.json"
    assert len(list((tmp_path / "out" / "majority").iterdir())) == 2


def test_a_report_has_them_and_a_model_without_results_has_none(tmp_path: Path) -> None:
    plan = Plan(tasks=("cola",), models=("majority", HOSTILE, "big"), skipped=[("cola", "big")], has_speed=False)
    folder = write_report([write_run(tmp_path / "run", plan)], tmp_path / "out").parent / "exports"
    assert sorted(path.name for path in folder.iterdir()) == ["majority", "script-x_y"]
    for path in folder.glob("*/README.md"):
        assert ModelCard(path.read_text(encoding="utf-8")).data.eval_results


def test_a_checkpoint_of_the_hub_is_the_base_model(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", REAL)
    for result in run.results():
        identity = {"checkpoint": "google-bert/bert-base-cased@0123abc"}
        run.save(result.model_copy(update={"model": result.model.model_copy(update={"identity": identity})}), ())
    (evidence,) = read_evidence([run])
    assert card_of(evidence, "big").data.base_model == "google-bert/bert-base-cased"
