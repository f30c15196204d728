"""Does the gate raise no more false alarms than promised, and does it catch what it should? Simulated: loss known.

    python -m tests.bench.gate_simulation                   # what docs/gate.md tells: minutes on two cores
    python -m tests.bench.gate_simulation --gates 200 --design "one task"

Each gate is a reference and a run of a suite, both with fresh seeds, judged as `gate` or `run --until-decided` would
judge their predictions. An alarm is any verdict *worse*, on a task or on the mean. A loss in one task is caught if that
task is called worse; one in every task, if anything is.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median

import numpy as np
import threadpoolctl

from harness.gate.quality import Pair, PairScores, judge
from harness.gate.sequential import Looks
from harness.gate.verdicts import Finding, Verdict
from tests.bench.simulated_suite import GLUE, SimulatedTask, simulate

ALPHA = 0.05
NUM_CHUNKS = 8


@dataclass(frozen=True, kw_only=True)
class Design:
    """What is gated, and how."""

    name: str
    num_examples: int
    num_seeds: tuple[int, int]
    """Of the reference and of the run; of the run at most, where it is judged seed by seed."""
    deviation: float = 0.8
    """The standard deviation of the seeds' effects, in points; which examples they miss differs as well."""
    margin: float = 1.0
    metrics: tuple[str, ...] = GLUE
    is_sequential: bool = False


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A planted loss, in margins: in the last task, or in every one."""

    margins: float
    everywhere: bool = False

    def __str__(self) -> str:
        times = "the margin" if self.margins == 1 else f"{self.margins:g} × margin"
        return f"{times}, {'each' if self.everywhere else 'one'} task" if self.margins else "none"


NOTHING = Loss(margins=0.0)
AT_MARGIN, TWICE, TWICE_ONE, MUCH_ONE = (
    Loss(margins=1.0, everywhere=True), Loss(margins=2.0, everywhere=True), Loss(margins=2.0), Loss(margins=5.0),
)  # fmt: skip
SUITE = (NOTHING, AT_MARGIN, TWICE, TWICE_ONE)
ONE_TASK = (NOTHING, AT_MARGIN, TWICE_ONE)
ACCURACY = ("accuracy",)
DESIGNS: dict[Design, tuple[Loss, ...]] = {
    Design(name="suite", num_examples=1000, num_seeds=(8, 8)): SUITE,
    Design(name="suite, wider margin", num_examples=1000, num_seeds=(5, 5), margin=2.5): SUITE,
    Design(name="suite, wide margin", num_examples=1000, num_seeds=(5, 5), margin=4.0): SUITE,
    Design(name="one task", num_examples=1000, num_seeds=(10, 10), margin=2.0, metrics=ACCURACY): ONE_TASK,
    Design(name="suite, few examples", num_examples=250, num_seeds=(5, 5)): SUITE,
    Design(name="one task, few seeds", num_examples=1000, num_seeds=(3, 3), metrics=ACCURACY): ONE_TASK,
    Design(name="suite, until decided", num_examples=1000, num_seeds=(20, 20), is_sequential=True): (
        NOTHING, TWICE, MUCH_ONE,
    ),
    Design(
        name="one task, until decided", num_examples=1000, num_seeds=(20, 20), metrics=ACCURACY, is_sequential=True
    ): (*ONE_TASK, MUCH_ONE),
    Design(
        name="one task, until decided, margin 2", num_examples=1000, num_seeds=(20, 20), metrics=ACCURACY, margin=2.0,
        is_sequential=True,
    ): (*ONE_TASK, MUCH_ONE),
}  # fmt: skip
"""With the losses that are planted in each."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one gate."""

    is_alarm: bool
    is_caught: bool
    fraction_decided: float
    """Of the tasks: worse, or not worse."""
    detectable_pair: float
    detectable_mean: float
    fraction_used: float
    """Of the seeds that could have been trained."""
    deviation: float
    """Of the seeds' scores as a run shows them."""


