"""What a reference file holds: of each pair its predictions, packed, its scores and its speed; no text."""

from typing import Final, Literal

from pydantic import Field

from harness.store.records import DataRecord, Machine, ModelRecord, Record, Speed
from harness.store.stored_output import StoredOutput

REFERENCE_SCHEMA: Final = 1


class SeedRecord(Record):
    """One trial: its score, and its predictions in packed form."""

    seed: int
    fingerprint: str
    """Of all that can change the predictions."""
    score: float
    scores: dict[str, dict[str, float]]
    """The headline metrics' values in percent, by split."""
    answers: dict[str, str]
    """By split, as :mod:`harness.gate.packing` makes them."""


class PairRecord(Record):
    """One model on one task, all seeds."""

    task: str
    task_version: int
    model: ModelRecord
    output: StoredOutput
    """The kind of answer, with its labels or range."""
    headline: list[str]
    data: DataRecord
    seeds: list[SeedRecord]
    speed: Speed | None
    machine: Machine | None
    """Of the first seed; ``None`` for a submission."""
    peak_memory_bytes: list[int]
    """Of the seeds that ran on that machine: what each process held, which depends on what else its run trained."""
    trial_memory_bytes: list[int] = Field(default_factory=list)
    """Of the same: what each trial itself added. Empty where an earlier version made the file, or a system does not
    tell."""
    versions: dict[str, str]

    @property
    def pair(self) -> tuple[str, str]:
        """The names of the task and of the model."""
        return (self.task, self.model.name)


class Reference(Record):
    """What a run is judged by. A folder of a run and a reference file that was made from it are the same."""

    schema_version: Literal[1] = REFERENCE_SCHEMA
    harness: str
    """The version that made it."""
    created: str
    """When the newest of its results was made, ISO 8601 in UTC."""
    commit: str | None
    """Of that result."""
    suite: str | None
    score_name: str
    source_note: str
    is_sample: bool
    tasks: list[str]
    """In the order of the suite."""
    task_titles: dict[str, str]
    pairs: list[PairRecord]

    @property
    def by_pair(self) -> dict[tuple[str, str], PairRecord]:
        """The records of pairs by the names of task and model."""
        return {record.pair: record for record in self.pairs}
