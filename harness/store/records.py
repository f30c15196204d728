"""What came of a trial: a typed, versioned record that is written as JSON and read without torch."""

from functools import cached_property
from statistics import median
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_validator,
)

from harness.api.encoding import Coverage
from harness.api.model import History
from harness.api.pretraining import PretrainingCost
from harness.markup import one_line, shortened
from harness.store.stored_output import StoredOutput

SCHEMA: Final = 1
FileName = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f.][^/\\\x00-\x1f]{0,254}$")]
"""What names a file or a folder of a run, and so leads nowhere else."""


class Record(BaseModel):
    """A frozen value that refuses fields it does not know. In JSON, ``NaN`` and infinities are texts, and come back."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", revalidate_instances="always")


class Machine(Record):
    """Where something was measured."""

    system: str
    processor: str
    num_cores: int
    memory_bytes: int
    device: str
    """The accelerator's name, or ``cpu``."""
    num_threads: int


class DataRecord(Record):
    """What was asked: where the rows came from, and how many of them."""

    kind: Literal["hub", "folder", "sample"]
    note: str
    fingerprint: str
    limit_train: int | None
    limit_evaluation: int | None
    num_examples: dict[str, int]
    """By split, as used."""
    missing_splits: list[str]
    """Splits to be scored that the source does not hold."""
    left_out: dict[str, dict[str, int]] = Field(default_factory=dict)
    """By split and reason: rows that the data set leaves out by its own rules."""

    @property
    def is_whole(self) -> bool:
        """Whether every split to be scored was there, and no limit left out an example."""
        return not self.missing_splits and self.limit_train is None and self.limit_evaluation is None

    @property
    def is_real(self) -> bool:
        """Whether the rows are the benchmark's own, not generated."""
        return self.kind != "sample"


class ModelRecord(Record):
    """What predicted."""

    name: str
    title: str = ""
    identity: dict[str, Any]
    recipe: dict[str, Any] | None
    """The settings in force for this task, or ``None`` for a model that is not trained by gradient."""
    task_settings: dict[str, Any]
    """Those of them that are this task's own."""
    num_parameters: int | None
    """``None`` where only its predictions are known."""
    num_trainable_parameters: int | None = None
    """Those that training could change; ``None`` where the model does not tell, or an earlier version wrote it."""
    pretraining: PretrainingCost | None = None
    """What it was before this training, where that is known."""


class Timings(Record):
    """Wall time of the trial's parts, with other trials beside it, or on idle cores as well."""

    load_seconds: float
    fit_seconds: float
    """Summed over interruptions where the checkpoint knows of them."""
    fit_core_seconds: float
    """The same, summed over the cores that took part."""
    predict_seconds: dict[str, float]
    """By split; tokenisation included, unless an earlier trial of the run left its token sequences in the cache."""
    predict_core_seconds: dict[str, float]
    """The same, summed over the cores that took part."""
    total_seconds: float
    resumed: bool
    """Whether the training took up what an interrupted one had done, as ``History.seconds_before`` says."""


class SubmissionRecord(Record):
    """The file of predictions that a result was made from, where nothing was trained here."""

    file: str
    """Its name, without the folder."""
    sha256: str
    notes: list[str]
    """What a reader of its metric values should know, in sentences."""


