from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.analysis.comparison import compare
from reports.evidence.results import read_evidence
from reports.plots.canvas import settings
from reports.plots.learning import MAX_POINTS, draw_task, smoothed
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
    (axes,) = drawing.figure.axes
    losses = view.evidence.results["mrpc", "mini"][0].history.losses
    for line, label in zip(axes.lines, ("mini", "mini", "<big>", "<big>"), strict=True):
        assert line.get_color() == view.styles[label].colour
    assert [line.get_alpha() for line in axes.lines] == [None, 0.35] * 2
    steps, means = smoothed(np.array(losses))
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), np.stack([steps, means], axis=-1))
    assert drawing.notes == ("Seed 0, the other seeds faint; smoothed over 1/15 of steps",)
    texts = texts_of(drawing.figure)
    assert {"mini", "<big>", "optimizer step"} <= {text for text, _ in texts}
    assert overlaps(texts) == []
    assert outside(drawing.figure) == []


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
