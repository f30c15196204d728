"""Files of answers, as the GLUE site and the SQuAD scripts take them: their formats, and strict readers of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TableFormat:
    """A tab-separated file a split, header ``index<TAB>prediction``, as the GLUE site asks.

    ``files`` maps a split to its file's name; ``words`` are what is written for each label, in the order of the task's
    labels, or empty for numbers, which are rounded to ``decimals`` places.
    """

    files: Mapping[str, str]
    words: tuple[str, ...] = ()
    decimals: int = 3


@dataclass(frozen=True, kw_only=True)
class AnswersFormat:
    """One JSON object from question id to answer, as the SQuAD scripts ask; ``""`` means no answer."""


SubmissionFormat = TableFormat | AnswersFormat
