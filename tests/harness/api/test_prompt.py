import pytest

from harness.api.example import Example
from harness.api.prompt import Prompt

EXAMPLE = Example(id="0", text="A dog barks. ", pair="An {animal} is heard")
ASKED = Prompt(template="{text}\nQuestion: {pair} True or False?\nAnswer:", answers=("True", "False"))


def test_a_question_has_the_texts_as_they_are_braces_and_all() -> None:
    assert ASKED.question(EXAMPLE) == "A dog barks. \nQuestion: An {animal} is heard True or False?\nAnswer:"


def test_texts_can_be_ended_with_a_full_stop_and_a_label_asked() -> None:
    prompt = Prompt(template="{text_ended} {pair_ended} {label}?", answers=("no", "yes"))
    assert prompt.question(EXAMPLE, "fauna") == "A dog barks. An {animal} is heard. fauna?"
    assert prompt.question(Example(id="1", text="Oh"), "x") == "Oh. . x?"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"template": "{sentence}"}, "field {sentence}; expected {text}, {pair}"),
        ({"template": "Yes or no?"}, "no field"),
        ({"answers": ("yes", "yes")}, "two words or more"),
        ({"answers": ("yes", "")}, "two words or more"),
        ({"answers": ("yes",)}, "two words or more"),
        ({"grades": (1.0,)}, "1 grades for 2 answers"),
    ],
)
def test_what_is_no_prompt_is_refused(fields: dict[str, object], message: str) -> None:
    given = {"template": "{text}", "answers": ("no", "yes"), **fields}
    with pytest.raises(ValueError, match=message):
        Prompt(**given)  # type: ignore[arg-type]


def test_the_identity_is_all_that_a_model_sees() -> None:
    identity = ASKED.identity()
    assert identity["template"] == ASKED.template
    assert identity["answers"] == ["True", "False"]
    assert "citation" not in identity
    assert set(identity) == {*Prompt.__dataclass_fields__} - {"citation"}
