"""The simulation of gates in small, and what it rests on: a planted loss is a loss of so many points."""

import numpy as np
import pytest

from tests.bench.coverage import moments
from tests.bench.gate_simulation import DESIGNS, NOTHING, TWICE, TWICE_ONE, Design, lines, simulate_gate
from tests.bench.simulated_suite import GLUE, SimulatedTask, levels_of, simulate


@pytest.mark.parametrize("metric", sorted(set(GLUE)))
def test_losses_and_deviations_are_what_was_asked_for(metric: str) -> None:
    task = SimulatedTask(name="t", metric=metric, num_examples=50, deviation=0.8, loss=4.0)
    levels = levels_of(task)
    (before, deviation), (after, other) = (
        moments(metric, level, seed_effect) for level, seed_effect in zip(levels.level, levels.seed_effect, strict=True)
    )
    assert before - after == pytest.approx(4.0, abs=1e-6)
    assert (deviation, other) == pytest.approx((0.8, 0.8), abs=1e-6)


def test_simulated_predictions_lose_as_much() -> None:
    task = SimulatedTask(name="t", metric="accuracy", num_examples=4000, deviation=0.5, loss=5.0)
    (pair,) = simulate([task], (60, 60), np.random.default_rng(0)).values()
    assert pair.reference.value - pair.run.value == pytest.approx(5.0, abs=0.4)
    assert pair.reference.seeds.std(ddof=1) == pytest.approx(0.64, abs=0.2)


def test_gates_seldom_raise_false_alarms_and_catch_what_they_can() -> None:
    design = next(design for design in DESIGNS if design.name == "one task")
    generator = np.random.default_rng(1)
    same, lost = ([simulate_gate(design, loss, generator) for _ in range(100)] for loss in (NOTHING, TWICE_ONE))
    assert sum(outcome.is_alarm for outcome in same) <= 5
    assert sum(outcome.is_caught for outcome in lost) >= 90
    assert np.median([outcome.detectable_pair for outcome in lost]) < 2 * design.margin


def test_looks_seldom_raise_false_alarms_and_save_seeds() -> None:
    design = Design(
        name="d", num_examples=300, num_seeds=(10, 10), metrics=("accuracy",), margin=3.0, is_sequential=True
    )
    generator = np.random.default_rng(2)
    same, lost = ([simulate_gate(design, loss, generator) for _ in range(60)] for loss in (NOTHING, TWICE))
    assert sum(outcome.is_alarm for outcome in same) <= 3
    assert sum(outcome.is_caught for outcome in lost) >= 50
    assert np.mean([outcome.fraction_used for outcome in lost]) < 0.9


def test_the_table_has_a_line_for_each_loss() -> None:
    design = next(design for design in DESIGNS if design.name == "one task, few seeds")
    table = list(lines([design], gates=8, workers=1))
    assert len(table) == 2 + len(DESIGNS[design])
    assert len({line.count("|") for line in table}) == 1
