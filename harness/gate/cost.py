"""Cost: whether predicting became slower, or takes more memory, by more than a fraction; where that can be known.

Raw samples against raw samples with Mann and Whitney's test, the run's divided by 1 + margin, so that what is tested is
the margin and not zero; an alarm also needs the median and the faster quarter to be beyond the margin. Fixed workloads
are timed beside: on another machine samples are first divided by what these take there, and on the same one where they
took longer than at the reference's time, as on a shared machine they may.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

import numpy as np

from harness.gate.quality import Pair
from harness.gate.records import PairRecord
from harness.gate.verdicts import Finding, Verdict
from harness.statistics.comparison import holm
from harness.store.records import Machine, Speed

MIN_SAMPLES = 6
"""On each side; fewer cannot differ significantly at a level of 1 % by ranks alone."""
OTHER_MACHINE_MARGIN = 0.25
"""The least margin where the machines differ: fixed workloads stand for a model only roughly."""
MAX_NOISE = 0.2
TELLING_SCALE = 1.05
"""From here on a slower machine is spoken of."""
LEAST_MEMORY_BYTES = 4 * 2**20
"""Growth of memory that is no alarm, however little was held before: an allocator takes and keeps pages as it likes."""


@dataclass(frozen=True, kw_only=True)
class Timed:
    """One metric of a pair's speed, with p-values not yet corrected."""

    finding: Finding
    p_not_worse: float = 1.0
    least_change: float = math.inf
    """Of the faster quarter: a busy machine slows some calls, slower code slows all."""
    about: str = ""
    """Said beside the verdict."""


def judge_costs(
    pairs: Mapping[Pair, tuple[PairRecord, PairRecord]], *, margin: float, alpha: float
) -> tuple[Finding, ...]:
    """Return latency, time per example in a batch, and memory of each pair: the reference's record and the run's.

    *Worse* holds together at level ``alpha`` over all timings (Holm 1979). The peak memory of the trial itself hardly
    varies and is compared by the medians over seeds, without a test.
    """
    timed = [one for before, after in pairs.values() for one in _timings(before, after, margin)]
    findings = settle(timed, alpha)
    findings += [_memory(before, after, margin) for before, after in pairs.values()]
    by_pair: dict[Pair, list[Finding]] = {pair: [] for pair in pairs}
    for finding in findings:
        by_pair[finding.task or "", finding.model].append(finding)
    return tuple(finding for found in by_pair.values() for finding in found)


def settle(timed: Sequence[Timed], alpha: float) -> list[Finding]:
    """Return the findings, their p-values corrected for the number of all that could be tested (Holm 1979)."""
    tested = [one for one in timed if one.finding.p_worse is not None]
    corrected = holm(np.array([one.finding.p_worse for one in tested])).tolist()
    p_values = dict(zip(map(id, tested), corrected, strict=True))
    return [_verdict(one, p_values[id(one)], alpha) if id(one) in p_values else one.finding for one in timed]


def same_kind(one: Machine | None, other: Machine | None) -> bool:
    """Return whether two machines are of one kind: all but the size of their memory agrees."""
    if one is None or other is None:
        return False
    return one.model_copy(update={"memory_bytes": 0}) == other.model_copy(update={"memory_bytes": 0})


def _timings(before: PairRecord, after: PairRecord, margin: float) -> list[Timed]:
    blank = Finding(
        metric="latency", model=after.model.name, task=after.task, unit="seconds", verdict=Verdict.NOT_JUDGED, reason=""
    )
    if reason := _reason_not_judged(before.speed, after.speed):
        return [
            Timed(finding=replace(blank, reason=reason)),
            Timed(finding=replace(blank, metric="time per example", reason=reason)),
        ]
    assert before.speed is not None
    assert after.speed is not None
    scale, about = 1.0, ""
    if not same_kind(before.speed.machine, after.speed.machine):
        scale, margin = _relative_speed(before.speed, after.speed), max(margin, OTHER_MACHINE_MARGIN)
        about = f" The machines differ: by fixed workloads, the run's takes {scale:.2f} times as long."
    elif before.speed.machine.device == "cpu" and _workloads(before.speed, after.speed):
        scale = max(_relative_speed(before.speed, after.speed), 1.0)
        if scale > TELLING_SCALE:
            about = (
                f" The machine itself was slower: fixed workloads took {scale:.2f} times as long, which is allowed for."
            )
    found = [compare_samples(blank, (before.speed.latency_seconds, after.speed.latency_seconds), scale, margin)]
    sizes = [size for size in before.speed.batch_seconds if size > 1 and size in after.speed.batch_seconds]
    in_batches = replace(blank, metric="time per example")
    if sizes:
        samples = [[s / max(sizes) for s in speed.batch_seconds[max(sizes)]] for speed in (before.speed, after.speed)]
        found.append(compare_samples(in_batches, (samples[0], samples[1]), scale, margin))
    else:
        found.append(Timed(finding=replace(in_batches, reason="No batch size was timed on both sides.")))
    return [replace(one, about=about + _adjusted(one.finding, scale) if about else "") for one in found]


