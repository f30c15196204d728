"""The page as HTML: safe, whole, self-contained, and in words where something is missing."""

import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.ranking import Standing
from harness.store.run import Run
from reports import write_report
from reports.analysis.comparison import compare
from reports.analysis.section import Section
from reports.analysis.statistics import Analysis
from reports.evidence.results import read_evidence
from reports.page.index import anchors, embedded, index_page
from reports.page.leaderboard import leaderboard
from tests.fakes.analysis import make_analysis
from tests.fakes.html_reader import Element, by_id, everything, read
from tests.fakes.predictions import HOSTILE_TEXT
from tests.fakes.synthetic import Plan, write_run

HOSTILE = "<script>alert(1)</script>|x_y%&\"'"
PLAN = Plan(
    tasks=("cola", "mrpc", "stsb", "mnli", "squad_v2"),
    models=("majority", HOSTILE, "big"),
    kind="sample",
    limits=(100, 50),
    unsupported=[("squad_v2", "majority")],
    failed=[("cola", "big", 1)],
    num_questions=40,
    num_steps=10,
)


def rendered(runs: list[Run], folder: Path) -> str:
    groups = [(evidence, compare(evidence)) for evidence in read_evidence(runs)]
    sections = [Section(evidence=e, comparison=c, analysis=make_analysis(e, c)) for e, c in groups]
    return index_page(sections, folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return rendered([write_run(folder / "run", PLAN)], folder)


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    return read(html)


def test_it_asks_for_nothing_else(page: Element) -> None:
    loading = {"src", "srcset", "data", "poster", "action", "formaction", "background"}
    for element in everything(page):
        assert not loading & element.attributes.keys(), element
        href = element.attributes.get("href")
        assert href is None or href.startswith("#"), href
        assert "url(http" not in (element.attributes.get("style") or "")
        assert not [name for name in element.attributes if name.startswith("on")]
    (styles,) = page.all("style")
    assert "@import" not in styles.text
    assert "url(" not in styles.text
    (policy,) = (e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes)
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_ids_are_unique_and_links_lead_somewhere(page: Element) -> None:
    names = Counter(element.attributes["id"] for element in everything(page) if "id" in element.attributes)
    assert [name for name, times in names.items() if times > 1] == []
    for element in everything(page):
        for name in ("href", "aria-labelledby", "data-from", "data-filters"):
            for target in (element.attributes.get(name) or "").split():
                assert target.removeprefix("#") in names


def test_headings_descend_by_one(page: Element) -> None:
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(element.text for element in page.all("h1", "h2", "h3", "h4", "h5"))


def test_tables_and_drawings_speak(page: Element) -> None:
    for table in page.all("table"):
        assert table.all("caption")[0].text
        assert all(head.attributes.get("scope") in {"col", "row"} for head in table.all("th"))
        widths = {sum(isinstance(cell, Element) for cell in row.children) for row in table.all("tr")}
        assert len(widths) == 1, table.all("caption")[0].text
    drawings = page.all("svg")
    assert len(drawings) > 20
    for drawing in drawings:
        assert drawing.attributes["role"] == "img"
        assert drawing.all("title")[0].text
        assert drawing.all("desc")[0].text


def test_hostile_text_stays_text(page: Element) -> None:
    assert len([script for script in page.all("script") if "type" not in script.attributes]) == 1
    assert not page.all("img")
    texts = [element.text for element in page.all("th")]
    assert HOSTILE in texts
    kept = [paragraph.text for paragraph in by_id(page, "task-cola").all("p")]
    assert " ".join(HOSTILE_TEXT.split()) in kept


def test_the_leaderboard_stands_first_and_is_whole(page: Element) -> None:
    board = by_id(page, "leaderboard")
    assert board.all("table")[0].attributes["id"] == "board"
    heads = [head.text for head in board.all("table")[0].all("thead")[0].all("th")]
    assert heads[:2] == ["rank", "model"]
    assert heads[3:6] == ["latency p50, ms", "examples/s", "parameters, M"]
    assert heads[-3:-1] == ["training, core s", "peak memory of the trial, MiB"]
    assert heads[-1] == "date"
    assert heads[2].startswith("mean of")
    first = board.all("tbody")[0].all("tr")[0]
    assert first.all("td")[0].text == "1"
    assert first.all("th")[0].text == "big"
    assert "[" in first.all("td")[1].text


@pytest.mark.parametrize(
    ("task", "parts"),
    {
        "cola": ("Scores", "Model against model", "Confusion matrix", "Learning curves", "Calibration"),
        "stsb": ("Predicted vs. true", "Error analysis", "Slices", "Token attributions"),
        "squad_v2": ("Scores", "Error analysis", "Token attributions"),
    }.items(),
)
def test_a_task_has_its_parts(page: Element, task: str, parts: tuple[str, ...]) -> None:
    heads = [head.text for head in by_id(page, f"task-{task}").all("h4")]
    assert set(parts) <= set(heads)


def test_slices_are_by_length_label_and_phenomenon(page: Element) -> None:
    (table,) = (t for t in by_id(page, "task-mnli").all("table") if t.all("caption")[0].text.startswith("By slice"))
    families = {row.all("th")[0].text for row in table.all("tbody")[0].all("tr")}
    assert families == {"length", "gold label", "logic", "knowledge", "split"}


def test_run_details(page: Element) -> None:
    text = by_id(page, "run").text
    for part in ("python -m harness run --suite glue", "the loss is <nan>", "../run/trials", "made-up processor"):
        assert part in text.replace("run/trials", "../run/trials", 1)
    assert "majority does not support SQuAD 2.0." in text
    assert "harness 0.1.0" in text


def test_models_have_settings_costs_and_verdicts(page: Element) -> None:
    big = by_id(page, "model-big").text
    assert "class MadeUp, width 192, epochs 3, learning rate 5e-05" in big
    assert "Significantly better than every other model on" in big
    assert "batches of 32 halved for want of memory: MRPC, seed 0; MRPC, seed 1" in big


def test_the_same_gives_the_same(html: str, folder: Path) -> None:
    assert rendered([Run(folder / "run")], folder) == html


def test_a_run_as_they_once_were_says_what_it_lacks(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", Plan(num_seeds=1, has_speed=False, num_steps=0))
    html = write_report([run], tmp_path / "out").read_text(encoding="utf-8")
    page = read(html)
    for task in ("cola", "mrpc", "mnli"):
        section = by_id(page, f"task-{task}")
        assert "examples are not stored with these results" in section.text
        assert "no model was trained step by step" in section.text
        assert {"Token attributions", "Slices", "Error analysis", "Calibration"}.isdisjoint(
            h.text for h in section.all("h4")
        )
    assert "Latency of one example is not drawn: no speed was measured." in by_id(page, "cost").text
    for head, after in heads_and_what_follows(by_id(page, "main")):
        assert after, head


def heads_and_what_follows(parent: Element) -> list[tuple[str, bool]]:
    found = []
    children = [child for child in parent.children if isinstance(child, Element)]
    for child, following in itertools.zip_longest(children, children[1:]):
        if child.tag[0] == "h" and child.tag[1:].isdigit() and parent.tag != "summary":
            found.append((child.text, following is not None and following.tag not in {"h2", child.tag}))
        found += heads_and_what_follows(child)
    return found


def test_a_run_without_results_has_a_page(tmp_path: Path) -> None:
    skipped = [(task, model) for task in Plan().tasks for model in Plan().models]
    run = write_run(tmp_path / "empty", Plan(skipped=skipped, has_speed=False))
    page = read(write_report([run], tmp_path / "out").read_text(encoding="utf-8"))
    assert "Nothing can be concluded yet: there is no result." in by_id(page, "leaderboard").text
    assert "No model has a result on this task." in by_id(page, "task-cola").text
    assert "It has no result." in by_id(page, "model-big").text


def test_one_task_alone_is_shown_once(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", Plan(tasks=("cola",), num_steps=0, has_speed=False))
    page = read(rendered([run], tmp_path))
    assert "By CoLA's score, big is significantly better" in by_id(page, "leaderboard").text
    assert not by_id(page, "leaderboard").all("svg")
    assert len([table for table in page.all("table") if table.attributes["class"] == "matrix"]) == 1


def test_many_models_are_folded_and_many_tasks_have_fewer_plots(tmp_path: Path) -> None:
    tasks = ("cola", *(f"task-{index}" for index in range(9)))
    plan = Plan(tasks=tasks, models=tuple(f"m{i}" for i in range(14)), num_seeds=1, has_speed=False, num_steps=5)
    page = read(rendered([write_run(tmp_path / "run", plan)], tmp_path))
    folded = Counter(element.attributes.get("class") for element in page.all("details"))
    assert (folded["model"], folded["task"]) == (14, 10)
    assert "show the 12 models with the best means of 14" in by_id(page, "leaderboard").text
    section = by_id(page, "task-cola")
    assert "With this many tasks, learning curves and reliability diagrams are not drawn." in section.text
    assert len(section.all("svg")) == 1
    matrix = next(t for t in section.all("table") if t.attributes["class"] == "matrix")
    assert len(matrix.all("tbody")[0].all("tr")) == 12


def test_runs_that_do_not_compare_stand_apart(tmp_path: Path) -> None:
    plan: dict[str, Any] = {"tasks": ("cola", "mrpc"), "models": ("majority", "mini"), "has_speed": False}
    runs = [write_run(tmp_path / "a", Plan(**plan)), write_run(tmp_path / "b", Plan(**plan | {"data": "others"}))]
    page = read(rendered(runs, tmp_path))
    test_ids_are_unique_and_links_lead_somewhere(page)
    test_headings_descend_by_one(page)
    assert "do not compare" in page.all("header")[0].text
    assert [by_id(page, f"set{n}-board").all("tbody")[0].all("th")[0].text for n in (1, 2)] == ["mini (a)", "mini (b)"]


def test_an_analysis_that_could_not_be_made_says_why(tmp_path: Path) -> None:
    (evidence,) = read_evidence([write_run(tmp_path / "run", Plan(num_steps=0, has_speed=False))])
    analysis = Analysis(reasons=("Nothing was stored.",))
    html = index_page([Section(evidence=evidence, comparison=compare(evidence), analysis=analysis)], tmp_path)
    board = by_id(read(html), "leaderboard")
    assert "Nothing was stored." in board.text
    assert [row.all("td")[0].text for row in board.all("tbody")[0].all("tr")] == ["–"] * 3


def test_the_leaderboard_is_by_score_also_where_ranks_are_not(tmp_path: Path) -> None:
    (evidence,) = read_evidence([write_run(tmp_path / "run", Plan(num_steps=0, has_speed=False))])
    comparison = compare(evidence)
    analysis = make_analysis(evidence, comparison)
    by_score = [row.model for row in comparison.ranking()]
    last_is_first = {
        label: Standing(label=label, first=rank, last=rank) for rank, label in enumerate(reversed(by_score), 1)
    }
    board = leaderboard(evidence, comparison, replace(analysis, standings=last_is_first))
    assert [entry.label for entry in board.entries] == by_score
    assert [entry.rank for entry in board.entries] == ["3", "2", "1"]


@given(st.text())
def test_embedded_json_cannot_end_its_element(text: str) -> None:
    import json

    written = embedded({"text": text + "</script><!--\u2028\u2029&"})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written)["text"].startswith(text)


@given(st.lists(st.text(), unique=True))
def test_anchors_are_unique_and_plain(names: list[str]) -> None:
    found = anchors(names, "task-")
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert all(anchor.replace("-", "").replace("_", "").isalnum() and anchor.isascii() for anchor in found.values())
