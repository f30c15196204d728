"""How a checkpoint comes to predict: fine-tuned whole, or in another way, which ``NAME+METHOD`` asks for.

::

    NAME                      fine-tuned whole
    NAME+lora                 low-rank adapters trained, the checkpoint frozen (Hu et al. 2021)
    NAME+probe                a linear model trained on the frozen checkpoint's features
    NAME+prompt, +prompt5     not trained: asked in words, perhaps after so many examples (Brown et al. 2020)

After ``+prompt`` more can be asked: ``+calibrated`` for contextual calibration (Zhao et al. 2021), ``+chat`` or
``+plain`` for a prompt with or without the checkpoint's chat template, which is used by default where there is one,
``+whole`` to refuse a prompt that is too long in place of leaving out its first examples, and ``+wording2`` for the
second prompt of a task in place of the first.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from harness.errors import UsageError, did_you_mean

Way = Literal["lora", "probe", "prompt"]
PromptOption = Literal["calibrated", "chat", "plain", "whole"]
WAYS: tuple[str, ...] = get_args(Way)
OPTIONS: tuple[str, ...] = get_args(PromptOption)
MOST_SHOTS = 999
WORDING = re.compile(r"wording([1-9]\d?)")
ASKED = re.compile(r"(lora|probe|prompt(?P<shots>[1-9]\d*)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A way of predicting other than fine-tuning a checkpoint whole.

    ``shots`` are a prompt's examples, and ``wording`` says which of a task's prompts it is, from 1.
    """

    way: Way
    shots: int = 0
    options: tuple[PromptOption, ...] = ()
    wording: int = 1

    def __str__(self) -> str:
        other = [f"wording{self.wording}"] if self.wording > 1 else []
        return "+".join([f"{self.way}{self.shots or ''}", *self.options, *other])

    def identity(self) -> str:
        """Return what a trial's identity has of it, and a page: what was asked for."""
        return str(self)


def split_method(asked: str) -> tuple[str, Method | None]:
    """Return the model of ``NAME+METHOD``, and the method; ``None`` where no method is asked for.

    Raises:
        UsageError: what follows the ``+`` is no method, or has options that do not go together.
    """
    name, *parts = asked.split("+")
    if not parts or "/" in "".join(parts):
        return asked, None
    parts = [part.casefold() for part in parts]
    found = ASKED.fullmatch(parts[0])
    if not name or not found:
        raise UsageError(
            f"--model {asked}: no method is called {parts[0]!r}; expected MODEL+METHOD, where METHOD is lora, probe, "
            f"prompt or, with five examples, prompt5.{did_you_mean(parts[0], WAYS)}"
        )
    way = next(way for way in get_args(Way) if parts[0].startswith(way))
    shots = int(found["shots"] or 0)
    if shots > MOST_SHOTS:
        raise UsageError(f"--model {asked}: expected at most {MOST_SHOTS} examples in a prompt.")
    wordings = [found for part in parts[1:] if way == "prompt" and (found := WORDING.fullmatch(part))]
    if len(wordings) > 1:
        raise UsageError(f"--model {asked}: has {len(wordings)} wordings; give one of them.")
    others = [part for part in parts[1:] if part not in {found[0] for found in wordings}]
    wording = int(wordings[0][1]) if wordings else 1
    return name, Method(way=way, shots=shots, options=_options(asked, others, way=way), wording=wording)


def _options(asked: str, parts: list[str], *, way: Way) -> tuple[PromptOption, ...]:
    for part in parts:
        if part not in OPTIONS or way != "prompt":
            raise UsageError(
                f"--model {asked}: +{part} is no option of {way}; "
                f"{'expected +' + ', +'.join(OPTIONS) + ', +wording2' if way == 'prompt' else 'it has none'}."
                f"{did_you_mean(part, OPTIONS)}"
            )
    if {"chat", "plain"} <= set(parts):
        raise UsageError(f"--model {asked}: +chat and +plain do not go together; give one of them.")
    return tuple(option for option in get_args(PromptOption) if option in parts)
