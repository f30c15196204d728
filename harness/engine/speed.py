"""The measurement of a fitted model: its latency, its throughput, and how close to the limit of the machine it is."""

from collections.abc import Sequence
from typing import Any

from harness.api.example import Example
from harness.api.model import CountsFlops, FitSession, Model
from harness.data.example_cache import ExampleCache
from harness.engine.context import Context, StepProgress
from harness.engine.starting import start_of
from harness.engine.timing import measure
from harness.outputs import kind_of
from harness.plan.trial import Trial
from harness.store.machine import describe_machine
from harness.store.records import Speed
from harness.system.environment import now

NUM_TIMED_EXAMPLES = 256
"""Too few for ``harness.training.encoding_cache``: what is timed includes tokenisation."""


def measure_speed(trial: Trial, context: Context) -> None:
    """Fit again, which is at once done where the trial left its last checkpoint, and time the model's predictions."""
    held = trial.source.splits(trial.task)
    split = next(split for split in trial.task.scored if split in held)
    cache = ExampleCache(folder=context.run.cache_folder)
    train, examples = (
        cache.read(trial.task, trial.source, name, trial.limits.of(name)).examples if name in held else []
        for name in ("train", split)
    )
    model = trial.model.build(trial.task, seed=trial.seed, device=context.device)
    checkpoint = context.run.checkpoint_path(trial.key)
    session = FitSession(
        checkpoint=checkpoint,
        cache=context.run.cache_folder,
        on_step=StepProgress(context),
        start=start_of(trial, context.run),
    )
    model.fit(train, session)
    context.tell("timing", 0.0)
    timed = list(map(kind_of(trial.task.output).timed, examples[:NUM_TIMED_EXAMPLES]))
    samples = measure(model, timed)
    speed = Speed(
        task=trial.task.name,
        model=trial.model.name,
        trial_key=trial.key,
        split=split,
        **dict(samples),
        **_measure_limit(model, timed, context.device),
        machine=describe_machine(context.device, context.num_threads),
        created=now(),
    )
    context.run.save_speed(trial.key, speed)
    checkpoint.unlink(missing_ok=True)


def _measure_limit(model: Model, examples: Sequence[Example], device: str) -> dict[str, Any]:
    """Return what a :class:`Speed` says of the limit; nothing for a model that does not count its operations."""
    if not isinstance(model, CountsFlops) or (flops := model.flops_per_example(examples)) is None:
        return {}
    from harness.training.flops import matmul_peak

    peak = matmul_peak(device, model.precision)
    return {"precision": model.precision, "flops_per_example": flops, "peak_flops_per_second": peak}
