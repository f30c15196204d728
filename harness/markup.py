"""Text that is safe where it is put: names and messages come from users, and must not act as Markdown or LaTeX."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set

_OBEYED = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff\\ufff9-\\ufffb"
    "\\U000e0000-\\U000e007f]"
)
_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", "±": r"$\pm$", "–": "--", "…": r"\ldots{}", "−": "$-$",
    "†": r"$\dagger$", "[": "{[}", "]": "{]}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}  # fmt: skip
_IN_LATEX = {*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA1, 0x180)), *"‘’“”—"} - set(
    "\xad«»ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ"
)
"""What LaTeX sets without a package for it."""


def one_line(text: str) -> str:
    """Return the text with every run of white space and control characters made one space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def printable(text: str) -> str:
    """Return the text with its lines and tabs, and a � for what a terminal or a browser would obey in place of showing.

    These are control characters, what turns the direction of text, tags, and halves of surrogate pairs.
    """
    return _OBEYED.sub("\ufffd", text)


def shortened(text: str, most: int) -> str:
    """Return the text in at most so many characters, with the middle left out."""
    if len(text) <= most:
        return text
    mark = f" … ({len(text) - most:,} characters left out) … "
    kept = max(most - len(mark), 0)
    return text[: kept - kept // 2] + mark + text[len(text) - kept // 2 :]


def strict_json(document: object) -> str:
    """Return JSON that every parser takes: ASCII alone, and null for each number that JSON cannot write."""
    return json.dumps(writable(document), indent=1, allow_nan=False)


def writable(value: object) -> object:
    """Return a document with null for each number that JSON cannot write, and without halves of surrogate pairs."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {_text(key): writable(held) for key, held in value.items()}
        case list() | tuple() | Set():
            return [writable(held) for held in value]
    return _text(value)


def _text(value: object) -> str:
    """Return a text without halves of surrogate pairs, such as a folder's name may hold."""
    return str(value).encode(errors="replace").decode()


def escape_markdown(text: str) -> str:
    """Return one line that Markdown shows as it is, also in a table."""
    html = "".join(_HTML.get(character, character) for character in one_line(str(text)))
    return _MARKDOWN.sub(r"\\\1", html)


def spelled_for_latex(text: str) -> str:
    """Return one line, not yet escaped, where what LaTeX has no sign for is its number, such as U+4E2D."""
    return "".join(c if c in _IN_LATEX or c in _LATEX else f"U+{ord(c):04X}" for c in one_line(text))


def escape_latex(text: str) -> str:
    """Return one line that LaTeX sets as it is, as far as it has signs for it."""
    return "".join(_LATEX.get(character, character) for character in spelled_for_latex(text))


def csv_cell(text: str) -> str:
    """Return a text that spreadsheets show and do not compute: one that begins as a formula gets an apostrophe.

    So OWASP has it (CSV injection). Numbers are no texts, and stay as they are.
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def fenced(lines: Iterable[str]) -> str:
    """Return lines as a block of code, fenced by more backticks than stand in it."""
    text = "\n".join(one_line(line) for line in lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, num_texts: int = 1) -> str:
    """Return a Markdown table of cells that are escaped already; all but the first ``num_texts`` align to the right."""
    rule = ["---" if index < num_texts else "---:" for index in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
