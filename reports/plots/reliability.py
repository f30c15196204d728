"""Reliability diagrams: how often a model is right against how sure it is, a panel a model."""

from collections.abc import Mapping

from harness.calibration import Calibration
from reports.plots.view import Drawing, Style


def draw(calibrations: Mapping[str, Calibration], styles: Mapping[str, Style]) -> Drawing | None:
    """Return a panel for each model that has a style."""
    raise NotImplementedError
