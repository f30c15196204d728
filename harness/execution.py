"""One trial from rows to result: load, fit, predict, score, save; and the measurement of a fitted model's speed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.cores import Cores
from harness.examples import Example, Prediction
from harness.loading import TaskData, load, read_split
from harness.machine import commit, describe_machine, now, peak_memory_bytes, versions
from harness.metrics import headline, score
from harness.model import CountsFlops, FitSession, History, Model
from harness.recording import record_attributions, record_examples
from harness.results import DataRecord, HistoryRecord, ModelRecord, Result, Speed, Timings
from harness.scoring import task_score
from harness.store import Run
from harness.timing import measure
from harness.trial import Trial

NUM_TIMED_EXAMPLES = 256
"""Too few for ``harness.encoding_cache``: what is timed includes tokenisation."""

Tell = Callable[[str, float], None]
"""Told of each phase, and how much of it is done, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a trial runs: what changes its speed and not its answers."""

    run: Run
    device: str
    num_threads: int
    cores: Cores


def run_trial(trial: Trial, place: Place, tell: Tell, *, keep_checkpoint: bool) -> None:
    """Fit the model, answer every split, score, and save with what a report needs; all of it holds a core."""
    with place.cores.one():
        _run_trial(trial, place, tell, keep_checkpoint=keep_checkpoint)


def _run_trial(trial: Trial, place: Place, tell: Tell, *, keep_checkpoint: bool) -> None:
    clock = Stopwatch()
    tell("loading", 0.0)
    data = load(trial.task, trial.source, trial.limits)
    model = trial.model.build(trial.task, seed=trial.seed, device=place.device)
    clock.lap("load")
    checkpoint = place.run.checkpoint_path(trial.key)
    resumed = checkpoint.is_file()
    cache = place.run.cache_folder
    session = FitSession(checkpoint=checkpoint, cache=cache, cores=place.cores, on_step=Throttled(tell))
    history = model.fit(data.train, session)
    clock.lap("fit")
    fit_seconds = clock.laps["fit"] + history.seconds_before
    fit_core_seconds = fit_seconds + history.borrowed_before + place.cores.borrowed_seconds
    predictions: dict[str, list[Prediction]] = {}
    seconds: dict[str, float] = {}
    core_seconds: dict[str, float] = {}
    for split, examples in {**data.scored, **data.answered}.items():
        tell(f"answering {split}", 0.0)
        borrowed = place.cores.borrowed_seconds
        predictions[split] = model.predict(examples)
        seconds[split] = clock.lap(split)
        core_seconds[split] = seconds[split] + place.cores.borrowed_seconds - borrowed
    scores = {split: score(trial.task.metrics, predictions[split], data.scored[split]) for split in data.scored}
    timings = Timings(
        load_seconds=clock.laps["load"],
        fit_seconds=fit_seconds,
        fit_core_seconds=fit_core_seconds,
        predict_seconds=seconds,
        predict_core_seconds=core_seconds,
        total_seconds=clock.total() + history.seconds_before,
        resumed=resumed,
    )
    fitted = Fitted(data=data, model=model, history=history, scores=scores, timings=timings)
    _save(trial, place, fitted, predictions)
    if not keep_checkpoint:
        checkpoint.unlink(missing_ok=True)


def _save(trial: Trial, place: Place, fitted: "Fitted", predictions: dict[str, list[Prediction]]) -> None:
    """Write what a report needs of a trial; the result, last, says that all of it is there."""
    run, data, result = place.run, fitted.data, make_result(trial, place, fitted)
    splits = {**data.scored, **data.answered}
    record_examples(run, result, splits)
    if trial.seed == 0:
        record_attributions(run, trial.key, fitted.model, data.scored)
    run.save(result, {split: ([e.id for e in splits[split]], predictions[split]) for split in splits})


def measure_speed(trial: Trial, place: Place, tell: Tell) -> None:
    """Fit again, which is at once done where the trial left its last checkpoint, and time the model's answers."""
    held = trial.source.splits(trial.task)
    split = next(split for split in trial.task.scored if split in held)
    train, examples = (read_split(trial.task, trial.source, name, trial.limits.of(name)) for name in ("train", split))
    model = trial.model.build(trial.task, seed=trial.seed, device=place.device)
    checkpoint = place.run.checkpoint_path(trial.key)
    session = FitSession(checkpoint=checkpoint, cache=place.run.cache_folder, on_step=Throttled(tell))
    model.fit(train, session)
    tell("timing", 0.0)
    timed = examples[:NUM_TIMED_EXAMPLES]
    samples = measure(model, timed)
    speed = Speed(
        task=trial.task.name,
        model=trial.model.name,
        trial_key=trial.key,
        split=split,
        latency_seconds=samples.latency_seconds,
        batch_seconds=samples.batch_seconds,
        noise=samples.noise,
        load_average=samples.load_average,
        workload_seconds=samples.workload_seconds,
        **_measure_limit(model, timed, place.device),
        machine=describe_machine(place.device, place.num_threads),
        created=now(),
    )
    place.run.save_speed(trial.key, speed)
    checkpoint.unlink(missing_ok=True)


