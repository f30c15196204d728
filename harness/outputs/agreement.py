"""How far an extracted text agrees with the accepted ones: exact match and F1, as SQuAD's official scripts have them.

``evaluate-v1.1.py`` and ``evaluate-v2.0.py`` share the normalisation of a text and differ in what an empty one means:
in 1.1 it overlaps with nothing, in 2.0 it is the answer "there is none".
"""

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize_answer(text: str) -> str:
    """Return ``text`` in lower case, without ASCII punctuation and English articles, its words one space apart."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_WITHOUT_PUNCTUATION)).split())


def token_f1(predicted: Sequence[str], true: Sequence[str]) -> float:
    """Return the harmonic mean of precision and recall of the predicted tokens, as bags; 0 where none is shared."""
    num_same = sum((Counter(predicted) & Counter(true)).values())
    if num_same == 0:
        return 0.0
    precision, recall = num_same / len(predicted), num_same / len(true)
    return 2 * precision * recall / (precision + recall)


def version_1_accepted(texts: Iterable[str]) -> list[str]:
    """Return the accepted texts of a question, normalised."""
    return [normalize_answer(text) for text in texts]


def version_2_accepted(texts: Iterable[str]) -> list[str]:
    """Return likewise those that are not empty; where none is left, the empty text, which is "there is none"."""
    return list(filter(None, version_1_accepted(texts))) or [""]


def version_1_agreement(answer: str, accepted: Sequence[str]) -> tuple[float, float]:
    """Return exact match and F1 of an answer, as version 1.1 has them; the accepted texts are normalised."""
    given = normalize_answer(answer)
    return float(given in accepted), max((token_f1(given.split(), text.split()) for text in accepted), default=0.0)


def version_2_agreement(answer: str, accepted: Sequence[str]) -> tuple[float, float]:
    """Return exact match and F1 of an answer, as version 2.0 has them, where an empty one agrees with an empty one.

    ``accepted`` are those of :func:`version_2_accepted`.
    """
    if not normalize_answer(answer):
        agrees = float("" in accepted)
        return agrees, agrees
    return version_1_agreement(answer, accepted)
