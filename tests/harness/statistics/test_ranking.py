"""Ranks and groups, from tests whose outcomes are given."""

from harness.statistics.comparison import PairedTest
from harness.statistics.ranking import Standing, groups, letters, standings


def outcome(first: str, second: str, difference: float, *, p_holm: float) -> PairedTest:
    return PairedTest(
        first=first, second=second, difference=difference, low=0, high=0, p_value=p_holm, p_holm=p_holm, detectable=1
    )


def test_ranks_are_shared_by_models_that_do_not_differ_significantly() -> None:
    values = {"low": 50.0, "top": 70.0, "near": 69.0, "mid": 60.0}
    tests = [
        outcome("low", "top", -20, p_holm=0.001),
        outcome("low", "near", -19, p_holm=0.001),
        outcome("low", "mid", -10, p_holm=0.3),
        outcome("top", "near", 1, p_holm=0.9),
        outcome("top", "mid", 10, p_holm=0.01),
        outcome("near", "mid", 9, p_holm=0.06),
    ]
    ranks = standings(values, tests)
    assert list(ranks.values()) == [
        Standing(label="top", first=1, last=2),
        Standing(label="near", first=1, last=3),
        Standing(label="mid", first=2, last=4),
        Standing(label="low", first=3, last=4),
    ]
    assert groups(values, tests) == (("top", "near"), ("near", "mid"), ("mid", "low"))


def test_all_different_are_groups_of_one() -> None:
    tests = [outcome("a", "b", 5, p_holm=0.01)]
    assert groups({"a": 5.0, "b": 0.0}, tests) == (("a",), ("b",))
    assert groups({}, []) == ()


def test_a_difference_need_not_be_large_to_be_significant() -> None:
    for first, second, difference in (("a", "b", -0.5), ("b", "a", 0.5)):
        found = standings({"a": 50.0, "b": 50.5}, [outcome(first, second, difference, p_holm=0.01)])
        assert list(found) == ["b", "a"]
        assert found["a"] == Standing(label="a", first=2, last=2)


def test_models_of_one_group_share_a_letter() -> None:
    assert letters([("top", "near"), ("near", "mid"), ("low",)]) == {"top": "a", "near": "a b", "mid": "b"}
    assert letters([(f"{index}", "all") for index in range(28)])["27"] == "b1"
