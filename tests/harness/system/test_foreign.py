"""Code of others, called."""

import pytest

from harness.errors import InterruptedBySignal, UsageError
from harness.system.foreign import file_of, foreign


def test_who_asks_to_end_is_heard_and_what_is_raised_is_not() -> None:
    with pytest.raises(InterruptedBySignal), foreign("it"):
        raise InterruptedBySignal
    with pytest.raises(UsageError, match=r"^it: KeyboardInterrupt\.$|^it \(.*\): KeyboardInterrupt\.$"), foreign("it"):
        raise KeyboardInterrupt


def test_a_file_is_that_of_the_function_or_of_the_class() -> None:
    class Odd:
        __code__ = 3

    assert file_of(test_a_file_is_that_of_the_function_or_of_the_class) == __file__
    assert file_of(UsageError("x")).endswith("errors.py")
    assert file_of(Odd()) == ""
