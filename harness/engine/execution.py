"""One trial from rows to result: load, fit, predict, score, save; and the measurement of a fitted model's speed."""

from dataclasses import dataclass, field, replace

from harness.api.encoding import Coverage
from harness.api.example import Prediction
from harness.api.model import (
    CountsTrained,
    FitSession,
    History,
    KeepsAdapter,
    MeasuresCoverage,
    Model,
    NotesPredictions,
)
from harness.api.pretraining import TellsPretraining
from harness.data.example_cache import ExampleCache
from harness.data.loading import TaskData, load
from harness.engine.context import Context, StepProgress
from harness.engine.explanations import record_attributions
from harness.engine.starting import start_of
from harness.metrics.scoring import headline, higher_is_better, score, task_score, unit_of
from harness.metrics.validation import validation_of
from harness.outputs import kind_of
from harness.outputs.validity import check_metric_values, check_predictions
from harness.plan.trial import Trial
from harness.store.examples import record_examples
from harness.store.machine import describe_machine
from harness.store.predictions import SplitPredictions
from harness.store.records import DataRecord, ModelRecord, Result, Timings
from harness.system.environment import commit, now, versions
from harness.system.stopwatch import Stopwatch
from harness.system.trial_memory import MemoryMeter, Peaks, measured_memory


def run_trial(trial: Trial, context: Context, *, keep_checkpoint: bool) -> None:
    """Fit the model, predict every split, score, and save with what a report needs; all of it holds a core."""
    with context.cores.one(), measured_memory() as memory:
        _run_trial(trial, context, memory, keep_checkpoint=keep_checkpoint)


def _run_trial(trial: Trial, context: Context, memory: MemoryMeter, *, keep_checkpoint: bool) -> None:
    clock = Stopwatch()
    context.tell("loading", 0.0)
    parse = ExampleCache(folder=context.run.cache_folder).read
    data = load(trial.task, trial.source, trial.limits, parse, needs_training=trial.needs_training_split)
    model = trial.model.build(trial.task, seed=trial.seed, device=context.device)
    clock.lap("load")
    history = model.fit(data.train, _session(trial, context, data))
    clock.lap("fit")
    fit_seconds = clock.laps["fit"] - history.evaluation_seconds + history.seconds_before
    fit_core_seconds = fit_seconds + history.borrowed_before + context.cores.borrowed_seconds
    coverage = {"train": _coverage(model)}
    answered = _predict(model, data, context, clock)
    scores = _scores(trial, data, answered.predictions)
    timings = Timings(
        load_seconds=clock.laps["load"],
        fit_seconds=fit_seconds,
        fit_core_seconds=fit_core_seconds,
        predict_seconds=answered.seconds,
        predict_core_seconds=answered.core_seconds,
        total_seconds=clock.total() + history.seconds_before,
        resumed=history.seconds_before > 0,
    )
    peaks = memory.peaks(context.device)
    coverage |= answered.coverage
    if isinstance(model, NotesPredictions):
        history = replace(history, notes=(*history.notes, *model.prediction_notes))
    fitted = Fitted(
        data=data, model=model, history=history, coverage=coverage, scores=scores, timings=timings, peaks=peaks
    )
    _save(trial, context, fitted, answered.predictions)
    if not keep_checkpoint:
        context.run.checkpoint_path(trial.key).unlink(missing_ok=True)


def _session(trial: Trial, context: Context, data: TaskData) -> FitSession:
    return FitSession(
        checkpoint=context.run.checkpoint_path(trial.key),
        cache=context.run.cache_folder,
        cores=context.cores,
        on_step=StepProgress(context),
        validation=validation_of(trial.task, data.train, data.scored),
        start=start_of(trial, context.run),
        weights=context.run.weights_path(trial.key) if trial.is_start else None,
    )


@dataclass(frozen=True, kw_only=True)
class _Predicted:
    """The predictions of each split, how much of it was read, and what it took: wall time, and summed over cores."""

    predictions: dict[str, list[Prediction]] = field(default_factory=dict)
    coverage: dict[str, Coverage | None] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    core_seconds: dict[str, float] = field(default_factory=dict)


