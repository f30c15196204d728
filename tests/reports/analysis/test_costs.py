from pathlib import Path
from statistics import median

import pytest

from reports.analysis.comparison import compare
from reports.analysis.costs import model_costs
from reports.evidence.results import Evidence, read_evidence
from reports.page.costs import costs
from reports.page.leaderboard import leaderboard
from tests.fakes.analysis import make_analysis
from tests.fakes.synthetic import Plan, write_run


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    plan = Plan(skipped=[("mrpc", "mini")])
    return read_evidence([write_run(Path(tmp_path_factory.mktemp("costs"), "run"), plan)])[0]


def test_medians_over_the_tasks_that_a_model_has(evidence: Evidence) -> None:
    found = model_costs(evidence, "mini")
    results, speeds = (
        [found[task, "mini"] for task in ("cola", "mnli")] for found in (evidence.results, evidence.speeds)
    )
    assert found is not None
    assert found.speed is not None
    assert (found.num_trained, found.num_timed) == (2, 2)
    assert found.train_core_seconds == median(
        sum(result.fit_core_seconds for result in seeds) / len(seeds) for seeds in results
    )
    assert found.trial_memory_bytes == max(result.trial_memory_bytes for seeds in results for result in seeds)
    assert found.speed.latency_seconds["p99"] == median(speed.latency_quantiles["p99"] for speed in speeds)
    assert found.speed.examples_per_second == median(max(speed.examples_per_second.values()) for speed in speeds)
    assert found.speed.noise == max(speed.noise for speed in speeds)


def test_the_leaderboard_and_the_table_of_costs_say_the_same(evidence: Evidence) -> None:
    comparison = compare(evidence)
    board, table = (
        leaderboard(evidence, comparison, make_analysis(evidence, comparison)),
        costs(evidence, list(evidence.models)),
    )
    assert table is not None
    rows = {row[0]: dict(zip(table.head, row, strict=True)) for row in table.rows}
    for entry in board.entries:
        for name, cost in zip(board.costs, entry.costs, strict=True):
            assert rows[entry.label][name].rpartition("–")[2] == cost  # of parameters, the most


def test_a_model_without_training_has_no_costs(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", Plan(skipped=[(task, "mini") for task in Plan().tasks], has_speed=False))
    (evidence,) = read_evidence([run])
    assert model_costs(evidence, "mini") is None
    unmeasured = model_costs(evidence, "big")
    assert unmeasured is not None
    assert unmeasured.speed is None
