"""What was measured, and the tables made of it: medians over rounds, ratios, and intervals over seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, stdev

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quantity on both sides, in one round. Seconds and MiB are better small, anything "/s" is better large."""

    name: str
    against: str
    unit: str
    theirs: float
    ours: float

    @property
    def ratio(self) -> float:
        """How many times better ours is."""
        return self.ours / self.theirs if self.unit.endswith("/s") else self.theirs / self.ours


@dataclass(frozen=True, kw_only=True)
class Score:
    """The quality of both sides in one round, with one seed."""

    name: str
    theirs: float
    ours: float


@dataclass
class Outcome:
    """What rounds have given so far."""

    figures: list[Figure] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Take in the outcome of one more section of a round."""
        self.figures += other.figures
        self.scores += other.scores


def speed_table(figures: Sequence[Figure]) -> str:
    """Return medians, their ratio and the ratios of single rounds as a Markdown table."""
    lines = [
        "| medians | against | unit | theirs | ours | ours is better by | in single rounds |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for name, against in dict.fromkeys((figure.name, figure.against) for figure in figures):
        rounds = [figure for figure in figures if (figure.name, figure.against) == (name, against)]
        theirs, ours = (median(values) for values in zip(*((f.theirs, f.ours) for f in rounds), strict=True))
        unit, ratios = rounds[0].unit, [figure.ratio for figure in rounds]
        middle = Figure(name=name, against=against, unit=unit, theirs=theirs, ours=ours)
        lines.append(
            f"| {name} | {against} | {unit} | {_rounded(theirs)} | {_rounded(ours)} | **{middle.ratio:.2f}** "
            f"| {min(ratios):.2f} to {max(ratios):.2f} |"
        )
    return "\n".join(lines)


def score_table(scores: Sequence[Score]) -> str:
    """Return mean scores and the paired interval of their difference, over seeds, as a Markdown table."""
    lines = [
        f"| mean scores | seeds | Trainer | ours | difference, {CONFIDENCE:.0%} interval |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in dict.fromkeys(score.name for score in scores):
        pairs = [(score.theirs, score.ours) for score in scores if score.name == name]
        theirs, ours = (fmean(values) for values in zip(*pairs, strict=True))
        difference = interval([ours - theirs for theirs, ours in pairs])
        lines.append(f"| {name} | {len(pairs)} | {theirs:.1f} | {ours:.1f} | {difference} |")
    return "\n".join(lines)


def interval(differences: Sequence[float]) -> str:
    """Return the mean of paired differences, with Student's t interval where there is more than one."""
    mean = fmean(differences)
    if len(differences) == 1:
        return f"{mean:+.1f} (one seed: no interval)"
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, len(differences) - 1) * stdev(differences) / len(differences) ** 0.5
    return f"{mean:+.1f} [{mean - reach:+.1f}, {mean + reach:+.1f}]"


def mean_score(scores: Iterable[Score], name: str) -> Score:
    """Return the mean over tasks."""
    held = list(scores)
    return Score(name=name, theirs=fmean(score.theirs for score in held), ours=fmean(score.ours for score in held))


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:.2f}"
