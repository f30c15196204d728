"""Runs that heed the gate: seed after seed until each pair is decided, or again with fresh seeds where it looks worse.

Both train ordinary trials of the run, which a second call finds done; so they go on where they were interrupted, and
come to the same verdicts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from harness.api.task import Task
from harness.engine.perform import Perform
from harness.errors import UsageError
from harness.gate.earlier_names import advice, earlier_name
from harness.gate.gate import Options, gate_sides
from harness.gate.pairing import pair_up
from harness.gate.quality import Pair
from harness.gate.sequential import FIRST_LOOK, Looks
from harness.gate.side import Side, open_side, side_of_run
from harness.gate.verdicts import Finding, GateReport, Verdict
from harness.plan.request import Prepared


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What a decision before the last look saved of one pair."""

    pair: Pair
    num_seeds: int
    max_seeds: int
    core_seconds: float
    """Of the seeds that were not trained, each taken as long as the mean of those that were."""


@dataclass(frozen=True, kw_only=True)
class Gated:
    """What the gate says of a run, and what it saved; of each pair that could be judged seed by seed."""

    report: GateReport
    savings: tuple[Saving, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GatedRun:
    """A run, and the reference that it is gated against. ``tasks`` say how predictions are scored."""

    prepared: Prepared
    reference: Path
    options: Options
    tasks: Mapping[str, Task]
    perform: Perform

    @property
    def _pairs(self) -> list[Pair]:
        return [(trial.task.name, trial.model.name) for trial in self.prepared.plan.pairs]

    def until_decided(self, max_seeds: int) -> Gated:
        """Add seeds one at a time, of the pairs still undecided, and return the verdict that all looks together allow.

        Raises:
            HarnessError: the reference cannot be read, or has none of the pairs.
        """
        reference = self._open_reference()
        looks: Looks | None = None
        seeds = dict.fromkeys(self._pairs, FIRST_LOOK)
        while seeds:
            number = max(seeds.values())
            stage = f"trials, {number} of at most {max_seeds} seeds, {len(seeds)} of {len(self._pairs)} pairs undecided"
            self.perform(self.prepared.plan.with_seeds({pair: range(count) for pair, count in seeds.items()}), stage)
            run = self._side({pair: range(max_seeds) for pair in self._pairs})
            pairs = pair_up(reference, run, self.tasks, self._pairs).pairs
            looks = looks or Looks(pairs, margin=self.options.margin, alpha=self.options.alpha, max_seeds=max_seeds)
            for pair in seeds:
                if pair not in pairs or len(pairs[pair].run_seeds) < seeds[pair]:
                    looks.give_up(pair)  # a seed of it failed
            looks.look(pairs)
            seeds = {pair: looks.num_seeds[pair] for pair in looks.undecided}
        assert looks is not None, "a plan has pairs"
        used = {pair: range(looks.num_seeds.get(pair, FIRST_LOOK)) for pair in self._pairs}
        report = self._gate(reference, used)
        return Gated(report=_with(report, looks.findings()), savings=self._savings(looks, max_seeds))

    def confirming(self) -> Gated:
        """Train as planned, then as many fresh seeds of what looks worse, whose verdict rests on those alone.

        A mean that looks worse is that of all its pairs. An alarm needs both looks, so it is no more often false than
        the first alone: with a probability of at most alpha, and about its square where the variance over seeds is
        the larger part. Where a cost looks worse it is measured again, of the first fresh seed.

        Raises:
            HarnessError: the reference cannot be read, or has none of the pairs.
        """
        reference, plan = self._open_reference(), self.prepared.plan
        self.perform(plan, "trials")
        planned = sorted({trial.seed for trial in plan.trials})
        more = range(planned[-1] + 1, planned[-1] + 1 + len(planned))
        first = self._gate(reference, dict.fromkeys(self._pairs, planned))
        poorer = [pair for pair in self._pairs if "quality" in _worse_metrics(first, pair)]
        slower = [pair for pair in self._pairs if _worse_metrics(first, pair) - {"quality"}]
        fresh = dict.fromkeys(poorer, more)
        fresh |= {pair: more[:1] for pair in slower if pair not in fresh}
        if not fresh:
            return Gated(report=first)
        # The speed of a pair is that of the first seed in a plan: of an old one it is there already.
        seeds = {pair: fresh[pair] if pair in slower else [*planned, *more] for pair in fresh}
        self.perform(plan.with_seeds(seeds), f"trials, fresh seeds of {len(fresh)} pairs that look worse")
        again = self._gate(reference, fresh)
        return Gated(report=replace(first, findings=tuple(_confirmed(found, again) for found in first.findings)))

    def _gate(self, reference: Side, seeds: Mapping[Pair, Collection[int]]) -> GateReport:
        """Judge these seeds of the run, and of the reference what the run was asked for alone."""
        known = [pair for pair in self._pairs if pair in reference.reference.by_pair]
        tasks, models = (tuple(dict.fromkeys(names)) for names in zip(*known, strict=True))
        options = replace(self.options, models=models, tasks=tasks)
        return gate_sides(reference, self._side(seeds), options, self.tasks)

    def _open_reference(self) -> Side:
        """Read the reference before anything is trained."""
        reference = open_side(self.reference, self.tasks)
        if not set(self._pairs) & set(reference.reference.by_pair):
            known = [model for _, model in reference.reference.by_pair]
            earlier = next(filter(None, (earlier_name(model, known) for _, model in self._pairs)), "")
            there = ", ".join(f"{task} × {model}" for task, model in reference.reference.by_pair) or "none"
            raise UsageError(f"{self.reference}: has none of the pairs to be run; it has {there}.{advice(earlier)}")
        return reference

    def _side(self, seeds: Mapping[Pair, Collection[int]]) -> Side:
        return side_of_run(self.prepared.run, self.tasks).keeping(seeds)

    def _savings(self, looks: Looks, max_seeds: int) -> tuple[Saving, ...]:
        return tuple(
            Saving(
                pair=pair,
                num_seeds=num_seeds,
                max_seeds=max_seeds,
                core_seconds=(max_seeds - num_seeds) * self._core_seconds(pair, num_seeds),
            )
            for pair, num_seeds in looks.num_seeds.items()
        )

    def _core_seconds(self, pair: Pair, num_seeds: int) -> float:
        """Return the mean of what a seed took to train and to predict."""
        run, plan = self.prepared.run, self.prepared.plan.with_seeds({pair: range(num_seeds)})
        found = [run.result(trial.key).timings for trial in plan.trials if run.is_done(trial.key)]
        seconds = [t.fit_core_seconds + sum(t.predict_core_seconds.values()) for t in found if t]
        return fmean(seconds) if seconds else 0.0


def _with(report: GateReport, findings: Collection[Finding]) -> GateReport:
    """Return the report with these findings on quality instead of its own."""
    by_name = {(finding.task, finding.model): finding for finding in findings}

    def chosen(finding: Finding) -> Finding:
        is_judged = finding.metric == "quality" and finding.verdict is not Verdict.INCOMPARABLE
        return by_name.get((finding.task, finding.model), finding) if is_judged else finding

    return replace(report, findings=tuple(chosen(finding) for finding in report.findings))


def _worse_metrics(report: GateReport, pair: Pair) -> set[str]:
    """Return in which metrics a pair, or a mean that it is part of, looks worse."""
    task, model = pair
    return {f.metric for f in report.having(Verdict.WORSE) if f.model == model and f.task in {None, task}}


def _confirmed(finding: Finding, again: GateReport) -> Finding:
    """Return what fresh seeds say of a finding that looked worse; any other stays."""
    if finding.verdict is not Verdict.WORSE:
        return finding
    name = (finding.metric, finding.task, finding.model)
    fresh = next((found for found in again.findings if (found.metric, found.task, found.model) == name), finding)
    said = "confirmed" if fresh.verdict is Verdict.WORSE else "not confirmed"
    return replace(fresh, reason=f"{fresh.reason.rstrip('.')}; looked worse at first, {said} by fresh seeds alone.")
