"""Data frames as CSV that spreadsheets may open: no text in it is a formula."""

from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from harness.markup import csv_cell


def csv_text(frame: pd.DataFrame) -> str:
    """Return the frame without its index; texts that begin as formulas do, column names too, are neutralised."""
    texts = {str(name): column.map(_cell) for name, column in frame.items() if not is_numeric_dtype(column)}
    return frame.assign(**texts).rename(columns=_cell).to_csv(index=False, lineterminator="\n")


def _cell(value: Any) -> Any:
    return csv_cell(value) if isinstance(value, str) else value
