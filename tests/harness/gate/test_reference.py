"""Reference files that are cut short, edited, of another version or not one at all: each is one clear line."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import GateError
from harness.gate.gate import make_reference
from harness.gate.reference import read_reference, write_reference
from harness.gate.verdicts import Verdict
from harness.store.run import Run
from tests.fakes.gate import PLAN, TASKS, finding, judged
from tests.fakes.synthetic import write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("runs") / "run", PLAN)


@pytest.fixture
def path(run: Run, tmp_path: Path) -> Path:
    write_reference(tmp_path / "reference.json", make_reference(run, (), (), TASKS))
    return tmp_path / "reference.json"


def edited(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change what a file of an earlier version holds, which has no checksum."""
    document = json.loads(path.read_text())
    del document["sha256"]
    change(document)
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(("kind", "name"), [("hub", "GLUE score"), ("sample", f"mean of {len(PLAN.tasks)} tasks")])
def test_its_mean_bears_the_suites_name_on_the_real_data_alone(tmp_path: Path, kind: str, name: str) -> None:
    run = write_run(tmp_path / "run", replace(PLAN, kind=kind))
    assert make_reference(run, (), (), TASKS).score_name == name


def test_it_comes_back_as_it_was(run: Run, path: Path) -> None:
    assert read_reference(path) == make_reference(run, (), (), TASKS)


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.7, 0.999])
def test_a_file_cut_short(path: Path, fraction: float) -> None:
    whole = path.read_text()
    for text in (whole, whole.replace(f' "sha256": "{json.loads(whole)["sha256"]}",\n', "")):
        path.write_text(text[: int(fraction * len(text))])
        with pytest.raises(GateError, match=r"not JSON .* is it cut short|checksum does not fit .* make it again"):
            read_reference(path)


def test_an_edited_or_reformatted_file_is_refused(path: Path) -> None:
    text = path.read_text()
    for other in (text.replace('"seed": 0', '"seed": 7', 1), json.dumps(json.loads(text)), text.replace("\n", "\r\n")):
        assert other != text
        path.write_text(other, newline="")
        with pytest.raises(GateError, match=r"its checksum does not fit .* `python -m harness reference RUN --out"):
            read_reference(path)


def seed_of(document: dict[str, Any]) -> dict[str, Any]:
    seed: dict[str, Any] = document["pairs"][0]["seeds"][0]
    return seed


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(schema_version=2), "made by a newer version of harness .schema 2, this one reads 1.; upg"),
        (lambda d: d.update(schema_version="x"), "schema_version: Input should be 1"),
        (lambda d: d.update(pairs=[]), "holds no results"),
        (lambda d: d.update(surprise=1), "surprise: Extra inputs are not permitted"),
        (lambda d: d["pairs"][0].pop("headline"), r"pairs\[0\].headline: Field required"),
        (lambda d: d["pairs"].append(d["pairs"][0]), "holds a pair of task and model twice"),
        (lambda d: d["pairs"][0].update(seeds=[]), "pair cola × floor: expected each seed once"),
        (lambda d: seed_of(d).update(score="NaN"), "pair cola × floor, seed 0: a score is not a finite number"),
        (lambda d: seed_of(d).update(answers={}), "pair cola × floor, seed 0: expected predictions for"),
    ],
)
def test_a_file_that_holds_what_cannot_be(
    path: Path, change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    with pytest.raises(GateError, match=complaint) as error:
        read_reference(edited(path, change))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [("AAAA", "packed predictions that cannot be read"), (None, "the answers of seed 0 score")],
)
def test_edited_answers_refuse_their_pair_alone(run: Run, path: Path, answers: str | None, reason: str) -> None:
    def change(document: dict[str, Any]) -> None:
        other = document["pairs"][0]["seeds"][1]["answers"]["validation"]
        seed_of(document)["answers"]["validation"] = answers or other

    report = judged(run, edited(path, change), quality_only=True)
    found = finding(report, "cola", "floor")
    assert found.verdict is Verdict.INCOMPARABLE
    assert reason in found.reason
    assert finding(report, "cola", "good").verdict is Verdict.NOT_WORSE


def test_where_it_cannot_be_written(run: Run, tmp_path: Path) -> None:
    reference = make_reference(run, (), (), TASKS)
    with pytest.raises(GateError, match="is a folder; expected the name of a file"):
        write_reference(tmp_path, reference)
    (tmp_path / "file").write_text("")
    with pytest.raises(GateError, match="cannot be written"):
        write_reference(tmp_path / "file" / "reference.json", reference)
