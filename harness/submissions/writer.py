"""From a run's stored predictions to files in the official formats, without training and without torch.

A file is read back by the strict readers, and compared with what it was made from, before it replaces an earlier one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from harness.api.example import Prediction
from harness.api.spelling import spelled
from harness.api.submission import AnswersFormat, TableFormat
from harness.api.task import Task
from harness.errors import RunError, UsageError, did_you_mean
from harness.outputs import kind_of
from harness.store.latest import read_newest
from harness.store.records import Result
from harness.store.run import Run
from harness.submissions.archive import read_archive, write_archive
from harness.submissions.formats import (
    encode_object,
    encode_table,
    parse_table,
    read_answers,
    read_probabilities,
    table_lines,
)
from harness.submissions.sides import Side, split_in, split_of, table_files, table_format
from harness.system.files import replacing

NA_PROBABILITIES = "na_prob.json"


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written: the files, how many predictions each holds, and what a person should know of it."""

    paths: tuple[Path, ...]
    model: str
    seed: int
    num_predictions: Mapping[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SeedResults:
    """The newest result on each task of one model of a run, trained with one seed."""

    run: Run
    model: str
    seed: int
    results: Mapping[str, Result]
    notes: tuple[str, ...]

    def reason_against(self, task: str, split: str) -> str:
        """Return why there are no predictions for the whole of a split; an empty text where there are."""
        result = self.results.get(task)
        if result is None:
            return "no result"
        limit, num_examples = result.data.limit_evaluation, result.data.num_examples.get(split)
        if num_examples is None:
            return f"no {split} split in the data"
        return f"limited to {limit} examples" if limit is not None and num_examples >= limit else ""

    def predictions(self, task: str, split: str) -> dict[str, Prediction]:
        """Return the predictions for a split, by id and in its order.

        Raises:
            RunError: they cannot be read, or are not as many as there were examples.
        """
        result = self.results[task]
        found = self.run.predictions(result, split)
        if len(found) != (expected := result.data.num_examples[split]):
            folder = self.run.trial_folder(result.key)
            raise RunError(f"{folder}: found {len(found)} predictions for the {split} split, expected {expected}.")
        return found

    def __str__(self) -> str:
        return f"{self.run.folder}, {self.model}, seed {self.seed}"


def seed_results(run: Run, model: str, tasks: Sequence[Task], seed: int | None = None) -> SeedResults:
    """Return the results of a model of a run on some tasks, with the lowest of its seeds where none is named.

    Raises:
        UsageError: the run has no such model, or none with that seed, or nothing of it on these tasks.
    """
    everything = read_newest(run).results
    models = sorted({result.model.name for result in everything})
    model = spelled(model, models)
    if model not in models:
        raise UsageError(
            f"{run.folder}: no results of a model {model!r}; there are those of: {', '.join(models) or 'none'}."
            f"{did_you_mean(model, models)}"
        )
    names = [task.name for task in tasks]
    mine = [result for result in everything if result.model.name == model and result.task in names]
    seeds = sorted({result.seed for result in mine})
    if not seeds:
        raise UsageError(f"{run.folder}: {model} has no results on {', '.join(names)}.")
    if seed is not None and seed not in seeds:
        raise UsageError(f"--seed {seed}: {model} has results with seed {', '.join(map(str, seeds))}.")
    chosen = seeds[0] if seed is None else seed
    notes = []
    if seed is None and len(seeds) > 1:
        notes.append(f"of the seeds {', '.join(map(str, seeds))} the lowest was taken; --seed names another.")
    results = {r.task: r for r in sorted(mine, key=lambda result: result.created) if r.seed == chosen}
    if any(result.data.kind == "sample" for result in results.values()):
        notes.append("these are predictions for the generated sample, not to the real benchmark.")
    return SeedResults(run=run, model=model, seed=chosen, results=results, notes=tuple(notes))


def submit_suite(
    stored: SeedResults, tasks: Sequence[Task], out: Path, side: Side, *, partial: bool = False
) -> Written:
    """Write the zip file of a suite, whose tasks these are. ``partial`` leaves out the files that the run cannot fill.

    Raises:
        RunError: the run cannot fill all of the files, and ``partial`` was not asked for, or none of them.
        UsageError: the file cannot be written, or the suite's predictions are no tables.
    """
    files = table_files(tasks)
    if out.suffix != ".zip":
        raise UsageError(f"--out {out}: a suite's predictions are a .zip; for the file of one task give --task.")
    splits = {name: split_in(task, name, side) for name, task in files.items()}
    missing = {name: stored.reason_against(task.name, splits[name]) for name, task in files.items()}
    reasons = {name: reason for name, reason in missing.items() if reason}
    if reasons and (not partial or len(reasons) == len(files)):
        listed = ", ".join(f"{name} ({reason})" for name, reason in reasons.items())
        hint = " --partial leaves them out, but the site wants all." if len(reasons) < len(files) else ""
        raise RunError(f"{stored}: {len(reasons)} of {len(files)} files cannot be made: {listed}.{hint}")
    formats = {name: table_format(task) for name, task in files.items() if name not in reasons}
    predictions = {name: [*stored.predictions(files[name].name, splits[name]).values()] for name in formats}
    tables = {name: _encoded(given, formats[name], f"{stored}, {name}") for name, given in predictions.items()}
    with _written_whole(out) as temporary:
        write_archive(temporary, tables)
        assert read_archive(temporary, tables) == tables, f"{out} is not what was written"
    changed = [note for name, given in predictions.items() for note in _changes(name, given, formats[name])]
    left_out = [f"left out: {name} ({reason}); the site wants all files." for name, reason in reasons.items()]
    return Written(
        paths=(out,),
        model=stored.model,
        seed=stored.seed,
        num_predictions={name: len(given) for name, given in predictions.items()},
        notes=(*stored.notes, *changed, *left_out),
    )


def submit_task(stored: SeedResults, task: Task, out: Path, side: Side) -> Written:
    """Write the predictions for one task: its table, or SQuAD's ``predictions.json``.

    Where a question may have no answer, SQuAD 2.0's ``na_prob.json`` goes beside it, if the model says how sure it is.

    Raises:
        RunError: the run has no predictions for the whole split.
        UsageError: the file cannot be written, or the task has no file of predictions, or several.
    """
    split = _only_split(task, side)
    if out.suffix == ".zip":
        raise UsageError(
            f"--out {out}: with --task the predictions are a single file; for a suite's .zip leave it out."
        )
    if reason := stored.reason_against(task.name, split):
        raise RunError(f"{stored}: {out.name} cannot be made: {reason}.")
    predictions, paths, notes = stored.predictions(task.name, split), [out], list(stored.notes)
    if isinstance(task.submission, TableFormat):
        table = _encoded(list(predictions.values()), task.submission, f"{stored}, {out.name}")
        with _written_whole(out) as temporary:
            temporary.write_bytes(table)
        notes += _changes(out.name, list(predictions.values()), task.submission)
    else:
        if kind_of(task.output).may_be_unanswerable:
            if all(prediction.scores for prediction in predictions.values()):
                paths.append(out.with_name(NA_PROBABILITIES))
            elif out.with_name(NA_PROBABILITIES).exists():
                raise UsageError(
                    f"--out {out}: beside it lies a {NA_PROBABILITIES} of other predictions; remove it first."
                )
            else:
                notes.append(f"the model does not say how sure it is, so there is no {NA_PROBABILITIES}.")
        _write_objects(paths, predictions, str(stored))
    return Written(
        paths=tuple(paths),
        model=stored.model,
        seed=stored.seed,
        num_predictions={path.name: len(predictions) for path in paths},
        notes=tuple(notes),
    )


def _changes(name: str, predictions: Sequence[Prediction], table_format: TableFormat) -> list[str]:
    """Say what a table of numbers does not keep of the predictions: its metric values are then not the run's own."""
    if table_format.words:
        return []
    low, high = table_format.bounds
    num_outside = sum(not low <= cast(float, prediction.value) <= high for prediction in predictions)
    clipped = f", and {num_outside} of {len(predictions)} brought into {low:g} to {high:g}" if num_outside else ""
    rounded = f"{name}: numbers are rounded to {table_format.decimals} places{clipped}"
    return [f"{rounded}, so its figures may differ from the run's own."]


def _only_split(task: Task, side: Side) -> str:
    """Return the split that a task's only file is for."""
    match task.submission:
        case TableFormat(files=files):
            name, *more = dict.fromkeys(files.values())
            if more:
                listed = ", ".join([name, *more])
                raise UsageError(
                    f"task {task.name!r} has its predictions in {listed}: leave out --task and write a suite's zip."
                )
            return split_in(task, name, side)
        case AnswersFormat():
            return split_of(task, [*task.predicted, *task.scored], side)
        case None:
            raise UsageError(f"task {task.name!r} does not say how a file of predictions for it looks.")


def _encoded(predictions: Sequence[Prediction], table_format: TableFormat, where: str) -> bytes:
    """Return a table from which the strict parser reads what it was made from."""
    table = encode_table(predictions, table_format, where)
    read = parse_table(table_lines(table, where), table_format, len(predictions), where)
    assert read == [table_format.kept(prediction) for prediction in predictions], f"{where} is not what was predicted"
    return table


def _write_objects(paths: Sequence[Path], predictions: Mapping[str, Prediction], where: str) -> None:
    """Write the predictions, and to a second path the doubts in them; both or neither."""
    out, *beside = paths
    values = {name: prediction.value for name, prediction in predictions.items()}
    with ExitStack() as stack:
        temporary = stack.enter_context(_written_whole(out))
        temporary.write_bytes(encode_object(values, where))
        assert read_answers(temporary) == values, f"{out} is not what was predicted"
        for path in beside:
            doubts = {name: prediction.scores[0] for name, prediction in predictions.items()}
            temporary = stack.enter_context(_written_whole(path))
            temporary.write_bytes(encode_object(doubts, where))
            assert read_probabilities(temporary) == doubts, f"{path} is not what was predicted"


@contextmanager
def _written_whole(out: Path) -> Iterator[Path]:
    """Give a temporary path that becomes ``out`` when the block ends well."""
    if out.is_dir():
        raise UsageError(f"--out {out}: is a folder; expected the name of a file.")
    try:
        with replacing(out) as temporary:
            yield temporary
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written: {error.strerror}.") from error
