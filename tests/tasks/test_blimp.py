"""BLiMP: rows of a folder of JSON lines, and what is wrong with one that cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.data.loading import load
from harness.data.source import open_source
from harness.errors import DataError
from harness.testing.tasks import check_task
from tasks.blimp import BLIMP, PARADIGMS
from tasks.sample.minimal_pairs import TERMS
from tasks.sample.sentences import PARADIGMS as DRAWN


def row(**changes: Any) -> dict[str, Any]:
    same = {"sentence_good": "She runs.", "sentence_bad": "She run.", "field": "morphology", "pairID": "7"}
    return same | {"linguistics_term": "agreement", "UID": "verbs"} | changes


def write(file: Path, *rows: dict[str, Any]) -> None:
    file.write_text("".join(f"{json.dumps(each)}\n" for each in rows))


def test_it_conforms() -> None:
    check_task(BLIMP)


def test_there_are_67_paradigms_on_the_hub_and_each_of_ours_has_a_field() -> None:
    assert len(set(PARADIGMS)) == 67
    assert set(TERMS) == set(DRAWN)


def test_all_files_of_a_folder_are_one_task(tmp_path: Path) -> None:
    write(tmp_path / "verbs.jsonl", row(), row(pairID="8"))
    write(tmp_path / "nouns.jsonl", row(UID="nouns"))
    data = load(BLIMP, open_source(str(tmp_path)))
    assert [example.id for example in data.scored["test"]] == ["nouns 7", "verbs 7", "verbs 8"]
    assert data.scored["test"][0].tags == ("field: morphology", "phenomenon: agreement", "paradigm: nouns")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "line 2: is no JSON"),
        ("[]", "line 2: no text 'sentence_good'"),
        (json.dumps(row(UID=3)), "line 2: no text 'UID'"),
        (json.dumps(row(sentence_bad="She runs.", pairID="8")), "expected two sentences that differ"),
    ],
)
def test_what_is_no_pair_is_found_where_it_is(line: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "verbs.jsonl").write_text(f"{json.dumps(row())}\n{line}\n")
    with pytest.raises(DataError) as error:
        load(BLIMP, open_source(str(tmp_path)))
    assert expected in str(error.value)
