"""Which models are shown: chosen in the leaderboard, and followed by all that the page has of them, in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.browser import needs_browser, open_browser
from tests.fakes.pages import write_page
from tests.fakes.synthetic import Plan

pytestmark = needs_browser

CHOSEN = ("organisation/big", "organisation/mini")
OTHERS = ("majority", "a|b", "organisation/n", "organisation/small")
PLAN = Plan(tasks=("cola", "mnli"), models=(*CHOSEN, *OTHERS), num_seeds=1, num_questions=40, num_steps=5)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("page"), PLAN)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def page(chromium: Any, path: Path) -> Iterator[Any]:
    """A new window, which asks for nothing but the page itself, and of which no error is heard."""
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(5_000)
    heard: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: asked.add(request.url.partition("?")[0]))
    yield page
    page.close()
    assert heard == []
    assert asked <= {path.as_uri(), "about:blank"}


def models_of(page: Any, where: str) -> set[str]:
    """Return the models of the marks in plots that are not faded."""
    marks = page.locator(f"{where} svg [data-model]:not(.faded)")
    return set(marks.evaluate_all("all => all.map((one) => one.dataset.model)"))


def choose(page: Any) -> None:
    """Show two models alone, by the keyboard."""
    for name in CHOSEN:
        page.get_by_label(f"Select {name}", exact=True).press("Space")
    page.get_by_role("button", name="Show only the 2 selected").press("Enter")


def assert_only_the_chosen(page: Any) -> None:
    assert page.locator("#board tbody tr:visible").count() == 2
    assert page.get_by_text("2 of 6 models", exact=True).is_visible()
    assert models_of(page, ".first") == set(CHOSEN)
    assert page.locator("details.model:visible").count() == 2
    page.evaluate(
        "for (const folded of document.querySelectorAll('#task-mnli, #task-mnli details')) folded.open = true"
    )
    section = page.locator("#task-mnli")
    assert section.locator("table", has_text="All metrics").locator("tbody tr:visible").count() == 2
    matrix = section.locator("table.matrix")
    assert (matrix.locator("tbody tr:visible").count(), matrix.locator("thead th:visible").count()) == (2, 2)
    assert section.locator("table", has_text="Each pair").locator("tbody tr:visible").count() == 1
    slices = section.locator("table.by-model thead th:visible").all_inner_texts()
    assert set(slices) == {"by", "slice", "n", *CHOSEN}
    figures = section.locator("figure[data-model]:visible").evaluate_all("all => all.map((one) => one.dataset.model)")
    assert set(figures) == set(CHOSEN)
    assert models_of(page, "#task-mnli") == set(CHOSEN)
    explained = section.locator(".explained:visible").evaluate_all("all => all.map((one) => one.dataset.model)")
    assert set(explained) <= set(CHOSEN)
    assert section.locator(".browser .questions > li").first.locator(".given li").count() == 2
    assert "/2 models" in section.locator(".browser .about").first.inner_text()


def test_a_selection_drives_tables_plots_and_tasks(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    choose(page)
    assert_only_the_chosen(page)
    page.get_by_role("button", name="Show all 6 models").click()
    assert page.locator("#board tbody tr:visible").count() == 6
    assert page.locator(".faded").count() == 0
    assert page.locator("#task-mnli .browser .questions > li").first.locator(".given li").count() == 6
    assert "?" not in page.url


def test_a_selection_is_kept_in_the_address(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    choose(page)
    address = page.url
    assert address.count("show=") == 2
    page.locator(".contents a[href='#models']").click()
    assert page.url == f"{address}#models"
    page.goto("about:blank")
    page.goto(address)
    assert_only_the_chosen(page)
    for name in CHOSEN:  # with none selected, all are shown
        page.get_by_label(f"Select {name}", exact=True).uncheck()
    assert page.locator("#board tbody tr:visible").count() == 6
    page.goto(f"{path.as_uri()}?show=no-such-model")
    assert page.locator("#board tbody tr:visible").count() == 6


def test_a_phone_has_the_selection(page: Any, path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path.as_uri())
    choose(page)
    assert page.locator("#board tbody tr:visible").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") == 390
