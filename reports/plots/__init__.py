"""Plots of a run, each a module with a ``PLOT``; drawn with Agg and without pyplot, so that nothing global changes.

May import `analysis`, `evidence`, `text` and `harness`.
"""

from reports.plots.writing import Drawn, write_plots

__all__ = ["Drawn", "write_plots"]
