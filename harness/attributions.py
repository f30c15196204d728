"""Why a model answered as it did: one weight for each word of an example, for what the answer says and against it."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What the words of one example had to do with the answer to it.

    ``text`` and ``pair`` hold one weight for each word (:func:`words`) of the example's texts, ``pair`` none where it
    has no second text. A positive weight speaks for what ``towards`` names, such as the predicted label, a negative one
    against it. Weights are on the model's own scale, so they compare within one example only.
    """

    id: str
    towards: str
    text: tuple[float, ...]
    pair: tuple[float, ...] = ()


def words(text: str) -> list[tuple[int, int]]:
    """Return the characters [start, end) of each word: what stands between white space."""
    return [match.span() for match in _WORD.finditer(text)]
