"""A benchmark and evaluation harness for comparing language models: the engine, and what plugins are written with."""

from harness.data import FolderData, HubData, SampleData
from harness.errors import HarnessError
from harness.examples import Example, Prediction, Span
from harness.metrics import ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN, Metric, evaluate_module
from harness.model import FitSession, History, Model, ModelFamily, ModelSpec
from harness.outputs import Classification, Extraction, Output, Regression
from harness.recipe import Recipe
from harness.task import Row, Suite, Task

__all__ = [
    "ACCURACY",
    "F1",
    "MATTHEWS",
    "PEARSON",
    "SPEARMAN",
    "Classification",
    "Example",
    "Extraction",
    "FitSession",
    "FolderData",
    "HarnessError",
    "History",
    "HubData",
    "Metric",
    "Model",
    "ModelFamily",
    "ModelSpec",
    "Output",
    "Prediction",
    "Recipe",
    "Regression",
    "Row",
    "SampleData",
    "Span",
    "Suite",
    "Task",
    "evaluate_module",
]
