"""One cell of the grid: :class:`Trial`, its identity, and the key under which its result is filed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from harness.api.asking import ReadsPrompts
from harness.api.identity import keyed
from harness.api.limits import Limits
from harness.api.model import ModelSpec
from harness.api.output import output_record
from harness.api.recipe import Recipe
from harness.api.task import Task
from harness.data.source import Source
from harness.outputs import kind_of
from harness.plan.asking import is_trained
from harness.system.files import slug

FORMAT = 3  # of predictions and results; raised when what is filed under a key changes its meaning


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A task, a model, a seed and the limits on examples. ``precision`` is what ``auto`` means on this device.

    ``start`` is the trial of the same model and seed on another task, whose encoder this one's training begins with.
    """

    task: Task
    model: ModelSpec
    seed: int
    limits: Limits
    source: Source
    precision: str = "float32"
    start: "Trial | None" = None

    @property
    def is_start(self) -> bool:
        """Whether others begin with the encoder of this one."""
        return self.task.name == self.model.start_from

    def with_seed(self, seed: int) -> "Trial":
        """Return the same trial of another seed, and so from another start."""
        return replace(self, seed=seed, start=self.start and self.start.with_seed(seed))

    @property
    def is_trained(self) -> bool:
        """Whether the model learns from a training split, as most do."""
        return is_trained(self.model, self.task)

    @property
    def needs_training_split(self) -> bool:
        """Whether it cannot be without a training split."""
        return self.is_trained or self.model.needs_training_split

    def settings(self) -> dict[str, Any] | None:
        """Return the settings in force by name, without those that this kind of answer does not read.

        ``None`` for a model that is not trained by gradient, or a kind of answer that it gives as it is.
        """
        kind = kind_of(self.task.output)
        if self.model.recipe is None or not kind.needs_training:
            return None
        recipe = self.model.recipe_for(self.task)
        reads = kind.reads
        other = {**asdict(recipe.encoding), **asdict(recipe.decoding)}
        known = {**asdict(recipe.optimisation), **{name: value for name, value in other.items() if name in reads}}
        if self.model.method and self.model.method.way == "lora":
            known |= asdict(recipe.adaptation)
        return {**known, "precision": self.precision if known["precision"] == "auto" else known["precision"]}

    def own_settings(self) -> dict[str, Any]:
        """Return those of the settings that are other for this kind of answer than the model's usual ones."""
        settings, usual = self.settings() or {}, (self.model.recipe or Recipe()).settings()
        return {name: value for name, value in settings.items() if name != "precision" and value != usual[name]}

    def identity(self) -> dict[str, Any]:
        """Return everything that can change the predictions, as JSON values, and nothing that only changes speed.

        What stands at its default is left out, so that a new option leaves every key as it is.
        """
        settings, defaults = self.settings(), Recipe().settings()
        recipe = settings and {name: value for name, value in settings.items() if value != defaults[name]}
        return {
            "format": FORMAT,
            "task": {
                "name": self.task.name,
                "version": self.task.version,
                "output": output_record(self.task.output),
                "splits": [*self.task.scored, *self.task.predicted],
            },
            "data": {"kind": self.source.kind_for(self.task), "fingerprint": self.source.fingerprint(self.task)},
            "limits": keyed(self.limits),
            "model": dict(self.model.identity()),
            "recipe": recipe,
            "seed": self.seed,
            **({"start": self.start.fingerprint} if self.start else {}),
            **self._prompt_identity(),
        }

    def _prompt_identity(self) -> dict[str, Any]:
        """Return the words that a model is asked in, where it is, and the precision, which is in no recipe then."""
        prompt = self.model.prompt_for(self.task) if isinstance(self.model, ReadsPrompts) else None
        return {"prompt": {**prompt.identity(), "precision": self.precision}} if prompt else {}

    @property
    def settings_fingerprint(self) -> str:
        """A hash of the identity without the seed: of all that the trials of a pair share."""
        start = {"start": self.start.settings_fingerprint} if self.start else {}
        return fingerprint_of({name: value for name, value in self.identity().items() if name != "seed"} | start)

    @property
    def fingerprint(self) -> str:
        """A hash of the identity's canonical JSON."""
        return fingerprint_of(self.identity())

    @property
    def key(self) -> str:
        """A readable slug and a part of the fingerprint; safe as the name of a file."""
        return key_of(self.task.name, self.model.name, self.seed, self.fingerprint)


def fingerprint_of(identity: Mapping[str, Any]) -> str:
    """Return a hash of an identity's canonical JSON."""
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def key_of(task: str, model: str, seed: int, fingerprint: str) -> str:
    """Return the name under which a result is filed."""
    return f"{slug(task)}--{slug(model)}--seed{seed}--{fingerprint[:12]}"
