"""What came of many attacks of one kind, counted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

BAD = ("lost", "uncaught", "silently wrong")
"""Outcomes that must not be: results that are gone, anything but a clear message, and other content believed."""


@dataclass(kw_only=True)
class Tally:
    """How often each outcome came of one kind of attack, and an account of each bad one, by which to repeat it."""

    part: str
    what: str
    outcomes: Counter[str] = field(default_factory=Counter)
    accounts: list[str] = field(default_factory=list)

    def add(self, outcome: str, account: str = "") -> None:
        """Count one attack; ``account`` says which it was, and is kept where the outcome is bad."""
        self.outcomes[outcome] += 1
        if outcome in BAD:
            self.accounts.append(f"{self.part}, {self.what}: {outcome}: {account}")

    @property
    def num_bad(self) -> int:
        """How many outcomes must not be."""
        return sum(self.outcomes[outcome] for outcome in BAD)


def table(tallies: Iterable[Tally]) -> Iterator[str]:
    """Yield a Markdown table, a line a kind of attack, and a line of sums for each part."""
    yield "| part | what | attacks | lost | uncaught | silently wrong | the others |"
    yield "|---|---|---:|---:|---:|---:|---|"
    sums: dict[str, Tally] = {}
    for tally in tallies:
        yield _line(tally)
        total = sums.setdefault(tally.part, Tally(part=tally.part, what="all"))
        total.outcomes.update(tally.outcomes)
    for total in sums.values():
        yield _line(total)


def _line(tally: Tally) -> str:
    bad = " | ".join(f"{tally.outcomes[outcome]:,}" for outcome in BAD)
    others = ", ".join(f"{name} {count:,}" for name, count in tally.outcomes.most_common() if name not in BAD)
    return f"| {tally.part} | {tally.what} | {tally.outcomes.total():,} | {bad} | {others} |"
