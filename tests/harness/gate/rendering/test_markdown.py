import re

import pytest

from harness.gate.rendering.markdown import MAX_CHARACTERS, render
from tests.fakes.gate_reports import EVERYTHING, HOSTILE, MANY, NOT_WORSE, report


def test_the_verdict_is_in_the_first_line_and_the_worst_on_top() -> None:
    first, *rest = render(EVERYTHING).splitlines()
    assert first == "❌ **Gate failed: 2 worse, 1 cannot tell, 1 not judged, 1 not worse**"
    rows = [line.split(" | ") for line in rest if line.startswith(("| quality", "| latency", "| memory"))]
    assert [row[2] for row in rows[:4]] == ["**worse**", "**worse**", "cannot tell", "not judged"]
    assert rows[0][:2] == ["| quality", "cola × mini"]
    assert rows[0][3:7] == ["41.00", "37.25", "−3.75 \\[−5.00, −2.50\\]", "1 point"]
    assert rows[1][3:7] == ["4 ms", "5.5 ms", "+37.5 % \\[+30.0 %, +45.0 %\\]", "10 %"]
    assert rows[3][3:5] == ["3.00 GiB", "1.00 MiB"]


def test_what_is_not_judged_is_folded_and_what_failed_is_not() -> None:
    open_rows, folded = render(EVERYTHING).split("<details>", 1)
    assert open_rows.count("**worse**") == 2
    assert "cannot tell |" in open_rows
    assert "<summary>1 not judged</summary>" in folded
    assert "<summary>1 not worse</summary>" in folded
    many = render(report(*MANY.findings[:15]))
    assert many.partition("<details>")[0].count("**worse**") == 12
    assert "<summary>3 more</summary>" in many


def test_what_passed_is_folded() -> None:
    text = render(report(NOT_WORSE))
    assert text.startswith("✅ **Gate passed: 1 not worse**\n")
    assert "<details><summary>1 not worse</summary>\n\n| metric" in text  # a blank line, or the table stays text


def test_what_was_compared_is_said() -> None:
    text = render(EVERYTHING)
    assert "- run: runs/new at 0123456789ab\n" in text
    assert "- other versions: torch 2.8.0 → 2.9.0\n" in text
    assert "- generated sample, not GLUE\n" in text


def test_names_are_shown_and_not_acted_upon() -> None:
    text = render(HOSTILE)
    assert "<script" not in text
    assert not re.search(r"@\w", text), "a mention"
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {9}
    text.encode()  # a lone surrogate is gone


def test_a_comment_has_room_for_it() -> None:
    text = render(MANY)
    assert len(text) <= MAX_CHARACTERS
    assert re.search(r"… and \d+ more", text)
    assert text.count("<details>") == text.count("</details>") == 1


@pytest.mark.parametrize(("count", "folded"), [(12, False), (13, True)])
def test_long_tables_are_folded(count: int, folded: bool) -> None:
    text = render(report(*MANY.findings[:count]))
    assert ("<details>" in text) == folded