def _adjusted(finding: Finding, scale: float) -> str:
    """Return the run's median as it would be on the reference's machine, in a sentence."""
    if finding.run is None or finding.reference is None:
        return ""
    return f" Adjusted for it, {1e3 * finding.run / scale:.3g} ms against {1e3 * finding.reference:.3g} ms."


def _reason_not_judged(before: Speed | None, after: Speed | None) -> str:
    """Return why two timings cannot be compared, in a sentence, or an empty string."""
    for speed, side in ((before, "reference"), (after, "run")):
        if speed is None:
            return f"The {side} holds no timings."
        if speed.noise > MAX_NOISE:
            return f"The {side}'s machine was not quiet: a fixed workload varied by {100 * speed.noise:.0f} %."
    assert before is not None
    assert after is not None
    if same_kind(before.machine, after.machine):
        return ""
    if {before.machine.device, after.machine.device} != {"cpu"}:
        return f"Other devices: {before.machine.device} in the reference, {after.machine.device} in the run."
    if not _workloads(before, after):
        return "Another kind of machine, and no fixed workload was timed on both."
    return ""


def _workloads(before: Speed, after: Speed) -> list[str]:
    return [name for name, found in before.workload_seconds.items() if found and after.workload_seconds.get(name)]


def _relative_speed(before: Speed, after: Speed) -> float:
    """Return how many times as long the run's machine takes: the geometric mean over fixed workloads."""
    ratios = [
        median(after.workload_seconds[name]) / median(before.workload_seconds[name])
        for name in _workloads(before, after)
    ]
    return math.exp(fmean(map(math.log, ratios)))


def compare_samples(
    blank: Finding, samples: tuple[Sequence[float], Sequence[float]], scale: float, margin: float
) -> Timed:
    """Return one metric before its verdict, from the reference's samples and the run's.

    ``scale`` is what the run's machine does to its times.
    """
    from scipy import stats

    before, after = map(np.array, samples)
    finding = replace(blank, reference=float(np.median(before)), run=float(np.median(after)), margin=margin)
    if min(len(before), len(after)) < MIN_SAMPLES or not min(before.min(), after.min()) > 0:
        reason = f"{len(before)} and {len(after)} samples; expected at least {MIN_SAMPLES} on each side, above 0."
        return Timed(finding=replace(finding, reason=reason))
    scaled = after / scale
    least_change, change = (float(np.quantile(scaled, q) / np.quantile(before, q)) - 1 for q in (0.25, 0.5))
    p_worse, p_not_worse = (
        float(stats.mannwhitneyu(scaled / (1 + margin), before, alternative=side).pvalue)
        for side in ("greater", "less")
    )
    return Timed(
        finding=replace(finding, change=change, p_worse=p_worse), p_not_worse=p_not_worse, least_change=least_change
    )


def _verdict(timed: Timed, p_worse: float, alpha: float) -> Finding:
    finding = replace(timed.finding, p_worse=p_worse)
    assert finding.change is not None
    assert finding.margin is not None
    growth, allowed = f"{100 * finding.change:+.0f} %", f"the margin of {100 * finding.margin:g} %"
    if p_worse < alpha and min(finding.change, timed.least_change) > finding.margin:
        verdict, reason = Verdict.WORSE, f"{growth} of the reference's median, more than {allowed}."
    elif timed.p_not_worse < alpha:
        verdict, reason = Verdict.NOT_WORSE, f"{growth} of the reference's median, within {allowed}."
    else:
        verdict, reason = Verdict.CANNOT_TELL, f"{growth} of the reference's median, too near {allowed} for the noise."
    return replace(finding, verdict=verdict, reason=reason + timed.about)


def _memory(before: PairRecord, after: PairRecord, margin: float) -> Finding:
    finding = Finding(
        metric="memory", model=after.model.name, task=after.task, unit="bytes", verdict=Verdict.NOT_JUDGED, reason=""
    )
    if not same_kind(before.machine, after.machine):
        return replace(finding, reason="Another kind of machine: peaks of memory do not compare.")
    peaks = [before.trial_memory_bytes, after.trial_memory_bytes]
    if not all(peaks) and before.machine is not None and before.machine.device != "cpu":
        peaks = [before.peak_memory_bytes, after.peak_memory_bytes]  # of tensors on an accelerator, as ever
    for side, held in zip(("reference", "run"), peaks, strict=True):
        if not held:
            reason = (
                f"Not comparable: the {side} was made before the peak memory of a trial itself was recorded, or on a "
                "system that does not tell it."
            )
            return replace(finding, reason=reason)
    reference, run = (median(held) for held in peaks)
    change = run / reference - 1
    is_worse = change > margin and run - reference > LEAST_MEMORY_BYTES
    allowed = f"the margin of {100 * margin:g} %"
    if change > margin and not is_worse:
        allowed += f", or of {LEAST_MEMORY_BYTES / 2**20:g} MiB"
    return replace(
        finding,
        verdict=Verdict.WORSE if is_worse else Verdict.NOT_WORSE,
        reason=f"{100 * change:+.0f} % of the reference's peak, {'more than' if is_worse else 'within'} {allowed}.",
        reference=reference,
        run=run,
        change=change,
        margin=margin,
    )
