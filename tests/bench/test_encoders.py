"""Types of encoder that a check of ours once refused: a quantised table of tokens, a count of separators."""

import pytest

from tests.bench import encoders


def test_their_logits_are_those_of_transformers(capsys: pytest.CaptureFixture[str]) -> None:
    assert encoders.main(["ibert", "longformer"]) == 0
    assert capsys.readouterr().out.count(": as expected") == 4


def test_a_difference_is_seen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(encoders, "PADDING_MATTERS", frozenset())
    assert encoders.main(["convbert"]) == 1
    assert capsys.readouterr().out.count("NOT as expected") == 2
