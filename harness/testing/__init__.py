"""Conformance checks for tasks and models of your own, to be called in your own tests; no GPU, no network.

    from harness.testing import check_model, check_task

    def test_my_task():
        check_task(MY_TASK)

    def test_my_model():
        check_model(MY_MODEL, MY_TASK)

May import `plan`, `metrics`, `data`, `store` and what is below them.
"""

from harness.testing.conformance import ConformanceError
from harness.testing.models import check_model
from harness.testing.tasks import check_task

__all__ = ["ConformanceError", "check_model", "check_task"]
