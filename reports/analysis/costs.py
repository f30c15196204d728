"""What a model costs, as values: medians over its tasks, from which tables are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from harness.store.records import Speed
from reports.evidence.results import Evidence
from reports.text.numbers import known, mean_of_known


@dataclass(frozen=True, kw_only=True)
class SpeedCosts:
    """What inference takes: medians over tasks, and of the noise the largest."""

    latency_seconds: dict[str, float]
    """By quantile: ``p50``, ``p90``, ``p99``."""
    examples_per_second: float
    """At the batch size that is fastest on each task."""
    batch_sizes: tuple[int, int]
    """The smallest and the largest of these."""
    noise: float


@dataclass(frozen=True, kw_only=True)
class ModelCosts:
    """What a model costs to train and to run."""

    num_parameters: tuple[int, int]
    """The fewest and the most: tasks differ in the weights of their heads."""
    num_trainable_parameters: tuple[int, int] | None
    """Of those, the ones that training could change; ``None`` where a result does not tell."""
    train_core_seconds: float
    """The median over tasks of the mean over seeds."""
    trial_memory_bytes: int | None
    """The peak memory of a trial itself, the maximum over tasks and seeds; ``None`` where one does not know its own."""
    speed: SpeedCosts | None
    """``None`` where it was not measured."""
    num_trained: int
    num_timed: int


def model_costs(evidence: Evidence, label: str) -> ModelCosts | None:
    """Return what a model costs; ``None`` where it was not trained here."""
    by_task = [evidence.results.get((task, label), ()) for task in evidence.tasks]
    everything = [result for results in by_task for result in results]
    trained = known(mean_of_known(result.fit_core_seconds for result in results) for results in by_task)
    if not trained:
        return None
    sizes = known(result.model.num_parameters for result in everything)
    trainable = known(result.model.num_trainable_parameters for result in everything)
    speeds = [speed for task in evidence.tasks if (speed := evidence.speeds.get((task, label)))]
    return ModelCosts(
        num_parameters=(min(sizes), max(sizes)),
        num_trainable_parameters=(min(trainable), max(trainable)) if trainable else None,
        train_core_seconds=median(trained),
        trial_memory_bytes=_most([result.trial_memory_bytes for result in everything]),
        speed=_speed_costs(speeds) if speeds else None,
        num_trained=len(trained),
        num_timed=len(speeds),
    )


def _most(peaks: Sequence[int | None]) -> int | None:
    found = known(peaks)
    return max(found) if len(found) == len(peaks) else None


def _speed_costs(speeds: Sequence[Speed]) -> SpeedCosts:
    fastest = [max(speed.examples_per_second.items(), key=lambda item: item[1]) for speed in speeds]
    sizes, rates = zip(*fastest, strict=True)
    return SpeedCosts(
        latency_seconds={
            name: median(speed.latency_quantiles[name] for speed in speeds) for name in ("p50", "p90", "p99")
        },
        examples_per_second=median(rates),
        batch_sizes=(min(sizes), max(sizes)),
        noise=max(speed.noise for speed in speeds),
    )
