"""What differences between scores are worth: intervals, paired tests, and what a comparison could have found."""

from dataclasses import dataclass

ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score in percent with its 95 % interval: the mean over seeds.

    The interval is over both sources of chance, the seeds of training and the examples of the test set; with one seed
    it holds the chance of the examples alone. ``low`` and ``high`` are NaN where no interval is known.
    """

    value: float
    low: float
    high: float
    num_seeds: int


@dataclass(frozen=True, kw_only=True)
class PairedTest:
    """One model against another on the same examples, in points."""

    first: str
    second: str
    difference: float
    """Of the first over the second."""
    low: float
    high: float
    """The difference's 95 % interval."""
    p_value: float
    p_holm: float
    """Corrected over all pairs of the table that it stands in (Holm 1979)."""
    detectable: float
    """The smallest true difference that this comparison finds with 80 % power, at a level of 5 % for it alone."""
    mcnemar_p: float | None = None
    """The exact McNemar test, for accuracy alone."""

    @property
    def differs(self) -> bool:
        """Whether the two can be told apart."""
        return self.p_holm < ALPHA


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A model's place: the ranks that it may have, all models' together with 95 % confidence.

    ``first`` is one more than the models that are surely better: its place, which others may share. ``last`` is that of
    the models that are not surely worse.
    """

    label: str
    first: int
    last: int
