from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.gate.rendering import markdown
from harness.gate.rendering.github import MAX_ANNOTATIONS, append_summary, command, render
from tests.fakes.gate_reports import CANNOT_TELL, EVERYTHING, HOSTILE, MANY, NOT_WORSE, report


def test_an_annotation_for_whatever_is_not_right() -> None:
    assert render(EVERYTHING).splitlines() == [
        "::error title=Gate::Gate failed: 2 worse, 1 cannot tell, 1 not judged, 1 not worse.",
        "::error title=cola × mini%2C quality::worse: 41.00 → 37.25, change −3.75 [−5.00, −2.50], margin 1 point. "
        "The loss is beyond the margin.",
        "::error title=cola × mini%2C latency::worse: 4 ms → 5.5 ms, change +37.5 %25 [+30.0 %25, +45.0 %25], "
        "margin 10 %25. Slower by more than the margin.",
        "::warning title=mean over tasks × mini%2C quality::cannot tell: 60.50 → 58.88, change −1.62 [−3.00, −0.25], "
        "margin 1 point. 12 seeds on each side would tell.",
        "::notice title=cola × mini%2C memory::not judged: 3.00 GiB → 1.00 MiB. Another machine.",
    ]
    assert render(report(NOT_WORSE)) == "::notice title=Gate::Gate passed: 1 not worse.\n"
    assert render(report(CANNOT_TELL, strict=True)).count("::error") == 2


def test_names_cannot_begin_a_command_of_their_own() -> None:
    lines = render(HOSTILE).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("::error title=") for line in lines)
    for line in lines[1:]:
        title = line.removeprefix("::error title=").partition("::")[0]
        assert "%250A%3A%3Aerror%3A%3A next" in title


def test_escaping_is_that_of_the_toolkit() -> None:
    assert command("error", "a: b, 100%", "x: y, 50%\r\nz") == "::error title=a%3A b%2C 100%25::x: y, 50%25%0D%0Az"


def test_no_more_annotations_than_are_kept() -> None:
    assert len(render(MANY).splitlines()) == MAX_ANNOTATIONS


def test_the_summary_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    append_summary(EVERYTHING, {"GITHUB_STEP_SUMMARY": str(path)})
    assert path.read_text() == f"before\n{markdown.render(EVERYTHING)}\n"
    append_summary(EVERYTHING, {})
    with pytest.raises(UsageError, match="GITHUB_STEP_SUMMARY"):
        append_summary(EVERYTHING, {"GITHUB_STEP_SUMMARY": str(tmp_path)})
