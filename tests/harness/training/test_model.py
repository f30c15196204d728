"""Validation while a model is trained: it changes nothing, ends with what is predicted, and goes on bit for bit."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from harness import FitSession
from harness.api.example import Prediction
from harness.api.model import Validation
from tests.fakes.toy import RECIPE
from tests.harness.training.test_loop import TRAIN, VALIDATION, InterruptedTrainingError, make_model


def validation(draws: float = 0.0) -> Validation:
    """Return the validation examples, scored by accuracy; scoring takes numbers from torch's generator, and time."""

    def score(predictions: Sequence[Prediction]) -> float | None:
        torch.rand(5)
        time.sleep(draws)
        return 100 * sum(p.value == e.target for p, e in zip(predictions, VALIDATION, strict=True)) / len(VALIDATION)

    return Validation(examples=VALIDATION, score=score)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_validation_meanwhile_changes_nothing_and_ends_with_what_the_model_predicts(precision: str) -> None:
    recipe = RECIPE.having(precision=precision)
    alone, watched = make_model(recipe), make_model(recipe)
    expected = alone.fit(TRAIN, FitSession())
    history = watched.fit(TRAIN, FitSession(validation=validation()))
    assert expected.evaluations == ()
    assert replace(history, evaluations=()) == expected
    assert watched.predict(VALIDATION) == alone.predict(VALIDATION)
    steps, scores = zip(*history.evaluations, strict=True)
    assert steps == (6, 12, 18, 24), "after each epoch"
    assert scores[-1] == validation().score(watched.predict(VALIDATION))
    assert len(set(scores)) > 1


def test_validation_follows_parts_of_epochs_and_leaves_out_what_is_no_number() -> None:
    history = make_model(RECIPE.having(epochs=1.5)).fit(TRAIN, FitSession(validation=validation()))
    assert [step for step, _ in history.evaluations] == [6, 9]
    nothing = Validation(examples=VALIDATION, score=lambda _: None)
    assert make_model().fit(TRAIN, FitSession(validation=nothing)).evaluations == ()


def test_validation_is_no_part_of_the_time_of_training(tmp_path: Path) -> None:
    session = FitSession(checkpoint=tmp_path / "checkpoint", validation=validation(0.5))
    history = make_model().fit(TRAIN, session)
    assert 2.0 < history.evaluation_seconds < 4.0
    assert history.core_seconds is not None
    assert history.core_seconds < 2.0
    again = make_model().fit(TRAIN, session)
    assert again.evaluation_seconds == pytest.approx(history.evaluation_seconds)
    assert again.core_seconds is not None
    assert again.core_seconds < 2.0, "nor where a checkpoint tells of it"
    assert again.evaluations == history.evaluations


@pytest.mark.parametrize("at", [5, 6, 7, 23])
def test_validation_scores_resume_bit_for_bit(tmp_path: Path, at: int) -> None:
    def stop(step: int, steps: int) -> None:
        if step == at + 1:
            raise InterruptedTrainingError

    session = FitSession(checkpoint=tmp_path / "checkpoint", checkpoint_seconds=0.0, validation=validation())
    with pytest.raises(InterruptedTrainingError):
        make_model().fit(TRAIN, replace(session, on_step=stop))
    whole, resumed = make_model(), make_model()
    expected = whole.fit(TRAIN, replace(session, checkpoint=None))
    found = resumed.fit(TRAIN, session)
    assert (found.losses, found.evaluations) == (expected.losses, expected.evaluations)
    assert resumed.predict(VALIDATION) == whole.predict(VALIDATION)
