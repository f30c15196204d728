"""The site builds strictly, and what a browser opens of it comes from its own folder."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.fakes.browser import needs_browser, open_browser

REQUESTS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""What a browser asks for of itself when it opens a page; a link in the text waits to be clicked."""


class Requests(HTMLParser):
    """Collects the addresses that a page asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if address := given.get(REQUESTS.get(tag, "")):
            self.found.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return folder


def test_pages_ask_for_files_beside_them_alone(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        requests = Requests()
        requests.feed(page.read_text(encoding="utf-8"))
        assert len(requests.found) > 3
        assert [address for address in requests.found if re.match(r"[a-z]+:|//", address)] == [], page.name


def test_styles_ask_for_nothing_elsewhere(site: Path) -> None:
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:|//)", style.read_text(encoding="utf-8")), style.name


def test_docstrings_are_there_and_their_roles_are_links(site: Path) -> None:
    page = (site / "api" / "index.html").read_text(encoding="utf-8")
    assert 'id="harness.Task"' in page
    assert "Fields and defaults" not in page
    assert [path.name for path in site.rglob("*.html") if re.search(r":[a-z]+:<code>", path.read_text())] == []


@needs_browser
def test_a_browser_asks_for_nothing_elsewhere(site: Path) -> None:
    asked: list[str] = []
    errors: list[str] = []
    with open_browser() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        for name in ("index.html", "guides/ci.html", "api/index.html"):
            page.goto((site / name).as_uri())
            page.wait_for_load_state("networkidle")
    assert errors == []
    assert [address for address in asked if not address.startswith((site.as_uri(), "data:", "blob:"))] == []
