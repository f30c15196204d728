"""Which pairs of the two sides compare, and both sides' scores of them on the same resamples."""

import itertools
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from harness.api.example import Example, Prediction
from harness.api.task import Task
from harness.errors import GateError
from harness.gate.earlier_names import advice, earlier_name
from harness.gate.packing import scoring_metrics, unpack
from harness.gate.quality import Pair, PairScores
from harness.gate.records import PairRecord
from harness.gate.side import Side
from harness.gate.verdicts import Finding, Verdict
from harness.statistics.rescoring import TOLERANCE, MetricValues, rescore, score_of, scores_of
from harness.statistics.scores import Scores

Predictions = Mapping[str, Sequence[Prediction]]
"""One trial's, by split."""


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """The pairs of a reference, in its order: those that compare, and a finding for each that does not."""

    pairs: Mapping[Pair, PairScores]
    refused: tuple[Finding, ...]


def pair_up(reference: Side, run: Side, tasks: Mapping[str, Task], wanted: Collection[Pair] | None = None) -> Pairing:
    """Return the scores of each pair of the reference that the run has; of all, or of those wanted."""
    names = [*reference.reference.by_pair, *(pair for pair in reference.unusable)]
    chosen = [pair for pair in dict.fromkeys(names) if wanted is None or pair in wanted]
    reasons = {pair: reason for pair in chosen if (reason := _reason_refused(pair, reference, run, tasks))}
    by_task: dict[str, list[Pair]] = defaultdict(list)
    for pair in chosen:
        if pair not in reasons:
            by_task[pair[0]].append(pair)
    found: dict[Pair, PairScores] = {}
    for name, pairs in by_task.items():
        scored, unusable = _score(pairs, (reference, run), tasks[name])
        found |= scored
        reasons |= unusable
    return Pairing(
        pairs={pair: found[pair] for pair in chosen if pair in found},
        refused=tuple(_refusal(pair, reasons[pair]) for pair in chosen if pair in reasons),
    )


def _refusal(pair: Pair, reason: str) -> Finding:
    task, model = pair
    return Finding(metric="quality", model=model, task=task, verdict=Verdict.INCOMPARABLE, reason=reason)


def _reason_refused(pair: Pair, reference: Side, run: Side, tasks: Mapping[str, Task]) -> str:
    """Return why a pair cannot be compared, in a sentence, or an empty string."""
    for side in (reference, run):
        if pair in side.unusable:
            return f"{side.path}: {side.unusable[pair].rstrip('.')}."
    before, after = reference.reference.by_pair[pair], run.reference.by_pair.get(pair)
    if after is None:
        reason = run.unavailable.get(pair, "it was not asked to answer this pair, or is not done")
        models = [model for task, model in run.reference.by_pair if task == pair[0]]
        earlier = next((pair[1] for model in models if earlier_name(model, [pair[1]])), "")
        return f"The run lacks it: {reason.rstrip('.')}.{advice(earlier)}"
    task = tasks.get(pair[0])
    if task is None:
        return "How it is scored is not known here; name its file with --plugin."
    return _difference(before, after, task)


def _difference(before: PairRecord, after: PairRecord, task: Task) -> str:
    """Return in what the two differ that keeps them from being compared, in a sentence, or an empty string."""
    versions = {before.task_version, after.task_version, task.version}
    if len(versions) > 1:
        return (
            f"The task's version differs: {before.task_version} in the reference, {after.task_version} in the run, "
            f"{task.version} here."
        )
    if (before.data.kind, before.data.fingerprint) != (after.data.kind, after.data.fingerprint):
        return f"The data differ: {before.data.note} in the reference, {after.data.note} in the run, or other rows."
    limits = [f"{r.data.limit_evaluation or 'all'}" for r in (before, after)]
    if limits[0] != limits[1]:
        return f"The limit on evaluation differs: {limits[0]} examples in the reference, {limits[1]} in the run."
    counts = [{split: r.data.num_examples.get(split) for split in r.seeds[0].answers} for r in (before, after)]
    if counts[0] != counts[1]:
        return f"The scored examples differ: {_listed(counts[0])} in the reference, {_listed(counts[1])} in the run."
    for name in ("headline", "output"):
        if getattr(before, name) != getattr(after, name):
            return f"The {name} differs: {getattr(before, name)} in the reference, {getattr(after, name)} in the run."
    return ""


def _listed(counts: Mapping[str, int | None]) -> str:
    return ", ".join(f"{split} {count}" for split, count in counts.items())


def _score(
    pairs: Sequence[Pair], sides: tuple[Side, Side], task: Task
) -> tuple[dict[Pair, PairScores], dict[Pair, str]]:
    """Return both sides' scores of pairs of one task, or why there are none."""
    examples = sides[1].examples[task.name]
    unusable: dict[Pair, str] = {}
    unpacked: dict[tuple[Pair, int], list[Predictions]] = {}
    for pair, which in itertools.product(pairs, (0, 1)):
        try:
            unpacked[pair, which] = _unpacked(sides[which].reference.by_pair[pair], examples)
        except GateError as error:
            unusable[pair] = f"{sides[which].path}: {error}"
    kept = {key: given for key, given in unpacked.items() if key[0] not in unusable}
    if not kept:
        return {}, unusable
    record = sides[1].reference.by_pair[pairs[0]]
    metrics = scoring_metrics(record.output, task.metrics, record.headline)
    everything = iter(rescore(task.name, metrics, examples, [one for given in kept.values() for one in given]))
    values = {key: list(itertools.islice(everything, len(given))) for key, given in kept.items()}
    for (pair, which), found in values.items():
        if reason := _disagreement(sides[which].reference.by_pair[pair], found):
            unusable[pair] = f"{sides[which].path}: {reason}"
    num_examples = sum(map(len, examples.values()))
    scores = {key: scores_of(metrics, record.headline, found, num_examples) for key, found in values.items()}
    return {pair: _paired(pair, sides, scores) for pair in pairs if pair not in unusable}, unusable


def _paired(pair: Pair, sides: tuple[Side, Side], scores: Mapping[tuple[Pair, int], Scores]) -> PairScores:
    records = [side.reference.by_pair[pair] for side in sides]
    before, after = (tuple(seed.seed for seed in record.seeds) for record in records)
    return PairScores(
        reference=scores[pair, 0],
        run=scores[pair, 1],
        reference_seeds=before,
        run_seeds=after,
        is_trained=any(record.model.recipe is not None for record in records),
        limits=tuple((record.data.limit_train, record.data.limit_evaluation) for record in records),
    )


def _disagreement(record: PairRecord, values: Sequence[MetricValues]) -> str:
    """Return where predictions do not give the score that is stored, or an empty string."""
    for seed, found in zip(record.seeds, values, strict=True):
        again = float(score_of(found, record.headline)[0])
        if not abs(again - seed.score) <= TOLERANCE:
            return f"the answers of seed {seed.seed} score {again:.4f} and its result says {seed.score:.4f}."
    return ""


def _unpacked(record: PairRecord, examples: Mapping[str, Sequence[Example]]) -> list[Predictions]:
    if set(record.seeds[0].answers) != set(examples):
        raise GateError(f"predictions for {', '.join(record.seeds[0].answers)}; expected {', '.join(examples)}.")
    return [
        {
            split: unpack(seed.answers[split], record.output, asked, len(record.headline))
            for split, asked in examples.items()
        }
        for seed in record.seeds
    ]
