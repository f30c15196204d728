"""Whether a checkpoint's trained head is one for a task: its labels are matched by name, whatever their order."""

import re
from collections.abc import Mapping
from typing import Any

from baselines.checkpoints.config import architecture_of
from baselines.checkpoints.files import brief
from harness.api.output import Output
from harness.errors import UsageError
from harness.outputs import kind_of

MOST_NAMED = 6
GENERIC = re.compile(r"LABEL_\d+")


def match_head(name: str, config: Mapping[str, Any], output: Output) -> tuple[int, ...]:
    """Return, for each logit of ``output`` in turn, the row of the checkpoint's trained head that gives it.

    Raises:
        UsageError: the head is none for this output; the labels of both are named.
    """
    kind, architecture = kind_of(output), architecture_of(config)
    ending = {"sequence": "ForSequenceClassification", "span": "ForQuestionAnswering"}[kind.logits]
    if ending not in architecture:
        raise UsageError(
            f"--head keep: {name} has no trained head for this kind of answer; it was saved from "
            f"{brief(architecture) or 'no class'}, expected a class {ending}. Leave out --head for a fresh one."
        )
    if kind.logits == "span":
        return tuple(range(kind.num_logits))
    labels, wanted = labels_of(config), getattr(output, "labels", ())
    if not wanted and len(labels) == kind.num_logits:
        return tuple(range(kind.num_logits))
    rows = {_plain(label): row for row, label in enumerate(labels)}
    if not wanted or sorted(map(_plain, labels)) != sorted(map(_plain, wanted)) or len(rows) < len(labels):
        expected = _listed(wanted) if wanted else "a number"
        raise UsageError(
            f"--head keep: the trained head of {name} is for {_listed(labels)}, the task asks for {expected}; rename "
            "the labels in config.json's id2label, or leave out --head for a fresh one."
        )
    return tuple(rows[_plain(label)] for label in wanted)


def labels_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the labels of a checkpoint's head in the order of its rows; ``LABEL_0`` and so on where it names none."""
    forward, backward = config.get("id2label"), config.get("label2id")
    named: dict[int, str] = {}
    if isinstance(forward, dict):
        named = {int(row): str(label) for row, label in forward.items() if str(row).isdecimal()}
    if isinstance(backward, dict) and all(GENERIC.fullmatch(label) for label in named.values()):
        named |= {row: str(label) for label, row in backward.items() if isinstance(row, int)}
    if sorted(named) == list(range(len(named))) and named:
        return tuple(named[row] for row in range(len(named)))
    count = config.get("num_labels")
    return tuple(f"LABEL_{row}" for row in range(count if isinstance(count, int) and 0 < count < 1_000 else 2))


def _plain(label: str) -> str:
    return re.sub(r"[-_\s]+", "", label.casefold())


def _listed(labels: tuple[str, ...]) -> str:
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    return brief(", ".join(labels[:MOST_NAMED])) + more
