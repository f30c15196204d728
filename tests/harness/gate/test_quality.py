"""Verdicts on constructed scores: what is worse, what is not, what nobody can tell, and what would tell."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from harness.api.metric import Floats
from harness.gate.quality import PairScores, judge
from harness.gate.verdicts import Finding, Verdict
from harness.metrics import resampled
from harness.statistics.comparison import holm
from harness.statistics.scores import Scores

NUM_EXAMPLES = 400


def scores_of(right: Floats) -> Scores:
    """Return the accuracy of answers that are right (1) or not (0), (S, N)."""
    generator = np.random.default_rng(5)
    count = right.shape[1]
    weights = np.vstack([np.ones(count), generator.multinomial(count, np.full(count, 1 / count), 300)])
    values = resampled.accuracy(right, np.ones(count), weights)
    return Scores(seeds=values[:, 0], resampled=values[:, 1:], num_examples=count, bounds=(0.0, 100.0))


def answers(
    accuracy: float, num_seeds: int, *, seed_noise: float = 0.0, stream: int = 0, count: int = NUM_EXAMPLES
) -> Floats:
    """Return right and wrong answers, (S, N): examples are as hard for all, and accuracy varies over seeds."""
    hardness = np.random.default_rng(1).random((1, count))
    generator = np.random.default_rng([stream, num_seeds])
    accuracies = accuracy + seed_noise * generator.normal(size=(num_seeds, 1))
    return (hardness + 0.02 * generator.normal(size=(num_seeds, count)) < accuracies).astype(float)


def pair(before: Floats, after: Floats, *, is_trained: bool = True, first_seed: int = 50) -> PairScores:
    """Return the scores of two sets of answers, of other seeds."""
    return PairScores(
        reference=scores_of(before),
        run=scores_of(after),
        reference_seeds=tuple(range(len(before))),
        run_seeds=tuple(range(first_seed, first_seed + len(after))),
        is_trained=is_trained,
    )


def only(scores: PairScores, *, margin: float = 1.0, alpha: float = 0.05) -> Finding:
    (found,) = judge({("task", "model"): scores}, margin=margin, alpha=alpha)
    return found


def test_a_clear_loss_is_worse() -> None:
    found = only(pair(answers(0.9, 4), answers(0.8, 4, stream=1)))
    assert found.verdict is Verdict.WORSE
    assert found.change == pytest.approx((found.run or 0) - (found.reference or 0))
    assert found.low is not None
    assert found.high is not None
    assert found.low < (found.change or 0) < found.high < -1.0
    assert found.num_seeds == (4, 4)
    assert "more than the margin of 1 with 95 % confidence" in found.reason


def test_a_gain_is_not_worse() -> None:
    assert only(pair(answers(0.8, 4), answers(0.9, 4, stream=1))).verdict is Verdict.NOT_WORSE


def test_a_loss_within_a_wide_margin_is_not_worse() -> None:
    scores = pair(answers(0.9, 4), answers(0.88, 4, stream=1))
    assert only(scores, margin=6.0).verdict is Verdict.NOT_WORSE
    assert only(scores, margin=0.1).verdict is Verdict.WORSE


def test_seeds_of_high_variance_cannot_be_told_and_more_of_them_would_tell() -> None:
    before, after = answers(0.9, 3, seed_noise=0.02), answers(0.89, 3, seed_noise=0.02, stream=1)
    found = only(pair(before, after), margin=3.0)
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.seeds_needed is not None
    assert f"about {found.seeds_needed} seeds on each side would tell" in found.reason
    assert found.detectable is not None
    assert found.detectable > 3.0
    many = [answers(0.9 - 0.01 * k, found.seeds_needed * 2, seed_noise=0.02, stream=k) for k in (0, 1)]
    assert only(pair(*many), margin=3.0).verdict is Verdict.NOT_WORSE


def test_few_examples_cannot_be_told_and_no_number_of_seeds_would() -> None:
    right = np.random.default_rng(3).random((2, 40)) < 0.8
    before, after = (np.repeat(row[None].astype(float), 3, axis=0) for row in right)
    found = only(pair(before, after, is_trained=False), margin=1.0)
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.seeds_needed is None
    assert "times as many examples" in found.reason or "too near the margin" in found.reason


def test_the_p_values_are_those_of_two_shifted_tests() -> None:
    found = only(pair(answers(0.9, 3, seed_noise=0.01), answers(0.88, 3, seed_noise=0.01, stream=1)), margin=0.5)
    assert found.low is not None
    assert found.change is not None
    assert found.p_worse is not None
    narrow = only(
        pair(answers(0.9, 3, seed_noise=0.01), answers(0.88, 3, seed_noise=0.01, stream=1)), margin=-found.low
    )
    assert narrow.verdict is not Verdict.WORSE
    at_the_end = only(
        pair(answers(0.9, 3, seed_noise=0.01), answers(0.88, 3, seed_noise=0.01, stream=1)), margin=-(found.high or 0.0)
    )
    assert at_the_end.p_worse == pytest.approx(0.05)


def test_the_same_answers_are_not_worse_whatever_the_seed_variance() -> None:
    right = answers(0.9, 3, seed_noise=0.1)
    same = pair(right, right, first_seed=0)
    assert only(same, margin=0.0).verdict is Verdict.NOT_WORSE
    assert only(same, margin=0.0).reason == "Every seed answers as the reference's."
    turned = PairScores(
        reference=same.reference, run=scores_of(right[::-1]), reference_seeds=(0, 1, 2), run_seeds=(2, 1, 0),
        is_trained=True,
    )  # fmt: skip
    assert only(turned, margin=0.0).verdict is Verdict.NOT_WORSE
    assert only(pair(right, right, first_seed=9), margin=0.0).verdict is Verdict.CANNOT_TELL


def test_a_run_of_fewer_seeds_with_the_same_answers_is_not_worse() -> None:
    before = answers(0.8, 6, seed_noise=0.1)
    found = only(pair(before, before[[2, 4]], first_seed=0), margin=0.0)
    assert found.verdict is not Verdict.NOT_WORSE, "these are other seeds"
    scores = replace(pair(before, before[[2, 4]]), run_seeds=(2, 4))
    found = only(scores, margin=0.0)
    assert found.verdict is Verdict.NOT_WORSE
    assert (found.change, found.low, found.high) == (0.0, 0.0, 0.0), (
        "the noise of the reference's other seeds is no change"
    )
    assert found.reference == found.run


def test_a_deterministic_model_is_judged_exactly() -> None:
    always, never = np.ones((3, 20)), np.zeros((2, 20))
    assert only(pair(always, always[:1], is_trained=False)).verdict is Verdict.NOT_WORSE
    lost = only(pair(always, never, is_trained=False))
    assert (lost.verdict, lost.p_worse, lost.change) == (Verdict.WORSE, 0.0, -100.0)
    assert only(pair(never, always, is_trained=False)).verdict is Verdict.NOT_WORSE


def test_one_seed_each_of_a_trained_model_tells_nothing() -> None:
    before, after = answers(0.9, 1), answers(0.7, 1, stream=1)
    found = only(pair(before, after))
    assert found.verdict is Verdict.CANNOT_TELL
    assert (found.p_worse, found.low, found.detectable) == (None, None, None)
    assert "One seed on each side" in found.reason
    assert only(pair(before, after, is_trained=False)).verdict is Verdict.WORSE
    assert only(pair(before, before)).verdict is Verdict.NOT_WORSE


def test_one_seed_takes_its_variance_from_the_other_side() -> None:
    low, high = answers(0.9, 5), answers(0.9, 5, seed_noise=0.05)
    after = answers(0.87, 1, stream=1)
    assert only(pair(low, after)).verdict is Verdict.WORSE
    assert only(pair(high, after)).verdict is Verdict.CANNOT_TELL
    assert only(pair(after, high)).verdict is Verdict.CANNOT_TELL


def test_a_donated_variance_has_the_degrees_of_freedom_of_its_donor() -> None:
    unbounded = (-np.inf, np.inf)
    donor = replace(scores_of(np.ones((3, 9))), seeds=np.array([80.0, 84.0, 88.0]), bounds=unbounded)
    single = PairScores(
        reference=donor,
        run=replace(scores_of(np.ones((1, 9))), seeds=np.array([70.0]), bounds=unbounded),
        reference_seeds=(0, 1, 2),
        run_seeds=(3,),
        is_trained=True,
    )
    found = only(single)
    error = (16.0 / 3 + 16.0) ** 0.5  # the examples add nothing
    assert (found.high or 0) - (found.change or 0) == pytest.approx(stats.t.ppf(0.95, 2) * error)


def test_the_mean_finds_what_no_pair_shows() -> None:
    pairs = {
        (f"task {index}", "model"): pair(
            answers(0.9, 3, seed_noise=0.004, stream=2 * index),
            answers(0.87, 3, seed_noise=0.004, stream=2 * index + 1),
        )
        for index in range(8)
    }
    *singles, mean = judge(pairs, margin=1.0, alpha=0.05)
    assert mean.task is None
    assert mean.verdict is Verdict.WORSE
    assert mean.detectable is not None
    assert mean.detectable < min(found.detectable or 0 for found in singles)
    assert mean.change == pytest.approx(np.mean([found.change for found in singles]))


def test_findings_stand_by_model_with_the_mean_last() -> None:
    same = pair(answers(0.9, 2), answers(0.9, 2), first_seed=0)
    keys = [("x", "one"), ("x", "two"), ("y", "one")]
    found = judge(dict.fromkeys(keys, same), margin=1.0, alpha=0.05)
    assert [(f.model, f.task) for f in found] == [("one", "x"), ("one", "y"), ("one", None), ("two", "x")]


def test_p_values_are_corrected_for_all_that_is_judged() -> None:
    pairs = {
        ("task", f"model {index}"): pair(answers(0.9, 3, stream=index), answers(accuracy, 3, stream=index + 9))
        for index, accuracy in enumerate((0.885, 0.886, 0.9))
    }
    alone = np.array([only(scores).p_worse for scores in pairs.values()], float)
    together = [found.p_worse for found in judge(pairs, margin=1.0, alpha=0.05)]
    assert together == pytest.approx(holm(alone).tolist())
    assert together[0] > alone[0] > 0


def test_nothing_is_judged_of_nothing() -> None:
    assert judge({}, margin=1.0, alpha=0.05) == ()


@pytest.mark.parametrize("num_seeds", [1, 3])
def test_a_loss_on_few_examples_is_no_certainty_nor_is_that_there_is_none(num_seeds: int) -> None:
    right, wrong = (np.full((num_seeds, 3), value) for value in (1.0, 0.0))
    lost = only(pair(right, wrong, is_trained=False))
    assert lost.verdict is Verdict.CANNOT_TELL
    assert lost.p_worse == pytest.approx(0.127, abs=1e-3)  # Student's, of what the exact two-sided test gives 0.25
    turned = np.array([[1.0, 0.0, 1.0]])
    kept = only(pair(np.repeat(turned, num_seeds, axis=0), np.repeat(1 - turned, num_seeds, axis=0), is_trained=False))
    assert kept.verdict is Verdict.CANNOT_TELL
    for verdict, before, after in ((Verdict.WORSE, 1.0, 0.0), (Verdict.NOT_WORSE, 0.0, 1.0)):
        sure = only(pair(np.full((num_seeds, 8), before), np.full((num_seeds, 8), after), is_trained=False))
        assert sure.verdict is verdict


def in_bits(value: float) -> Scores:
    """Return bits per byte of 50 documents, of one seed, where lower is better."""
    resampled = value + 0.001 * np.random.default_rng(3).normal(size=(1, 300))
    return Scores(
        seeds=np.array([value]),
        resampled=resampled,
        num_examples=50,
        bounds=(0.0, np.inf),
        higher_is_better=False,
        unit="bits",
        is_mean=False,
    )


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(1.05, Verdict.WORSE), (1.005, Verdict.NOT_WORSE), (0.9, Verdict.NOT_WORSE)],
)
def test_where_lower_is_better_the_margin_is_a_percentage_of_the_reference(after: float, verdict: Verdict) -> None:
    pairs = PairScores(
        reference=in_bits(1.0), run=in_bits(after), reference_seeds=(0,), run_seeds=(0,), is_trained=False
    )
    found = only(pairs, margin=1.0)
    assert found.verdict is verdict
    assert found.unit == "bits"
    assert found.margin == pytest.approx(0.01)
    assert found.change == pytest.approx(1.0 - after)
    assert (found.reference, found.run) == (1.0, after)
