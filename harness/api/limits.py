"""Limits on the number of examples."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """At most so many examples of the training split, and of each other split. ``None``: all of them."""

    train: int | None = None
    evaluation: int | None = None

    def of(self, split: str) -> int | None:
        """Return the limit of one split."""
        return self.train if split == "train" else self.evaluation

    def __bool__(self) -> bool:
        return self.train is not None or self.evaluation is not None
