"""Runs that heed the gate: what is decided stops, what is not goes on, and a second call says the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.gate_options import GateAsked, gate_asked
from harness.errors import UsageError
from harness.gate.adaptive import Gated, GatedRun
from harness.gate.gate import Options
from harness.gate.verdicts import FAILED, PASSED, REFUSED, Verdict
from tests.fakes.guessing import GUESSER, TASKS, GuesserSpec, Performing, Timing, prepared_run

WORSE_AT_DICE = replace(GUESSER, skills=(("dice", 0.6),))
NEARLY = replace(GUESSER, skills=(("dice", 0.77),), luck=0.03)
"""So near the margin of 3 points that no few seeds can tell."""


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "reference"
    prepared = prepared_run(folder, num_seeds=6)
    Performing(prepared)(prepared.plan, "trials")
    return folder


def gate(
    folder: Path, reference: Path, spec: GuesserSpec, *, max_seeds: int | None, num_seeds: int = 2, left: int = 1_000
) -> tuple[Gated, Performing]:
    prepared = prepared_run(folder, spec, num_seeds=num_seeds)
    performing = Performing(prepared)
    performing.left = left
    options = Options(margin=3.0, quality_only=True)  # this process holds more than one trial, so memory says nothing
    run = GatedRun(prepared=prepared, reference=reference, options=options, tasks=TASKS, perform=performing)
    return run.until_decided(max_seeds) if max_seeds else run.confirming(), performing


def verdicts(gated: Gated) -> dict[str | None, Verdict]:
    return {finding.task: finding.verdict for finding in gated.report.findings if finding.metric == "quality"}


def test_what_is_decided_stops_and_the_rest_goes_on(reference: Path, tmp_path: Path) -> None:
    gated, performing = gate(tmp_path, reference, replace(NEARLY, skills=(("dice", 0.77), ("coins", 0.5))), max_seeds=6)
    assert verdicts(gated)["coins"] is Verdict.WORSE
    assert verdicts(gated)["dice"] is Verdict.CANNOT_TELL
    seeds = {saving.pair[0]: saving.num_seeds for saving in gated.savings}
    assert seeds["coins"] < 6 == seeds["dice"]
    assert performing.done.count(("dice", 5)) == 1
    assert sorted(seed for task, seed in performing.done if task == "coins") == list(range(seeds["coins"]))
    assert gated.report.exit_code == FAILED
    saved = {saving.pair[0]: saving.core_seconds for saving in gated.savings}
    assert saved["coins"] > 0 == saved["dice"]


def test_the_same_model_passes_before_the_last_seed(reference: Path, tmp_path: Path) -> None:
    gated, performing = gate(tmp_path, reference, replace(GUESSER, version=2), max_seeds=20)
    assert set(verdicts(gated).values()) == {Verdict.NOT_WORSE}
    assert gated.report.exit_code == PASSED
    assert len(performing.done) < 20


def test_an_interrupted_run_comes_to_the_same_verdicts(reference: Path, tmp_path: Path) -> None:
    whole, performing = gate(tmp_path / "whole", reference, WORSE_AT_DICE, max_seeds=8)
    with pytest.raises(KeyboardInterrupt):
        gate(tmp_path / "cut", reference, WORSE_AT_DICE, max_seeds=8, left=3)
    resumed, rest = gate(tmp_path / "cut", reference, WORSE_AT_DICE, max_seeds=8)
    assert len(rest.done) == len(performing.done) - 3
    assert verdicts(resumed) == verdicts(whole)
    again, nothing = gate(tmp_path / "cut", reference, WORSE_AT_DICE, max_seeds=8)
    assert nothing.done == []
    assert again.report == resumed.report


def test_seeds_beyond_a_look_are_not_looked_at(reference: Path, tmp_path: Path) -> None:
    looked, _ = gate(tmp_path / "fresh", reference, WORSE_AT_DICE, max_seeds=8)
    prepared = prepared_run(tmp_path / "full", WORSE_AT_DICE, num_seeds=8)
    Performing(prepared)(prepared.plan, "trials")
    full, _ = gate(tmp_path / "full", reference, WORSE_AT_DICE, max_seeds=8)
    assert [f.num_seeds for f in full.report.findings] == [f.num_seeds for f in looked.report.findings]
    assert verdicts(full) == verdicts(looked)


def test_fresh_seeds_are_trained_only_of_what_looks_worse(reference: Path, tmp_path: Path) -> None:
    gated, performing = gate(tmp_path, reference, WORSE_AT_DICE, max_seeds=None, num_seeds=4)
    assert sorted(seed for task, seed in performing.done if task == "dice") == list(range(8))
    found = {finding.task: finding for finding in gated.report.findings if finding.metric == "quality"}
    assert found["dice"].verdict is Verdict.WORSE
    assert found["dice"].num_seeds == (6, 4)
    assert "confirmed by fresh seeds alone" in found["dice"].reason
    assert found["coins"].verdict is not Verdict.WORSE
    assert gated.report.exit_code == FAILED


def test_what_fresh_seeds_do_not_confirm_is_no_alarm(reference: Path, tmp_path: Path) -> None:
    unlucky = replace(GUESSER, unlucky=(0, 1, 2, 3))
    gated, performing = gate(tmp_path, reference, unlucky, max_seeds=None, num_seeds=4)
    assert ("dice", 7) in performing.done
    found = {finding.task: finding for finding in gated.report.findings if finding.metric == "quality"}
    assert found["dice"].verdict is not Verdict.WORSE
    assert "not confirmed" in found["dice"].reason
    assert gated.report.exit_code == PASSED


@pytest.mark.parametrize(("slow_seeds", "verdict"), [({0, 4}, Verdict.WORSE), ({0}, Verdict.NOT_WORSE)])
def test_what_looks_slower_is_timed_again_on_a_fresh_seed(
    tmp_path: Path, slow_seeds: set[int], verdict: Verdict
) -> None:
    prepared = prepared_run(tmp_path / "reference", num_seeds=4)
    Timing(prepared)(prepared.plan, "trials")
    prepared = prepared_run(tmp_path / "run", num_seeds=4)
    timing = Timing(prepared)
    timing.slow_seeds = frozenset(slow_seeds)
    options = Options(margin=3.0)
    run = GatedRun(
        prepared=prepared, reference=tmp_path / "reference", options=options, tasks=TASKS, perform=timing
    ).confirming()
    assert ("coins", 4) in timing.done
    assert ("coins", 5) not in timing.done
    found = {finding.metric: finding for finding in run.report.findings if finding.task == "coins"}
    assert found["latency"].verdict is found["time per example"].verdict is verdict
    said = "confirmed" if verdict is Verdict.WORSE else "not confirmed"
    assert f"looked worse at first, {said} by fresh seeds alone" in found["latency"].reason
    assert found["quality"].verdict is Verdict.NOT_WORSE


def test_nothing_is_trained_again_where_nothing_looks_worse(reference: Path, tmp_path: Path) -> None:
    gated, performing = gate(tmp_path, reference, replace(GUESSER, version=2), max_seeds=None, num_seeds=4)
    assert len(performing.done) == 8
    assert gated.report.exit_code == PASSED


def test_a_pair_whose_seed_fails_is_given_up_and_said_so(reference: Path, tmp_path: Path) -> None:
    prepared = prepared_run(tmp_path, NEARLY)
    performing = Performing(prepared)
    performing.failing = {("dice", 2)}
    options = Options(margin=3.0, quality_only=True)
    run = GatedRun(prepared=prepared, reference=reference, options=options, tasks=TASKS, perform=performing)
    gated = run.until_decided(8)
    assert verdicts(gated)["dice"] is Verdict.INCOMPARABLE
    assert ("dice", 3) not in performing.done
    assert gated.report.exit_code == REFUSED


def test_a_reference_without_the_pairs_is_refused_before_anything_is_trained(reference: Path, tmp_path: Path) -> None:
    prepared = prepared_run(tmp_path, replace(GUESSER, name="stranger"))
    performing = Performing(prepared)
    asked = GateAsked(reference=reference, margin=1.0, seeds=(0, 1), max_seeds=5)
    with pytest.raises(UsageError, match=r"has none of the pairs to be run; it has coins × guesser, dice × guesser"):
        asked.gated(prepared, TASKS, performing)
    assert performing.stages == []


REF = Path("ref.json")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"until_decided": REF, "confirm": REF}, "two ways"),
        ({"until_decided": REF, "seeds": (0, 1, 2)}, "--max-seeds in place of --seeds"),
        ({"confirm": REF, "max_seeds": 3}, "--max-seeds goes with"),
        ({"margin": 2.0}, "--margin goes with"),
    ],
)
def test_options_that_do_not_go_together(changes: dict[str, object], complaint: str) -> None:
    options = {"until_decided": None, "confirm": None, "seeds": (0,), "max_seeds": None, "margin": None} | changes
    with pytest.raises(UsageError, match=complaint):
        gate_asked(**options)
