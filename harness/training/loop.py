"""The one training loop, for all torch models: :func:`finetune`.

A step depends on the weights, the moments, and ``(seed, step)`` alone: the order of examples and the dropout masks are
derived from those, never carried along. So an interrupted training goes on bit for bit.
"""

import math
import time

import torch
from torch import Tensor

from harness.api.model import FitSession, History
from harness.api.recipe import Optimisation
from harness.errors import TrainingError
from harness.training import checkpoint
from harness.training.checkpoint import Progress
from harness.training.dropout import use_fast_dropout
from harness.training.linear import bfloat16_copies
from harness.training.schedule import learning_rate
from harness.training.step import Evaluation, Stepper, TrainingContext

CHECK_EVERY_STEPS = 20
"""How often losses are fetched from the device and checked; each fetch waits for a GPU."""


class NonFiniteLossError(TrainingError):
    """The loss became infinite or not a number."""


def finetune(context: TrainingContext, session: FitSession) -> History:
    """Train the module in place.

    AdamW with decoupled weight decay on matrices only (Loshchilov and Hutter 2019), linear warm-up and decay, the
    gradient's norm clipped. A batch that does not fit into memory is halved into passes whose gradients add up to the
    whole batch's.

    Raises:
        NonFiniteLossError: the loss became infinite or not a number.
        TrainingError: a single sequence does not fit into memory.
    """
    module = context.module
    optimizer = make_optimizer(module, context.optimisation, context.device)
    masks = use_fast_dropout(module) if context.device == "cpu" else None
    begun = _begin(context, session, optimizer)
    journal = Journal(context, session, begun)
    module.train()
    with bfloat16_copies(module, device=context.device, precision=context.precision) as copies:
        stepper = Stepper(context, optimizer, masks=masks, copies=copies, cores=session.cores)
        stepper.micro_batches = begun.micro_batches
        for step in range(begun.step, context.num_steps):
            journal.add(stepper.step(step))
            if context.evaluation and context.evaluation.is_due(step + 1, context.num_steps):
                stepper.refresh_copies()
                journal.evaluate(step + 1, context.evaluation)
            session.on_step(step + 1, context.num_steps)
            if session.checkpoint is not None and journal.is_save_due():
                checkpoint.save(session.checkpoint, module, optimizer, journal.progress(stepper.micro_batches))
    return make_history(context, journal.progress(stepper.micro_batches), begun)


def _begin(context: TrainingContext, session: FitSession, optimizer: torch.optim.Optimizer) -> Progress:
    """Take up the checkpoint of this very training, if there is one; return how far it has come.

    Raises:
        DamagedError: it cannot be taken up.
    """
    found = checkpoint.read_progress(session.checkpoint)
    this = (context.num_steps, context.precision)
    if found and session.checkpoint and (found.num_steps, found.precision) == this:
        checkpoint.restore(session.checkpoint, context.module, optimizer)
        return found
    return Progress(
        step=0,
        num_steps=context.num_steps,
        seconds=0.0,
        borrowed_seconds=0.0,
        precision=context.precision,
        losses=(),
        micro_batches=1,
    )


class Journal:
    """Keeps the loss of each step, and knows when the next checkpoint is due."""

    def __init__(self, context: TrainingContext, session: FitSession, begun: Progress) -> None:
        self._context = context
        self._session = session
        self._begun = begun
        self._losses = list(begun.losses)
        self._evaluations = list(begun.evaluations)
        self._evaluation_seconds = begun.evaluation_seconds
        self._pending: list[Tensor] = []
        self._started = self._saved = time.monotonic()

    def add(self, loss: Tensor) -> None:
        """Take in the loss of one more step, a scalar on the device; raises if a late one was not finite."""
        self._pending.append(loss)
        if len(self._pending) == CHECK_EVERY_STEPS:
            self.fetch()

    def evaluate(self, step: int, evaluation: Evaluation) -> None:
        """Measure what is due after so many steps; neither its time nor what it draws is the training's.

        Raises:
            NonFiniteLossError: there is nothing to measure any more.
        """
        self.fetch()
        module, started = self._context.module, time.monotonic()
        devices = [torch.cuda.current_device()] if self._context.device == "cuda" else []
        module.eval()
        with torch.no_grad(), torch.random.fork_rng(devices):
            value = evaluation.measure()
        module.train()
        if value is not None:
            self._evaluations.append((step, value))
        self._evaluation_seconds += time.monotonic() - started

    def fetch(self) -> list[float]:
        """Return the losses so far as numbers."""
        values: list[float] = torch.stack(self._pending).tolist() if self._pending else []
        self._pending.clear()
        for value in values:
            self._losses.append(value)
            if not math.isfinite(value):
                where = f"step {len(self._losses)} of {self._context.num_steps} in {self._context.precision}"
                raise NonFiniteLossError(
                    f"the loss became {value} at {where}; expected a finite number. Try a learning rate below "
                    f"{self._context.optimisation.learning_rate:g}, or a warm-up."
                )
        return self._losses

    def is_save_due(self) -> bool:
        """Return whether it is time for a checkpoint: every so often, and after the last step."""
        is_last = len(self._losses) + len(self._pending) == self._context.num_steps
        return is_last or time.monotonic() - self._saved >= self._session.checkpoint_seconds

    def progress(self, micro_batches: int) -> Progress:
        """Return what goes into a checkpoint made now."""
        losses, now = self.fetch(), time.monotonic()
        self._saved = now
        return Progress(
            step=len(losses),
            num_steps=self._context.num_steps,
            seconds=self._begun.seconds + now - self._started,
            borrowed_seconds=self._begun.borrowed_seconds + self._session.cores.borrowed_seconds,
            precision=self._context.precision,
            losses=tuple(losses),
            micro_batches=micro_batches,
            evaluations=tuple(self._evaluations),
            evaluation_seconds=self._evaluation_seconds,
        )


def make_history(context: TrainingContext, ended: Progress, before: Progress) -> History:
    """Return the record of a finished training; ``before`` is how far earlier calls had come, and what it took."""
    passes, losses = ended.micro_batches, ended.losses
    notes = () if passes == 1 else (f"batches split into {passes} passes for want of memory",)
    rates = tuple(learning_rate(context.optimisation, step, len(losses)) for step in range(len(losses)))
    return History(
        losses=losses,
        evaluations=ended.evaluations,
        evaluation_seconds=ended.evaluation_seconds,
        learning_rates=rates,
        epochs=context.optimisation.num_seen(context.num_sequences) / context.num_sequences,
        notes=notes,
        seconds_before=before.seconds,
        borrowed_before=before.borrowed_seconds,
    )


def make_optimizer(module: torch.nn.Module, optimisation: Optimisation, device: str) -> torch.optim.Optimizer:
    """Return AdamW; vectors (biases, layer norms) are not decayed."""
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": optimisation.weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=optimisation.learning_rate,
        betas=(optimisation.adam_beta1, optimisation.adam_beta2),
        eps=optimisation.adam_epsilon,
        fused=device in {"cpu", "cuda"},
    )
