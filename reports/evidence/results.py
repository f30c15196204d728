"""What a report rests on: the results of one or several runs, labelled, and apart where they do not compare.

Scores compare only if they come from the same rows under the same limits. So :func:`read_evidence` returns as many
:class:`Evidence` values as there are sets of runs that do, almost always one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import RunError
from harness.store.latest import Newest, data_of, read_newest
from harness.store.records import Failure, Result, Speed
from harness.store.run import Run
from harness.system.disclosure import published_command, published_message

Pair = tuple[str, str]
"""The name of a task and the label of a model."""


@dataclass(frozen=True, kw_only=True)
class StoredRun(Newest):
    """What counts of one run, under its label."""

    label: str
    folder: Path

    @property
    def is_submission(self) -> bool:
        """Whether all that is known of its model are predictions in a file."""
        return any(result.submission for result in self.results)

    def compares(self, other: "StoredRun") -> bool:
        """Return whether both predicted the same examples, and trained on as many examples where that is known."""
        parts = slice(1) if self.is_submission or other.is_submission else slice(None)
        mine, theirs = ({r.task: data_of(r)[parts] for r in run.results} for run in (self, other))
        return all(theirs.get(task, data) == data for task, data in mine.items())

    @property
    def models(self) -> tuple[str, ...]:
        """Names of models, in the order in which the run was asked for them."""
        found = [result.model.name for result in self.results] + [failure.model for failure in self.failures]
        return tuple(dict.fromkeys([*self.info.models, *found]))

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of tasks that have scores or may get some, in the order of the suite."""
        scored = {result.task: bool(result.scores) for result in sorted(self.results, key=lambda r: bool(r.scores))}
        names = dict.fromkeys([*self.info.tasks, *scored, *(failure.task for failure in self.failures)])
        return tuple(name for name in names if scored.get(name, True))


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Results that may stand in one table. A model goes by its label: its name, with the run's if two runs have it."""

    runs: tuple[StoredRun, ...]
    models: Mapping[str, StoredRun]
    """The run of each model, by the model's label."""
    tasks: tuple[str, ...]
    results: Mapping[Pair, tuple[Result, ...]]
    """In the order of seeds."""
    speeds: Mapping[Pair, Speed]
    failures: Mapping[Pair, tuple[Failure, ...]]
    unsupported: frozenset[Pair]

    @property
    def every_result(self) -> list[Result]:
        """All results: by model, then task, then seed."""
        return [
            result for label in self.models for task in self.tasks for result in self.results.get((task, label), ())
        ]

    @property
    def sample_tasks(self) -> tuple[str, ...]:
        """Tasks whose rows are generated."""
        found = {result.task for result in self.every_result if result.data.kind == "sample"}
        found.update(task for run in self.runs if run.info.is_sample for task in run.tasks)
        return tuple(task for task in self.tasks if task in found)

    def task_title(self, task: str) -> str:
        """Return the name of a task as a person reads it."""
        titles = (run.info.task_titles.get(task) for run in self.runs)
        return next((title for title in titles if title), task)

    def headline(self, task: str) -> tuple[str, ...]:
        """Return the metrics that make up the score of a task; none while there is no result."""
        return next((tuple(result.headline) for result in self.every_result if result.task == task), ())

    def higher_is_better(self, task: str) -> bool:
        """Return which way the score of a task is better."""
        return next((result.higher_is_better for result in self.every_result if result.task == task), True)

    def unit(self, task: str) -> str:
        """Return the unit of the score of a task."""
        return next((result.unit for result in self.every_result if result.task == task), "%")


def read_evidence(runs: Sequence[Run]) -> list[Evidence]:
    """Read the runs, and part them into sets that compare."""
    unique = list({run.folder.resolve(): run for run in runs}.values())
    if not unique:
        raise RunError("report: no run given; expected one folder or more made by `python -m harness run --out`.")
    labels = run_labels([run.folder for run in unique])
    stored = [read_run(run, label) for run, label in zip(unique, labels, strict=True)]
    count = Counter(name for run in stored for name in run.models)
    repeated = {name for name, times in count.items() if times > 1}
    return [_gather(group, repeated) for group in comparable(stored)]


def run_labels(folders: Sequence[Path]) -> list[str]:
    """Return the folders' names, each with as many parents as make all of them distinct."""
    parts = [folder.resolve().parts for folder in folders]
    depth = 1
    while depth < max(map(len, parts)) and len({part[-depth:] for part in parts}) < len(parts):
        depth += 1
    return ["/".join(part[-depth:]) for part in parts]


def read_run(run: Run, label: str) -> StoredRun:
    """Read what counts of one run, in words that may be published."""
    newest = read_newest(run)
    info = newest.info.model_copy(
        update={
            "commands": [*map(published_command, newest.info.commands)],
            "source": Path(newest.info.source).name,
            "source_note": published_message(newest.info.source_note),
            "absent": {task: published_message(reason) for task, reason in newest.info.absent.items()},
        }
    )
    failures = (f.model_copy(update={"message": published_message(f.message)}) for f in newest.failures)
    results = map(_published, newest.results)
    known = vars(newest) | {"info": info, "failures": tuple(failures), "results": tuple(results)}
    return StoredRun(label=label, folder=run.folder, **known)


def _published(result: Result) -> Result:
    model = result.model.model_copy(update={"title": published_command(result.model.title)})
    data = result.data.model_copy(update={"note": published_message(result.data.note)})
    return result.model_copy(update={"model": model, "data": data})


def comparable(stored: Sequence[StoredRun]) -> list[list[StoredRun]]:
    """Part runs into sets in which no two have a task in common whose data differ.

    What a submission's model was trained on is not known, so it stands in every set that has its questions.
    """
    groups: list[list[StoredRun]] = []
    for run in sorted(stored, key=lambda run: run.is_submission):
        matching = [group for group in groups if all(map(run.compares, group))]
        for group in matching if run.is_submission else matching[:1]:
            group.append(run)
        if not matching:
            groups.append([run])
    return groups


def _gather(runs: Iterable[StoredRun], repeated: set[str]) -> Evidence:
    """Put the runs' results together under the models' labels."""
    runs = tuple(runs)
    models: dict[str, StoredRun] = {}
    results: dict[Pair, list[Result]] = defaultdict(list)
    failures: dict[Pair, list[Failure]] = defaultdict(list)
    speeds: dict[Pair, Speed] = {}
    unsupported: set[Pair] = set()
    for run in runs:
        labels = {name: f"{name} ({run.label})" if name in repeated else name for name in run.models}
        models.update(dict.fromkeys(labels.values(), run))
        for result in sorted(run.results, key=lambda result: result.seed):
            if result.scores:
                results[result.task, labels[result.model.name]].append(result)
        for failure in sorted(run.failures, key=lambda failure: failure.seed):
            failures[failure.task, labels[failure.model]].append(failure)
        speeds.update({(speed.task, labels[speed.model]): speed for speed in run.speeds})
        unsupported.update((task, labels[name]) for task, name in run.info.unsupported if name in labels)
    return Evidence(
        runs=runs,
        models=models,
        tasks=tuple(dict.fromkeys(task for run in runs for task in run.tasks)),
        results={pair: tuple(found) for pair, found in results.items()},
        speeds=speeds,
        failures={pair: tuple(found) for pair, found in failures.items()},
        unsupported=frozenset(unsupported),
    )
