"""Models that predict one value nearly everywhere: what must stand beside a score that such predictions got."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.outputs import kind_of
from harness.store.predictions import SplitPredictions
from reports.evidence.predictions import TaskPredictions
from reports.evidence.results import Evidence

NEARLY_ALL = 0.99
CORRELATIONS = {"matthews", "pearson", "spearman"}


@dataclass(frozen=True, kw_only=True)
class ConstantSeeds:
    """In how many of a pair's seeds a model predicts one value nearly everywhere."""

    num_constant: int
    num_seeds: int

    def __str__(self) -> str:
        """``every seed``, or ``2 of 3 seeds``."""
        return "every seed" if self.num_constant == self.num_seeds else f"{self.num_constant} of {self.num_seeds} seeds"


def constant_seeds(stored: TaskPredictions) -> dict[str, ConstantSeeds]:
    """Return the models, by label, that predict one value for 99 % of a scored split or more, whose targets differ."""
    by_label: dict[str, list[bool]] = defaultdict(list)
    if not stored.trials:
        return {}
    kind = kind_of(stored.trials[0].result.output)
    varied = [
        split
        for split, examples in stored.examples.items()
        if examples and kind.largest_fraction([example.target for example in examples]) < NEARLY_ALL
    ]

    def is_constant(found: SplitPredictions) -> bool:
        return kind.largest_fraction([prediction.value for prediction in found.predictions]) >= NEARLY_ALL

    for trial in stored.trials:
        by_label[trial.label].append(any(is_constant(trial.splits[split]) for split in varied))
    return {
        label: ConstantSeeds(num_constant=sum(seeds), num_seeds=len(seeds))
        for label, seeds in by_label.items()
        if any(seeds)
    }


def constant_notes(found: Mapping[tuple[str, str], ConstantSeeds], evidence: Evidence) -> Sequence[str]:
    """Return at most one note: which models do so, on which tasks, by task and label."""
    if not found:
        return []
    by_model: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (task, label), seeds in found.items():
        by_model[label][str(seeds)].append(evidence.task_title(task))
    listed = "; ".join(
        f"{label} on {', '.join(names)} ({seeds})" for label, each in by_model.items() for seeds, names in each.items()
    )
    note = f"Predicts one class or value for at least 99 % of a split: {listed}."
    if any(CORRELATIONS & set(evidence.headline(task)) for task, _ in found):
        note += " A correlation with a constant is undefined, and counts as 0."
    return [note]
