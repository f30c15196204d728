"""What begins with what: the tasks that say so, the models that can, names that tell, and one line where none does."""

from dataclasses import replace

import pytest

from harness import Extraction, Regression, Suite, Task
from harness.errors import UsageError
from harness.plan.starting import starting_models, starts_from, with_start
from tasks.glue import GLUE, MNLI, RTE, SST2
from tests.fakes.toy import BROKEN, TOY, TOY_TOO, WORDS_MODEL

KNOWN = {task.name: task for task in (TOY, TOY_TOO, MNLI, RTE, SST2)}


def test_the_tasks_of_glue_that_start_from_mnli_are_those_that_were_published_so() -> None:
    from harness.catalog import load_catalog

    catalog = load_catalog()
    assert [name for name in GLUE.tasks if starts_from(catalog.task(name), MNLI)] == ["mrpc", "stsb", "rte"]


def names(tasks: list[Task]) -> list[str]:
    return [task.name for task in tasks]


def test_the_task_that_others_start_from_is_added_in_the_order_of_the_suite() -> None:
    assert names(with_start([SST2, RTE], MNLI, GLUE, KNOWN)) == ["sst2", "mnli", "rte"]
    assert names(with_start([RTE, SST2], MNLI, None, KNOWN)) == ["mnli", "rte", "sst2"]
    assert names(with_start([RTE, MNLI], MNLI, None, KNOWN)) == ["rte", "mnli"]


SMALL = Suite(name="small", title="Small", tasks=("rte", "sst2"), score_name="Small score")


@pytest.mark.parametrize(
    ("tasks", "start", "suite", "complaint"),
    [
        ([MNLI], MNLI, GLUE, r"none of the tasks asked for \(mnli\) starts from it; those that do: rte\."),
        ([RTE, SST2], SST2, GLUE, r"none of the tasks asked for \(rte, sst2\) starts from it; no task does"),
        ([RTE, SST2], MNLI, SMALL, r"--start-from mnli: is not in suite 'small' \(rte, sst2\)\."),
    ],
)
def test_where_nothing_starts_from_it_it_is_one_line(
    tasks: list[Task], start: Task, suite: Suite | None, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint) as error:
        with_start(tasks, start, suite, KNOWN)
    assert "\n" not in str(error.value)


def test_a_task_never_starts_from_itself() -> None:
    assert not starts_from(replace(TOY, starts_from=("toy",)), TOY)


def test_spans_do_not_start_from_labels() -> None:
    assert starts_from(TOY_TOO, TOY)
    assert not starts_from(replace(TOY_TOO, output=Extraction(unanswerable=True)), TOY)


def test_a_model_that_can_is_named_so_and_another_stays_as_it_is() -> None:
    found = starting_models([WORDS_MODEL, BROKEN], [TOY, TOY_TOO], TOY)
    assert [(before, model.name, model.start_from) for before, model in found.items()] == [
        ("words", "words from toy", "toy"),
        ("broken", "broken", ""),
    ]
    assert found["words"].identity()["start_from"] == "toy"
    assert "start_from" not in WORDS_MODEL.identity()


def test_a_model_starts_only_where_it_has_both_kinds_of_answer() -> None:
    numbers = replace(TOY_TOO, output=Regression(low=0, high=5))
    with pytest.raises(UsageError, match=r"no model asked for \(words\) can; expected a checkpoint"):
        starting_models([WORDS_MODEL], [TOY, numbers], TOY)


def test_names_that_cannot_be_are_one_line() -> None:
    twice = replace(WORDS_MODEL, name="words from toy", start_from="")
    tasks = [TOY, TOY_TOO]
    with pytest.raises(UsageError, match="'words from toy' is the name of two models; name one with --model NAME="):
        starting_models([WORDS_MODEL, replace(BROKEN, name=twice.name)], tasks, TOY)
    with pytest.raises(UsageError, match="is no name; name one with --model NAME=MODEL"):
        starting_models([replace(WORDS_MODEL, name="n" * 195)], tasks, TOY)
