"""A task in words: :class:`Prompt`, which a language model is asked with that was not trained for the task."""

import string
from dataclasses import dataclass

from harness.api.example import Example

FIELDS = ("text", "pair", "text_ended", "pair_ended", "label")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question about an example, and the words that answer it.

    ``template`` has ``{text}`` and ``{pair}`` where an example's texts stand, ``{text_ended}`` and ``{pair_ended}`` for
    them with a full stop at their end, and ``{label}`` where a task with multiple labels asks for one label at a time.
    ``answers`` are words: of each label in the order of the task's; ``("no", "yes")`` for one of multiple labels; or of
    ``grades``, numbers of which a regression takes the expected value. ``separator`` stands between a prompt and its
    answer, ``between`` between examples. With ``per_character`` an answer's log-probability is divided by its number of
    characters, so that long answers are not the less probable ones. All of it is part of a prompted trial's identity;
    ``citation`` says where it was published, and is not.

    Raises:
        ValueError: a template with other fields, or answers that are not two or more different words.
    """

    template: str
    answers: tuple[str, ...]
    grades: tuple[float, ...] = ()
    separator: str = " "
    between: str = "\n\n"
    per_character: bool = False
    citation: str = ""

    def __post_init__(self) -> None:
        fields = [name for _, name, _, _ in string.Formatter().parse(self.template) if name is not None]
        if unknown := [name for name in fields if name not in FIELDS]:
            raise ValueError(f"a prompt has the field {{{unknown[0]}}}; expected {{{'}, {'.join(FIELDS)}}}")
        if not fields:
            raise ValueError("a prompt has no field, such as {text}, so that every example would read alike")
        if len(set(self.answers)) != len(self.answers) or len(self.answers) < 2 or not all(self.answers):
            raise ValueError(f"a prompt has the answers {self.answers}; expected two words or more, all different")
        if self.grades and len(self.grades) != len(self.answers):
            raise ValueError(f"a prompt has {len(self.grades)} grades for {len(self.answers)} answers")

    def question(self, example: Example, label: str = "") -> str:
        """Return the prompt about an example."""
        text, pair = example.text, example.pair or ""
        return self.template.format(text=text, pair=pair, text_ended=_ended(text), pair_ended=_ended(pair), label=label)

    def identity(self) -> dict[str, object]:
        """Return all of the prompt that a model sees, and how its answers are weighed."""
        return {
            "template": self.template,
            "answers": list(self.answers),
            "grades": list(self.grades),
            "separator": self.separator,
            "between": self.between,
            "per_character": self.per_character,
        }


def _ended(text: str) -> str:
    stripped = text.strip()
    return stripped if stripped.endswith(".") else f"{stripped}."
