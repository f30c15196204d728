"""How far a run is with a plan: what is done, what is missing, and what others need and is not there any more."""

from dataclasses import dataclass

from harness.plan.plan import Plan
from harness.plan.trial import Trial
from harness.store.records import Result
from harness.store.run import Run


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The trials of a plan that are done, those that are to be done, and those whose speed is not measured.

    Among ``missing`` are, first, those that others begin with: where they were done, but their weights are gone, again.
    """

    done: list[tuple[Trial, Result]]
    missing: list[Trial]
    unmeasured: list[Trial]


def standing_of(plan: Plan, run: Run) -> Standing:
    """Return how far a run is."""
    results = {trial.key: run.done(trial.key) for trial in plan.trials}
    missing = {trial.key: trial for trial in plan.trials if results[trial.key] is None}
    unmeasured = [trial for trial in plan.pairs if not run.is_measured(trial.key)]
    starts = {trial.start.key: trial.start for trial in (*missing.values(), *unmeasured) if trial.start}
    lost = {key: start for key, start in starts.items() if not (run.is_done(key) and run.has_weights(key))}
    to_do = lost | missing
    done = [(trial, result) for trial in plan.trials if (result := results[trial.key]) and trial.key not in to_do]
    return Standing(done=done, missing=list(to_do.values()), unmeasured=unmeasured)
