"""What both sides are to do: the tasks, and as our models the checkpoint by the scripts' recipes and an encoder.

A plugin file, so that ours does it by the command that people run: ``python -m harness run --plugin FILE``. The tasks
have their validation sets alone: Trainer answers no others, and equal work is what is compared.
"""

from dataclasses import replace

from baselines.pretrained import MINILM
from baselines.transformer import SMALL
from harness import Encoding, Optimisation, Recipe, Task
from tasks import glue, squad

GLUE_RECIPE = Recipe()
"""``run_glue.py``'s: 3 epochs, batches of 32, a learning rate of 5e-5, 128 tokens."""

SQUAD_RECIPE = Recipe(
    optimisation=Optimisation(epochs=2.0, batch_size=12, learning_rate=3e-5),
    encoding=Encoding(max_length=384, doc_stride=128),
)
"""That of ``run_qa.py``'s README."""


def validation_only(task: Task) -> Task:
    """Return a task that asks for the answers to score, and for no others."""
    return replace(task, name=f"{task.name}-validation", predicted=())


MRPC = validation_only(glue.MRPC)
RTE = validation_only(glue.RTE)
COLA = validation_only(glue.COLA)
SST2 = validation_only(glue.SST2)
STSB = validation_only(glue.STSB)
SQUAD = validation_only(squad.SQUAD_V1)
TASKS = {"mrpc": MRPC, "rte": RTE, "cola": COLA, "stsb": STSB, "sst2": SST2, "squad": SQUAD}

GLUE_MODEL = replace(MINILM, name="minilm-run-glue", recipe=GLUE_RECIPE, recipes={})
SQUAD_MODEL = replace(MINILM, name="minilm-run-qa", recipe=SQUAD_RECIPE, recipes={})

SCRATCH_MODEL = replace(SMALL, name="transformer-small-once", recipe=(SMALL.recipe or Recipe()).having(epochs=1.0))
"""Our Transformer from random weights, over one epoch: enough to time it."""
