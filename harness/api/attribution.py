"""Why a model predicted as it did: one weight for each word of an example, for the prediction and against it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.api.example import Example

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What the words of one example had to do with the prediction on it.

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


def word_weights(text: str, spans: Sequence[tuple[int, int]], weights: Sequence[float]) -> tuple[float, ...]:
    """Return the weight of each word of ``text`` from those of its tokens, whose characters are ``spans``.

    A token's weight is shared equally by the characters that it covers, white space left out, and a word's is the sum
    over its characters: so that of the tokens within it, and the sum over words is that over tokens.
    """
    places = words(text)
    is_in_word = np.zeros(len(text), bool)
    for start, end in places:
        is_in_word[start:end] = True
    characters = np.zeros(len(text))
    for (start, end), weight in zip(spans, weights, strict=True):
        covered = start + np.flatnonzero(is_in_word[start:end])
        characters[covered] += weight / max(1, len(covered))
    return tuple(float(characters[start:end].sum()) for start, end in places)


def find_fault(attributions: Sequence[Attribution], examples: Sequence[Example]) -> str:
    """Return what is wrong with a model's attributions of ``examples``, or an empty string.

    Expected is one for each example, in order, with a finite number for each word; or none at all.
    """
    if not attributions:
        return ""
    if (found := [attribution.id for attribution in attributions]) != (ids := [example.id for example in examples]):
        return f"explains the examples {found}; expected {ids}, or none."
    for attribution, example in zip(attributions, examples, strict=True):
        for name, text, weights in (
            ("text", example.text, attribution.text),
            ("pair", example.pair or "", attribution.pair),
        ):
            where = f"example {example.id!r}: its {name}"
            if len(weights) != (expected := len(words(text))):
                return f"{where} is explained by {len(weights)} weights; expected one for each of {expected} words."
            if not all(type(weight) is float and math.isfinite(weight) for weight in weights):
                return f"{where} is explained by {weights}; expected plain, finite floats."
    return ""
