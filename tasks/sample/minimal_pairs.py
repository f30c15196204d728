"""Minimal pairs of our own grammar, with BLiMP's columns; its paradigms are not BLiMP's."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tasks.sample.grammar import sentence
from tasks.sample.sentences import PARADIGMS

PAIRS_EACH = 30
TERMS = {
    "subject_verb": ("morphology", "subject_verb_agreement"),
    "attractor": ("morphology", "subject_verb_agreement"),
    "relative_clause": ("morphology", "subject_verb_agreement"),
    "coordination": ("morphology", "subject_verb_agreement"),
    "existential": ("morphology", "subject_verb_agreement"),
    "determiner": ("morphology", "determiner_noun_agreement"),
    "reflexive": ("morphology", "anaphor_agreement"),
    "auxiliary": ("morphology", "verb_forms"),
    "tense": ("semantics", "tense"),
    "polarity_item": ("semantics", "npi_licensing"),
    "gap": ("syntax", "filler_gap_dependency"),
    "word_order": ("syntax", "word_order"),
    "missing_object": ("syntax", "argument_structure"),
    "extra_object": ("syntax", "argument_structure"),
}
"""The field and the phenomenon of each paradigm."""


def rows(seed: int) -> Iterator[dict[str, Any]]:
    """Yield as many pairs of each paradigm, no two of them the same."""
    for name, (field, term) in TERMS.items():
        random, drawn = Random(f"{name} {seed}"), set[tuple[str, str]]()
        while len(drawn) < PAIRS_EACH:
            frame, right, wrong = PARADIGMS[name](random)
            good, bad = sentence(frame.format(right)), sentence(frame.format(wrong))
            if (good, bad) not in drawn:
                row = {"sentence_good": good, "sentence_bad": bad, "field": field, "linguistics_term": term}
                yield {**row, "UID": name, "pairID": str(len(drawn))}
                drawn.add((good, bad))
