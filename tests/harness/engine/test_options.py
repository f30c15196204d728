"""How many trials run at a time, where nothing or something is asked for."""

from harness.engine.options import num_workers
from harness.system.environment import num_cores


def test_as_many_as_cores_or_one_on_an_accelerator_unless_asked() -> None:
    assert num_workers(None, "cpu") == num_cores()
    assert num_workers(None, "cuda") == num_workers(None, "mps") == 1
    assert num_workers(4, "cuda") == num_workers(4, "cpu") == 4
