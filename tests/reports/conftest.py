from pathlib import Path

import pytest

from harness.store.run import Run
from reports import write_report
from tests.fakes.synthetic import Plan, write_run

HOSTILE = "<script>|x_y%&"
PLAN = Plan(
    models=("majority", HOSTILE, "big"),
    kind="sample",
    limits=(100, 50),
    unsupported=[("mrpc", "majority")],
    failed=[("cola", "big", 1)],
)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """3 models, 3 tasks (MNLI with two splits), 2 seeds; one trial failed, one pair is unsupported."""
    return write_run(tmp_path_factory.mktemp("runs") / "first", PLAN)


@pytest.fixture(scope="session")
def report(run: Run) -> Path:
    """The folder of that run's report."""
    return write_report([run], run.folder / "report").parent
