"""The page's tables of costs, and of how much of the hardware they use."""

from collections.abc import Iterable, Sequence
from statistics import median

from reports.analysis.costs import ModelCosts, model_costs
from reports.evidence.results import Evidence
from reports.text.numbers import digits, known, mean_of_known, milliseconds
from reports.text.table import Table, table

MIB = 2**20


def costs(evidence: Evidence, labels: Sequence[str]) -> Table | None:
    """Return what each model costs, a row a label: medians over its tasks, the largest memory and noise."""
    head = ["model", "parameters, M", "trained, M", "training, core s", "peak memory of the trial, MiB"]
    head += [
        "latency p50, ms",
        "p90, ms",
        "p99, ms",
        "examples/s",
        "at batch size",
        "noise, %",
        "tasks trained / timed",
    ]
    rows = ([label, *_cells(found)] for label in labels if (found := model_costs(evidence, label)))
    return table("Median over tasks; maximum for memory and noise", head, rows)


def _cells(found: ModelCosts) -> list[str]:
    speed = found.speed
    return [
        parameters(found),
        _range_of_millions(found.num_trainable_parameters) if found.num_trainable_parameters else "",
        training_time(found),
        trial_memory(found),
        *(latency(found, name) for name in ("p50", "p90", "p99")),
        throughput(found),
        _span(speed.batch_sizes) if speed else "",
        f"{100 * speed.noise:.1f}" if speed else "",
        f"{found.num_trained} / {found.num_timed}",
    ]


def parameters(found: ModelCosts) -> str:
    """Return how many there are, in millions."""
    return _range_of_millions(found.num_parameters)


def _range_of_millions(counts: tuple[int, int]) -> str:
    """Return counts in millions, as one where they read the same."""
    texts = list(map(_millions, counts))
    return texts[0] if texts[0] == texts[1] else f"{texts[0]}–{texts[1]}"


def most_parameters(found: ModelCosts) -> str:
    """Return the largest count over tasks, in millions."""
    return _millions(found.num_parameters[1])


def _millions(value: int) -> str:
    return digits(value / 1e6) if value >= 1e3 else "<0.001" if value else "0"


def training_time(found: ModelCosts) -> str:
    """Return seconds, summed over cores."""
    return digits(found.train_core_seconds)


def trial_memory(found: ModelCosts) -> str:
    """Return MiB; nothing where an earlier version trained the model."""
    return "" if found.trial_memory_bytes is None else digits(found.trial_memory_bytes / MIB)


def latency(found: ModelCosts, quantile: str = "p50") -> str:
    """Return milliseconds; nothing where speed was not measured."""
    return milliseconds(found.speed.latency_seconds[quantile]) if found.speed else ""


def throughput(found: ModelCosts) -> str:
    """Return examples a second at the fastest batch size; nothing where speed was not measured."""
    return f"{found.speed.examples_per_second:,.0f}" if found.speed else ""


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def limits(evidence: Evidence, labels: Sequence[str]) -> Table | None:
    """Return each model's arithmetic, and the fraction of the machine's limit that it reaches: medians over tasks."""
    head = ["model", "precision", "threads", "peak GFLOP/s", "training GFLOPs per example", "training MFU, %"]
    head += ["inference GFLOPs per example", "inference MFU, %", "tasks trained / timed"]
    rows = (_limit_row(evidence, label) for label in labels)
    return table("Hardware utilisation, median over tasks", head, filter(None, rows), num_texts=2)


def _limit_row(evidence: Evidence, label: str) -> list[str]:
    pairs = [(evidence.results.get((task, label), ()), evidence.speeds.get((task, label))) for task in evidence.tasks]
    trained = [mean_of_known(result.training_flops_per_example for result in results) for results, _ in pairs]
    fractions = [mean_of_known(map(speed.training_fraction_of_peak, results)) for results, speed in pairs if speed]
    timed = [speed for _, speed in pairs if speed and speed.fraction_of_peak]
    num_trained = len(trained) - trained.count(None)
    if not num_trained and not timed:
        return []
    return [
        label,
        ", ".join(sorted({str(speed.precision) for speed in timed})),
        _span([speed.machine.num_threads for speed in timed]) if timed else "",
        _median((speed.peak_flops_per_second for speed in timed), unit=1e9),
        _median(trained, unit=1e9),
        _median(fractions, unit=0.01),
        _median((speed.flops_per_example for speed in timed), unit=1e9),
        _median((max(speed.fraction_of_peak.values()) for speed in timed), unit=0.01),
        f"{num_trained} / {len(timed)}",
    ]


def _median(values: Iterable[float | None], *, unit: float) -> str:
    found = known(values)
    return digits(median(found) / unit) if found else ""
