import json
from dataclasses import replace

import numpy as np
import pytest

from baselines.bag import BAG, _likeness
from harness.api.example import Example
from harness.api.model import FitSession
from harness.api.output import Extraction
from harness.testing import check_model
from tasks.glue import RTE, STSB
from tests.fakes.networks import LABELS, NUMBERS, PAIRS, how_many, learn, same_word, share_right, toy_task, word_order


def test_learns_neighbouring_words():
    train = word_order(200)
    assert share_right(learn(BAG, LABELS, train), train) == 1.0


def test_learns_numbers():
    train = how_many(200)
    predicted = [prediction.value for prediction in learn(BAG, NUMBERS, train)]
    assert np.corrcoef(predicted, [example.target for example in train])[0, 1] > 0.95


def test_compares_the_texts_of_a_pair():
    train = same_word(200)
    assert share_right(learn(BAG, PAIRS, train), train) == 1.0


def test_likeness_by_hand():
    text, pair = ["a", "b", "a b"], ["a", "c", "d", "a c", "c d"]
    assert _likeness(text, pair) == [1 / 7, 1 / 4, 1 / 2, 1 / 3, 0.0, -2 / 8]
    assert _likeness(text, text) == [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    assert _likeness([], []) == [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]


def test_counts_what_it_has_learnt():
    model = BAG.build(LABELS, seed=0, device="cpu")
    assert model.num_parameters == 0
    model.fit([Example(id="1", text="red green", target=0), Example(id="2", text="green", target=1)], FitSession())
    num_features = 3  # "red", "green", "red green"
    assert model.num_parameters == 2 * num_features + 1  # their IDF weights, their coefficients, the intercept


def test_a_label_never_seen_has_no_probability():
    train = [replace(example, target=2 * example.target) for example in word_order(20)]
    task = toy_task("three", replace(LABELS.output, labels=("a", "b", "c")))
    for prediction in learn(BAG, task, train):
        assert prediction.value in (0, 2)
        assert prediction.scores[1] == 0.0
        assert sum(prediction.scores) == pytest.approx(1.0)


def test_one_label_alone_is_learnt_too():
    predictions = learn(BAG, LABELS, [Example(id="1", text="red", target=1)])
    assert [(prediction.value, prediction.scores) for prediction in predictions] == [(1, (0.0, 1.0))]


def test_finds_no_spans():
    assert not BAG.supports(Extraction(unanswerable=False))
    assert BAG.supports(LABELS.output)
    assert BAG.supports(NUMBERS.output)
    json.dumps(BAG.identity(), allow_nan=False)


@pytest.mark.parametrize("task", [RTE, STSB], ids=lambda task: task.name)
def test_conforms(task):
    check_model(BAG, task)
