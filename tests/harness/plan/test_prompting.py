"""Prompts are checked before anything is trained, and can be without a training split."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness import Prompt, SampleData, Task
from harness.api.asking import AskedExamples, ReadsPrompts, ShownPrompt
from harness.api.limits import Limits
from harness.data.source import Source
from harness.errors import UsageError
from harness.plan.plan import Plan, make_plan
from harness.plan.prompting import check_prompts
from harness.store.run import Run
from tests.fakes.toy import TOY, rows
from tests.harness.plan.test_plan import LABELS, Spec

ASKED = replace(TOY, prompts=(Prompt(template="{text}", answers=("no", "yes")),))
UNTRAINED = replace(ASKED, name="untrained", sample=SampleData(splits=("validation", "test"), generate=rows, version=1))


@dataclass(frozen=True, kw_only=True)
class Asking(Spec):
    """A model that is asked and never built; it notes what was to be checked."""

    shots: int = 0
    checked: list[tuple[str, int, int, int]] = field(default_factory=list)

    @property
    def needs_training_split(self) -> bool:
        return self.shots > 0

    wording: int = 1

    def prompt_for(self, task: Task) -> Prompt | None:
        return dict(enumerate(task.prompts, 1)).get(self.wording)

    def check_prompts(self, task: Task, asked: AskedExamples) -> None:
        self.checked.append((task.name, asked.seed, len(asked.train), len(asked.examples)))

    def show_prompts(self, task: Task, asked: AskedExamples) -> list[ShownPrompt]:
        raise NotImplementedError


def plan(*tasks: Task, models: Any) -> Plan:
    return make_plan(tasks, models, seeds=(0, 1), limits=Limits(train=5), source=Source(kind="sample"), device="cpu")


def test_each_seed_is_checked_that_draws_examples_and_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, with_shots = Asking(name="asking"), Asking(name="shots", shots=2)
    assert isinstance(asking, ReadsPrompts)
    made, run = plan(ASKED, models=[asking, with_shots, LABELS]), Run(tmp_path)
    check_prompts(made, run)
    assert asking.checked == [("toy", 0, 5, 40)]
    assert with_shots.checked == [("toy", 0, 5, 40), ("toy", 1, 5, 40)]
    monkeypatch.setattr(run, "is_done", {made.trials[0].key, made.trials[1].key}.__contains__)
    check_prompts(made, run)
    assert (len(asking.checked), len(with_shots.checked)) == (1, 3)


def test_a_task_without_a_training_split_can_be_asked_about_and_not_learnt(tmp_path: Path) -> None:
    made = plan(UNTRAINED, models=[Asking(name="asking"), Asking(name="shots", shots=2), LABELS])
    assert {trial.model.name for trial in made.trials} == {"asking"}
    assert made.unsupported == (("untrained", "shots"), ("untrained", "labels"))
    expected = "it learns from a training split, of which untrained has none here"
    assert made.reasons == {"shots": expected, "labels": expected}
    assert not made.trials[0].is_trained
    check_prompts(made, Run(tmp_path))


def test_a_task_without_prompts_cannot_be_asked_about() -> None:
    made = plan(TOY, replace(ASKED, name="asked"), models=[Asking(name="asking")])
    assert made.unsupported == (("toy", "asking"),)
    assert made.reasons == {"asking": "it is asked in words, and toy has no prompts"}
    with pytest.raises(UsageError, match="toy has no prompts"):
        plan(TOY, models=[Asking(name="asking")])
    with pytest.raises(UsageError, match="toy has only 1 wording for that"):
        plan(ASKED, models=[Asking(name="asking", wording=2)])
