from typing import Any

import pytest

from baselines.checkpoints.labels import labels_of, match_head
from harness.api.output import Classification, Extraction, MultiLabel, Output, Regression
from harness.errors import UsageError

CLASSIFIER = {"architectures": ["BertForSequenceClassification"]}
TWO = Classification(labels=("not_entailment", "entailment"))


def head(*labels: str, **changes: Any) -> dict[str, Any]:
    return CLASSIFIER | {"id2label": {str(row): label for row, label in enumerate(labels)}} | changes


@pytest.mark.parametrize(
    ("config", "output", "order"),
    [
        (head("Not-Entailment", "ENTAILMENT"), TWO, (0, 1)),
        (head("entailment", "not entailment"), TWO, (1, 0)),
        (head("LABEL_0", "LABEL_1", label2id={"entailment": 0, "not_entailment": 1}), TWO, (1, 0)),
        (head("c", "a", "b"), Classification(labels=("a", "b", "c")), (1, 2, 0)),
        (head("c", "a", "b"), MultiLabel(labels=("a", "b", "c")), (1, 2, 0)),
        (head("LABEL_0"), Regression(low=0, high=5), (0,)),
        ({"architectures": ["BertForQuestionAnswering"]}, Extraction(unanswerable=True), (0, 1)),
    ],
)
def test_a_head_is_matched_by_the_names_of_its_labels(
    config: dict[str, Any], output: Output, order: tuple[int, ...]
) -> None:
    assert match_head("mine", config, output) == order


@pytest.mark.parametrize(
    ("config", "output", "told"),
    [
        (head("LABEL_0", "LABEL_1"), TWO, "mine is for LABEL_0, LABEL_1, the task asks for not_entailment, entailment"),
        (CLASSIFIER, TWO, "is for LABEL_0, LABEL_1"),
        (head("entailment", "neutral", "contradiction"), TWO, "is for entailment, neutral, contradiction"),
        (head("entailment", "Entailment"), TWO, "is for entailment, Entailment"),
        (head("a", "b"), Regression(low=0, high=5), "the task asks for a number"),
        (head("entailment", "not_entailment"), Extraction(unanswerable=True), "expected a class ForQuestionAnswering"),
        ({"architectures": ["BertModel"]}, TWO, "has no trained head for this kind of answer"),
        (head(*map(str, range(2_000))), TWO, "and 1994 more"),
    ],
)
def test_a_head_for_something_else_is_refused_with_both_sets(config: dict[str, Any], output: Output, told: str) -> None:
    with pytest.raises(UsageError) as refusal:
        match_head("mine", config, output)
    assert told in str(refusal.value)
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize(
    "config", [{"id2label": []}, {"id2label": {"7": "a"}}, {"num_labels": 10**9}, {"label2id": {"a": "b"}}]
)
def test_labels_that_are_not_named_have_numbers(config: dict[str, Any]) -> None:
    assert labels_of(config) == ("LABEL_0", "LABEL_1")