def _measure_limit(model: Model, examples: Sequence[Example], device: str) -> dict[str, Any]:
    """Return what a :class:`Speed` says of the limit; nothing for a model that does not count its operations."""
    if not isinstance(model, CountsFlops) or (flops := model.flops_per_example(examples)) is None:
        return {}
    from harness.flops import matmul_peak

    peak = matmul_peak(device, model.precision)
    return {"precision": model.precision, "flops_per_example": flops, "peak_flops_per_second": peak}


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What came of a trial, before it is written down."""

    data: TaskData
    model: Model
    history: History
    scores: dict[str, dict[str, float]]
    timings: Timings


def make_result(trial: Trial, place: Place, fitted: Fitted) -> Result:
    """Return the record of a finished trial."""
    task, data, scores = trial.task, fitted.data, fitted.scores
    identity = trial.identity()
    counts = {"train": data.train, **data.scored, **data.answered}
    return Result(
        key=trial.key,
        fingerprint=trial.fingerprint,
        task=task.name,
        task_version=task.version,
        model=ModelRecord(
            name=trial.model.name,
            title=trial.model.title,
            identity=identity["model"],
            recipe=identity["recipe"],
            task_settings=dict(trial.model.per_task.get(task.name, {})),
            num_parameters=fitted.model.num_parameters,
        ),
        seed=trial.seed,
        output=identity["task"]["output"],
        scores=scores,
        headline=list(headline(task.metrics, next(iter(scores.values())))),
        score=task_score(task, scores),
        data=DataRecord(
            **identity["data"],
            note=trial.source.note,
            limit_train=trial.limits.train,
            limit_evaluation=trial.limits.evaluation,
            num_examples={split: len(examples) for split, examples in counts.items()},
            missing_splits=list(data.missing),
        ),
        history=_history_record(fitted.history),
        timings=fitted.timings,
        peak_memory_bytes=peak_memory_bytes(place.device),
        machine=describe_machine(place.device, place.num_threads),
        versions=versions(),
        commit=commit(),
        created=now(),
    )


def _history_record(history: History) -> HistoryRecord:
    return HistoryRecord(**{name: value for name, value in asdict(history).items() if not name.endswith("_before")})


class Stopwatch:
    """Wall time, lap by lap, in seconds."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> float:
        """End a lap and return its length."""
        now_ = time.perf_counter()
        self.laps[name], self._last = now_ - self._last, now_
        return self.laps[name]

    def total(self) -> float:
        """Return the time since the start."""
        return time.perf_counter() - self._started


class Throttled:
    """Tells of training steps, at most five times a second; the share is of the steps since this call of ``fit``."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._next = tell, 0.0
        self._before: int | None = None

    def __call__(self, step: int, steps: int) -> None:
        """Hear of a step."""
        before = self._before = step - 1 if self._before is None or step <= self._before else self._before
        if time.monotonic() >= self._next or step == steps:
            self._tell(f"step {step} of {steps}", (step - before) / (steps - before))
            self._next = time.monotonic() + 0.2
