"""How far a run is: where what others begin with is gone, it is done again, and only if somebody needs it."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.plan.request import Prepared, Request, prepare
from harness.plan.standing import standing_of
from harness.plan.trial import Trial
from tests.fakes import TOY
from tests.fakes.synthetic import Plan, make_result, make_speed

RESULT, SPEED = make_result(Plan(num_steps=3), "mrpc", "mini", 0), make_speed(Plan(), "mrpc", "mini", 0)


@pytest.fixture
def asked(tmp_path: Path) -> Prepared:
    request = Request(
        suite=None, tasks=("toy-too",), models=("words",), seeds=(0,), data="sample", limits=Limits(), device="cpu",
        out=tmp_path, command="run", start_from="toy",
    )  # fmt: skip
    return prepare(request, load_catalog([str(TOY)]))


def finish(asked: Prepared, *trials: Trial) -> None:
    for trial in trials:
        asked.run.save(RESULT.model_copy(update={"key": trial.key}), ())
        asked.run.save_speed(trial.key, SPEED.model_copy(update={"trial_key": trial.key}))


def tasks(asked: Prepared) -> list[list[str]]:
    found = standing_of(asked.plan, asked.run)
    return [
        [trial.task.name for trial in trials]
        for trials in ([trial for trial, _ in found.done], found.missing, found.unmeasured)
    ]


def test_a_trial_that_others_begin_with_is_done_again_where_its_weights_are_gone(
    asked: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = asked.plan.trials
    assert (first.task.name, first.is_start, second.start) == ("toy", True, first)
    assert tasks(asked) == [[], ["toy", "toy-too"], ["toy", "toy-too"]]
    finish(asked, first)
    assert tasks(asked) == [[], ["toy", "toy-too"], ["toy-too"]]
    monkeypatch.setattr(type(asked.run), "has_weights", lambda _, key: key == first.key)
    assert tasks(asked) == [["toy"], ["toy-too"], ["toy-too"]]
    monkeypatch.undo()
    finish(asked, second)
    assert tasks(asked) == [["toy", "toy-too"], [], []]


def test_what_a_plan_for_other_seeds_begins_with_belongs_to_it(asked: Prepared) -> None:
    more = replace(asked, plan=asked.plan.with_seeds({("toy-too", "words from toy"): [5]}))
    (trial,) = more.plan.trials
    assert trial.start
    assert trial.start.seed == 5
    assert [(each.task.name, each.seed) for each in standing_of(more.plan, more.run).missing] == [
        ("toy", 5),
        ("toy-too", 5),
    ]
