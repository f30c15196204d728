"""A strict reader of our own LaTeX: what it does not know is an error, as to an ordinary article."""

import re

COMMANDS = {
    "begin", "end", "centering", "caption", "label", "footnotesize", "scriptsize", "scriptstyle", "setlength",
    "tabcolsep", "toprule", "midrule", "bottomrule", "addlinespace", "par", "medskip", "smallskip", "raggedright",
    "mathbf", "mathrm", "pm", "dagger", "mbox", "addtocounter", "textbackslash", "textasciitilde", "textasciicircum",
    "textless", "textgreater", "textbar", "ldots",
}  # fmt: skip


def tabulars_of(text: str) -> list[list[list[str]]]:
    """Return the rows of each tabular, as cells, of a file that is checked on the way.

    Raises:
        AssertionError: an unknown command, an environment or a brace not closed, a character that must be escaped, or a
            row with more or fewer cells than the tabular has columns.
    """
    text = re.sub(r"^%.*\n", "", text, flags=re.M)
    assert set(re.findall(r"\\([A-Za-z]+)", text)) <= COMMANDS
    opened: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if what == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []
    bare = re.sub(r"\\[&%$#_{}]", "", text)
    assert not set(bare) & set('#~|<>"')
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    outside = re.sub(r"\$[^$]*\$", "", bare)
    assert not set(outside) & set("_^%")
    return [_rows(body, len(columns)) for columns, body in re.findall(
        r"\\begin\{tabular\}\{@\{\}(l[lr]*)@\{\}\}\n(.*?)\\end\{tabular\}", text, flags=re.S)]  # fmt: skip


def _rows(body: str, num_columns: int) -> list[list[str]]:
    body = re.sub(r"\\(?:toprule|midrule|bottomrule|addlinespace(?:\[1pt\])?)\n", "", body)
    *lines, last = re.split(r"\\\\(?:\[-1pt\])?\n", body)
    assert last == ""
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)&", line)] for line in lines]
    assert {len(row) for row in rows} == {num_columns}
    return rows
