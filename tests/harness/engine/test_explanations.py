"""What a trial leaves for a report: its questions once for all, and why, which never costs it its result."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.api.attribution import Attribution
from harness.api.example import Example
from harness.api.limits import Limits
from harness.api.model import FitSession, History
from harness.data.loading import load, sample
from harness.data.source import Source
from harness.engine.context import Context
from harness.engine.execution import make_result, run_trial
from harness.engine.explanations import NUM_EXPLAINED
from harness.plan.trial import Trial
from harness.store.examples import read_attributions, read_examples
from harness.store.run import Run
from harness.system.cores import Cores
from tests.fakes.counting import RED, Counter, CounterSpec, read

SAMPLE = Source(kind="sample")


def read_tagged(row: Any) -> Example:
    return replace(read(row), tags=(f"Colour: {row['text'].split()[0]}",))


def read_unlabelled(row: Any) -> Example:
    return replace(read(row), target=None if row["idx"] == 3 and row["text"] == FOURTH else read(row).target)


ASKED = replace(RED, read=read_tagged, scored=("validation",), predicted=("other",))
ASKED = replace(ASKED, sample=replace(RED.sample, splits=("train", "validation", "other")))
FOURTH = SAMPLE.rows(ASKED, "other")[3]["text"]


class Talkative(Counter):
    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        return [
            Attribution(id=e.id, towards="red", text=tuple(self.weights[word] for word in e.text.split()))
            for e in examples
        ]


class Confused(Talkative):
    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        raise ZeroDivisionError("planted")


class Brief(Talkative):
    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        return super().explain(examples[1:])


class Interrupted(Talkative):
    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        history = super().fit(train, session)
        if session.checkpoint and not (again := session.checkpoint.with_name("again")).exists():
            again.touch()
            raise KeyboardInterrupt
        return replace(history, seconds_before=0.5)


def do(folder: Path, live: type[Counter] = Talkative, *, seed: int = 0, **changes: Any) -> tuple[Run, Trial]:
    model = CounterSpec(name=live.__name__.lower(), live=live)
    limits = changes.pop("limits", Limits())
    trial = Trial(task=replace(ASKED, **changes), model=model, seed=seed, limits=limits, source=SAMPLE)
    run = Run(folder)
    context = Context(run=run, device="cpu", num_threads=1, cores=Cores())
    run.trial_folder(trial.key).mkdir(parents=True, exist_ok=True)
    run_trial(trial, context, keep_checkpoint=False)
    return run, trial


def test_examples_and_attributions_are_written(tmp_path: Path) -> None:
    run, trial = do(tmp_path)
    result, data = run.result(trial.key), load(ASKED, SAMPLE)
    for split, examples in {**data.scored, **data.predicted}.items():
        stored = read_examples(run.examples_path(result, split))
        assert stored == examples
        assert [example.id for example in stored] == list(run.predictions(result, split))
        assert all(example.tags for example in stored)
    found = read_attributions(run.attributions_path(trial.key, "validation"))
    assert [a.id for a in found] == [e.id for e in sample(data.scored["validation"], NUM_EXPLAINED)]
    assert not run.attributions_path(trial.key, "other").exists()
    assert not run.examples_path(result, "train").exists()


def test_a_split_with_an_unknown_target_is_not_kept(tmp_path: Path) -> None:
    run, trial = do(tmp_path, read=read_unlabelled)
    result = run.result(trial.key)
    assert run.examples_path(result, "validation").is_file()
    assert not run.examples_path(result, "other").exists()


def test_other_models_and_seeds_share_the_examples_and_explain_the_same_ones(tmp_path: Path) -> None:
    run, first = do(tmp_path)
    path = run.examples_path(run.result(first.key), "validation")
    before = path.stat().st_mtime_ns
    _, second = do(tmp_path, seed=1)
    _, plain = do(tmp_path, Counter)
    assert {run.examples_path(result, "validation") for result in run.results()} == {path}
    assert path.stat().st_mtime_ns == before
    assert not run.attributions_path(second.key, "validation").exists()
    assert not run.attributions_path(plain.key, "validation").exists()
    assert len(list(tmp_path.glob("examples/*/*"))) == 2


def test_other_limits_are_other_examples(tmp_path: Path) -> None:
    run, whole = do(tmp_path)
    _, part = do(tmp_path, limits=Limits(evaluation=5))
    paths = [run.examples_path(run.result(trial.key), "validation") for trial in (whole, part)]
    assert [len(read_examples(path)) for path in paths] == [40, 5]
    assert len(read_attributions(run.attributions_path(part.key, "validation"))) == 5


@pytest.mark.parametrize(("live", "reason"), [(Confused, "planted"), (Brief, "explains the examples")])
def test_a_failure_to_explain_is_noted_and_sinks_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], live: type[Counter], reason: str
) -> None:
    run, trial = do(tmp_path, live)
    assert run.is_done(trial.key)
    assert not run.attributions_path(trial.key, "validation").exists()
    noted = capfd.readouterr().err
    assert "The predictions for validation are not explained" in noted
    assert reason in noted


def test_a_resumed_trial_writes_what_an_unbroken_one_does(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        do(tmp_path / "broken", Interrupted)
    run, trial = do(tmp_path / "broken", Interrupted)
    assert run.result(trial.key).timings.resumed
    unbroken, other = do(tmp_path / "unbroken")
    for split in ("validation", "other"):
        assert unbroken.predictions(unbroken.result(other.key), split) == run.predictions(run.result(trial.key), split)
        one, two = (r.examples_path(r.results()[0], split) for r in (run, unbroken))
        assert read_examples(one) == read_examples(two)
    paths = run.attributions_path(trial.key, "validation"), unbroken.attributions_path(other.key, "validation")
    assert read_attributions(paths[0]) == read_attributions(paths[1])


def test_explaining_is_in_no_time_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at: list[str] = []
    monkeypatch.setattr(
        Talkative, "predict", lambda self, examples: at.append("predict") or Counter.predict(self, examples)
    )
    monkeypatch.setattr("harness.engine.execution.make_result", lambda *a: at.append("result") or make_result(*a))
    monkeypatch.setattr("harness.engine.explanations.find_fault", lambda *_: at.append("explain") or "")
    do(tmp_path)
    assert at == ["predict", "predict", "result", "explain"]
