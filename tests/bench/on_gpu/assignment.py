"""The models that are measured, as a plugin file: checkpoints of random weights, our Transformers, and one that is cut.

The environment says where the checkpoints lie and of which size all is, as each worker reads this file anew.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from baselines import transformer
from baselines.pretrained import Pretrained, resolve
from harness import Example, FitSession, History, Model, ModelSpec, Output, Recipe, Task
from tests.bench.against_trainer.assignment import GLUE_RECIPE
from tests.bench.on_gpu.size import SIZES

CHECKPOINTS, SIZE, CUT = "ON_GPU_CHECKPOINTS", "ON_GPU_SIZE", "ON_GPU_CUT"
"""Variables of the environment; the last is a file that one training is cut short for, and which is gone then."""

STEPS_BEFORE_CUT = 4

_size = SIZES[os.environ[SIZE]]


def checkpoint(name: str) -> Pretrained:
    """Return one of the checkpoints, over the epochs of the comparison."""
    found = resolve(str(Path(os.environ[CHECKPOINTS]) / name))
    assert found is not None
    recipe = GLUE_RECIPE.having(epochs=_size.against_epochs)
    return replace(found, name=f"bert-{name}", recipe=recipe, recipes={})


def scratch(name: str) -> transformer.TransformerSpec:
    """Return our Transformer of the same size, over the same epochs."""
    size = _size.encoders[name]
    recipe = (transformer.SMALL.recipe or Recipe()).having(epochs=_size.against_epochs)
    return replace(transformer.SMALL, name=f"ours-{name}", recipe=recipe, **vars(size))


class CutShort:
    """A model whose training is killed after a few steps, each with a checkpoint, where a file asks for that."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.predict = model.predict

    @property
    def num_parameters(self) -> int:
        """Ask the model."""
        return self._model.num_parameters

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Fit it, or die."""
        asks = Path(os.environ[CUT])
        if not asks.exists():
            return self._model.fit(train, session)

        def cut(step: int, steps: int) -> None:
            session.on_step(step, steps)
            if step == STEPS_BEFORE_CUT:
                asks.unlink()
                os.kill(os.getpid(), signal.SIGKILL)

        return self._model.fit(train, replace(session, checkpoint_seconds=0.0, on_step=cut))


@dataclass(frozen=True, kw_only=True)
class CutShortSpec(ModelSpec):
    """The spec of a model that can be cut short."""

    preload = tuple(dict.fromkeys([*Pretrained.preload, *transformer.TransformerSpec.preload]))

    inner: ModelSpec

    def supports(self, output: Output) -> bool:
        """Ask the model."""
        return self.inner.supports(output)

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model within its wrapping."""
        return CutShort(self.inner.build(task, seed=seed, device=device))

    def identity(self) -> Mapping[str, Any]:
        """Return the model's identity."""
        return self.inner.identity()


def cut_short(spec: ModelSpec) -> CutShortSpec:
    """Return a spec that can be cut short."""
    return CutShortSpec(name=f"{spec.name}-cut", inner=spec, recipe=spec.recipe)


BASE, SMALL = checkpoint("base"), scratch("small")
BASE_CUT, SMALL_CUT = cut_short(BASE), cut_short(SMALL)
