"""What tests of all pairs at once gain, and what a large comparison takes.

Of the latter (``pytest tests/bench/test_statistics_speed.py --benchmark-enable -n 0``) what must hold on two cores for
10 models by GLUE's 9 tasks by 5 seeds, 5,000 questions a task (MNLI: in each of its two splits): all intervals, tests,
ranks and calibrations in 60 s, reading included. Disabled, there are 20 questions.
"""

import itertools

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from harness.api.metric import UNBOUNDED, Floats
from harness.catalog import load_catalog
from harness.statistics.comparison import PairedTest, holm
from harness.statistics.comparison import compare as of_models
from harness.statistics.mcnemar import exact_tests
from harness.statistics.scores import Scores
from reports.analysis.comparison import compare
from reports.analysis.statistics import Analysis, analyse
from reports.evidence.results import read_evidence
from tests.bench.ratios import assert_speedup
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


def test_mcnemar_of_all_pairs_at_once() -> None:
    """9 times, against statsmodels' test of one pair after the other."""
    right = np.random.default_rng(0).random((8, 500)) < 0.8
    pairs = list(itertools.combinations(range(len(right)), 2))

    def readable() -> list[float]:
        tables = ([[np.sum(a & b) for b in (right[j], ~right[j])] for a in (right[i], ~right[i])] for i, j in pairs)
        return [float(mcnemar(table, exact=True).pvalue) for table in tables]

    def fast() -> Floats:
        return exact_tests([{0: row} for row in right])

    assert [fast()[i, j] for i, j in pairs] == pytest.approx(readable())
    assert_speedup(readable, fast, least=3.0)


def test_tests_of_all_pairs_at_once() -> None:
    """12 times, against one pair after the other."""
    generator = np.random.default_rng(0)
    models = {
        str(model): [
            Scores(
                seeds=generator.normal(size=5), resampled=generator.normal(size=(5, 1000)), num_examples=1000,
                bounds=UNBOUNDED,
            )
        ]
        for model in range(8)
    }  # fmt: skip
    pairs = list(itertools.combinations(models, 2))

    def one_by_one() -> list[PairedTest]:
        return [of_models({first: models[first], second: models[second]})[0] for first, second in pairs]

    def together() -> tuple[PairedTest, ...]:
        return of_models(models)

    assert [test.p_value for test in together()] == pytest.approx([test.p_value for test in one_by_one()])
    assert_speedup(one_by_one, together, least=4.0)


def test_holm() -> None:
    """1,500 times, against statsmodels' ``multipletests``, which collects all garbage."""
    p_values = np.random.default_rng(0).random(1_000)
    assert_speedup(lambda: multipletests(p_values, method="holm"), lambda: holm(p_values), least=50.0)
