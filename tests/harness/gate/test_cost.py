"""Verdicts on timings and memory: slower, not slower, unknown; on the same machine, on another, on one that is busy."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from harness.api.output import Regression
from harness.gate.cost import judge_costs, same_kind
from harness.gate.records import PairRecord
from harness.gate.verdicts import Finding, Verdict
from harness.store.records import Machine, Speed
from tests.fakes.synthetic import MACHINE, Plan, make_data, make_model, make_speed

PLAN = Plan()
OTHER = MACHINE.model_copy(update={"processor": "another processor", "num_cores": 8})
GPU = MACHINE.model_copy(update={"device": "an accelerator"})


def record(
    factor: float = 1.0,
    *,
    stream: int = 0,
    num_samples: int = 30,
    machine: Machine = MACHINE,
    memory: Sequence[int] = (256,),
    **changes: Any,
) -> PairRecord:
    """Return a pair whose samples are ``factor`` times a millisecond and some noise."""
    generator = random.Random(stream)

    def samples(size: int) -> list[float]:
        return [1e-3 * size * factor * generator.uniform(0.97, 1.03) for _ in range(num_samples)]

    speed: Speed = make_speed(PLAN, "mrpc", "mini", 0).model_copy(
        update={"latency_seconds": samples(1), "batch_seconds": {8: samples(8), 32: samples(32)}, "machine": machine}
        | changes
    )
    return PairRecord(
        task="mrpc",
        task_version=1,
        model=make_model(PLAN, "mrpc", 1),
        output=Regression(low=0.0, high=1.0),
        headline=["f1"],
        data=make_data(PLAN, "mrpc", ["validation"]),
        seeds=[],
        speed=speed,
        machine=machine,
        peak_memory_bytes=[2**30],
        trial_memory_bytes=[2**20 * held for held in memory],
        versions={},
    )


def judged(before: PairRecord, after: PairRecord, **options: Any) -> dict[str, Finding]:
    found = judge_costs({before.pair: (before, after)}, **{"margin": 0.1, "alpha": 0.05} | options)
    return {finding.metric: finding for finding in found}


def verdicts(before: PairRecord, after: PairRecord, **options: Any) -> set[Verdict]:
    return {f.verdict for metric, f in judged(before, after, **options).items() if metric != "memory"}


def test_slower_by_more_than_the_margin_is_worse() -> None:
    found = judged(record(), record(1.3, stream=1))
    assert list(found) == ["latency", "time per example", "memory"]
    for metric in ("latency", "time per example"):
        assert found[metric].verdict is Verdict.WORSE
        assert found[metric].unit == "seconds"
        assert found[metric].change == pytest.approx(0.3, abs=0.02)
        assert found[metric].reason.endswith(" % of the reference's median, more than the margin of 10 %.")
    assert found["time per example"].reference == pytest.approx(1e-3, rel=0.02)  # an example, in batches of 32


def test_a_little_slower_and_faster_are_not_worse() -> None:
    assert verdicts(record(), record(1.05, stream=1)) == {Verdict.NOT_WORSE}
    assert verdicts(record(), record(0.5, stream=1)) == {Verdict.NOT_WORSE}
    assert verdicts(record(), record(1.05, stream=1), margin=0.0) == {Verdict.WORSE}


def test_at_the_margin_nobody_can_tell() -> None:
    assert verdicts(record(), record(1.1)) == {Verdict.CANNOT_TELL}


def test_calls_that_a_busy_machine_slows_are_no_alarm() -> None:
    before = record()
    assert before.speed is not None
    slowed = [s + (5e-3 if index % 3 else 0.0) for index, s in enumerate(before.speed.latency_seconds)]
    found = judged(before, record(latency_seconds=slowed))["latency"]
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.change is not None
    assert found.change > 1
    assert found.p_worse is not None
    assert found.p_worse < 0.05


def test_few_samples_are_not_judged() -> None:
    found = judged(record(num_samples=5), record(3.0))
    assert found["latency"].verdict is Verdict.NOT_JUDGED
    assert found["latency"].reason == "5 and 30 samples; expected at least 6 on each side, above 0."


def test_a_machine_that_was_not_quiet_is_not_judged() -> None:
    found = judged(record(), record(3.0, noise=0.4))
    assert found["latency"].reason == "The run's machine was not quiet: a fixed workload varied by 40 %."
    assert verdicts(record(noise=0.4), record(3.0)) == {Verdict.NOT_JUDGED}


def test_without_timings_nothing_is_judged() -> None:
    old = record().model_copy(update={"speed": None})
    assert judged(old, record())["latency"].reason == "The reference holds no timings."
    assert judged(record(), old)["time per example"].reason == "The run holds no timings."
    assert (
        judged(record(), record(batch_seconds={}))["time per example"].reason
        == "No batch size was timed on both sides."
    )


WORKLOADS = {"matrix product": [1e-3] * 9, "attention block": [2e-3] * 9}
TWICE = {"matrix product": [2e-3] * 9, "attention block": [4e-3] * 9}


def test_on_another_machine_fixed_workloads_are_the_measure() -> None:
    before, options = record(workload_seconds=WORKLOADS), {"machine": OTHER, "workload_seconds": TWICE}
    same = judged(before, record(2.0, stream=1, **options))["latency"]
    assert same.verdict is Verdict.NOT_WORSE
    assert same.change == pytest.approx(0.0, abs=0.02)
    assert same.margin == 0.25
    assert (
        "The machines differ: by fixed workloads, the run's takes 2.00 times as long. Adjusted for it," in same.reason
    )
    assert verdicts(before, record(2.0 * 1.2, stream=1, **options)) == {Verdict.NOT_WORSE}
    assert verdicts(before, record(2.0 * 1.4, stream=1, **options)) == {Verdict.WORSE}


def test_on_a_machine_that_was_slower_itself_this_is_allowed_for() -> None:
    before = record(workload_seconds=WORKLOADS)
    slowed = judged(before, record(2.0, stream=1, workload_seconds=TWICE))["latency"]
    assert slowed.verdict is Verdict.NOT_WORSE
    assert slowed.margin == 0.1
    assert slowed.run is not None
    assert "fixed workloads took 2.00 times as long, which is allowed for." in slowed.reason
    assert slowed.reason.endswith(f" Adjusted for it, {slowed.run / 2 * 1e3:.3g} ms against 1.01 ms.")
    assert verdicts(before, record(2.6, stream=1, workload_seconds=TWICE)) == {Verdict.WORSE}


def test_a_machine_that_was_faster_excuses_nothing_and_accuses_nobody() -> None:
    before = record(workload_seconds=TWICE)
    assert verdicts(before, record(1.0, stream=1, workload_seconds=WORKLOADS)) == {Verdict.NOT_WORSE}
    assert verdicts(before, record(1.3, stream=1, workload_seconds=WORKLOADS)) == {Verdict.WORSE}


def test_on_a_gpu_workloads_of_the_cpu_say_nothing() -> None:
    before = record(machine=GPU, workload_seconds=WORKLOADS)
    assert verdicts(before, record(2.0, stream=1, machine=GPU, workload_seconds=TWICE)) == {Verdict.WORSE}


def test_on_another_machine_without_workloads_nothing_is_judged() -> None:
    found = judged(record(workload_seconds=WORKLOADS), record(3.0, machine=OTHER))
    assert found["latency"].reason == "Another kind of machine, and no fixed workload was timed on both."
    assert found["memory"].reason == "Another kind of machine: peaks of memory do not compare."
    other = judged(record(workload_seconds=WORKLOADS), record(3.0, machine=GPU, workload_seconds=WORKLOADS))
    assert other["latency"].reason == "Other devices: cpu in the reference, an accelerator in the run."


def test_the_size_of_memory_makes_no_other_machine() -> None:
    assert same_kind(MACHINE, MACHINE.model_copy(update={"memory_bytes": 1}))
    assert not same_kind(MACHINE, OTHER)
    assert not same_kind(MACHINE, None)


def test_memory_is_compared_by_medians() -> None:
    before = record(memory=[100, 100, 900])
    assert judged(before, record(memory=[112]))["memory"].verdict is Verdict.WORSE
    found = judged(before, record(memory=[109, 109, 400]))["memory"]
    assert found.verdict is Verdict.NOT_WORSE
    assert (found.reference, found.run) == (100 * 2**20, 109 * 2**20)
    assert found.change == pytest.approx(0.09)


def test_a_few_mib_more_are_no_alarm_where_little_was_held() -> None:
    found = judged(record(memory=[2]), record(memory=[6]))["memory"]
    assert found.verdict is Verdict.NOT_WORSE
    assert found.reason == "+200 % of the reference's peak, within the margin of 10 %, or of 4 MiB."
    assert judged(record(memory=[2]), record(memory=[7]))["memory"].verdict is Verdict.WORSE


def test_memory_as_earlier_versions_recorded_it_is_not_compared() -> None:
    earlier, why = record(memory=[]), "was made before the peak memory of a trial itself was recorded"
    found = judged(earlier, record())["memory"]
    assert found.verdict is Verdict.NOT_JUDGED
    assert found.reason.startswith(f"Not comparable: the reference {why}")
    assert judged(record(), earlier)["memory"].reason.startswith(f"Not comparable: the run {why}")
    assert judged(earlier, earlier)["memory"].verdict is Verdict.NOT_JUDGED


def test_memory_on_an_accelerator_is_compared_as_ever() -> None:
    earlier, grown = record(memory=[], machine=GPU), record(memory=[1], machine=GPU)
    assert judged(earlier, grown)["memory"].reference == 2**30
    grown = grown.model_copy(update={"peak_memory_bytes": [2**31]})
    assert judged(earlier, grown)["memory"].verdict is Verdict.WORSE


def test_p_values_are_corrected_for_all_timings() -> None:
    before, after = record(num_samples=6), record(1.3, stream=1, num_samples=6)
    (alone,) = (judged(before, after)["latency"],)
    twenty = {("mrpc", str(k)): (named(before, str(k)), named(after, str(k))) for k in range(20)}
    many = [f for f in judge_costs(twenty, margin=0.1, alpha=0.05) if f.metric == "latency"]
    assert alone.verdict is Verdict.WORSE
    assert many[0].p_worse == pytest.approx(20 * (alone.p_worse or 0))


def named(pair: PairRecord, name: str) -> PairRecord:
    return pair.model_copy(update={"model": pair.model.model_copy(update={"name": name})})
