"""A live model that is asked and not trained: :class:`PromptedModel`, a causal network that weighs answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from baselines.networks.answers import AnswerScorer
from baselines.networks.causal import CausalNetwork
from baselines.networks.questions import CONTENT_FREE, Question, Questions, draw
from harness.api.example import Example, Prediction
from harness.api.method import Method
from harness.api.model import FitSession, History
from harness.errors import PredictionError

MOST_QUESTIONS = 8192
"""So many are made tokens of at a time."""
Floats = NDArray[np.float64]


class PromptedModel:
    """Learns nothing; a prediction follows from how probable each answer is after the prompt.

    ``make_questions`` is given the network's tokenizer and configuration.
    """

    def __init__(
        self,
        load: Callable[[], CausalNetwork],
        make_questions: Callable[[Any, Any], Questions],
        *,
        method: Method,
        seed: int,
        device: str,
        precision: str,
    ) -> None:
        self._load, self._make_questions = load, make_questions
        self._method, self._seed = method, seed
        self._device, self.precision = device, precision
        self._scorer: AnswerScorer | None = None
        self._questions: Questions | None = None
        self._suggested: dict[tuple[int, int], Floats] = {}
        self._shared: dict[tuple[int, int], list[int]] = {}
        self._num_asked = self._num_shortened = 0

    @property
    def num_parameters(self) -> int:
        """How many numbers the network has."""
        return sum(p.numel() for p in self._scorer.network.model.parameters()) if self._scorer else 0

    @property
    def num_trainable_parameters(self) -> int:
        """None is trained."""
        return 0

    @property
    def prediction_notes(self) -> tuple[str, ...]:
        """How many prompts have fewer examples than was asked for."""
        if not self._num_shortened:
            return ()
        return (f"{self._num_shortened:,} of {self._num_asked:,} prompts too long, so without their oldest examples",)

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Load the network, and draw the examples that stand in each prompt."""
        network = self._load()
        questions = self._make_questions(network.tokenizer, network.model.config)
        shots = draw(train, self._method.shots, seed=self._seed)
        self._questions = replace(questions, shots=shots)
        self._scorer = AnswerScorer(network=network, device=self._device, precision=self.precision, cores=session.cores)
        return History(notes=(self._note(),), precision=self.precision)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Ask about each example."""
        assert self._questions is not None, "fit before predict"
        kind, prompt = self._questions.kind, self._questions.prompt
        size = max(1, MOST_QUESTIONS // len(kind.asked))
        found: list[Prediction] = []
        for start in range(0, len(examples), size):
            questions = self.questions(examples[start : start + size])
            self._num_asked += len(questions)
            self._num_shortened += sum(each.num_shots < self._method.shots for each in questions)
            probabilities = self.probabilities(questions).reshape(-1, len(kind.asked), len(prompt.answers))
            found += [kind.answered(each, prompt) for each in probabilities]
        return found

    def questions(self, examples: Sequence[Example]) -> list[Question]:
        """Return what the network reads about each example, in order."""
        assert self._questions is not None, "fit before predict"
        return self._questions.of(examples)

    def probabilities(self, questions: Sequence[Question]) -> Floats:
        """Return how probable each answer to each question is, (N, A), calibrated where that is asked for."""
        found = self._uncalibrated(questions)
        if "calibrated" not in self._method.options:
            return found
        found /= np.stack([self._suggestion(question) for question in questions])
        found /= found.sum(axis=1, keepdims=True)
        return found

    def log_likelihoods(self, questions: Sequence[Question]) -> Floats:
        """Return the log-probability of each answer to each question in nats, (N, A)."""
        assert self._questions is not None, "fit before predict"
        assert self._scorer is not None
        if long := [question for question in questions if question.length > self._questions.window]:
            raise PredictionError(
                f"{len(long)} prompts have more than the {self._questions.window:,} tokens that the checkpoint reads."
            )
        if nothing := [question for question in questions if not all(question.answers)]:
            raise PredictionError(
                f"an answer has no token after the prompt {nothing[0].context}; expected one at least."
            )
        found = np.empty((len(questions), len(self._questions.prompt.answers)))
        for indices in _alike(questions):
            shared = self._shared_by(questions[indices[0]])
            begins = {i: questions[i].context[:-1][: len(shared)] == shared for i in indices}
            for members, start in (
                ([i for i in indices if begins[i]], shared),
                ([i for i in indices if not begins[i]], []),
            ):
                if members:
                    found[members] = self._scorer.log_likelihoods([questions[i] for i in members], start)
        return found

    def _shared_by(self, question: Question) -> list[int]:
        """Return what all questions begin with that are like this one."""
        assert self._questions is not None
        key = question.asked, question.num_shots
        if key not in self._shared:
            self._shared[key] = self._questions.shared_tokens(*key)
        return self._shared[key]

    def _uncalibrated(self, questions: Sequence[Question]) -> Floats:
        assert self._questions is not None
        found, prompt = self.log_likelihoods(questions), self._questions.prompt
        if prompt.per_character:
            found /= np.array([len(answer) for answer in prompt.answers])
        probabilities: Floats = softmax(found, axis=1)
        return probabilities

    def _suggestion(self, question: Question) -> Floats:
        """Return how probable a prompt alone makes each answer, (A,): the mean over inputs that say nothing."""
        assert self._questions is not None
        key = question.asked, question.num_shots
        if key not in self._suggested:
            shots = self._questions.shots[len(self._questions.shots) - question.num_shots :]
            empty = replace(self._questions, shots=shots).without_content(question.asked)
            self._suggested[key] = self._uncalibrated(empty).mean(axis=0)
        return self._suggested[key]

    def _note(self) -> str:
        """Return what a reader should know of the predictions."""
        assert self._questions is not None
        shots = len(self._questions.shots)
        parts = [
            "prompted, not trained",
            f"{shots} training examples in each prompt, drawn by the seed whatever their labels"
            if shots
            else "no examples in prompts, so each seed gives the same predictions",
            "in the checkpoint's chat template" if self._questions.chat_template else "without a chat template",
        ]
        if "calibrated" in self._method.options:
            parts.append(f"calibrated by inputs without content ({', '.join(map(repr, CONTENT_FREE))})")
        return "; ".join([*parts, f"products in {self.precision}"])


def _alike(questions: Sequence[Question]) -> Iterator[list[int]]:
    """Yield the indices of questions that ask for the same and have as many examples before them."""

    def kind_of(index: int) -> tuple[int, int]:
        return questions[index].asked, questions[index].num_shots

    for _, members in groupby(sorted(range(len(questions)), key=kind_of), key=kind_of):
        yield list(members)
