"""The loss of a pretraining by tokens: smoothed while it learns, and on held-out text."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from harness.pretraining.record import PretrainingRecord
from reports.plots.canvas import save, settings

WINDOWS = 60
"""Each point of the training loss is the mean over a window of this fraction of the steps."""


def draw_losses(record: PretrainingRecord, stem: Path) -> None:
    """Draw both losses as PNG and SVG, called ``stem``."""
    width = max(1, len(record.losses) // WINDOWS)
    smoothed = np.convolve(record.losses, np.full(width, 1 / width), mode="valid")  # (S - width + 1,)
    tokens_a_step = record.tokens / record.steps
    with settings():
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.plot((np.arange(len(smoothed)) + width) * tokens_a_step, smoothed, color="#0072B2", label="training")
        held_out = [(found.step * tokens_a_step, found.loss) for found in record.evaluations]
        axes.plot(*zip(*held_out, strict=True), color="#D55E00", marker="o", markersize=3.5, label="held out")
        unit = "masked token" if record.objective == "mlm" else "token"
        axes.set(xlabel="tokens learnt from", ylabel=f"loss, nats a {unit}")
        axes.set_title(f"{record.model}, {record.objective}, {record.corpus}", fontsize=9)
        axes.legend()
        save(figure, stem)
