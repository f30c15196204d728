"""A model that is asked: what it notes, and what calibration does."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.networks.causal import load_causal, num_positions
from baselines.networks.prompted import PromptedModel
from baselines.networks.questions import Questions
from harness import Classification, Example, Prompt
from harness.api.method import Method
from harness.api.model import FitSession
from harness.errors import PredictionError
from harness.outputs import kind_of

PROMPT = Prompt(template="{text}\nAnswer:", answers=("red", "green"))
KIND = kind_of(Classification(labels=("a", "b")))
TRAIN = [Example(id=str(n), text=f"engine {n} " * 4, target=n % 2) for n in range(6)]


def fitted(folder: Path, *options: Any, shots: int = 2, window: int = 700) -> PromptedModel:
    model = PromptedModel(
        lambda: load_causal(folder, device="cpu", window=None, stride=None),
        lambda tokenizer, config: Questions(
            prompt=PROMPT, kind=KIND, tokenizer=tokenizer, window=min(window, num_positions(config))
        ),
        method=Method(way="prompt", shots=shots, options=options),
        seed=0,
        device="cpu",
        precision="float32",
    )
    model.fit(TRAIN, FitSession())
    return model


def test_calibration_makes_answers_equally_probable_where_nothing_is_said(causal_folders: dict[str, Path]) -> None:
    plain, calibrated = (fitted(causal_folders["llama"], *options) for options in ((), ("calibrated",)))
    nothing = [Example(id=text, text=text) for text in ("N/A", "", "[MASK]")]
    suggested = np.mean([prediction.scores for prediction in plain.predict(nothing)], axis=0)
    assert abs(suggested - 0.5).max() > 0.01
    for before, after in zip(plain.predict(TRAIN), calibrated.predict(TRAIN), strict=True):
        expected = np.array(before.scores) / suggested
        np.testing.assert_allclose(after.scores, expected / expected.sum(), atol=1e-6)


def test_predictions_do_not_move_with_company_or_order(causal_folders: dict[str, Path]) -> None:
    model = fitted(causal_folders["llama"])
    together = model.predict(TRAIN)
    assert model.predict(TRAIN[::-1])[::-1] == together
    alone = [model.predict([example])[0] for example in TRAIN]
    assert [prediction.value for prediction in alone] == [prediction.value for prediction in together]
    np.testing.assert_allclose(
        [prediction.scores for prediction in alone], [prediction.scores for prediction in together], atol=1e-5
    )


def test_prompts_without_their_oldest_examples_are_counted(causal_folders: dict[str, Path]) -> None:
    whole = fitted(causal_folders["llama"])
    whole.predict(TRAIN)
    assert whole.prediction_notes == ()
    short = fitted(causal_folders["llama"], window=90)
    long = [replace(example, text="Z" * 40) for example in TRAIN[:2]]
    short.predict(long + TRAIN[2:])
    assert short.prediction_notes == ("2 of 6 prompts too long, so without their oldest examples",)


def test_a_prompt_that_does_not_fit_at_all_is_an_error(causal_folders: dict[str, Path]) -> None:
    model = fitted(causal_folders["llama"], shots=0, window=20)
    with pytest.raises(PredictionError, match="1 prompts have more than the 20 tokens"):
        model.predict([Example(id="0", text="Z" * 40)])
