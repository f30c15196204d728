"""What was measured, as it is stored: a :class:`Row` is a measurement, a :class:`Report` all of them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from harness.store.records import Machine


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Row(_Record):
    """One measurement. ``passed`` is ``None`` for what is measured and not checked."""

    section: str
    name: str
    unit: str
    ours: float | None = None
    trainer: float | None = None
    expected: str = ""
    passed: bool | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ratio(self) -> float | None:
        """How many times better ours is: seconds and bytes are better small, all else is better large."""
        if not self.ours or not self.trainer:
            return None
        is_better_small = self.unit in {"s", "bytes"}
        return self.trainer / self.ours if is_better_small else self.ours / self.trainer

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> str:
        """What a reader is to make of it."""
        if self.passed is not None:
            return "passed" if self.passed else "FAILED"
        if self.ratio is not None:
            return "better" if self.ratio > 1 else "not better"
        return ""


class Section(_Record):
    """How a part of the check went; ``reason`` says why it was not done."""

    name: str
    outcome: Literal["done", "failed", "out of time"]
    seconds: float
    budget_seconds: float
    reason: str = ""


class Device(_Record):
    """What computes, with the memory of an accelerator; ``context_bytes`` is what a process takes before any tensor."""

    kind: str
    name: str
    driver: str | None
    cuda: str | None
    precision: str
    peak_flops_per_second: float
    memory_bytes: int | None = None
    free_memory_bytes: int | None = None
    context_bytes: int | None = None


class Throughput(_Record):
    """Median seconds of a batch of predictions, by its size; ours, by model and task."""

    model: str
    task: str
    batch_seconds: dict[int, float]


class Report(_Record):
    """All that one call has found."""

    created: str
    command: str
    commit: str | None
    versions: dict[str, str]
    machine: Machine
    device: Device
    data: str
    is_small: bool
    seconds: float
    sections: tuple[Section, ...]
    rows: tuple[Row, ...]
    throughputs: tuple[Throughput, ...]

    @property
    def passed(self) -> bool:
        """Whether every part was done, and no check failed."""
        return all(section.outcome == "done" for section in self.sections) and all(
            row.passed is not False for row in self.rows
        )
