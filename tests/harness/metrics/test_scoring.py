from dataclasses import replace

import pytest

from harness import ACCURACY, F1
from harness.api.metric import Metric
from harness.errors import UsageError
from harness.metrics.scoring import higher_is_better

ERRORS = Metric(names=("errors",), compute=lambda *_: {"errors": 1.0}, higher_is_better=False)


def test_a_task_has_one_direction_and_one_unit() -> None:
    assert higher_is_better([ACCURACY, F1])
    assert not higher_is_better([ERRORS])
    for other in (ERRORS, replace(F1, unit="points")):
        with pytest.raises(UsageError, match="expected one direction and one unit"):
            higher_is_better([ACCURACY, other])
