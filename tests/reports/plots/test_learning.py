from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.analysis.comparison import compare
from reports.evidence.results import read_evidence
from reports.plots.canvas import settings
from reports.plots.learning import MAX_POINTS, draw, draw_task, smoothed
from reports.plots.view import View, make_view
from tests.fakes.drawn_texts import outside, overlaps, texts_of
from tests.fakes.synthetic import Plan, write_run


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    (evidence,) = read_evidence([write_run(tmp_path_factory.mktemp("run"), Plan(models=("majority", "mini", "<big>")))])
    with settings():
        yield make_view(evidence, compare(evidence), "title", ["banner"])


def test_one_task_has_a_line_for_each_model_that_was_trained(view: View) -> None:
    drawing = draw_task(view, "mrpc")
    assert drawing is not None
    losses, scores = drawing.figure.axes
    results = view.evidence.results["mrpc", "mini"]
    for axes in (losses, scores):
        for line, label in zip(axes.lines, (*["mini"] * 3, *["<big>"] * 3), strict=True):
            assert line.get_color() == view.styles[label].colour
        assert [line.get_alpha() for line in axes.lines] == [None, 0.35, 0.35] * 2
    mean = np.mean([result.history.losses for result in results], axis=0)
    np.testing.assert_allclose(losses.lines[0].get_xydata(), np.stack(smoothed(mean), axis=-1))
    np.testing.assert_allclose(
        losses.lines[1].get_xydata(), np.stack(smoothed(np.array(results[0].history.losses)), axis=-1)
    )
    by_seed = [[score for _, score in result.history.evaluations] for result in results]
    np.testing.assert_allclose(scores.lines[0].get_xydata(), np.stack([[1, 2, 3], np.mean(by_seed, axis=0)], axis=-1))
    np.testing.assert_allclose(scores.lines[2].get_ydata(), by_seed[1])
    assert drawing.notes == (
        "Mean over seeds, each seed faint; losses smoothed over 1/15 of steps",
        "Validation scores of at most 256 examples, the same ones after each epoch",
    )
    texts = texts_of(drawing.figure)
    assert {"mini", "<big>", "optimizer step", "epoch", "validation score"} <= {text for text, _ in texts}
    assert overlaps(texts) == []
    assert outside(drawing.figure) == []


def test_the_sheet_has_both_panels_of_each_task(view: View) -> None:
    drawing = draw(view)
    assert drawing is not None
    assert [axes.get_title() for axes in drawing.figure.axes] == [
        f"{task}: {what}" for task in ("CoLA", "MRPC", "MNLI") for what in ("loss", "validation")
    ]
    texts = texts_of(drawing.figure)
    assert overlaps(texts) == []
    assert outside(drawing.figure) == []


def test_a_run_from_before_has_losses_alone(tmp_path: Path) -> None:
    (evidence,) = read_evidence([write_run(tmp_path, Plan(is_validated=False, num_seeds=1))])
    with settings():
        view = make_view(evidence, compare(evidence), "title", ["banner"])
        drawings = draw_task(view, "mrpc"), draw(view)
    for drawing, num_panels in zip(drawings, (1, 3), strict=True):
        assert drawing is not None
        assert len(drawing.figure.axes) == num_panels
        assert drawing.notes == ("One seed; losses smoothed over 1/15 of steps",)
        assert all(len(axes.lines) == 2 for axes in drawing.figure.axes), "mini and big"
        assert outside(drawing.figure) == []


def test_seeds_that_were_scored_at_other_epochs_share_a_mean_where_both_were(view: View) -> None:
    first, second = view.evidence.results["mrpc", "mini"]
    assert second.history is not None
    shorter = replace(second.history, evaluations=second.history.evaluations[:2])
    results = {**view.evidence.results, ("mrpc", "mini"): (first, second.model_copy(update={"history": shorter}))}
    with settings():
        drawing = draw_task(replace(view, evidence=replace(view.evidence, results=results)), "mrpc")
    assert drawing is not None
    assert drawing.figure.axes[1].lines[0].get_xdata().tolist() == [1, 2]


def test_a_task_without_a_trained_model_has_no_curves(view: View) -> None:
    assert draw_task(view, "unheard of") is None


@given(st.lists(st.floats(0, 10), min_size=1, max_size=500))
def test_smoothing_is_a_mean_over_the_steps_before(losses: list[float]) -> None:
    steps, means = smoothed(np.array(losses))
    window = max(1, len(losses) // 15)
    assert len(steps) <= MAX_POINTS
    assert steps[-1] == len(losses)
    expected = [np.mean(losses[max(0, step - window) : step]) for step in steps]
    np.testing.assert_allclose(means, expected, atol=1e-9)
