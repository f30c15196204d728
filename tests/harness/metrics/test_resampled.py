"""The fast twins of GLUE's figures give what the definitions do on examples repeated as often as their weight says."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.example import Example, Prediction, Span
from harness.api.metric import Metric
from harness.metrics.glue import ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN
from harness.metrics.squad import OFFICIAL_V1, OFFICIAL_V2
from harness.statistics.bootstrap import NUM_RESAMPLES, NUM_SLOW_RESAMPLES, resample


def weighted_pairs(values: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, int, int]]]:
    """Triples of predicted value, true value and weight, of which one weight at least is not 0."""
    triples = st.lists(st.tuples(values, values, st.integers(0, 3)), min_size=1, max_size=25)
    return triples.filter(lambda found: any(weight for _, _, weight in found))


def repeated(metric: Metric, predictions: Sequence[Prediction], examples: Sequence[Example], weights: Sequence[int]):
    rows = [index for index, weight in enumerate(weights) for _ in range(weight)]
    figures = metric.compute([predictions[index] for index in rows], [examples[index] for index in rows])
    return {figure: pytest.approx(figures[figure], abs=1e-6) for figure in metric.names}


def fast(metric: Metric, predictions: Sequence[Prediction], examples: Sequence[Example], weights: Sequence[int]):
    assert metric.resample is not None
    rows = np.array([np.ones(len(weights)), weights, weights], float)
    found = metric.resample([predictions, predictions[::-1]], examples)(rows)
    assert all(values.shape == (2, 3) for values in found.values())
    assert all(values[0, 1] == pytest.approx(values[0, 2], abs=1e-9) for values in found.values())
    return {figure: values[0, 1] for figure, values in found.items()}


def check(metric: Metric, triples: Sequence[tuple[int, int, int]]) -> None:
    predictions = [Prediction(value=predicted) for predicted, _, _ in triples]
    examples = [Example(id=str(index), text="", target=true) for index, (_, true, _) in enumerate(triples)]
    weights = [weight for _, _, weight in triples]
    assert fast(metric, predictions, examples, weights) == repeated(metric, predictions, examples, weights)


@given(weighted_pairs(st.integers(0, 1)))
def test_figures_of_two_labels(triples: list[tuple[int, int, int]]) -> None:
    for metric in (ACCURACY, F1, MATTHEWS):
        check(metric, triples)


@given(weighted_pairs(st.integers(0, 3)))
def test_figures_of_more_labels(triples: list[tuple[int, int, int]]) -> None:
    for metric in (ACCURACY, MATTHEWS):
        check(metric, triples)


@given(weighted_pairs(st.integers(0, 9)))
def test_correlations_with_ties(triples: list[tuple[int, int, int]]) -> None:
    for metric in (PEARSON, SPEARMAN):
        check(metric, triples)


def test_pearson_far_from_zero_keeps_its_digits() -> None:
    triples = [(10_000_000 + x, 20_000_000 + y, w) for x, y, w in [(1, 2, 1), (2, 2, 2), (5, 3, 0), (4, 9, 1)]]
    check(PEARSON, triples)


@given(st.lists(st.tuples(st.sampled_from(["", "a cat", "the dog", "dog"]), st.integers(0, 2)), min_size=1))
def test_extracted_answers(answers: list[tuple[str, int]]) -> None:
    weights = [1, *(weight for _, weight in answers)]
    predictions = [Prediction(value="dog"), *(Prediction(value=text, scores=(0.3,)) for text, _ in answers)]
    examples = [
        Example(id=str(index), text="?", pair="", target=(Span("the dog", 0),)) for index in range(len(weights))
    ]
    assert fast(OFFICIAL_V1, predictions, examples, weights) == repeated(OFFICIAL_V1, predictions, examples, weights)
    examples[0] = Example(id="0", text="?", pair="", target=())
    assert fast(OFFICIAL_V2, predictions, examples, weights) == repeated(OFFICIAL_V2, predictions, examples, weights)


PREDICTED, TRUE = [0, 1, 1, 0, 1, 1], [0, 1, 0, 0, 1, 0]
ANSWERS = [Prediction(value=value) for value in PREDICTED]
EXAMPLES = [Example(id=str(index), text="", target=value) for index, value in enumerate(TRUE)]


def test_resamples_begin_with_the_set_itself_and_are_the_same_for_all_models() -> None:
    first, second = resample([ACCURACY], [ANSWERS, ANSWERS], EXAMPLES, name="a")
    assert first["accuracy"].shape == (1 + NUM_RESAMPLES,)
    assert first["accuracy"][0] == pytest.approx(100 * 4 / 6)
    assert (first["accuracy"] == second["accuracy"]).all()
    (again,) = resample([ACCURACY], [ANSWERS], EXAMPLES, name="a")
    assert (first["accuracy"] == again["accuracy"]).all()
    (other,) = resample([ACCURACY], [ANSWERS], EXAMPLES, name="b")
    assert (first["accuracy"] != other["accuracy"]).any()


def test_resamples_spread_as_a_mean_does() -> None:
    (found,) = resample([ACCURACY], [ANSWERS], EXAMPLES, name="a")
    assert found["accuracy"][1:].mean() == pytest.approx(100 * 4 / 6, abs=2.0)
    assert found["accuracy"][1:].std() == pytest.approx(100 * (4 / 6 * 2 / 6 / 6) ** 0.5, rel=0.1)


def test_a_metric_without_a_fast_twin_is_computed_on_each_resample() -> None:
    slow = Metric(names=("accuracy",), compute=ACCURACY.compute)
    (found,) = resample([slow], [ANSWERS], EXAMPLES, name="a")
    (expected,) = resample([ACCURACY], [ANSWERS], EXAMPLES, name="a")
    assert found["accuracy"] == pytest.approx(expected["accuracy"][: 1 + NUM_SLOW_RESAMPLES])


def test_large_sets_are_resampled_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = resample([F1, ACCURACY], [ANSWERS], EXAMPLES, name="a")
    monkeypatch.setattr("harness.statistics.bootstrap.CHUNK_WEIGHTS", 7 * len(EXAMPLES))
    (parts,) = resample([F1, ACCURACY], [ANSWERS], EXAMPLES, name="a")
    assert {name: list(values) for name, values in whole.items()} == {n: list(v) for n, v in parts.items()}
