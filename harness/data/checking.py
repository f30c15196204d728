"""What each example of a split has to be: its texts, its id, and a target of the task's kind of answer."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from harness.api.example import Example
from harness.api.task import Task
from harness.outputs import kind_of

Expect = Callable[[Example], str | None]
"""Returns what is expected of an example's target; ``None`` where it is that."""
_PLAIN = {int, float, tuple, type(None)}


class ExampleError(Exception):
    """The position of an example among those that were checked, and what is wrong with it."""

    def __init__(self, index: int, what: str) -> None:
        super().__init__(index, what)
        self.index, self.what = index, what


def checked(examples: Sequence[Example], task: Task, split: str) -> list[Example]:
    """Return the examples of a split, their targets as plain Python values.

    Only a split that is neither trained on nor scored may be without targets; there a -1 or NaN, as data sets mark
    them, becomes ``None``.

    Raises:
        ExampleError: the first example that cannot be.
    """
    if set(map(type, examples)) != {Example}:
        for index, example in enumerate(examples):
            if not isinstance(example, Example):
                raise ExampleError(index, f"its example is {shown(example)}, expected an Example")
    _check_texts(examples)
    _check_ids(examples)
    kind = kind_of(task.output)
    expect = kind.expected_training_target if split == "train" else kind.expected_target
    return _with_targets(examples, expect, is_labelled=split == "train" or split in task.scored)


def shown(value: object, limit: int = 200) -> str:
    """Return a value's ``repr``, bounded, whatever its own methods do."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 (its class may be anybody's)
        text = f"a {type(value).__name__}"
    return text if len(text) <= limit else f"{text[:limit]}…"


def _check_texts(examples: Sequence[Example]) -> None:
    texts = [example.text for example in examples]
    pairs = [example.pair for example in examples if example.pair is not None]
    ids = [example.id for example in examples]
    if {*map(type, texts), *map(type, pairs), *map(type, ids)} <= {str} and all(map(_are_unicode, (texts, pairs, ids))):
        return
    for index, example in enumerate(examples):
        for name, text in (("id", example.id), ("text", example.text), ("pair", example.pair or "")):
            if not isinstance(text, str):
                raise ExampleError(index, f"its {name} is {shown(text)}, expected a string")
            if not _is_unicode(text):
                raise ExampleError(index, f"its {name} has half of a surrogate pair: {shown(text)}, expected Unicode")


def _are_unicode(texts: Sequence[str]) -> bool:
    return all(map(str.isascii, texts)) or all(_is_unicode(text) for text in texts if not text.isascii())


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_ids(examples: Sequence[Example]) -> None:
    if len({example.id for example in examples}) == len(examples):
        return
    first: dict[str, int] = {}
    for index, example in enumerate(examples):
        if first.setdefault(example.id, index) != index:
            raise ExampleError(index, f"has an id more than once: {shown(example.id)}, expected another in each row")


def _with_targets(examples: Sequence[Example], expect: Expect, *, is_labelled: bool) -> list[Example]:
    found = []
    if _are_valid_scalars(expect, examples):
        return list(examples)
    for index, given in enumerate(examples):
        example = given if type(given.target) in _PLAIN else replace(given, target=_plain(given.target))
        if expected := expect(example):
            unknown = _is_unknown(example.target)
            if is_labelled or not unknown:
                raise ExampleError(index, _wrong_target(example.target, expected, unknown=unknown))
            example = replace(example, target=None)
        found.append(example)
    return found


def _are_valid_scalars(expect: Expect, examples: Sequence[Example]) -> bool:
    """Return whether all targets are valid indices or numbers, the common case: of equal ones one is looked at."""
    targets = [example.target for example in examples]
    if set(map(type, targets)) not in ({int}, {float}):
        return False
    return all(expect(one) is None for one in dict(zip(targets, examples, strict=True)).values())


def _plain(target: Any) -> Any:
    """Return a target whose numbers are Python's own where they are NumPy's."""
    if isinstance(target, frozenset):
        return target if all(type(member) is int for member in target) else frozenset(map(_plain, target))
    return target.item() if isinstance(target, np.generic) else target


def _is_unknown(target: Any) -> bool:
    """Return whether a target that is no valid one marks a row without any, as data sets do."""
    if type(target) is float:
        return target == -1 or math.isnan(target)
    return target is None or (type(target) is int and target == -1)


def _wrong_target(target: object, expected: str, *, unknown: bool) -> str:
    found = "no target" if target is None else f"the target {shown(target)}"
    cure = (
        "; only splits that are not scored may be without, and rows that a data set leaves out by its own rule are "
        "named by `leaves_out` of the task"
    )
    return f"found {found}, expected {expected}{cure if unknown else ''}"
