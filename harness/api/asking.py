"""What a model brings that is asked in words and not trained: :class:`ReadsPrompts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from harness.api.example import Example
from harness.api.prompt import Prompt
from harness.api.task import Task


@dataclass(frozen=True, kw_only=True)
class ShownPrompt:
    """What a model sees of one question: its text, its tokens, and the tokens of each answer after it.

    ``asked`` is the label that is asked for, where that is one at a time; ``num_shots`` are the examples before it.
    """

    text: str
    tokens: tuple[str, ...]
    answers: dict[str, tuple[str, ...]]
    asked: str
    num_shots: int


@dataclass(frozen=True, kw_only=True)
class AskedExamples:
    """Examples to be asked about, and those of the training split that a seed draws examples of a prompt from."""

    train: Sequence[Example]
    examples: Sequence[Example]
    seed: int


@runtime_checkable
class ReadsPrompts(Protocol):
    """A model's spec that reads a task's prompt, which then is part of a trial's identity."""

    def prompt_for(self, task: Task) -> Prompt | None:
        """Return the one of the task's prompts that it reads; ``None`` where the task has none such."""

    def check_prompts(self, task: Task, asked: AskedExamples) -> None:
        """See to it that each example can be asked about.

        Raises:
            UsageError: its answers are not apart, a prompt is too long, or there are too few examples to draw from.
        """

    def show_prompts(self, task: Task, asked: AskedExamples) -> list[ShownPrompt]:
        """Return what the model sees of each example, in order."""