def simulate_gate(design: Design, loss: Loss, generator: np.random.Generator) -> Outcome:
    """Return what comes of one gate."""
    planted = [loss.everywhere or index == len(design.metrics) - 1 for index in range(len(design.metrics))]
    tasks = [
        SimulatedTask(
            name=f"task {index}",
            metric=metric,
            num_examples=design.num_examples,
            deviation=design.deviation,
            loss=loss.margins * design.margin if is_planted else 0.0,
        )
        for index, (metric, is_planted) in enumerate(zip(design.metrics, planted, strict=True))
    ]
    pairs = simulate(tasks, design.num_seeds, generator)
    findings, fraction_used = _judged(design, pairs)
    worse = [finding for finding in findings if finding.verdict is Verdict.WORSE]
    return Outcome(
        is_alarm=bool(worse),
        is_caught=any(loss.everywhere or finding.task == tasks[-1].name for finding in worse),
        fraction_decided=fmean(finding.verdict is not Verdict.CANNOT_TELL for finding in findings if finding.task),
        detectable_pair=median(f.detectable for f in findings if f.task and f.detectable is not None),
        detectable_mean=next((f.detectable for f in findings if f.task is None and f.detectable), float("nan")),
        fraction_used=fraction_used,
        deviation=fmean(float(pair.reference.seeds.std(ddof=1)) for pair in pairs.values()),
    )


def _judged(design: Design, pairs: dict[Pair, PairScores]) -> tuple[tuple[Finding, ...], float]:
    """Return the findings, and the fraction of the seeds that they took."""
    if not design.is_sequential:
        return judge(pairs, margin=design.margin, alpha=ALPHA), 1.0
    looks = Looks(pairs, margin=design.margin, alpha=ALPHA, max_seeds=design.num_seeds[1])
    while looks.undecided:
        looks.look(pairs)
    return looks.findings(), fmean(looks.num_seeds.values()) / design.num_seeds[1]


def _chunk(design: Design, loss: Loss, gates: int, seed: int) -> list[Outcome]:
    generator = np.random.default_rng([seed, *design.name.encode(), *str(loss).encode()])
    with threadpoolctl.threadpool_limits(1):
        return [simulate_gate(design, loss, generator) for _ in range(gates)]


def lines(designs: Sequence[Design], *, gates: int, workers: int) -> Iterator[str]:
    """Yield a Markdown table, a line a design and loss."""
    yield (
        "| design | tasks × examples | seeds | their sd | margin | planted loss | alarms, % | caught, % "
        "| tasks decided, % | detectable: task, mean | seeds used, % |"
    )
    yield "|---|---|---|---:|---:|---|---:|---:|---:|---|---:|"
    with ProcessPoolExecutor(workers) as pool:
        for design, loss in ((each, loss) for each in designs for loss in DESIGNS[each]):
            chunk_of = partial(_chunk, design, loss, -(-gates // NUM_CHUNKS))
            outcomes = [outcome for chunk in pool.map(chunk_of, range(NUM_CHUNKS)) for outcome in chunk]
            yield _line(design, loss, outcomes)


def _line(design: Design, loss: Loss, outcomes: Sequence[Outcome]) -> str:
    def percent(values: Iterator[float]) -> str:
        return f"{100 * fmean(values):.1f}"

    seeds = "{} and {}{}".format(design.num_seeds[0], "up to " * design.is_sequential, design.num_seeds[1])
    detectable = [f"{median(outcome.detectable_pair for outcome in outcomes):.1f}"]
    if len(design.metrics) > 1:
        detectable.append(f"{median(outcome.detectable_mean for outcome in outcomes):.1f}")
    cells = [
        design.name,
        f"{len(design.metrics)} × {design.num_examples:,}",
        seeds,
        f"{fmean(outcome.deviation for outcome in outcomes):.1f}",
        f"{design.margin:g}",
        str(loss),
        percent(outcome.is_alarm for outcome in outcomes),
        percent(outcome.is_caught for outcome in outcomes) if loss.margins > 1 else "",
        percent(outcome.fraction_decided for outcome in outcomes),
        "" if design.is_sequential else ", ".join(detectable),
        percent(outcome.fraction_used for outcome in outcomes) if design.is_sequential else "",
    ]
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gates", type=int, default=1000)
    parser.add_argument("--design", action="append", choices=[design.name for design in DESIGNS])
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    designs = [design for design in DESIGNS if not asked.design or design.name in asked.design]
    for line in lines(designs, gates=asked.gates, workers=asked.workers):
        print(line, flush=True)  # noqa: T201 (a script's output)


if __name__ == "__main__":
    main()
