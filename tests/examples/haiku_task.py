"""Which season is a haiku about? A task of one's own: this file, and a CSV file for each split beside it."""

import csv
from collections.abc import Iterator
from pathlib import Path

from harness import ACCURACY, Classification, Example, FolderData, Task

SEASONS = ("spring", "summer", "autumn", "winter")


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a file; their columns are ``haiku`` and ``season``."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


HAIKU = Task(
    name="haiku",
    title="The season of a haiku",
    output=Classification(labels=SEASONS),
    read=lambda row: Example(id=str(row["idx"]), text=row["haiku"], target=SEASONS.index(row["season"])),
    metrics=(ACCURACY,),
    folder=FolderData(
        root=Path(__file__).parent,
        files={"train": "haiku_train.csv", "validation": "haiku_validation.csv"},
        read=read_csv,
    ),
)
