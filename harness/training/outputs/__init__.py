"""What each kind of answer means to torch, one module each: labels, loss, decoding, attribution.

May import what `training` may.
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
from harness.training.outputs.classification import ClassificationHead
from harness.training.outputs.extraction import ExtractionHead
from harness.training.outputs.head import Head
from harness.training.outputs.multi_label import MultiLabelHead
from harness.training.outputs.regression import RegressionHead


def head_of(output: Output) -> Head[Any]:
    """Return what logits mean for the output of one task."""
    match output:
        case Classification():
            return ClassificationHead(output)
        case MultiLabel():
            return MultiLabelHead(output)
        case Regression():
            return RegressionHead(output)
        case Extraction():
            return ExtractionHead(output)
        case LanguageModelling() | MinimalPairs():
            raise NotImplementedError(f"no head gives predictions of the kind {type(output).__name__}")
    assert_never(output)


__all__ = ["Head", "head_of"]
