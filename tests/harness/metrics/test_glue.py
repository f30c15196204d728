import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.example import Example, Prediction
from harness.api.metric import Metric
from harness.errors import UsageError
from harness.metrics.glue import ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN
from harness.metrics.scoring import headline, resolve, score

BINARY = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30)
NUMBERS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=30)


def figures(metric: Metric, pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return the figures for pairs of (predicted, true)."""
    examples = [Example(id=str(index), text="", target=true) for index, (_, true) in enumerate(pairs)]
    return score([metric], [Prediction(value=predicted) for predicted, _ in pairs], examples)


def figure(metric: Metric, pairs: Sequence[tuple[float, float]]) -> float:
    return figures(metric, pairs)[metric.names[0]]


# true positives 3, false positives 2, false negatives 1, true negatives 4
CONFUSION = [(1, 1)] * 3 + [(1, 0)] * 2 + [(0, 1)] + [(0, 0)] * 4


def test_accuracy_f1_and_matthews_by_hand() -> None:
    assert figures(ACCURACY, CONFUSION) == {"accuracy": pytest.approx(70.0)}
    assert figures(F1, CONFUSION) == {"f1": pytest.approx(100 * 2 * 3 / (2 * 3 + 2 + 1))}
    expected = (3 * 4 - 2 * 1) / (5 * 4 * 6 * 5) ** 0.5
    assert figures(MATTHEWS, CONFUSION) == {"matthews": pytest.approx(100 * expected)}


def test_correlations_by_hand() -> None:
    pairs = [(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 9.0)]
    # predicted: mean 2.5, squares 5; true: mean 3.75, squares 38.75; products 11.5
    assert figures(PEARSON, pairs) == {"pearson": pytest.approx(100 * 11.5 / (5 * 38.75) ** 0.5)}
    assert figures(SPEARMAN, pairs) == {"spearman": pytest.approx(100 * (1 - 6 * 2 / (4 * 15)))}


@pytest.mark.parametrize("metric", [PEARSON, SPEARMAN])
@pytest.mark.parametrize("pairs", [[(1.0, 0.0), (1.0, 5.0)], [(0.0, 2.0), (3.0, 2.0)], [(1.0, 1.0)]])
def test_correlation_of_what_does_not_vary_is_none(metric: Metric, pairs: list[tuple[float, float]]) -> None:
    assert figure(metric, pairs) == 0.0


@pytest.mark.parametrize("label", [0, 1])
def test_f1_and_matthews_where_all_answers_and_labels_are_alike(label: int) -> None:
    pairs = [(label, label)] * 3
    assert figure(F1, pairs) == 100.0 * label
    assert figure(MATTHEWS, pairs) == 0.0


@given(BINARY)
def test_bounds_and_perfection_of_classification(pairs: list[tuple[int, int]]) -> None:
    perfect = [(true, true) for _, true in pairs]
    assert 0 <= figure(ACCURACY, pairs) <= figure(ACCURACY, perfect) == 100
    assert 0 <= figure(F1, pairs) <= 100
    assert -100.000001 <= figure(MATTHEWS, pairs) <= 100.000001
    if len(set(perfect)) == 2:
        assert figure(F1, perfect) == figure(MATTHEWS, perfect) == pytest.approx(100)


@given(BINARY)
def test_swapping_the_labels_leaves_accuracy_and_matthews(pairs: list[tuple[int, int]]) -> None:
    swapped = [(1 - predicted, 1 - true) for predicted, true in pairs]
    assert figure(ACCURACY, swapped) == figure(ACCURACY, pairs)
    assert figure(MATTHEWS, swapped) == pytest.approx(figure(MATTHEWS, pairs), abs=1e-9)


@given(BINARY)
def test_inverting_the_answers_inverts_matthews(pairs: list[tuple[int, int]]) -> None:
    inverted = [(1 - predicted, true) for predicted, true in pairs]
    assert figure(MATTHEWS, inverted) == pytest.approx(-figure(MATTHEWS, pairs), abs=1e-9)
    assert figure(ACCURACY, inverted) == pytest.approx(100 - figure(ACCURACY, pairs))


@pytest.mark.parametrize("metric", [PEARSON, SPEARMAN])
@given(pairs=NUMBERS, factor=st.integers(1, 9), offset=st.integers(-9, 9))
def test_correlations_heed_no_scale_but_its_sign(
    metric: Metric, pairs: list[tuple[int, int]], factor: int, offset: int
) -> None:
    before = figure(metric, pairs)
    assert -100.000001 <= before <= 100.000001
    assert figure(metric, [(factor * p + offset, t) for p, t in pairs]) == pytest.approx(before, abs=1e-6)
    assert figure(metric, [(-factor * p + offset, t) for p, t in pairs]) == pytest.approx(-before, abs=1e-6)
    assert figure(metric, [(t, p) for p, t in pairs]) == pytest.approx(before, abs=1e-6)


@given(NUMBERS)
def test_spearman_is_pearson_of_ranks(pairs: list[tuple[int, int]]) -> None:
    def ranks(values: list[int]) -> list[float]:
        return [sum(v < value for v in values) + (sum(v == value for v in values) + 1) / 2 for value in values]

    ranked = list(zip(ranks([p for p, _ in pairs]), ranks([t for _, t in pairs]), strict=True))
    assert figure(SPEARMAN, pairs) == pytest.approx(figure(PEARSON, ranked), abs=1e-6)


@pytest.mark.parametrize("metric", [ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN])
@given(pairs=BINARY, random=st.randoms(use_true_random=False))
def test_the_order_of_examples_does_not_matter(metric: Metric, pairs: list[tuple[int, int]], random: Random) -> None:
    shuffled = random.sample(pairs, len(pairs))
    assert figure(metric, shuffled) == pytest.approx(figure(metric, pairs), abs=1e-9)


def test_score_gives_the_figures_that_count_first() -> None:
    extra = Metric(names=("b",), compute=lambda *_: {"a": 1.0, "b": 2.0})
    assert list(score([extra, ACCURACY], [Prediction(value=1)], [Example(id="0", text="", target=1)])) == [
        "b",
        "accuracy",
        "a",
    ]


def test_headline_is_all_figures_where_a_metric_names_none() -> None:
    given_figures = {"accuracy": 1.0, "rouge1": 2.0}
    assert headline([ACCURACY], given_figures) == ("accuracy",)
    assert headline(["evaluate:rouge"], given_figures) == ("accuracy", "rouge1")
    assert headline([ACCURACY, "evaluate:rouge"], given_figures) == ("accuracy", "rouge1")


def test_a_name_that_is_no_metric() -> None:
    with pytest.raises(UsageError, match='expected a Metric, "evaluate:NAME", or the path'):
        resolve("accuracy")


SCRIPT = """
import datasets
import evaluate
import numpy


class Share(evaluate.Metric):
    def _info(self):
        number = datasets.Value("int64")
        features = datasets.Features({"predictions": number, "references": number})
        return evaluate.MetricInfo(description="", citation="", inputs_description="", features=features)

    def _compute(self, predictions, references, bonus=0.0):
        right = sum(p == r for p, r in zip(predictions, references))
        return {"share": numpy.float32(right / len(references) + bonus), "note": "a string is no figure"}
"""

CALLS = """
import json, sys
from harness.errors import UsageError
from harness.api.example import Example, Prediction
from harness.metrics.evaluate import evaluate_module
from harness.metrics.scoring import score

path, broken, missing = sys.argv[1:]
examples = [Example(id=str(index), text="", target=index % 2) for index in range(4)]
ones = [Prediction(value=1)] * 4
results = [score([path], ones, examples)]
results.append(score([evaluate_module(path, names=("share",), scale=100.0, bonus=0.25)], ones, examples))
for metric in (broken, missing, evaluate_module(path, names=("loss",))):
    try:
        score([metric], ones, examples)
    except UsageError as error:
        results.append(str(error))
print(json.dumps(results))
"""


def test_a_local_evaluate_script_needs_no_network_and_leaves_no_lock(tmp_path: Path) -> None:
    script, broken = tmp_path / "share.py", tmp_path / "broken.py"
    script.write_text(SCRIPT)
    broken.write_text("1 / 0")
    home = tmp_path / "home"
    # evaluate reads HF_HOME when it is imported; no port answers at the endpoint
    done = subprocess.run(
        [sys.executable, "-c", CALLS, str(script), str(broken), str(tmp_path / "missing.py")],
        env={**os.environ, "HF_HOME": str(home), "HF_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=True,
    )
    plain, scaled, *errors = json.loads(done.stdout)
    assert plain == {"share": 0.5}
    assert scaled == {"share": 75.0}
    assert len(errors) == 3
    assert "evaluate cannot load it (ZeroDivisionError" in errors[0]
    assert "evaluate cannot load it (FileNotFoundError" in errors[1]
    assert "expected loss" in errors[2]
    assert not (home / "metrics").exists() or not list((home / "metrics").rglob("*.lock"))
