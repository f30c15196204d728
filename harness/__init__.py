"""A benchmark and evaluation harness for comparing language models: the engine, and what plugins are written with."""

from harness.api.data import FolderData, HubData, SampleData
from harness.api.example import Example, Prediction, Span
from harness.api.method import Method
from harness.api.metric import Metric
from harness.api.model import FitSession, History, Model, ModelFamily, ModelSpec
from harness.api.output import (
    Classification,
    Extraction,
    LanguageModelling,
    MinimalPairs,
    MultiLabel,
    Output,
    Regression,
)
from harness.api.prompt import Prompt
from harness.api.recipe import Decoding, Encoding, Optimisation, Recipe
from harness.api.task import Row, Suite, Task
from harness.errors import HarnessError
from harness.metrics.evaluate import evaluate_module
from harness.metrics.glue import ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN
from harness.metrics.language_modelling import LIKELIHOOD, PSEUDO_LIKELIHOOD
from harness.metrics.multi_label import EXACT_MATCH, MICRO_F1, macro_f1

__all__ = [
    "ACCURACY",
    "EXACT_MATCH",
    "F1",
    "LIKELIHOOD",
    "MATTHEWS",
    "MICRO_F1",
    "PEARSON",
    "PSEUDO_LIKELIHOOD",
    "SPEARMAN",
    "Classification",
    "Decoding",
    "Encoding",
    "Example",
    "Extraction",
    "FitSession",
    "FolderData",
    "HarnessError",
    "History",
    "HubData",
    "LanguageModelling",
    "Method",
    "Metric",
    "MinimalPairs",
    "Model",
    "ModelFamily",
    "ModelSpec",
    "MultiLabel",
    "Optimisation",
    "Output",
    "Prediction",
    "Prompt",
    "Recipe",
    "Regression",
    "Row",
    "SampleData",
    "Span",
    "Suite",
    "Task",
    "evaluate_module",
    "macro_f1",
]
