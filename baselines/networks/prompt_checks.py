"""Whether a task's prompts can be read, before anything else is done; and what a model sees of them."""

from collections.abc import Sequence

from baselines.networks.questions import Question, Questions
from harness.api.asking import ShownPrompt
from harness.api.example import Example
from harness.errors import UsageError

MARGIN = 64
"""More tokens than a tokenizer and a chat template put around a text."""


def check(questions: Questions, examples: Sequence[Example], *, whole: bool) -> None:
    """See to it that answers are apart and prompts fit; with ``whole``, with all of their examples.

    Raises:
        UsageError: they are not, or do not.
    """
    prompt, kind = questions.prompt, questions.kind
    if expected := kind.expected_prompt(prompt):
        raise UsageError(f"a prompt has the answers {', '.join(prompt.answers)}; expected {expected}.")
    for question in questions.without_content(0):
        _check_apart(question, prompt.answers)
    read = questions.of(_perhaps_long(questions, examples))
    if long := [question for question in read if question.length > questions.window]:
        longest = max(question.length for question in long)
        raise UsageError(
            f"{len(long):,} prompts have up to {longest:,} tokens without any example before them; expected at most "
            f"{questions.window:,}, which is what the checkpoint reads."
        )
    shortened = [question for question in read if question.num_shots < len(questions.shots)]
    if whole and shortened:
        raise UsageError(
            f"{len(shortened):,} prompts are longer than the {questions.window:,} tokens that the checkpoint reads; "
            "leave out +whole to leave out their oldest examples, or ask for fewer."
        )


def _check_apart(question: Question, answers: Sequence[str]) -> None:
    """Raise a UsageError where one answer's tokens begin with all of another's: the other is always more probable."""
    for first, tokens in enumerate(question.answers):
        for second, others in enumerate(question.answers):
            if first != second and others[: len(tokens)] == tokens:
                raise UsageError(
                    f"the answers {answers[first]!r} and {answers[second]!r} are not apart: the checkpoint's tokenizer "
                    f"makes {len(tokens)} and {len(others)} tokens of them that begin alike; expected other words."
                )


def _perhaps_long(questions: Questions, examples: Sequence[Example]) -> list[Example]:
    """Return the examples whose prompts have more bytes than the window tokens, as a token has one byte at least."""
    empty = Example(id="", text="", pair="")
    around = max(
        len(questions.text(empty, asked, len(questions.shots)).encode()) for asked in range(len(questions.kind.asked))
    )
    left = questions.window - around - MARGIN
    return [example for example in examples if 2 * len(f"{example.text}{example.pair or ''}".encode()) > left]


def shown(questions: Questions, examples: Sequence[Example]) -> list[ShownPrompt]:
    """Return what a model sees of each example: a prompt, or one for each label that is asked for."""
    names = questions.tokenizer.convert_ids_to_tokens
    labels = questions.kind.asked
    cells = [(example, asked) for example in examples for asked in range(len(labels))]
    return [
        ShownPrompt(
            text=questions.text(example, asked, question.num_shots),
            tokens=tuple(names(question.context)),
            answers={
                answer: tuple(names(tokens))
                for answer, tokens in zip(questions.prompt.answers, question.answers, strict=True)
            },
            asked=labels[asked],
            num_shots=question.num_shots,
        )
        for (example, asked), question in zip(cells, questions.of(examples), strict=True)
    ]
