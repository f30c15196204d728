"""Each planted fault is there, in its task alone; and the table says what was found."""

from dataclasses import replace

import pytest
import torch

from harness import Example, FitSession, Optimisation, Recipe
from tests.bench.faulty_models import CANDIDATE, SHUFFLED, SLEEP_SECONDS, ZEROED, FaultySpec
from tests.bench.planted_faults import line
from tests.fakes.networks import LABELS, PAIRS, word_order

QUICK = Recipe(optimisation=Optimisation(max_steps=1, batch_size=8, learning_rate=1e-3))


def planted(fault: str) -> FaultySpec:
    sound = replace(CANDIDATE.sound, recipe=QUICK, recipes={})
    return replace(CANDIDATE, sound=sound, recipe=QUICK, recipes={}, fault=fault, at=LABELS.name)


def fitted(fault: str, task=LABELS):
    model = planted(fault).build(task, seed=0, device="cpu")
    model.fit(word_order(8), FitSession())
    return model


def test_weights_are_zeroed() -> None:
    weights = [p for p in fitted("zeroed weights")._network.module.parameters() if p.numel() > 1000]
    share = sum(int((p == 0).sum()) for p in weights) / sum(p.numel() for p in weights)
    assert share == pytest.approx(ZEROED, abs=0.01)
    sound = [p for p in fitted("zeroed weights", PAIRS)._network.module.parameters() if p.numel() > 1000]
    assert sum(int((p == 0).sum()) for p in sound) / sum(p.numel() for p in sound) < 0.01


def test_the_learning_rate_is_ten_times_too_high_in_one_task() -> None:
    spec = planted("learning rate")
    assert spec.recipe_for(LABELS).optimisation.learning_rate == 10 * spec.recipe_for(PAIRS).optimisation.learning_rate


def test_labels_are_shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Example] = []
    monkeypatch.setattr("harness.training.model.TorchModel.fit", lambda _self, train, _session: seen.extend(train))
    rows = [Example(id=str(index), text="a", target=float(index)) for index in range(200)]
    planted("shuffled labels").build(LABELS, seed=0, device="cpu").fit(rows, FitSession())
    moved = sum(one.target != other.target for one, other in zip(seen, rows, strict=True))
    assert 0.5 * SHUFFLED * 200 <= moved <= SHUFFLED * 200
    assert sorted(row.target for row in seen) == [row.target for row in rows]


def test_the_tokenizer_keeps_capitals() -> None:
    text = Example(id="1", text="RED green")
    assert (
        fitted("lower-casing")._network.encode([text]).ids.tolist() != fitted("")._network.encode([text]).ids.tolist()
    )


def test_the_forward_pass_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    model = fitted("sleep")
    monkeypatch.setattr("tests.bench.faulty_models.time.sleep", slept.append)
    with torch.no_grad():
        model.predict(word_order(2))
    assert slept
    assert set(slept) == {SLEEP_SECONDS}


def test_the_table_names_what_was_called_worse() -> None:
    common = {"model": "candidate", "num_seeds": [5, 3]}
    quality = {"metric": "quality", "unit": "points", "task": "sst2", "change": -30.0, "verdict": "worse"}
    latency = {"metric": "latency", "unit": "seconds", "task": "cola", "change": 1.5, "verdict": "worse"}
    other = {"metric": "quality", "unit": "points", "task": "cola", "change": -0.1, "verdict": "not worse"}
    gated = {"report": {"findings": [{**common, **finding} for finding in (quality, other, latency)]}}
    assert line("a", "sst2", gated) == "| a | sst2 | quality | -30.0 points | 5 and 3 | cola: latency |"
    assert line("a", "cola", gated) == "| a | cola | latency | +150 % | 5 and 3 | sst2: quality |"
    quality["verdict"] = "cannot tell"
    gated = {"report": {"findings": [{**common, **finding} for finding in (quality, other)]}}
    assert line("a", "sst2", gated) == "| a | sst2 | none (cannot tell) | -30.0 points | 5 and 3 | none |"
