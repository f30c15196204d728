"""A large report: ``pytest tests/bench/test_report_size.py --benchmark-enable -n 0``.

What must hold on two cores for 100 models by 20 tasks by 3 seeds: written in 30 s, under 15 MB, and opened by a browser
in 2 s. The questions of a task are 250, as in the sample. Disabled, there are 3 models, 2 tasks and 1 seed.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from harness.api.task import Task
from harness.catalog import load_catalog
from harness.store.run import Run
from reports import write_report
from tests.fakes.browser import needs_browser, open_browser
from tests.fakes.synthetic import Plan, write_run

GLUE = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli")
MAX_WRITING_SECONDS, MAX_BYTES, MAX_OPENING_SECONDS = 30.0, 15e6, 2.0
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("runs") / "large"
    if not request.config.getoption("benchmark_enable"):
        return write_run(folder, Plan(tasks=GLUE[:2], num_seeds=1, num_questions=20, num_steps=5))
    models = tuple(f"organisation/model-{index}" for index in range(100))
    tasks = (*GLUE, "squad", "squad_v2", *(f"task-{index}" for index in range(9)))
    return write_run(folder, Plan(tasks=tasks, models=models, num_seeds=3, num_questions=250, num_steps=400))


def known_tasks(run: Run) -> dict[str, Task]:
    """Return how each task is scored; made-up ones are scored as SST-2, so that all have statistics."""
    known = load_catalog(()).tasks
    return {name: known.get(name) or replace(known["sst2"], name=name) for name in run.info().tasks}


@pytest.mark.benchmark(group="large report")
def test_writing(benchmark: BenchmarkFixture, run: Run) -> None:
    tasks = known_tasks(run)

    def remove_report() -> None:
        shutil.rmtree(run.folder / "report", ignore_errors=True)

    def write() -> Path:
        return write_report([run], run.folder / "report", tasks)

    path = benchmark.pedantic(write, setup=remove_report, rounds=1)
    assert path.stat().st_size < MAX_BYTES
    if not benchmark.disabled:
        assert benchmark.stats.stats.min < MAX_WRITING_SECONDS


@pytest.mark.benchmark(group="large report")
@needs_browser
def test_opening(benchmark: BenchmarkFixture, run: Run) -> None:
    path = write_report([run], run.folder / "report", known_tasks(run))
    with open_browser() as browser:
        page = browser.new_page()

        def opened() -> float:
            page.goto(path.as_uri())
            return float(page.evaluate(LOADED))

        seconds = benchmark.pedantic(opened, rounds=3)
    if not benchmark.disabled:
        assert seconds < MAX_OPENING_SECONDS
