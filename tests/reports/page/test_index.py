"""The first screen of the page, and links that land where they say, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.browser import needs_browser, open_browser
from tests.fakes.pages import write_page
from tests.fakes.synthetic import Plan

pytestmark = needs_browser

GLUE = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli")
MODELS = ("majority", *(f"organisation/model-{index}" for index in range(29)))
SCREEN = 900
TOP = "document.getElementById('{}').getBoundingClientRect().top"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = Plan(tasks=GLUE, models=MODELS, num_seeds=1, num_questions=8, num_steps=5)
    return write_page(tmp_path_factory.mktemp("page"), plan)


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    page = chromium.new_page(viewport={"width": 1400, "height": SCREEN})
    page.set_default_timeout(5_000)
    yield page
    page.close()


AT_END = "scrollY + innerHeight >= document.documentElement.scrollHeight - 2"


def assert_in_sight(page: Any, target: str) -> None:
    """Assert that a target comes to stand below the contents, or anywhere in sight where the page ends."""
    top = TOP.format(target)
    page.wait_for_function(f"Math.abs({top} - 40) <= 80 || ({AT_END} && {top} < {SCREEN})")


def test_every_link_of_the_contents_lands_on_its_section(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    links = page.locator(".contents a")
    assert links.count() == 5 + len(GLUE)
    for link in links.all():
        link.click()
        assert_in_sight(page, link.get_attribute("href").removeprefix("#"))


def test_a_link_from_outside_opens_what_it_leads_to(page: Any, path: Path) -> None:
    for target in ("model-majority", "task-wnli", "task-rte-errors", "run"):
        page.goto("about:blank")
        page.goto(f"{path.as_uri()}#{target}")
        assert_in_sight(page, target)
        assert page.evaluate(f"document.getElementById('{target}').closest('details')?.open ?? true")


def test_back_leads_back(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    for target in ("task-mrpc", "models"):
        page.locator(f".contents a[href='#{target}']").click()
        assert_in_sight(page, target)
    page.go_back()
    assert_in_sight(page, "task-mrpc")
    page.go_back()
    page.wait_for_function("scrollY === 0")


def test_the_section_in_sight_is_marked(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    current = page.locator(".contents a[aria-current]")
    assert current.all_inner_texts() == ["Leaderboard"]
    page.locator(".contents a[href='#cost']").click()
    page.wait_for_function("document.querySelector('.contents a[aria-current]').hash === '#cost'")
    assert current.count() == 1


def test_the_first_screen_has_a_verdict_ten_rows_and_the_plot_beside(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    rows = page.locator("#board tbody tr").all()
    assert page.get_by_text("Best: model-").bounding_box()["y"] < 200
    tenth, plot = rows[9].bounding_box(), page.locator(".first svg").bounding_box()
    assert tenth["y"] + tenth["height"] <= SCREEN
    assert plot["y"] + plot["height"] <= SCREEN
    assert plot["x"] > tenth["x"] + tenth["width"]
    heads = [text.split("\n")[0] for text in page.locator("#board thead th:visible").all_inner_texts()]
    assert heads[:6] == ["rank", "model", "GLUE score", "latency p50, ms", "examples/s", "parameters, M"]


@pytest.mark.parametrize("width", [390, 1400])
def test_no_column_is_cut_off_and_the_others_are_a_tap_away(page: Any, path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": SCREEN})
    page.goto(path.as_uri())
    room = "document.getElementById('board').closest('.scroll')"
    assert page.evaluate(f"{room}.scrollWidth <= {room}.clientWidth")
    shown = page.locator("#board thead th:visible")
    assert 3 <= shown.count() < 17
    page.get_by_role("button", name="All tasks and costs").click()
    assert shown.count() == page.locator("#board thead th").count()
    page.get_by_role("button", name="Fewer columns").click()
    assert page.evaluate(f"{room}.scrollWidth <= {room}.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_thirty_models_by_nine_tasks_are_twelve_screens(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollHeight") <= 12 * SCREEN


def models_of(page: Any, where: str) -> set[str]:
    """Return the models of the marks in plots that are not faded."""
    marks = page.locator(f"{where} svg [data-model]:not(.faded)")
    return set(marks.evaluate_all("all => all.map((one) => one.dataset.model)"))


def test_the_filter_drives_tables_and_plots(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    assert len(models_of(page, ".first")) > 1
    page.get_by_label("Filter models").fill("model-28")
    assert page.locator("#board tbody tr:visible").count() == 1
    assert page.locator("#cost table").first.locator("tbody tr:visible").count() == 1
    assert models_of(page, ".first") == {"organisation/model-28"}


def test_a_mark_says_its_numbers(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    titles = page.locator(".first svg [data-model] > title").evaluate_all("all => all.map((one) => one.textContent)")
    assert any(text.startswith("organisation/model-28: 9") and "[" in text for text in titles)


def test_a_table_is_copied_as_markdown_and_latex(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    box = page.locator(".first .copy")
    box.get_by_role("button", name="Markdown").click()
    lines = page.evaluate("copied").split("\n")
    assert lines[0].startswith("| rank | model | GLUE score |")
    assert len(lines) == 2 + len(MODELS)
    box.get_by_role("button", name="LaTeX").click()
    assert page.evaluate("copied").startswith("\\begin{tabular}{rlrrrr")
    assert "\\toprule" in page.evaluate("copied")
    with page.expect_download() as download:
        box.get_by_role("button", name="download CSV").click()
    assert download.value.path().read_text(encoding="utf-8").startswith('"rank","model","GLUE score"')
    assert page.evaluate("copied").count("\\\\\n") == 1 + len(MODELS)
