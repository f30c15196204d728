"""What the files of a submission hold: :class:`Submission`, read and checked, not scored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.data.loading import sample
from harness.store.predictions import SplitPredictions
from harness.submissions.sides import Side


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The predictions in somebody's file, or in the files of somebody's zip."""

    path: Path
    files: Mapping[str, SplitPredictions]
    """By the name of the file, in the order of the suite."""
    notes: tuple[str, ...] = ()
    """What a reader of the scores should know, in sentences."""
    side: Side | None = None
    """Of a zip."""
    absent: tuple[str, ...] = ()
    """Files that a whole zip would have."""

    def of_task(self, task: str) -> dict[str, SplitPredictions]:
        """Return the files of one task."""
        return {name: found for name, found in self.files.items() if found.task == task}


def limited(found: SplitPredictions, limit: int | None) -> SplitPredictions:
    """Return the predictions for those examples that a run under this limit predicts."""
    if limit is None:
        return found
    examples = sample(list(found.examples), limit)
    by_id = {e.id: p for e, p in zip(found.examples, found.predictions, strict=True)}
    return replace(found, examples=examples, predictions=[by_id[example.id] for example in examples])
