"""What a model is called: by itself, or as NAME=MODEL says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.model_name import MAX_LENGTH, is_name, split_name
from harness.errors import UsageError


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("minilm", ("", "minilm")),
        ("mine=minilm", ("mine", "minilm")),
        ("mine=./runs/lr=0.1", ("mine", "./runs/lr=0.1")),
        ("mine=owner/name@v1", ("mine", "owner/name@v1")),
        ("v1.2 (new)@41c71b15=./x", ("v1.2 (new)@41c71b15", "./x")),
        ("./lr=0.1", ("", "./lr=0.1")),
        ("runs/lr=0.1", ("", "runs/lr=0.1")),
        ("lr=0.1", ("lr", "0.1")),
        ("", ("", "")),
    ],
)
def test_the_first_sign_parts_a_name_from_its_model(
    asked: str, expected: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert split_name(asked) == expected


def test_a_folder_of_that_literal_name_is_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lr=0.1").mkdir()
    assert split_name("lr=0.1") == ("", "lr=0.1")
    assert split_name("mine=lr=0.1") == ("mine", "lr=0.1")


@pytest.mark.parametrize("asked", ["=./x", "mine=", "=", "a\nb=x", "\x1b[31m=x", " mine=x", "a\\b=x", "é" * 201 + "=x"])
def test_what_is_no_name_is_refused(asked: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        split_name(asked)


@given(st.text(max_size=MAX_LENGTH + 2))
def test_a_name_can_be_shown_on_one_line(name: str) -> None:
    if is_name(name):
        assert len(name.splitlines()) == 1
        assert name == name.strip()
        assert len(name) <= MAX_LENGTH
