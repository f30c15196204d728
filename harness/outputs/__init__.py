"""The kinds of answer, one module each, without torch: everything that depends on the kind.

:func:`kind_of` leads from a task's output to its :class:`~harness.outputs.kind.Kind`. May import `api` and `errors`
alone.
"""

from typing import Any, assert_never

from harness.api.output import Classification, Extraction, MultiLabel, Output, Regression
from harness.outputs.classification import ClassificationKind
from harness.outputs.extraction import ExtractionKind
from harness.outputs.kind import Kind
from harness.outputs.multi_label import MultiLabelKind
from harness.outputs.regression import RegressionKind

WITH_LOGITS: tuple[type[Output], ...] = (Classification, MultiLabel, Regression, Extraction)
"""The kinds that a network answers by logits, of sequences or of spans."""

WITH_CONSTANT: tuple[type[Output], ...] = (Classification, MultiLabel, Regression, Extraction)
"""The kinds for which a constant answer is a floor worth a row in a table."""


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
    assert_never(output)


__all__ = ["WITH_CONSTANT", "WITH_LOGITS", "Kind", "kind_of"]
