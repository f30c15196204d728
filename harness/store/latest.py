"""What counts of a run: what was asked for last, without what it replaces, which stays on disk.

Scores of one task stand together only if they are of the same data, and those of one model only if it is the same: the
seeds of a checkpoint as it was are not averaged with those of what it has become. What was asked for last counts, not
what was computed last: a folder whose content is what it once was has the results that it had then.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.store.records import Failure, Result, Speed
from harness.store.run import Run
from harness.store.run_info import RunInfo

Pair = tuple[str, str]
"""The names of a task and of a model."""


@dataclass(frozen=True, kw_only=True)
class Newest:
    """A run's records: all of a task from the same data, all of a task and model from the same content and settings."""

    info: RunInfo
    results: tuple[Result, ...]
    speeds: tuple[Speed, ...]
    failures: tuple[Failure, ...]
    replaced: Mapping[Pair, int]
    """How many results of a pair are left out, as others were asked for since: of other data, settings or content."""

    @property
    def num_replaced(self) -> int:
        """How many results are left out in all."""
        return sum(self.replaced.values())


def data_of(result: Result) -> tuple[object, ...]:
    """Return what two results of one task must share to be compared: the questions, and the limit on training."""
    data = result.data
    return ((result.task_version, data.fingerprint, data.limit_evaluation), data.limit_train)


def read_newest(run: Run) -> Newest:
    """Read one run; what it was asked for last counts, or what is newest where it does not say."""
    info = run.info()
    everything = sorted(run.results(), key=lambda result: (result.created, result.key))
    newest = _counting(info, everything)
    keys = {result.key for result in newest}
    seeds = {(*_pair(result), result.seed) for result in newest}
    speeds: Sequence[Speed] = sorted(run.speeds(), key=lambda speed: speed.created)
    return Newest(
        info=info,
        results=tuple(newest),
        speeds=tuple(s for s in speeds if s.trial_key in keys and s.latency_seconds and s.batch_seconds),
        failures=tuple(f for f in standing_failures(run) if f.key in keys or (f.task, f.model, f.seed) not in seeds),
        replaced=Counter(map(_pair, everything)) - Counter(map(_pair, newest)),
    )


def standing_failures(run: Run) -> list[Failure]:
    """Return what failed, has not been done since, and is of what was asked for last; reads no result but of these."""
    failures = run.failures()
    asked = _asked(run.info()) if failures else {}
    return [f for f in failures if f.key in asked.get((f.task, f.model), {f.key})]


def _counting(info: RunInfo, everything: Sequence[Result]) -> list[Result]:
    """Return the results that count, of all, which are sorted by when they were made."""
    asked = _asked(info)
    ranks = {pair: rank for rank, pair in enumerate(asked)}
    there = [result for result in everything if result.key in asked.get(_pair(result), {result.key})]
    data = {r.task: data_of(r) for r in sorted(there, key=lambda result: ranks.get(_pair(result), -1))}
    comparable = [result for result in there if data_of(result) == data[result.task]]
    made_with = {_pair(result): _made_with(result) for result in comparable}
    same = [result for result in comparable if _made_with(result) == made_with[_pair(result)]]
    return list({(*_pair(result), result.seed): result for result in same}.values())


def _asked(info: RunInfo) -> dict[Pair, set[str]]:
    return {(pair.task, pair.model): set(pair.keys) for pair in info.asked}


def _pair(result: Result) -> Pair:
    return (result.task, result.model.name)


def _made_with(result: Result) -> tuple[object, ...]:
    return (result.model.identity, result.model.recipe, result.output, result.headline)
