"""What a person reads of a mistake."""

import pytest
from pydantic import BaseModel, ValidationError

from harness.errors import did_you_mean, first_mistake


class Inner(BaseModel):
    scores: list[float]


class Outer(BaseModel):
    pairs: list[Inner]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"pairs": [{"scores": [1]}, {"scores": [2, "a"]}]}', "pairs[1].scores[1]: Input should be a valid number"),
        ("{}", "pairs: Field required"),
        ('{"pairs"', "the file: Invalid JSON: EOF while parsing an object"),
    ],
)
def test_what_does_not_fit_a_schema_is_one_line(text: str, line: str) -> None:
    with pytest.raises(ValidationError) as error:
        Outer.model_validate_json(text)
    assert first_mistake(error.value).startswith(line)
    assert "\n" not in first_mistake(error.value)


def test_near_names_are_suggested() -> None:
    assert did_you_mean("colaa", ["cola", "rte"]) == " Did you mean cola?"
    assert did_you_mean("zzz", ["cola", "rte"]) == ""