def _predict(model: Model, data: TaskData, context: Context, clock: Stopwatch) -> _Predicted:
    found = _Predicted()
    for split, examples in {**data.scored, **data.predicted}.items():
        context.tell(f"predicting {split}", 1.0)
        borrowed = context.cores.borrowed_seconds
        found.predictions[split] = model.predict(examples)
        found.coverage[split] = _coverage(model)
        found.seconds[split] = clock.lap(split)
        found.core_seconds[split] = found.seconds[split] + context.cores.borrowed_seconds - borrowed
    return found


def _coverage(model: Model) -> Coverage | None:
    return model.coverage if isinstance(model, MeasuresCoverage) else None


def _scores(trial: Trial, data: TaskData, predictions: dict[str, list[Prediction]]) -> dict[str, dict[str, float]]:
    """Return the metric values of each scored split, from predictions that are valid in every split.

    Raises:
        PredictionError: they are not, or a metric makes no number of them.
    """
    for split, examples in {**data.scored, **data.predicted}.items():
        check_predictions(kind_of(trial.task.output), predictions[split], examples, split=split)
    scores = {split: score(trial.task.metrics, predictions[split], data.scored[split]) for split in data.scored}
    for split, values in scores.items():
        check_metric_values(values.items(), split=split)
    return scores


def _save(trial: Trial, context: Context, fitted: "Fitted", predictions: dict[str, list[Prediction]]) -> None:
    """Write what a report needs of a trial; the result, last, says that all of it is there."""
    run, data, result = context.run, fitted.data, make_result(trial, context, fitted)
    splits = [
        SplitPredictions(task=result.task, split=split, examples=examples, predictions=predictions[split])
        for split, examples in {**data.scored, **data.predicted}.items()
    ]
    record_examples(run, result, splits)
    if trial.seed == 0:
        record_attributions(run, trial.key, fitted.model, data.scored)
    run.save(result, splits, fitted.model.adapter if isinstance(fitted.model, KeepsAdapter) else {})


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What came of a trial, before it is written down."""

    data: TaskData
    model: Model
    history: History
    coverage: dict[str, Coverage | None]
    scores: dict[str, dict[str, float]]
    timings: Timings
    peaks: Peaks


def make_result(trial: Trial, context: Context, fitted: Fitted) -> Result:
    """Return the record of a finished trial."""
    task, data, scores, identity = trial.task, fitted.data, fitted.scores, trial.identity()
    trained: object = fitted.model
    return Result(
        key=trial.key,
        fingerprint=trial.fingerprint,
        task=task.name,
        task_version=task.version,
        model=ModelRecord(
            name=trial.model.name,
            title=trial.model.title,
            identity=identity["model"],
            recipe=trial.settings(),
            task_settings=trial.own_settings(),
            num_parameters=fitted.model.num_parameters,
            num_trainable_parameters=trained.num_trainable_parameters if isinstance(trained, CountsTrained) else None,
            pretraining=trial.model.pretraining if isinstance(trial.model, TellsPretraining) else None,
        ),
        seed=trial.seed,
        start=trial.start.key if trial.start else None,
        output=task.output,
        scores=scores,
        headline=list(headline(task.metrics, next(iter(scores.values())))),
        higher_is_better=higher_is_better(task.metrics),
        unit=unit_of(task.metrics),
        score=task_score(task, scores),
        coverage={split: found for split, found in fitted.coverage.items() if found},
        data=_data_record(trial, data),
        history=fitted.history,
        timings=fitted.timings,
        peak_memory_bytes=fitted.peaks.process,
        trial_memory_bytes=fitted.peaks.trial,
        machine=describe_machine(context.device, context.num_threads),
        versions=versions(),
        commit=commit(),
        created=now(),
    )


def _data_record(trial: Trial, data: TaskData) -> DataRecord:
    return DataRecord(
        **trial.identity()["data"],
        note=trial.source.note,
        limit_train=trial.limits.train,
        limit_evaluation=trial.limits.evaluation,
        num_examples=data.num_examples,
        missing_splits=list(data.missing),
        left_out=data.left_out,
    )