class Result(Record):
    """One trial's result, or a submission's on one task. Its predictions lie beside it, a Parquet file a split.

    Of a submission, what only a training has is ``None``: unknown, not nothing.
    """

    schema_version: Literal[1] = SCHEMA
    key: FileName
    fingerprint: str
    task: str
    task_version: int
    model: ModelRecord
    seed: int
    start: FileName | None = None
    """The key of the trial whose encoder its training began with, if it did."""
    output: StoredOutput
    """The kind of answer, with its labels or range."""
    scores: dict[FileName, dict[str, float]]
    """Metric values in percent, by split."""
    headline: list[str]
    """The metrics whose mean is a split's score."""
    higher_is_better: bool = True
    unit: str = "%"
    """Of the score."""
    score: float
    """The task's score: the mean over its splits of the mean of the headline metrics."""
    coverage: dict[str, Coverage] = Field(default_factory=dict)
    """How much of a split's texts the model read, where that is known."""
    data: DataRecord
    history: History | None
    timings: Timings | None
    peak_memory_bytes: int | None
    """The most that the trial's process held, modules and what the server of workers had imported included."""
    trial_memory_bytes: int | None = None
    """The most that the trial itself added to it, as :mod:`harness.system.trial_memory` counts it: the same whatever
    else the run trains. ``None`` where an earlier version made it, or on a system that does not tell."""
    machine: Machine | None
    submission: SubmissionRecord | None = None
    files: dict[FileName, str] | None = None
    """The files beside it that belong to it, and the checksum of each; ``None`` where an earlier version wrote it."""
    adapter: dict[FileName, str] = Field(default_factory=dict)
    """The files in the folder ``adapter`` beside it, and the SHA-256 of each; none where a model was trained whole."""
    versions: dict[str, str]
    commit: str | None = None
    """The git commit of the directory that it was made in, where that is known."""
    created: str
    """ISO 8601, UTC; of a submission, when it was entered."""

    @model_validator(mode="after")
    def _has_its_headline(self) -> "Result":
        """Refuse scores without a metric of the headline: everything that shows them would fail."""
        for split, values in self.scores.items():
            if missing := [name for name in self.headline if name not in values]:
                raise ValueError(f"scores of {split!r} have no {missing[0]!r}, which is in the headline")
        return self

    @field_serializer("history", mode="wrap")
    def _without_earlier_calls(self, history: History | None, to_plain: SerializerFunctionWrapHandler) -> Any:
        """Leave out what earlier calls of ``fit`` took: ``timings`` have it."""
        plain = to_plain(history)
        return plain and {name: value for name, value in plain.items() if not name.endswith("_before")}

    @property
    def fit_core_seconds(self) -> float | None:
        """Time of training, summed over cores; ``None`` where nothing was trained here."""
        return None if self.timings is None else self.timings.fit_core_seconds

    @property
    def losses(self) -> tuple[float, ...]:
        """The training loss of each step; empty where nothing was trained by gradient here."""
        return self.history.losses if self.history else ()

    @property
    def training_flops_per_example(self) -> float | None:
        """Operations of learning once from an example, where they were counted."""
        return self.history.flops_per_example if self.history else None

    @property
    def training_flops_per_second(self) -> float | None:
        """Operations of all examples, each as often as it was learnt from, a second of training and core."""
        history = self.history
        if history is None or history.flops_per_example is None or not history.core_seconds:
            return None
        return history.flops_per_example * self.data.num_examples["train"] * history.epochs / history.core_seconds


class Samples(Record):
    """Raw wall times in seconds; ``batch_seconds[b]`` are those of predicting ``b`` examples at once."""

    latency_seconds: list[float]
    """One example at a time."""
    batch_seconds: dict[int, list[float]]
    noise: float
    """Coefficient of variation of a fixed workload timed beside it: how unsteady the machine itself is."""
    load_average: float | None
    """Of the last minute, before measuring."""
    workload_seconds: dict[str, list[float]] = Field(default_factory=dict)
    """Of fixed workloads timed before, between and after, by name: by them, speeds of two machines compare."""


class Speed(Samples):
    """Latency and throughput of one fitted model on one task, measured last and alone, tokenisation included."""

    schema_version: Literal[1] = SCHEMA
    task: str
    model: str
    trial_key: FileName
    split: FileName
    tokenisation: Literal["included"] = "included"
    precision: str | None = None
    """The type of matrix products; like the next two, ``None`` for a model whose operations are not counted."""
    flops_per_example: float | None = None
    """Operations of answering one of the timed examples, padding excluded: the mean over them."""
    peak_flops_per_second: float | None = None
    """What a large matrix product of this type reaches with these threads on this device, measured beside it."""
    machine: Machine
    created: str

    @cached_property
    def latency_quantiles(self) -> dict[str, float]:
        """Median, p90 and p99 of the latency in seconds (linear interpolation)."""
        import numpy as np

        quantiles = (50, 90, 99)
        values = np.percentile(self.latency_seconds, quantiles).tolist()
        return {f"p{quantile}": value for quantile, value in zip(quantiles, values, strict=True)}

    @cached_property
    def examples_per_second(self) -> dict[int, float]:
        """Throughput by batch size: the batch over the median time it took."""
        return {size: size / median(seconds) for size, seconds in self.batch_seconds.items()}

    @property
    def fraction_of_peak(self) -> dict[int, float]:
        """The operations a second at each batch size, as a fraction of the peak; empty where they are not counted."""
        if self.flops_per_example is None or self.peak_flops_per_second is None:
            return {}
        per_example = self.flops_per_example / self.peak_flops_per_second
        return {size: rate * per_example for size, rate in self.examples_per_second.items()}

    def training_fraction_of_peak(self, result: Result) -> float | None:
        """Return the fraction of the peak that a training reached, if it was of this type and on this machine."""
        reached, history = result.training_flops_per_second, result.history
        if reached is None or history is None or self.peak_flops_per_second is None:
            return None
        if (history.precision, result.machine) != (self.precision, self.machine):
            return None
        return reached / self.peak_flops_per_second


class Failure(Record):
    """A trial that failed, or the measurement of its speed: the last line a person needs, and the whole traceback."""

    kind: Literal["trial", "speed"] = "trial"
    key: FileName
    task: str
    model: str
    seed: int
    message: str
    traceback: str
    created: str

    @property
    def account(self) -> str:
        """The message, and what failed where that was not the trial itself."""
        message = shortened(one_line(self.message), 500)  # older versions kept all of it
        return message if self.kind == "trial" else f"speed not measured: {message}"
