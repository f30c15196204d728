"""The statistics of a large comparison: ``pytest tests/bench/test_statistics_speed.py --benchmark-enable -n 0``.

What must hold on two cores for 10 models by GLUE's 9 tasks by 5 seeds, 5,000 questions a task (MNLI: in each of its two
splits): all intervals, tests, places and calibrations in 60 s, reading included. Disabled, there are 20 questions.
"""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from harness.catalog import load_catalog
from reports.analysis.comparison import compare
from reports.analysis.statistics import Analysis, analyse
from reports.evidence.results import read_evidence
from tests.fakes.synthetic import FIGURES, Plan, write_run

GLUE = tuple(task for task in FIGURES if not task.startswith("squad"))
MAX_SECONDS = 60.0


@pytest.mark.benchmark(group="statistics")
def test_statistics(
    benchmark: BenchmarkFixture, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    is_large = request.config.getoption("benchmark_enable")
    num_models, num_seeds, num_questions = (10, 5, 5000) if is_large else (3, 2, 20)
    models = tuple(f"model-{index}" for index in range(num_models))
    plan = Plan(tasks=GLUE, models=models, num_seeds=num_seeds, num_questions=num_questions, num_steps=5)
    [evidence] = read_evidence([write_run(tmp_path_factory.mktemp("runs") / "run", plan)])
    comparison, tasks = compare(evidence), load_catalog(()).tasks

    def analysed() -> Analysis:
        return analyse(evidence, comparison, tasks)

    analysis = benchmark.pedantic(analysed, rounds=3 if is_large else 1)
    assert len(analysis.scores) == num_models * len(GLUE)
    assert len(analysis.mean_tests) == num_models * (num_models - 1) / 2
    if not benchmark.disabled:
        assert benchmark.stats.stats.median < MAX_SECONDS
