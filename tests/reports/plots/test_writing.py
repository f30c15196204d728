from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from reports.analysis.comparison import compare
from reports.evidence.banners import banners, title
from reports.evidence.results import read_evidence
from reports.plots import write_plots
from reports.plots.canvas import settings
from reports.plots.labels import PointLabel, place_labels
from reports.plots.view import Plot, View, common, make_view, short
from reports.plots.writing import PLOTS
from tests.fakes.drawn_texts import overlaps, texts_of
from tests.fakes.synthetic import TITLES, Plan, write_run

NAMES = [f"organisation/checkpoint-of-size-{index}" for index in range(12)]


@pytest.fixture(autouse=True)
def our_settings() -> Iterator[None]:
    with settings():
        yield


def view_of(folder: Path, plan: Plan) -> View:
    (evidence,) = read_evidence([write_run(folder / "run", plan)])
    return make_view(evidence, compare(evidence), title(evidence), banners(evidence))


@pytest.fixture(scope="module", params=[(2, 1), (4, 9), (12, 11)], ids="{0[0]}x{0[1]}".format)
def view(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> View:
    num_models, num_tasks = request.param
    plan = Plan(models=NAMES[:num_models], tasks=list(TITLES)[:num_tasks], num_seeds=1, kind="sample", limits=(10, 10))
    return view_of(tmp_path_factory.mktemp("view"), plan)


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
def test_no_two_texts_overlap(view: View, plot: Plot) -> None:
    drawing = plot.draw(view)
    assert drawing is not None
    figure = drawing.figure
    texts = texts_of(figure)
    assert overlaps(texts) == []
    for _, box in texts:
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
    words = [text for text, _ in texts]
    assert "generated sample, not GLUE/SQuAD" in words
    assert "limited to 10 training / 10 evaluation examples" in words


@hypothesis_settings(deadline=None, max_examples=12)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=12))
def test_labels_keep_clear_of_one_another(points: list[tuple[float, float]]) -> None:
    figure = Figure(figsize=(7.5, 5.0))
    axes = figure.subplots()
    axes.set(xlim=(-0.1, 1.1), ylim=(-0.1, 1.1))
    labels = [PointLabel(x=x, y=y, text=f"some-model-{index}") for index, (x, y) in enumerate(points)]
    placed = place_labels(figure, axes, labels)
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert overlaps([(text.get_text(), Annotation.get_window_extent(text, renderer)) for text in placed]) == []


def test_what_cannot_be_drawn_is_not_written(tmp_path: Path) -> None:
    view = view_of(tmp_path, Plan(has_speed=False, num_steps=0))
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "latency.png").touch()
    drawn = {d.plot.name: d.stem for d in write_plots(view, tmp_path / "plots")}
    assert [name for name, stem in drawn.items() if stem] == ["scores", "score-training-time", "score-size"]
    assert "latency.png" not in {path.name for path in (tmp_path / "plots").iterdir()}


def test_of_many_models_the_best_are_shown_and_the_rest_are_counted(tmp_path: Path) -> None:
    models = [f"model-{index}" for index in range(15)]
    view = view_of(tmp_path, Plan(models=models, tasks=("cola", "mrpc"), num_seeds=1, has_speed=False, num_steps=0))
    assert list(view.styles) == models[3:]
    assert view.models_note == "12 of 15 models: those with the best means"
    looks = {(style.colour, style.marker) for style in view.styles.values()}
    assert len(looks) == 12


def test_names_are_shortened_but_stay_distinct(tmp_path: Path) -> None:
    models = [f"{'a' * 40}/{letter}/{'z' * 40}" for letter in "xy"]
    view = view_of(tmp_path, Plan(models=models, tasks=("cola",), has_speed=False, num_steps=0))
    first, second = (style.name for style in view.styles.values())
    assert second == f"{first} (2)"
    assert len(first) == 34
    assert short("_hidden").startswith(" ")


@given(st.dictionaries(st.text(max_size=3), st.sets(st.sampled_from("abcd"), min_size=1).map(sorted), max_size=6))
def test_common_is_a_full_grid(measured: dict[str, list[str]]) -> None:
    chosen = common(measured)
    assert {*chosen.models, *chosen.omitted} == measured.keys()
    assert bool(chosen.tasks) == bool(measured)
    assert all(task in measured[model] for model in chosen.models for task in chosen.tasks)


def test_common_keeps_a_model_that_lacks_a_few_tasks() -> None:
    chosen = common({"bag": ["a", "b"], "big": ["a", "b", "c"], "new": ["c"]})
    assert (chosen.models, chosen.tasks, chosen.omitted) == (("bag", "big"), ("a", "b"), ("new",))


def test_a_page_that_has_the_header_itself_gets_the_same_axes_without_it(tmp_path: Path) -> None:
    view = view_of(tmp_path, Plan(models=NAMES[:2], tasks=("cola",), num_seeds=1, kind="sample"))
    for plot in PLOTS:
        whole, bare = plot.draw(view), plot.draw(view.bare)
        assert whole is not None
        assert bare is not None
        assert bare.notes == whole.notes
        assert "generated sample, not GLUE/SQuAD" not in [text for text, _ in texts_of(bare.figure)]
        assert bare.figure.get_figheight() < whole.figure.get_figheight()
        assert bare.figure.get_figwidth() == whole.figure.get_figwidth()
        assert len(bare.figure.axes) == len(whole.figure.axes)
