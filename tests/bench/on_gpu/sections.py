"""The parts of the check: each adds its rows to the findings as it goes, so that what was found outlives a failure."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.store.records import Result
from harness.store.run import Run
from harness.system.environment import num_cores
from reports.analysis.head_to_head import head_to_head
from tests.bench.against_trainer.assignment import GLUE_RECIPE, TASKS
from tests.bench.against_trainer.sections import fit_seconds, predict_seconds
from tests.bench.on_gpu.cuda_tests import cuda_tests
from tests.bench.on_gpu.other_side import fine_tune, time_steps
from tests.bench.on_gpu.records import Device, Row
from tests.bench.on_gpu.size import NUM_WORKERS
from tests.bench.on_gpu.trials import TASK_PLUGINS, Bench, Findings, Grid, result_of, throughputs, wall_seconds

CHECKPOINT_OF = {"bert-base": "base", "ours-small": "small"}
"""What Trainer fine-tunes beside each of our models: the very checkpoint, or one of the same size."""


def against(bench: Bench, findings: Findings) -> None:
    """Fine-tune and predict with both models on each task: Trainer with every flag, and then ours."""
    tasks = bench.size.against_tasks
    pairs = [{"task": task, "seed": 0, "num_loaders": 2 if bench.device.kind == "cuda" else 0} for task in tasks]
    for model, checkpoint in CHECKPOINT_OF.items():
        theirs = _trainer(bench, pairs, checkpoint, bench.size.against, epochs=bench.size.against_epochs)
        grid = Grid(
            tasks=[TASKS[task].name for task in tasks],
            models=[model],
            limits=bench.size.against,
            device=bench.device.kind,
            data=bench.data,
        )
        run = grid.perform(bench, f"against-{model}", measured=True)
        for task, done in zip(tasks, theirs, strict=True):
            ours = result_of(run, task=TASKS[task].name, model=model)
            findings.rows += _compared(bench, f"{model}, {TASKS[task].title}", ours, done)
        findings.throughputs += throughputs(run)


def _trainer(
    bench: Bench, pairs: list[dict[str, Any]], checkpoint: str, limits: Limits, *, epochs: float
) -> list[dict[str, Any]]:
    """Return what Trainer gave for each pair."""
    found: list[dict[str, Any]] = bench.other_side.do(
        fine_tune,
        pairs=pairs,
        data=bench.data,
        limits=asdict(limits),
        attention="sdpa",
        device=bench.device.kind,
        checkpoint=str(bench.checkpoints / checkpoint),
        epochs=epochs,
    )
    return found


def _compared(bench: Bench, name: str, ours: Result, theirs: dict[str, Any]) -> list[Row]:
    """Return the rows of one pair. Seconds of ours are core seconds: on a GPU, and alone, those on the wall."""
    seen = ours.data.num_examples["train"] * ours.history.epochs
    num_predictions = theirs["num_predictions"]
    steps = ours.history.core_seconds or float("nan")
    rates = [
        ("fine-tuned, from the first example on", seen / fit_seconds(ours), seen / theirs["fit_seconds"]),
        ("fine-tuned, steps alone", seen / steps, seen / theirs["train_seconds"]),
        ("predicted", num_predictions / predict_seconds(ours), num_predictions / theirs["predict_seconds"]),
    ]
    rows = [
        Row(
            section="against", name=f"{name}: {what}", unit="examples/s", ours=mine, trainer=other, expected="> Trainer"
        )
        for what, mine, other in rates
    ]
    if flops := ours.history.flops_per_example:
        # One count for both, that of the arithmetic which is of use.
        used, others = (
            seen * flops / bench.device.peak_flops_per_second / each for each in (steps, theirs["train_seconds"])
        )
        what = f"{name}: fraction of the {bench.device.precision} peak in training"
        rows.append(Row(section="against", name=what, unit="%", ours=100 * used, trainer=100 * others))
    memory = (float(ours.peak_memory_bytes), float(theirs["peak_memory_bytes"]))
    what = f"{name}: peak memory"
    rows.append(Row(section="against", name=what, unit="bytes", ours=memory[0], trainer=memory[1]))
    return rows


def sameness(bench: Bench, findings: Findings) -> None:
    """Compare predictions byte for byte: one worker with two, straight with killed and resumed."""
    for model in ("bert-base-cut", "ours-small-cut"):
        runs, title = {}, model.removesuffix("-cut")
        for name, num_seeds, num_workers in (("one", 2, 1), ("two", 2, 2)):
            runs[name] = _same(bench, model, num_seeds, num_workers).perform(bench, f"{model}-{name}")
        same = _files(runs["one"]) == _files(runs["two"])
        findings.rows.append(_checked("sameness", f"{title}: predictions of 2 workers as of 1", same))
        grid = _same(bench, model, 1, 1)
        bench.cut.touch()
        with suppress(RuntimeError):
            grid.perform(bench, f"{model}-cut")
        failures = Run(bench.folder / f"{model}-cut").failures()
        if bench.cut.exists() or not failures or "signal 9" not in failures[0].message:
            raise RuntimeError(f"{model}: the training was not cut short: {failures}")
        cut = grid.perform(bench, f"{model}-cut")
        resumed = cut.results()[0].timings.resumed
        same = resumed and _files(cut).items() <= _files(runs["one"]).items()
        findings.rows.append(_checked("sameness", f"{title}: predictions resumed after SIGKILL as straight", same))


def _same(bench: Bench, model: str, num_seeds: int, num_workers: int) -> Grid:
    return Grid(
        tasks=[TASKS[bench.size.against_tasks[0]].name],
        models=[model],
        limits=bench.size.sameness,
        num_seeds=num_seeds,
        num_workers=num_workers,
        device=bench.device.kind,
        data=bench.data,
    )


def _files(run: Run) -> dict[str, bytes]:
    """Return the files of predictions by trial and name."""
    paths = run.folder.glob("trials/*/predictions-*.parquet")
    return {str(path.relative_to(run.folder)): path.read_bytes() for path in paths}


def sharing(bench: Bench, findings: Findings) -> None:
    """Do a grid of small trials with more and more workers on the device, against Trainer pair after pair."""
    size = bench.size
    pairs = [{"task": task, "seed": seed} for seed in range(size.sharing_seeds) for task in size.sharing_tasks]
    theirs = sum(
        pair["seconds"] for pair in _trainer(bench, pairs, "tiny", size.sharing, epochs=GLUE_RECIPE.optimisation.epochs)
    )
    what = f"{len(pairs)} small trials"
    alone = None
    for num_workers in NUM_WORKERS:
        grid = Grid(
            tasks=[TASKS[task].name for task in size.sharing_tasks],
            models=[str(bench.checkpoints / "tiny")],
            limits=size.sharing,
            num_seeds=size.sharing_seeds,
            num_workers=num_workers,
            device=bench.device.kind,
            data=bench.data,
            plugins=TASK_PLUGINS,
        )
        run = grid.perform(bench, f"sharing-{num_workers}")
        ours = wall_seconds(run)
        name = f"{what}, {num_workers} at a time"
        findings.rows.append(
            Row(section="sharing", name=name, unit="s", ours=ours, trainer=theirs, expected="< Trainer")
        )
        if alone is None:
            alone = ours
        else:
            name = f"{what}: {num_workers} at a time, times as fast as one"
            findings.rows.append(Row(section="sharing", name=name, unit="times", ours=alone / ours))
    findings.rows += memory_bound(bench.device, run.results())


def memory_bound(device: Device, results: list[Result]) -> list[Row]:
    """Return how many such trials the device's memory has room for, each with a context of its own."""
    free, context = device.free_memory_bytes, device.context_bytes
    if free is None or context is None:
        return []
    need = context + max(result.peak_memory_bytes for result in results)
    return [Row(section="sharing", name="small trials that memory holds at a time", unit="trials", ours=free // need)]


def suite(bench: Bench, findings: Findings) -> None:
    """Test the scores of the sample on the device against those on the CPU, as `compare` does."""
    size, model = bench.size, "transformer-tiny"
    runs = []
    for device in ("cpu", bench.device.kind):
        grid = Grid(
            tasks=size.suite_tasks,
            models=[model],
            limits=size.suite,
            num_seeds=size.suite_seeds,
            num_workers=num_cores() if device == "cpu" else max(NUM_WORKERS),
            device=device,
            data="sample",
        )
        runs.append(grid.perform(bench, f"suite-{len(runs)}-{device}"))
    [compared] = head_to_head(runs, [model], load_catalog().tasks)
    for line in compared.lines:
        test = line.test
        name = f"{line.title}: points on {bench.device.kind.upper()} less those on a CPU"
        expected = f"0 within [{-test.high:+.1f}, {-test.low:+.1f}], p {test.p_holm:.2f}"
        row = Row(
            section="suite", name=name, unit="points", ours=-test.difference, expected=expected, passed=not test.differs
        )
        findings.rows.append(row)


def pretraining(bench: Bench, findings: Findings) -> None:
    """Take steps of a pretraining, ours and those of a plain loop, and say what fraction of the peak they reach."""
    device, size = bench.device, bench.size
    found = bench.other_side.do(
        time_steps,
        model=size.pretraining_model,
        batch_size=size.pretraining_batch_size,
        num_steps=size.pretraining_steps,
        device=device.kind,
        precision=device.precision,
    )
    name = f"{size.pretraining_model}, next token"
    speeds = {"ours": found["ours"], "trainer": found["plain"]}
    row = Row(
        section="pretraining", name=f"{name}: plain loop for Trainer", unit="tokens/s", expected="> Trainer", **speeds
    )
    findings.rows.append(row)
    if found["flops_a_token"]:
        fractions = {
            side: 100 * speed * found["flops_a_token"] / device.peak_flops_per_second for side, speed in speeds.items()
        }
        what = f"{name}: fraction of the {device.precision} peak"
        findings.rows.append(Row(section="pretraining", name=what, unit="%", **fractions))


def _checked(section: str, name: str, passed: bool) -> Row:
    return Row(section=section, name=name, unit="", expected="the same bytes", passed=passed)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section and the seconds that it may take on an H100."""

    do: Callable[[Bench, Findings], None]
    budget_seconds: float


SECTIONS = {
    "CUDA tests": Part(do=cuda_tests, budget_seconds=30),
    "against": Part(do=against, budget_seconds=95),
    "sameness": Part(do=sameness, budget_seconds=55),
    "sharing": Part(do=sharing, budget_seconds=60),
    "suite": Part(do=suite, budget_seconds=40),
    "pretraining": Part(do=pretraining, budget_seconds=20),
}
