import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.markup import (
    csv_cell,
    escape_latex,
    escape_markdown,
    fenced,
    markdown_table,
    printable,
    shortened,
    strict_json,
)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_markdown_text_cannot_leave_its_cell(text: str) -> None:
    escaped = escape_markdown(text)
    assert "\n" not in escaped
    assert "<" not in escaped
    assert not re.search(r"(?<!\\)(?:\\\\)*[|*_`\[$]", escaped)
    assert markdown_table(["a", "b"], [[escaped, "1"]]).count("\n") == 2


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_latex_text_has_no_bare_command(text: str) -> None:
    escaped = escape_latex(text)
    commands = r"\\[&%$#_{}]|\\text(?:backslash|asciitilde|asciicircum|less|greater|bar)\{\}|\\ldots\{\}"
    known = rf"{commands}|\$\\pm\$|\$-\$|\$\\dagger\$|\{{[\[\]]\}}"
    assert not set("\\&%$#_{}~^<>|\n") & set(re.sub(known, "", escaped))


def test_escapes_are_the_usual_ones() -> None:
    assert escape_markdown("<script>|x_y%&") == r"&lt;script&gt;\|x\_y%&amp;"
    assert escape_latex("é 中 «") == "é U+4E2D U+00AB"
    assert escape_latex("<script>|x_y%&") == r"\textless{}script\textgreater{}\textbar{}x\_y\%\&"


def test_json_is_strict_and_ascii() -> None:
    value = {"a": [math.nan, -math.inf, 0.1, 1, True, None], 2: {"é\udc00"}, "path": Path("x"), "t": (1.5,)}
    text = strict_json(value)
    assert text.isascii()
    assert json.loads(text, parse_constant=str) == {
        "a": [None, None, 0.1, 1, True, None], "2": ["é?"], "path": "x", "t": [1.5],
    }  # fmt: skip


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert fenced(["a ``` b"]) == "````\na ``` b\n````"


@settings(deadline=None, max_examples=50)
@given(st.text(), st.integers(60, 200))
def test_a_shortened_text_keeps_both_ends(text: str, most: int) -> None:
    long = f"begin{text * 10}end"
    short = shortened(long, most)
    assert len(short) <= most
    assert short.startswith("begin")
    assert short.endswith("end")


def test_what_does_not_print_is_replaced_and_lines_stay() -> None:
    assert printable("one\n\ttwo\x1b[2J\u202e\udc00\x9b\r") == "one\n\ttwo\ufffd[2J\ufffd\ufffd\ufffd\ufffd"
    assert printable("می\u200cخواهم 5\u00a0% 👩\u200d🔬") == "می\u200cخواهم 5\u00a0% 👩\u200d🔬"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@sum", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_a_formula_in_a_cell_is_a_text(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "'=1", "mini"])
def test_any_other_cell_stays(text: str) -> None:
    assert csv_cell(text) == text
