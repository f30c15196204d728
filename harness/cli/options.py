"""Options that several commands have."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.api.model import Head

Plugins = Annotated[list[str] | None, typer.Option("--plugin", metavar="FILE", help="A file with tasks or models.")]
TexWidth = Annotated[
    Literal["column", "page"], typer.Option(help="How wide comparison.tex may be: one column of two, or the page.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="auto|hub|sample|DIR",
        help="Where rows come from: the hub, the generated sample, or a folder in the official layout.",
    ),
]


def head_asked(head: str) -> "Head":
    """Return the value of ``--head``.

    Raises:
        UsageError: it is none.
    """
    if head in {"fresh", "keep"}:
        return "keep" if head == "keep" else "fresh"
    raise UsageError(f"--head {head}: expected fresh or keep.")
