"""The page's tables of costs, and of how close to the machine's limit they are."""

from collections.abc import Iterable, Sequence
from statistics import median

from harness.store.records import Speed
from reports.evidence.results import Evidence
from reports.text.numbers import digits, known, mean_of_known
from reports.text.table import Table, table

GIB = 2**30


def costs(evidence: Evidence) -> Table | None:
    """Return what each model costs: medians over its tasks, the largest memory and noise."""
    head = ["model", "parameters, M", "training, core s", "peak memory, GiB", "latency p50, ms", "p90, ms", "p99, ms"]
    head += ["best throughput, examples/s", "noise, %", "tasks trained / timed"]
    rows = (_cost_row(evidence, label) for label in evidence.models)
    return table("Medians over tasks; of memory and noise the largest", head, filter(None, rows))


def _cost_row(evidence: Evidence, label: str) -> list[str]:
    by_task = [evidence.results.get((task, label), ()) for task in evidence.tasks]
    everything = [result for results in by_task for result in results]
    trained = known(mean_of_known(result.fit_core_seconds for result in results) for results in by_task)
    if not trained:
        return []
    speeds = [speed for task in evidence.tasks if (speed := evidence.speeds.get((task, label)))]
    return [
        label,
        _millions(known(result.model.num_parameters for result in everything)),
        digits(median(trained)),
        f"{max(known(result.peak_memory_bytes for result in everything)) / GIB:,.2f}",
        *(_speed_cells(speeds) if speeds else [""] * 5),
        f"{len(trained)} / {len(speeds)}",
    ]


def _speed_cells(speeds: Sequence[Speed]) -> list[str]:
    quantiles = [speed.latency_quantiles for speed in speeds]
    rates = [max(speed.examples_per_second.items(), key=lambda item: item[1]) for speed in speeds]
    sizes = _span([size for size, _ in rates])
    return [
        *(digits(1e3 * median(found[name] for found in quantiles)) for name in ("p50", "p90", "p99")),
        f"{median(rate for _, rate in rates):,.0f} (batch {sizes})",
        f"{100 * max(speed.noise for speed in speeds):.1f}",
    ]


def _millions(values: Sequence[int]) -> str:
    """Return counts in millions, as one where they read the same: tasks differ in the few weights of their heads."""
    texts = [digits(value / 1e6) if value >= 1e3 else "<0.001" if value else "0" for value in sorted(values)]
    return texts[0] if texts[0] == texts[-1] else f"{texts[0]}–{texts[-1]}"


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def limits(evidence: Evidence) -> Table | None:
    """Return how much arithmetic each model takes, and the share of the machine's limit reached: medians over tasks."""
    head = ["model", "precision", "threads", "peak, GFLOP/s", "training, GFLOP an example", "share of peak, %"]
    head += ["answering, GFLOP an example", "share of peak, %", "tasks trained / timed"]
    rows = (_limit_row(evidence, label) for label in evidence.models)
    return table("Arithmetic, and the share of the limit that is reached", head, filter(None, rows), num_texts=2)


def _limit_row(evidence: Evidence, label: str) -> list[str]:
    pairs = [(evidence.results.get((task, label), ()), evidence.speeds.get((task, label))) for task in evidence.tasks]
    trained = [mean_of_known(result.training_flops_per_example for result in results) for results, _ in pairs]
    shares = [mean_of_known(map(speed.training_share, results)) for results, speed in pairs if speed]
    timed = [speed for _, speed in pairs if speed and speed.share_of_peak]
    num_trained = len(trained) - trained.count(None)
    if not num_trained and not timed:
        return []
    return [
        label,
        ", ".join(sorted({str(speed.precision) for speed in timed})),
        _span([speed.machine.num_threads for speed in timed]) if timed else "",
        _median((speed.peak_flops_per_second for speed in timed), unit=1e9),
        _median(trained, unit=1e9),
        _median(shares, unit=0.01),
        _median((speed.flops_per_example for speed in timed), unit=1e9),
        _median((max(speed.share_of_peak.values()) for speed in timed), unit=0.01),
        f"{num_trained} / {len(timed)}",
    ]


def _median(values: Iterable[float | None], *, unit: float) -> str:
    found = known(values)
    return digits(median(found) / unit) if found else ""
