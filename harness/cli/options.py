"""Options that several commands have."""

from typing import Annotated, Literal

import typer

from harness.errors import UsageError
from harness.system.environment import versions

Plugins = Annotated[
    list[str] | None,
    typer.Option("--plugin", metavar="FILE", help="A Python file with tasks or models; repeat for several."),
]
Head = Annotated[
    Literal["fresh", "keep"],
    typer.Option(help="Whether checkpoints get a new head or keep their trained one."),
]
StartFrom = Annotated[
    str | None,
    typer.Option(
        metavar="TASK",
        help="Fine-tune on TASK first, and start from its encoder on the tasks that gain from it: mnli for rte, mrpc, "
        "stsb. The models are then called MODEL from TASK.",
    ),
]
TexWidth = Annotated[
    Literal["column", "page"],
    typer.Option(help="Width of comparison.tex: one column of a two-column page, or the page."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="auto|hub|sample|DIR",
        help="Data source: the hub, the generated sample, or a folder in the official layout.",
    ),
]


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"harness {versions().get('harness', '(not installed)')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
]
Seeds = Annotated[
    str,
    typer.Option(metavar="N|LIST", help="Number of seeds, from 0; or a list with a comma, such as `1,2,3` or `5,`."),
]
MAX_SEED = 2**32 - 1
"""The largest that NumPy's generators take."""


def seeds_asked(text: str) -> tuple[int, ...]:
    """Return the seeds that ``--seeds`` names, each once.

    Raises:
        UsageError: it names none.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers = [int(part) for part in parts if part.isascii() and part.isdecimal()]
    is_list, named = len(parts) > 1, [part for part in parts if part]
    if not numbers or len(numbers) < len(named) or max(numbers) > MAX_SEED or not (is_list or numbers[0]):
        raise UsageError(
            f"--seeds {text}: expected how many, such as 3, which are 0, 1 and 2; or a list with a comma, such as "
            f"1,2,3 or 5, of numbers from 0 to {MAX_SEED}."
        )
    return tuple(dict.fromkeys(numbers)) if is_list else tuple(range(numbers[0]))
