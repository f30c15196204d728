"""Options that several commands have."""

from typing import Annotated

import typer

Plugins = Annotated[list[str] | None, typer.Option("--plugin", metavar="FILE", help="A file with tasks or models.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="auto|hub|sample|DIR",
        help="Where rows come from: the hub, the generated sample, or a folder in the official layout.",
    ),
]
