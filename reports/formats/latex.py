"""A paper's table in LaTeX: it compiles in an ordinary article, in the width of one column or of the page.

What is too wide goes into further tables below the first, a few tasks each; nothing is scaled. Widths are estimated in
the size of the type, a little too wide.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from harness.markup import escape_latex, spelled_for_latex
from reports.formats.paper import PaperCell, PaperColumn, PaperNumber, PaperTable
from reports.text.numbers import number

CHARACTER, WIDE_CHARACTER, SUBSCRIPT, GAP = 0.56, 0.85, 0.43, 0.75
"""Widths of a character, of a capital, of a small one and of the space between columns, over the size of the type."""
MOST_LINES = 40
"""Of a page, besides a caption and rules."""
LONGEST_NAME = 20
"""Characters of a line of a model's name."""


TexWidth = Literal["column", "page"]
ENVIRONMENTS: dict[TexWidth, str] = {"column": "table", "page": "table*"}
WIDTHS: dict[TexWidth, float] = {"column": 25.0, "page": 43.0}
"""Of the narrowest column and page of LaTeX's article, 200 and 345 points, over the size of its footnotes."""


@dataclass(frozen=True, kw_only=True)
class _Line:
    latex: str = ""
    width: float = 0.0


def paper_latex(tables: Sequence[PaperTable], width: TexWidth) -> str:
    """Return a floating table for each set of runs, with what they need in a comment."""
    head = (
        "% For the body of an article: \\input{comparison.tex}. Needs \\usepackage{booktabs} in its preamble.\n"
        f"% Made by `python -m harness report RUN --tex-width {width}`; the other width: "
        f"{'page' if width == 'column' else 'column'}.\n"
    )
    suffixes = [f"-{index}" if index > 1 else "" for index in range(1, len(tables) + 1)]
    return head + "\n".join(_float(table, width, suffix) for table, suffix in zip(tables, suffixes, strict=True))


def _float(table: PaperTable, width: TexWidth, suffix: str) -> str:
    names = [_name(model) for model in table.models]
    columns = [_column(column, width) for column in table.columns]
    blocks = _blocks(columns, WIDTHS[width] - _width([line for name in names for line in name]))
    parts = [tabular for block in blocks for tabular in _tabulars(names, block)]
    pages = _pages([*parts, *_notes(table.notes, width)])
    captions = [f"\\caption{{{' '.join(map(_sentence, table.caption))}}}\n\\label{{tab:comparison{suffix}}}"]
    captions += [r"\addtocounter{table}{-1}" + "\n" + r"\caption{(continued)}"] * (len(pages) - 1)
    lines = []
    for caption, page in zip(captions, pages, strict=True):
        lines += [f"\\begin{{{ENVIRONMENTS[width]}}}[tb]", r"\centering", caption, r"\smallskip\footnotesize"]
        lines += [r"\setlength{\tabcolsep}{3pt}", "\n\\par\\medskip\n".join(page)]
        lines.append(f"\\end{{{ENVIRONMENTS[width]}}}")
    return "\n".join(lines) + "\n"


def _notes(notes: Sequence[str], width: TexWidth) -> list[str]:
    """Return the sentences below, in about the lines that they take."""
    wrapped = textwrap.wrap(" ".join(notes), int(3 * WIDTHS[width]), break_long_words=False, break_on_hyphens=False)
    text = "\n".join(_sentence(line) for line in wrapped)
    return [f"\\raggedright\\scriptsize\n{text}\\par"] if text else []


def _pages(parts: Sequence[str]) -> list[list[str]]:
    """Return the parts of each page, which has at most so many lines, and one part at least."""
    pages: list[list[str]] = [[]]
    for part in parts:
        if pages[-1] and sum(one.count("\n") for one in [*pages[-1], part]) > MOST_LINES:
            pages.append([])
        pages[-1].append(part)
    return pages


def _sentence(text: str) -> str:
    return escape_latex(text).replace(r" \%", r"\,\%")


def _text(text: str) -> _Line:
    num_wide = sum(character.isupper() or character in "mw%@+&" for character in text)
    return _Line(latex=escape_latex(text), width=CHARACTER * (len(text) - num_wide) + WIDE_CHARACTER * num_wide)


def _name(model: str) -> list[_Line]:
    """Return a model's name in lines that are not too long."""
    return [_text(line) for line in textwrap.wrap(spelled_for_latex(model), LONGEST_NAME) or [""]]


