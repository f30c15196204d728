"""Prompts as tokens: what text a model reads, which tokens are an answer's, and what does not fit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baselines.networks.causal import open_tokenizer
from baselines.networks.questions import Questions, draw
from harness import Classification, Example, MultiLabel, Prompt, Regression
from harness.errors import UsageError
from harness.outputs import kind_of
from tests.baselines.conftest import CHAT_TEMPLATE

PROMPT = Prompt(template="{text}\nQuestion: {pair}?\nAnswer:", answers=("red", "green engine"))
KIND = kind_of(Classification(labels=("a", "b")))
SHOTS = tuple(Example(id=str(n), text=f"shot {n}", pair="q", target=n % 2) for n in range(3))
EXAMPLE = Example(id="x", text="the red film", pair="of steam")


@pytest.fixture(scope="module")
def tokenizer(causal_folders: dict[str, Path]) -> Any:
    with open_tokenizer(causal_folders["llama"]) as (tokenizer, _):
        return tokenizer


def questions(tokenizer: Any, **changes: Any) -> Questions:
    return Questions(**{"prompt": PROMPT, "kind": KIND, "tokenizer": tokenizer, "window": 700, **changes})


def test_the_text_is_examples_with_their_answers_and_then_the_question(tokenizer: Any) -> None:
    asked = questions(tokenizer, shots=SHOTS)
    last = "the red film\nQuestion: of steam?\nAnswer:"
    assert asked.text(EXAMPLE, 0, 0) == last
    assert asked.text(EXAMPLE, 0, 2) == (
        "shot 1\nQuestion: q?\nAnswer: green engine\n\nshot 2\nQuestion: q?\nAnswer: red\n\n" + last
    )


def test_tokens_are_those_of_the_texts_with_and_without_answers(tokenizer: Any) -> None:
    (question,) = questions(tokenizer, shots=SHOTS).of([EXAMPLE])
    text = questions(tokenizer, shots=SHOTS).text(EXAMPLE, 0, 3)
    assert tokenizer.decode(question.context) == text
    for answer, tokens in zip(PROMPT.answers, question.answers, strict=True):
        assert question.context + tokens == tokenizer(f"{text} {answer}", add_special_tokens=False).input_ids
    assert question.length == len(question.context) + max(map(len, question.answers)) - 1


def test_spaces_at_the_end_of_a_prompt_are_the_answers(tokenizer: Any) -> None:
    ended = replace(PROMPT, template="{text} ->  \n", separator="")
    (question,) = questions(tokenizer, prompt=ended).of([EXAMPLE])
    assert tokenizer.decode(question.context) == "the red film ->"
    assert [tokenizer.decode(tokens) for tokens in question.answers] == ["  \nred", "  \ngreen engine"]


def test_what_a_tokenizer_puts_before_a_text_stands_there_once(tokenizer: Any) -> None:
    from tokenizers.processors import TemplateProcessing

    own = type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer, bos_token="<s>", eos_token="</s>")
    own.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    try:
        for text in ("the", "<s>the"):
            (question,) = questions(own).of([replace(EXAMPLE, text=text)])
            assert tokenizer.decode(question.context) == "<s>the\nQuestion: of steam?\nAnswer:"
            assert question.context.count(0) == 1
            assert 2 not in question.context
    finally:
        own.backend_tokenizer.post_processor = None


def test_a_chat_has_turns(tokenizer: Any) -> None:
    asked = questions(tokenizer, shots=SHOTS[:1], chat_template=CHAT_TEMPLATE)
    text = asked.text(EXAMPLE, 0, 1)
    assert text == (
        "<user>shot 0\nQuestion: q?\nAnswer:</s>\n<assistant>red</s>\n"
        "<user>the red film\nQuestion: of steam?\nAnswer:</s>\n<assistant>\n"
    )
    (question,) = asked.of([EXAMPLE])
    assert tokenizer.decode(question.context) == text.rstrip()
    assert [tokenizer.decode(tokens) for tokens in question.answers] == ["\nred", "\ngreen engine"]


def test_the_oldest_examples_are_left_out_where_a_prompt_is_too_long(tokenizer: Any) -> None:
    whole, *_ = questions(tokenizer, shots=SHOTS).of([EXAMPLE])
    long = replace(EXAMPLE, text="Z" * 30)
    asked = questions(tokenizer, shots=SHOTS, window=whole.length)
    assert [question.num_shots for question in asked.of([EXAMPLE, long, EXAMPLE])] == [3, 2, 3]
    assert asked.of([long])[0].context == questions(tokenizer, shots=SHOTS[1:]).of([long])[0].context
    (hopeless,) = questions(tokenizer, shots=SHOTS, window=20).of([long])
    assert (hopeless.num_shots, hopeless.length > 20) == (0, True)


def test_labels_are_asked_for_one_at_a_time(tokenizer: Any) -> None:
    prompt = Prompt(template="{text}: {label}?", answers=("no", "yes"))
    shot = Example(id="s", text="shot", target=frozenset({1}))
    asked = questions(tokenizer, prompt=prompt, kind=kind_of(MultiLabel(labels=("a", "b"))), shots=(shot,))
    texts = [tokenizer.decode(question.context) for question in asked.of([EXAMPLE])]
    assert texts == ["shot: a? no\n\nthe red film: a?", "shot: b? yes\n\nthe red film: b?"]
    assert [tokenizer.decode(question.context) for question in asked.without_content(1)] == [
        f"shot: b? yes\n\n{nothing}: b?" for nothing in ("N/A", "", "[MASK]")
    ]


def test_a_number_is_told_by_the_nearest_grade(tokenizer: Any) -> None:
    prompt = Prompt(template="{text}?", answers=("0", "5"), grades=(0.0, 5.0))
    shot = Example(id="s", text="shot", target=3.2)
    asked = questions(tokenizer, prompt=prompt, kind=kind_of(Regression(low=0, high=5)), shots=(shot,))
    assert asked.text(EXAMPLE, 0, 1) == "shot? 5\n\nthe red film?"


def test_what_questions_share_is_what_all_begin_with(tokenizer: Any) -> None:
    asked = questions(tokenizer, shots=SHOTS)
    for num_shots in (0, 3):
        shared = asked.shared_tokens(0, num_shots)
        fewer = replace(asked, shots=SHOTS[3 - num_shots :])
        assert all(question.context[: len(shared)] == shared for question in fewer.of([EXAMPLE, SHOTS[0]]))
        assert bool(shared) == bool(num_shots)


def test_examples_are_drawn_by_the_seed() -> None:
    train = [Example(id=str(n), text="a", target=0) for n in range(50)]
    assert draw(train, 5, seed=1) == draw(train, 5, seed=1) != draw(train, 5, seed=2)
    assert len({example.id for example in draw(train, 50, seed=0)}) == 50
    assert draw([], 0, seed=0) == ()
    with pytest.raises(UsageError, match="51 examples for a prompt; the training split has 50"):
        draw(train, 51, seed=0)


def test_a_prompt_without_a_token_begins_as_texts_do(tokenizer: Any) -> None:
    (empty,) = questions(tokenizer, prompt=replace(PROMPT, template="{text}")).of([replace(EXAMPLE, text="")])
    assert empty.context == [0]
