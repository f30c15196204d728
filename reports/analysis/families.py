"""Scores by what each example of a task is tagged with, such as BLiMP's fields, phenomena and paradigms.

A family of tags is shown where every scored example has one of it, so that its parts make up the whole. As slices are,
they are of each model's lowest seed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from reports.analysis.section import Section
from reports.evidence.columns import ExampleColumns, read_example_columns, read_prediction_columns


@dataclass(frozen=True, kw_only=True)
class Part:
    """The scored examples with one tag: how many, and the mean credit of each model in percent, by its label."""

    name: str
    size: int
    scores: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Family:
    """The parts of a task by one family of tags; ``measure`` is what the scores are."""

    task: str
    title: str
    name: str
    measure: str
    parts: tuple[Part, ...]


def families(section: Section) -> list[Family]:
    """Return the families of all tasks, those with the fewest parts first."""
    return [family for task in section.evidence.tasks for family in _of_task(section, task)]


def _of_task(section: Section, task: str) -> list[Family]:
    examples = read_example_columns(section.evidence, task)
    tags = dict(_by_family(examples)) if examples else {}
    if not examples or not tags:
        return []
    given = read_prediction_columns(section.evidence, task, examples)
    found = []
    for name, labels in tags.items():
        parts = []
        for label in sorted({label for label in labels if label}):
            members = examples.scored & np.array([each == label for each in labels])
            scores = {model: 100 * float(each.credit[members].mean()) for model, each in given.items()}
            parts.append(Part(name=label, size=int(members.sum()), scores=scores))
        title = section.evidence.task_title(task)
        found.append(Family(task=task, title=title, name=name, measure=examples.kind.credit_name, parts=tuple(parts)))
    return sorted(found, key=lambda family: len(family.parts))


def _by_family(examples: ExampleColumns) -> Iterator[tuple[str, list[str]]]:
    """Yield each family of which all scored examples have one tag, and two tags or more occur; empty where none is."""
    pairs = [dict(tag.split(": ", 1) for tag in tags if ": " in tag) for tags in examples.tags]
    scored = [index for index in range(len(examples)) if examples.scored[index]]
    for name in dict.fromkeys(name for index in scored for name in pairs[index]):
        labels = [each.get(name, "") for each in pairs]
        counted = {labels[index] for index in scored}
        if len(counted) > 1 and "" not in counted:
            yield name, labels
