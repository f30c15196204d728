import pytest

from harness.api.example import Example
from harness.api.task import Task
from harness.outputs import kind_of
from tasks import glue, themes
from tasks.glue_prompts import PROMPTS

TASKS = [value for module in (glue, themes) for value in vars(module).values() if isinstance(value, Task)]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_prompt_answers_in_the_tasks_kind(task: Task) -> None:
    assert task.prompts
    assert [kind_of(task.output).expected_prompt(prompt) for prompt in task.prompts] == [None] * len(task.prompts)


def test_prompts_read_as_lm_evaluation_harness_has_them() -> None:
    example = Example(id="0", text="It rained.", pair="It was wet ")
    asked = {name: prompts[0].question(example) for name, prompts in PROMPTS.items()}
    assert asked["rte"] == asked["wnli"] == "It rained.\nQuestion: It was wet  True or False?\nAnswer:"
    assert asked["mnli"] == "It rained.\nQuestion: It was wet. True, False or Neither?\nAnswer:"
    assert asked["cola"] == "It rained.\nQuestion: Does this sentence make sense?\nAnswer:"
    assert {name for name, prompts in PROMPTS.items() if not prompts[0].citation} == {"stsb"}


def test_answers_stand_in_the_order_of_labels() -> None:
    first = {task.name: dict(zip(kind_of(task.output).labels, task.prompts[0].answers, strict=False)) for task in TASKS}
    assert first["rte"] == {"entailment": "True", "not_entailment": "False"}
    assert first["wnli"] == {"not_entailment": "False", "entailment": "True"}
    assert first["qnli"] == {"entailment": "yes", "not_entailment": "no"}
    assert first["mnli"] == {"entailment": "True", "neutral": "Neither", "contradiction": "False"}
    assert first["qqp"] == {"not_duplicate": "no", "duplicate": "yes"}
