"""Examples as the tokens of prompts: :class:`Questions`, of a task's prompt, a tokenizer, and examples to learn from.

An answer's tokens are those that a prompt's text has more with the answer after it than without, as
lm-evaluation-harness has them: spaces at a prompt's end count as the answer's.
"""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from baselines.networks.loading import first_token
from harness.api.example import Example
from harness.api.prompt import Prompt
from harness.errors import UsageError
from harness.outputs.kind import Kind

CONTENT_FREE = ("N/A", "", "[MASK]")
"""Inputs that say nothing, as Zhao et al. 2021 have them."""
DATE = "26 Jul 2024"
"""Of templates that tell the day, so that a prompt is the same on each."""
PROBE = "the first word"


@dataclass(frozen=True, kw_only=True)
class Question:
    """The tokens of a prompt and of each answer after it; ``num_shots`` examples stand in it."""

    context: list[int]
    answers: list[list[int]]
    asked: int
    num_shots: int

    @property
    def length(self) -> int:
        """How many tokens a model reads at most, as an answer's last is not read."""
        return len(self.context) + max(map(len, self.answers)) - 1


@dataclass(frozen=True, kw_only=True)
class Questions:
    """Puts examples into tokens; ``shots`` come first, and as many of the oldest are left out as do not fit a window.

    ``tokenizer`` is transformers' fast one, ``chat_template`` that of a model that is talked to.
    """

    prompt: Prompt
    kind: Kind[Any]
    tokenizer: Any
    window: int
    chat_template: str | None = None
    shots: tuple[Example, ...] = ()

    def of(self, examples: Sequence[Example]) -> list[Question]:
        """Return the questions about each example, in order: one, or one for each label that is asked for.

        Their length is beyond the window only where it is so without any example before them.
        """
        labels = range(len(self.kind.asked))
        cells = [(example, asked) for example in examples for asked in labels]
        found = self._encode(cells, len(self.shots))
        for num_shots in range(len(self.shots) - 1, -1, -1):
            long = [index for index, question in enumerate(found) if question.length > self.window]
            if not long:
                break
            shorter = self._encode([cells[index] for index in long], num_shots)
            for index, question in zip(long, shorter, strict=True):
                found[index] = question
        return found

    def without_content(self, asked: int) -> list[Question]:
        """Return questions about nothing, from which contextual calibration learns what a prompt alone suggests."""
        empty = [Example(id=text, text=text, pair=text) for text in CONTENT_FREE]
        return self.of(empty)[asked :: len(self.kind.asked)]

    def text(self, example: Example, asked: int, num_shots: int) -> str:
        """Return what a model reads about an example, after the latest ``num_shots`` of the examples to learn from."""
        shots, label = self.shots[len(self.shots) - num_shots :], self.kind.asked[asked]
        turns = [(self.prompt.question(shot, label), self._right_answer(shot, asked)) for shot in shots]
        question = self.prompt.question(example, label)
        if self.chat_template is None:
            between, separator = self.prompt.between, self.prompt.separator
            return "".join(f"{said}{separator}{answer}{between}" for said, answer in turns) + question
        messages = [
            {"role": role, "content": content}
            for turn in turns
            for role, content in zip(("user", "assistant"), turn, strict=True)
        ]
        text: str = self.tokenizer.apply_chat_template(
            [*messages, {"role": "user", "content": question}],
            chat_template=self.chat_template,
            tokenize=False,
            add_generation_prompt=True,
            date_string=DATE,
        )
        return text

    def _right_answer(self, shot: Example, asked: int) -> str:
        return self.prompt.answers[self.kind.right_answer(shot.target, asked, self.prompt)]

    def _encode(self, cells: Sequence[tuple[Example, int]], num_shots: int) -> list[Question]:
        texts = [self.text(example, asked, num_shots) for example, asked in cells]
        separator = self.prompt.separator if self.chat_template is None else ""
        endings = [f"{separator}{answer}" for answer in self.prompt.answers]
        several = [part for text in texts for part in (text.rstrip(), *(text + ending for ending in endings))]
        encoded = iter(self._tokens(several))
        questions = []
        for _, asked in cells:
            bare = next(encoded)
            answers = [next(encoded)[len(bare) :] for _ in endings]
            questions.append(
                Question(
                    context=bare or [first_token(self.tokenizer)], answers=answers, asked=asked, num_shots=num_shots
                )
            )
        return questions

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of texts, after those that the tokenizer puts before each, unless it stands there."""
        encoder = self.tokenizer.backend_tokenizer
        begin, opening = self._beginning(), self.tokenizer.bos_token
        encoded = [each.ids for each in encoder.encode_batch(list(texts), add_special_tokens=False)]
        opened = [bool(opening) and text.startswith(opening) for text in texts]
        return [ids if is_open else [*begin, *ids] for ids, is_open in zip(encoded, opened, strict=True)]

    def _beginning(self) -> list[int]:
        encoder = self.tokenizer.backend_tokenizer
        bare, whole = (encoder.encode(PROBE, add_special_tokens=special).ids for special in (False, True))
        at = next(start for start in range(len(whole)) if whole[start : start + len(bare)] == bare)
        begin: list[int] = whole[:at]
        return begin

    def shared_tokens(self, asked: int, num_shots: int) -> list[int]:
        """Return what all questions begin with that ask for the same and have the same examples."""
        questions = replace(self, shots=self.shots[len(self.shots) - num_shots :]).without_content(asked)
        beginnings = zip(*(question.context for question in questions), strict=False)
        return [token for token, *_ in itertools.takewhile(lambda tokens: len(set(tokens)) == 1, beginnings)]


def draw(train: Sequence[Example], count: int, *, seed: int) -> tuple[Example, ...]:
    """Return examples of the training split, drawn at random by the seed whatever their targets are.

    Raises:
        UsageError: there are fewer.
    """
    if len(train) < count:
        raise UsageError(f"expected {count} examples for a prompt; the training split has {len(train)}")
    return tuple(random.Random(f"shots {seed}").sample(list(train), count))
