"""The kinds of answer, one module each, without torch: everything that depends on the kind.

:func:`kind_of` leads from a task's output to its :class:`~harness.outputs.kind.Kind`. May import `api` and `errors`
alone.
"""

from typing import Any, assert_never

from harness.api.output import (
    Classification,
    Extraction,
    LanguageModelling,
    MinimalPairs,
    MultiLabel,
    Output,
    Regression,
)
from harness.outputs.classification import ClassificationKind
from harness.outputs.extraction import ExtractionKind
from harness.outputs.kind import Kind, Likelihood
from harness.outputs.language_modelling import LanguageModellingKind
from harness.outputs.minimal_pairs import MinimalPairsKind
from harness.outputs.multi_label import MultiLabelKind
from harness.outputs.regression import RegressionKind

WITH_LOGITS: tuple[type[Output], ...] = (Classification, MultiLabel, Regression, Extraction)
"""The kinds that a network answers by logits, of sequences or of spans."""

WITH_CONSTANT: tuple[type[Output], ...] = (Classification, MultiLabel, Regression, Extraction)
"""The kinds for which a constant answer is a floor worth a row in a table."""

WITH_PROMPT: tuple[type[Output], ...] = (Classification, MultiLabel, Regression)
"""The kinds that can be asked in words, each answer one of a few: see :class:`~harness.api.prompt.Prompt`."""

OF_TEXTS: tuple[type[Output], ...] = (LanguageModelling, MinimalPairs)
"""The kinds that rest on how probable a text is, which a language model tells as it is."""


def kind_of(output: Output) -> Kind[Any]:
    """Return all that depends on the kind of answer, for the output of one task."""
    match output:
        case Classification():
            return ClassificationKind(output)
        case MultiLabel():
            return MultiLabelKind(output)
        case Regression():
            return RegressionKind(output)
        case Extraction():
            return ExtractionKind(output)
        case LanguageModelling():
            return LanguageModellingKind(output)
        case MinimalPairs():
            return MinimalPairsKind(output)
    assert_never(output)


__all__ = ["OF_TEXTS", "WITH_CONSTANT", "WITH_LOGITS", "WITH_PROMPT", "Kind", "Likelihood", "kind_of"]
