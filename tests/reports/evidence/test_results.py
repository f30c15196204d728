from pathlib import Path

import pytest

from harness.errors import RunError
from reports.evidence.banners import warnings
from reports.evidence.results import read_evidence, run_labels
from tests.fakes.synthetic import Plan, make_failure, make_result, write_run

SMALL = {"has_speed": False, "num_steps": 2}


def test_labels_have_as_many_parents_as_they_need() -> None:
    assert run_labels([Path("/runs/a"), Path("/runs/b")]) == ["a", "b"]
    assert run_labels([Path("/one/x/a"), Path("/two/x/a")]) == ["one/x/a", "two/x/a"]


def test_runs_on_the_same_data_share_a_table(tmp_path: Path) -> None:
    one = write_run(tmp_path / "a", Plan(models=("majority", "mini"), **SMALL))
    other = write_run(tmp_path / "b", Plan(models=("majority", "big"), **SMALL))
    (evidence,) = read_evidence([one, other])
    assert list(evidence.models) == ["majority (a)", "mini", "majority (b)", "big"]
    assert evidence.results["cola", "majority (b)"]
    assert warnings([evidence]) == []


@pytest.mark.parametrize("change", [{"data": "other"}, {"limits": (10, None)}])
def test_runs_that_do_not_compare_stand_apart_and_say_so(tmp_path: Path, change: dict[str, object]) -> None:
    one = write_run(tmp_path / "a", Plan(**SMALL))
    other = write_run(tmp_path / "b", Plan(**SMALL | change))
    groups = read_evidence([one, other])
    assert [next(iter(group.models)) for group in groups] == ["majority (a)", "majority (b)"]
    (warning,) = warnings(groups)
    assert "do not compare" in warning
    assert "CoLA: a (" in warning
    assert "; MNLI: a (" in warning


def test_a_run_given_twice_counts_once(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", Plan(**SMALL))
    (evidence,) = read_evidence([run, run])
    assert list(evidence.models) == ["majority", "mini", "big"]


def test_newer_results_replace_older_ones_of_the_same_run(tmp_path: Path) -> None:
    old = Plan(limits=(10, None), **SMALL)
    new = Plan(created="2025-02-01T00:00:00+00:00", tasks=("cola",), models=("mini",), **SMALL)
    run = write_run(tmp_path / "a", old)
    run.save(make_result(new, "cola", "mini", 0), ())
    (evidence,) = read_evidence([run])
    assert [result.seed for result in evidence.results["cola", "mini"]] == [0]
    assert ("cola", "big") not in evidence.results
    assert len(evidence.results["mnli", "big"]) == 2
    assert warnings([evidence])[0].startswith("a: 6 other results are left out")


def test_a_speed_that_was_not_measured_is_a_failure_as_long_as_its_result_stands(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", Plan(limits=(10, None), **SMALL))
    (result,) = (r for r in run.results() if (r.task, r.model.name, r.seed) == ("cola", "mini", 0))
    run.save_failure(make_failure("cola", "mini", 0).model_copy(update={"kind": "speed", "key": result.key}))
    (evidence,) = read_evidence([run])
    (failure,) = evidence.failures["cola", "mini"]
    assert failure.account.startswith("speed not measured: TrainingError")
    assert evidence.results["cola", "mini"][0] == result
    newer = Plan(created="2025-02-01T00:00:00+00:00", tasks=("cola",), models=("mini",), **SMALL)
    run.save(make_result(newer, "cola", "mini", 0), ())
    assert not read_evidence([run])[0].failures


def test_no_run_is_an_error() -> None:
    with pytest.raises(RunError, match="no run given"):
        read_evidence([])
