import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import EXACT_MATCH, MICRO_F1, Example, Metric, Prediction, macro_f1
from harness.statistics.bootstrap import resample

SETS = st.frozensets(st.integers(0, 3))
PAIRS = st.lists(st.tuples(SETS, SETS), min_size=1, max_size=12)
METRICS = (MICRO_F1, macro_f1(4), EXACT_MATCH)


def of(pairs: list[tuple[frozenset[int], frozenset[int]]]) -> tuple[list[Prediction], list[Example]]:
    predictions = [Prediction(value=predicted) for predicted, _ in pairs]
    return predictions, [Example(id=str(i), text="", target=true) for i, (_, true) in enumerate(pairs)]


def test_by_hand() -> None:
    a, ab, none = frozenset({0}), frozenset({0, 1}), frozenset[int]()
    predictions, examples = of([(a, ab), (ab, ab), (none, none)])
    found = [dict(metric.compute(predictions, examples)) for metric in METRICS]
    assert found[0] == {"micro_f1": pytest.approx(100 * 2 * 3 / (3 + 4))}
    assert found[1] == {"macro_f1": pytest.approx(100 * (1 + 2 / 3) / 4)}  # two labels never occur
    assert found[2] == {"exact_match": pytest.approx(100 * 2 / 3)}


def test_nothing_predicted_and_nothing_true_is_no_f1() -> None:
    predictions, examples = of([(frozenset(), frozenset())])
    assert MICRO_F1.compute(predictions, examples) == {"micro_f1": 0.0}
    assert EXACT_MATCH.compute(predictions, examples) == {"exact_match": 100.0}


@given(PAIRS, PAIRS, st.integers(0, 2**32 - 1))
def test_the_fast_twins_agree_with_the_definitions(one, other, seed):
    size = min(len(one), len(other))
    other = [(predicted, true) for (predicted, _), (_, true) in zip(other[:size], one[:size], strict=True)]
    (first, examples), (second, _) = of(one[:size]), of(other)
    weights = np.random.default_rng(seed).multinomial(size, [1 / size] * size, size=3).astype(float)  # (R, N)
    for metric in METRICS:
        (name,) = metric.names
        assert metric.resample is not None
        found = metric.resample([first, second], examples)(weights)[name]  # (M, R)
        for row, predictions in zip(found, (first, second), strict=True):
            for value, times in zip(row, weights.astype(int), strict=True):
                repeated = [index for index, count in enumerate(times) for _ in range(count)]
                again = metric.compute([predictions[i] for i in repeated], [examples[i] for i in repeated])
                assert value == pytest.approx(again[name])


def test_resampling_takes_them() -> None:
    predictions, examples = of([(frozenset({0}), frozenset({0})), (frozenset(), frozenset({1}))])
    (found,) = resample(METRICS, [predictions], examples, name="themes")
    assert {name: values[0] for name, values in found.items()} == {
        "micro_f1": pytest.approx(200 / 3), "macro_f1": pytest.approx(25.0), "exact_match": 50.0,
    }  # fmt: skip
    assert isinstance(MICRO_F1, Metric)
