"""One cell of the grid: :class:`Trial`, its identity, and the key under which its result is filed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.api.limits import Limits
from harness.api.model import ModelSpec
from harness.api.task import Task
from harness.data.source import Source
from harness.system.files import slug

FORMAT = 2  # of predictions and results; raised when what is filed under a key changes its meaning


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A task, a model, a seed and the limits on examples. ``precision`` is what ``auto`` means on this device."""

    task: Task
    model: ModelSpec
    seed: int
    limits: Limits
    source: Source
    precision: str = "float32"

    def identity(self) -> dict[str, Any]:
        """Return everything that can change the answers, as JSON values, and nothing that only changes speed."""
        recipe = None
        if self.model.recipe is not None:
            recipe = asdict(self.model.recipe_for(self.task))
            recipe["precision"] = self.precision if recipe["precision"] == "auto" else recipe["precision"]
        return {
            "format": FORMAT,
            "task": {
                "name": self.task.name,
                "version": self.task.version,
                "output": {"kind": type(self.task.output).__name__, **asdict(self.task.output)},
                "splits": [*self.task.scored, *self.task.answered],
            },
            "data": {"kind": self.source.kind_for(self.task), "fingerprint": self.source.fingerprint(self.task)},
            "limits": asdict(self.limits),
            "model": dict(self.model.identity()),
            "recipe": recipe,
            "seed": self.seed,
        }

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
