import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from harness.api.attribution import Attribution
from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History
from harness.api.output import Output
from harness.api.task import Task
from harness.testing import ConformanceError, check_model
from tests.fakes.counting import RED, REDNESS, SECOND, WORDS, Counter, CounterSpec


class Silent(Counter):
    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        return None  # type: ignore[return-value]


class Uncounted(Counter):
    num_parameters = "many"  # type: ignore[assignment]


class Lazy(Counter):
    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        return super().predict(examples)[1:]


class Wrapped(Counter):
    def answer(self, example: Example) -> Prediction:
        answer = super().answer(example)
        return replace(answer, value=str(answer.value))


class Undecided(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value=0, scores=(0.3, 0.7))


class Boastful(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value=1, scores=(0.7, 0.9))


class Narrow(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value=0, scores=(1.0,))


class Listing(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value=0, scores=[1.0, 0.0])  # type: ignore[arg-type]


class Cheat(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value=0 if example.target is None else int(example.target == 1))  # type: ignore[arg-type]


class Crowded(Counter):
    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        return [Prediction(value=int(len(examples) > 1))] * len(examples)


class Placed(Counter):
    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        return [Prediction(value=place % 2) for place in range(len(examples))]


class Moody(Counter):
    moods = iter(range(10**6))

    def learn(self, train: Sequence[Example], step: int) -> None:
        self.weights = dict.fromkeys(WORDS, next(self.moods) / 1e6)


class Forgetful(Counter):
    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        resumed = session.checkpoint and session.checkpoint.exists()
        history = super().fit(train, session)
        if resumed:
            self.weights = dict.fromkeys(WORDS, 0.01)
        return history


class Unfinished(Counter):
    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        if session.checkpoint and session.checkpoint.exists() and json.loads(session.checkpoint.read_text())[0] == 3:
            return History()  # forgets to load the weights
        return super().fit(train, session)


class Poet(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value="a colour")


class Mute(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value="")


class Whole(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value=2)


class Lost(Counter):
    def answer(self, example: Example) -> Prediction:
        return Prediction(value=float("nan"))


class Talkative(Counter):
    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        return [
            Attribution(id=e.id, towards="red", text=tuple(self.weights[word] for word in e.text.split()))
            for e in examples
        ]


class Brief(Talkative):
    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        return [replace(attribution, text=attribution.text[:1]) for attribution in super().explain(examples)]


class Fickle(Talkative):
    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        self.weights["red"] += 1.0
        return super().explain(examples)


class Altered(Talkative):
    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        reasons = super().explain(examples)
        self.answer = lambda example: Prediction(value=0)  # type: ignore[method-assign]
        return reasons


@pytest.mark.parametrize(
    ("live", "task", "message"),
    [
        (Brief, RED, "its text is explained by 1 weights; expected one for each of 4 words"),
        (Fickle, RED, "explains otherwise the second time"),
        (Altered, RED, "predicts otherwise once it has explained itself"),
        (Silent, RED, "fit returns None; expected a History"),
        (Uncounted, RED, "num_parameters is 'many'; expected a whole number"),
        (Lazy, RED, "7 predictions on 8 examples"),
        (Wrapped, RED, "expected a plain int, an index of ('no', 'yes')"),
        (Whole, RED, "expected a plain int, an index of ('no', 'yes')"),
        (Undecided, RED, "expected the label with the highest score"),
        (Boastful, RED, "expected scores that sum to 1, not to 1.6"),
        (Narrow, RED, "expected one score for each of 2 labels"),
        (Listing, RED, "expected scores that are a tuple of plain floats"),
        (Cheat, RED, "when the targets are hidden"),
        (Placed, RED, "in reverse order"),
        (Crowded, RED, "one at a time"),
        (Moody, RED, "seed 0 gives other predictions the second time"),
        (Forgetful, RED, "from the checkpoint of an interrupted training gives other predictions"),
        (Unfinished, RED, "from the checkpoint of a finished training gives other predictions"),
        (Whole, REDNESS, "expected a plain, finite float"),
        (Lost, REDNESS, "expected a plain, finite float"),
        (Poet, SECOND, "expected a piece of the passage"),
        (Mute, SECOND, "expected some text, as unanswerable is False"),
    ],
)
def test_a_model_that_does_not_conform_is_told_why(live: type[Counter], task: Task, message: str) -> None:
    with pytest.raises(ConformanceError) as caught:
        check_model(CounterSpec(name="counter", live=live), task)
    assert message in str(caught.value)
    assert "model 'counter' on task" in str(caught.value)


@dataclass(frozen=True, kw_only=True)
class Unwilling(CounterSpec):
    def supports(self, output: Output) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class Unspeakable(CounterSpec):
    def identity(self) -> Mapping[str, Any]:
        return {"live": self.live}


@dataclass(frozen=True, kw_only=True)
class Unstable(CounterSpec):
    def identity(self) -> Mapping[str, Any]:
        return {"memory": id(self)}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (Unwilling, "does not support Classification; nothing to check"),
        (Unspeakable, "its identity is no JSON"),
        (Unstable, "two equal specs have the identities"),
    ],
)
def test_a_spec_that_does_not_conform_is_told_why(spec: type[CounterSpec], message: str) -> None:
    with pytest.raises(ConformanceError, match=message):
        check_model(spec(name="counter"), RED)


class Rounded(Counter):
    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        off = 1e-5 * len(examples)
        return [Prediction(value=0, scores=(1 - off, off))] * len(examples)


def test_scores_may_differ_by_rounding_but_not_more() -> None:
    spec = CounterSpec(name="counter", live=Rounded)
    check_model(spec, RED)
    with pytest.raises(ConformanceError, match="one at a time"):
        check_model(spec, RED, tolerance=1e-5)


def test_a_model_that_explains_itself_conforms() -> None:
    check_model(CounterSpec(name="counter", live=Talkative), RED)
