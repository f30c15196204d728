"""Scores by family of tags: as tables of texts, and as a data frame."""

from collections.abc import Sequence

import pandas as pd

from reports.analysis.families import Family
from reports.formats.comparison_table import FamilyTable
from reports.text.numbers import number

COLUMNS = ("task", "family", "name", "num_examples", "model", "measure", "value")


def family_table(family: Family) -> FamilyTable:
    """Return a family as texts: a row a part."""
    models = list(dict.fromkeys(model for part in family.parts for model in part.scores))
    rows = (
        (part.name, f"{part.size:,}", *(number(part.scores[model]) if model in part.scores else "" for model in models))
        for part in family.parts
    )
    return FamilyTable(
        title=f"{family.title} by {family.name}: {family.measure}", heads=(family.name, "n", *models), rows=tuple(rows)
    )


def family_frame(families: Sequence[Family]) -> pd.DataFrame:
    """Return one row a part and model."""
    records = [
        (family.task, family.name, part.name, part.size, model, family.measure, value)
        for family in families
        for part in family.parts
        for model, value in part.scores.items()
    ]
    return pd.DataFrame(records, columns=list(COLUMNS))
