"""The worked examples in the docstrings of the statistics are true."""

import doctest
import importlib
import pkgutil

import pytest

import harness.statistics

MODULES = sorted(module.name for module in pkgutil.iter_modules(harness.statistics.__path__, "harness.statistics."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
