"""The page in a real browser: Debian's Chromium, driven by Playwright, which downloads none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.browser import needs_browser, open_browser
from tests.fakes.pages import write_page
from tests.fakes.predictions import HOSTILE_TEXT
from tests.fakes.synthetic import Plan

pytestmark = needs_browser

HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"
PLAN = Plan(
    tasks=("cola", "squad_v2"), models=("majority", "mini", HOSTILE, "big"), num_seeds=1, num_questions=40, num_steps=20
)


@dataclass
class Opened:
    """The page, and what was heard while it was open."""

    page: Any
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("page"), PLAN)


@pytest.fixture
def opened(chromium: Any, path: Path) -> Iterator[Opened]:
    """The page as a desktop shows it; in the end, nothing was asked of any other place, and no error was heard."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(5_000)
    found = Opened(page=context.new_page())
    found.page.on("console", lambda message: found.heard.append(message.text))
    found.page.on("pageerror", lambda error: found.heard.append(str(error)))
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.goto(path.as_uri())
    yield found
    title = found.page.title()
    context.close()
    assert found.heard == []
    assert found.asked == [path.as_uri()]
    assert title == "GLUE"


def column(page: Any, table: str, number: int) -> list[str]:
    cells = page.locator(f"{table} tbody tr:not([hidden]) > :nth-child({number})")
    return [text.split("\n")[0].strip() for text in cells.all_inner_texts()]


def browser_of(page: Any, task: str) -> Any:
    page.evaluate(f"document.querySelector('#task-{task}').open = true")
    page.evaluate(f"document.querySelector('#task-{task} .errors').open = true")
    box = page.locator(f"#task-{task} .browser")
    box.locator(".questions > li").first.wait_for()
    return box


def test_a_column_is_sorted_by_its_head(opened: Opened) -> None:
    page = opened.page
    head = page.locator("#board").get_by_role("columnheader", name="parameters, M")
    models = column(page, "#board", 2)
    assert models == ["big", HOSTILE, "mini", "majority"]
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(page, "#board", 2) == ["majority", "mini", HOSTILE, "big"]
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column(page, "#board", 2) == models


def test_the_leaderboard_is_filtered_by_name(opened: Opened) -> None:
    page = opened.page
    page.get_by_label("Filter models").fill("M")
    assert sorted(column(page, "#board", 2)) == sorted([HOSTILE, "majority", "mini"])
    assert page.get_by_text("3 of 4 models").is_visible()
    page.get_by_label("Filter models").fill("mini")
    assert column(page, "#board", 2) == ["mini"]


def test_the_browser_shows_what_is_missed_most(opened: Opened) -> None:
    box = browser_of(opened.page, "cola")
    first = box.locator(".questions > li").first
    assert "wrong in" in first.inner_text()
    assert first.locator(".given li").count() == 4
    num_missed = [int(text.split("wrong in ")[1].split("/")[0]) for text in box.locator(".about").all_inner_texts()]
    assert num_missed == sorted(num_missed, reverse=True)
    box.get_by_label("Gold label").select_option(label="yes")
    assert {text.split(", ")[0] for text in box.locator(".about").all_inner_texts()} == {"Gold: yes"}
    box.get_by_label("Text").fill("no such text")
    assert box.locator(".count").inner_text() == "0 of 40 examples"


def test_two_models_are_set_against_each_other(opened: Opened) -> None:
    box = browser_of(opened.page, "cola")
    assert not box.locator("select[name=first]").is_visible()
    box.get_by_label("Show").select_option(label="A against B")
    box.locator("select[name=first]").select_option(label="majority")
    box.locator("select[name=second]").select_option(label="big")
    items = box.locator(".questions > li")
    assert items.count() > 3
    for item in items.all():
        one, other = item.locator(".given li").all_inner_texts()
        assert (one.split()[1], other.split()[1]) == ("majority:", "big:")
        assert one.split()[2] != other.split()[2]


def test_spans_are_marked_in_the_passage(opened: Opened) -> None:
    box = browser_of(opened.page, "squad_v2")
    item = box.locator(".questions > li", has=opened.page.locator("mark.accepted")).first
    right = item.locator(".about b").inner_text()
    assert item.locator("mark.accepted").all_inner_texts()[0] == right
    assert item.locator("mark.answered").count() >= 1


def test_hostile_text_stays_text(opened: Opened) -> None:
    box = browser_of(opened.page, "cola")
    box.get_by_label("Show").select_option(label="A against B")
    box.get_by_label("Show").select_option(label="most often wrong")
    everything = opened.page.evaluate("document.body.textContent")
    assert HOSTILE_TEXT in everything
    assert opened.page.locator("img").count() == 0
    assert HOSTILE in box.inner_text()


def test_a_link_opens_the_folded_part_that_it_leads_to(chromium: Any, tmp_path: Path) -> None:
    models = tuple(f"m{index}" for index in range(9))
    plan = Plan(tasks=("cola",), models=models, num_seeds=1, num_steps=0, has_speed=False)
    page = chromium.new_page()
    page.goto(write_page(tmp_path, plan).as_uri())
    settings = page.locator("#model-m3").get_by_text("class MadeUp")
    assert not settings.is_visible()
    page.locator("#board").get_by_role("link", name="m3").click()
    assert settings.is_visible()
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_stands_out_of_the_page(opened: Opened, width: int) -> None:
    opened.page.set_viewport_size({"width": width, "height": 844})
    opened.page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    browser_of(opened.page, "squad_v2")
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width


def test_dark_and_paper(opened: Opened) -> None:
    page, ground = opened.page, "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(ground) != light
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert not page.get_by_label("Filter models").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_texts_have_contrast(opened: Opened) -> None:
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        colours = opened.page.evaluate(
            """() => ["--paper", "--raised", "--ink", "--muted", "--link", "--warn", "--warn-paper"].map((name) => {
                const probe = document.body.appendChild(document.createElement("i"));
                probe.style.color = `var(${name})`;
                const found = getComputedStyle(probe).color.match(/[0-9]+/g).map(Number);
                probe.remove();
                return found;
            })"""
        )
        paper, raised, ink, muted, link, warn, warn_paper = map(luminance, colours)
        pairs = [(text, ground) for text in (ink, muted, link) for ground in (paper, raised)] + [(warn, warn_paper)]
        for text, ground in pairs:
            assert (max(text, ground) + 0.05) / (min(text, ground) + 0.05) >= 4.5


def luminance(rgb: list[int]) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_without_script_it_reads_all_the_same(chromium: Any, path: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.get_by_role("heading", name="Leaderboard").is_visible()
    assert not page.get_by_label("Filter models").is_visible()
    page.locator("#task-cola > summary").click()
    page.locator("#task-cola summary", has_text="as plain text").click()
    assert page.locator("#task-cola details[open] .questions > li").count() == 10
    context.close()
