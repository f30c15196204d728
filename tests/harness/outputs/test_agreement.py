"""Agreement of texts, by hand; against the official scripts' rules it is held in the tests of SQuAD's metrics."""

import pytest

from harness.outputs.agreement import (
    normalize_answer,
    token_f1,
    version_1_accepted,
    version_1_agreement,
    version_2_accepted,
    version_2_agreement,
)


def test_normalised_texts_have_neither_case_nor_articles_nor_punctuation() -> None:
    assert normalize_answer(" The  Red-House, an (old) theatre. ") == "redhouse old theatre"


def test_f1_counts_each_token_as_often_as_both_have_it() -> None:
    assert token_f1(["a", "a", "b"], ["a", "c"]) == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert token_f1(["a"], ["b"]) == token_f1([], ["b"]) == 0.0


def test_the_nearest_accepted_text_counts() -> None:
    accepted = version_1_accepted(["The red house", "house"])
    assert accepted == ["red house", "house"]
    assert version_1_agreement("a house", accepted) == (1.0, 1.0)
    assert version_1_agreement("old red house", accepted) == (0.0, pytest.approx(0.8))
    assert version_1_agreement("x", []) == (0.0, 0.0)


def test_versions_differ_in_what_is_empty() -> None:
    assert version_1_agreement("the", [""]) == (1.0, 0.0)
    assert version_2_accepted(["the", "house"]) == ["house"]
    assert version_2_accepted(["the"]) == version_2_accepted([]) == [""]
    assert version_2_agreement("the", [""]) == (1.0, 1.0)
    assert version_2_agreement("", ["house"]) == (0.0, 0.0)
    assert version_2_agreement("House!", ["house"]) == (1.0, 1.0)