def _column(column: PaperColumn, width: TexWidth) -> list[list[_Line]]:
    """Return the heads and the cells of a column, each in one line or more."""
    return [[_text(column.title)], [_text(column.metrics)], *(_cell(cell, width) for cell in column.cells)]


def _cell(cell: PaperCell, width: TexWidth) -> list[_Line]:
    """Return the lines of a cell: in a narrow column, half-widths stand below their means."""
    mark = _Line()
    if cell.mark:
        raised = r"\dagger" if cell.mark == "†" else f"\\mathrm{{{cell.mark}}}"
        mark = _Line(latex=f"$^{{{raised}}}$", width=SUBSCRIPT * len(cell.mark))
    if not cell.numbers:
        text = _text(cell.text)
        return [_Line(latex=text.latex + mark.latex, width=text.width + mark.width)]
    is_narrow = width == "column"
    shown = [_shown(number, with_half_width=not is_narrow) for number in cell.numbers]
    latex = "/".join(line.latex for line in shown) + mark.latex
    lines = [_Line(latex=latex, width=_total(shown) + mark.width)]
    if is_narrow and any(number and number.half_width is not None for number in cell.numbers):
        below = "/".join(r"\mbox{--}" if each is None else _half_width(each) for each in cell.numbers)
        lines.append(_Line(latex=f"$\\scriptstyle\\pm {below}$", width=SUBSCRIPT * (len(below) + 2)))
    return lines


def _shown(value: PaperNumber | None, *, with_half_width: bool) -> _Line:
    if value is None:
        return _text("–")
    text = number(value.mean, value.unit)
    latex, width = f"\\mathbf{{{text}}}" if value.is_best else text, CHARACTER * len(text)
    if with_half_width and value.half_width is not None:
        half_width = _half_width(value)
        latex, width = f"{latex}_{{\\pm {half_width}}}", width + SUBSCRIPT * (len(half_width) + 2)
    return _Line(latex=f"${latex}$", width=width)


def _half_width(value: PaperNumber) -> str:
    return r"\mbox{--}" if value.half_width is None else number(value.half_width, value.unit)


def _total(shown: Sequence[_Line]) -> float:
    return sum(line.width for line in shown) + CHARACTER * (len(shown) - 1)


def _width(lines: Sequence[_Line]) -> float:
    return max((line.width for line in lines), default=0.0)


def _blocks(columns: Sequence[list[list[_Line]]], width: float) -> list[list[list[list[_Line]]]]:
    """Return the columns in as few blocks of that width as there can be, the widest of them as narrow as it can be."""
    widths = [GAP + _width([line for cell in column for line in cell]) for column in columns]
    fewest = len(_lengths(widths, width))
    bound = next((bound for bound in sorted(_sums(widths)) if len(_lengths(widths, bound)) <= fewest), width)
    blocks, start = [], 0
    for length in _lengths(widths, bound):
        blocks.append(list(columns[start : start + length]))
        start += length
    return blocks


def _sums(widths: Sequence[float]) -> list[float]:
    """Return the width of every run of neighbours, each of which may be the widest block."""
    return [sum(widths[i:j]) + 1e-9 for i in range(len(widths)) for j in range(i + 1, len(widths) + 1)]


def _lengths(widths: Sequence[float], most: float) -> list[int]:
    """Return how many columns go into each block, where each takes as many as fit, and one at least."""
    lengths, used = [0], 0.0
    for width in widths:
        if lengths[-1] and used + width > most:
            lengths.append(0)
            used = 0.0
        lengths[-1] += 1
        used += width
    return lengths


def _tabulars(names: Sequence[list[_Line]], columns: Sequence[list[list[_Line]]]) -> list[str]:
    """Return a block as one table, or where that is longer than a page as several."""
    first, second, *rows = (
        "\\\\[-1pt]\n".join(" & ".join(line.latex for line in cells) for cells in zip_longest(*row, fillvalue=_Line()))
        + r" \\"
        for row in zip([[_text("")], [_text("Model")], *names], *columns, strict=True)
    )
    gap = "\n\\addlinespace[1pt]\n" if any("\n" in row for row in rows) else "\n"
    head = [f"\\begin{{tabular}}{{@{{}}l{'r' * len(columns)}@{{}}}}", r"\toprule", first, second, r"\midrule"]
    parts = _pages([row + gap for row in rows]) if rows else [[]]
    bodies = ["".join(part).removesuffix(gap) for part in parts]
    return ["\n".join([*head, *filter(None, [body]), r"\bottomrule", r"\end{tabular}"]) for body in bodies]
