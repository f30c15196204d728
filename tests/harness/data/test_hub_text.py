"""Plain text from the hub: what its name says, and how its rows become documents."""

from typing import Any

import datasets
import pytest

from harness.data.hub_text import PINNED, HubText
from harness.errors import DataError

LINES = ["", " = Cats = \n", "", " They sleep . \n", "", " = Dogs = \n", "", " They bark . \n"]


def published(monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]) -> list[Any]:
    """Put a data set on a hub that is none; return what it is asked for."""
    asked: list[Any] = []

    def load_dataset(name: str, config: str | None, **options: str) -> datasets.Dataset:
        asked.append((name, config, options))
        return datasets.Dataset.from_list(rows)

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return asked


def test_lines_of_wikitext_become_articles_at_a_pinned_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = published(monkeypatch, [{"text": line} for line in LINES])
    opened = HubText.opened("Salesforce/wikitext:wikitext-2-raw-v1")
    assert opened.identity() == ("Salesforce/wikitext", "wikitext-2-raw-v1", PINNED["Salesforce/wikitext"])
    cats, dogs = opened.documents()
    assert (cats.startswith("= Cats ="), dogs.startswith("= Dogs =")) == (True, True)
    [(name, config, options)] = asked
    assert (name, config, options["split"]) == ("Salesforce/wikitext", "wikitext-2-raw-v1", "train")
    assert options["revision"] == PINNED["Salesforce/wikitext"]


def test_other_rows_are_a_document_each(monkeypatch: pytest.MonkeyPatch) -> None:
    published(monkeypatch, [{"text": "one\n\nstill one"}, {"text": ""}, {"text": "two"}])
    assert list(HubText.opened("owner/name@abc").documents()) == ["one\n\nstill one", "two"]


def test_rows_without_a_text_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    published(monkeypatch, [{"words": "one"}])
    with pytest.raises(DataError, match="no column 'text'; it has words"):
        list(HubText.opened("owner/name@abc").documents())


def test_a_hub_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(*_: object, **__: object) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(DataError, match=r"the hub did not give owner/name .*no route"):
        list(HubText.opened("owner/name@abc").documents())
