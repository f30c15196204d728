"""The one training loop, for all torch models: :func:`finetune`.

A step depends on the weights, the moments, and ``(seed, step)`` alone: the order of examples and the dropout masks are
derived from those, never carried along. So an interrupted training goes on bit for bit.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harness import checkpoints
from harness.batching import Padded, pad, training_batches
from harness.checkpoints import Progress
from harness.dropout import MaskSource, use_fast_dropout
from harness.encoding import Encoded
from harness.errors import TrainingError
from harness.losses import sequence_losses
from harness.model import FitSession, History
from harness.network import Network
from harness.outputs import Output
from harness.recipe import Recipe

CHECK_EVERY_STEPS = 20
"""How often losses are fetched from the device and checked; each fetch waits for a GPU."""


class NonFiniteLossError(TrainingError):
    """The loss became infinite or not a number."""


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """What stays the same over one training."""

    network: Network
    encoded: Encoded
    output: Output
    recipe: Recipe
    seed: int
    device: str
    precision: str

    @property
    def steps_an_epoch(self) -> int:
        """Optimizer steps in one pass over the sequences."""
        return math.ceil(len(self.encoded) / self.recipe.batch_size)

    @property
    def num_steps(self) -> int:
        """Optimizer steps in all."""
        return self.recipe.num_steps(len(self.encoded))


def finetune(fitting: Fitting, session: FitSession) -> History:
    """Train the network's module in place.

    AdamW with decoupled weight decay on matrices only (Loshchilov and Hutter 2019), linear warm-up and decay, the
    gradient's norm clipped. A batch that does not fit into memory is halved into passes whose gradients add up to the
    whole batch's.

    Raises:
        NonFiniteLossError: the loss became infinite or not a number.
        TrainingError: a single sequence does not fit into memory.
    """
    module = fitting.network.module
    optimizer = make_optimizer(module, fitting.recipe, fitting.device)
    masks = use_fast_dropout(module) if fitting.device == "cpu" else None
    begun = _begin(fitting, session, optimizer)
    stepper = Stepper(fitting, optimizer, micro_batches=begun.micro_batches, masks=masks)
    journal = Journal(fitting, session, begun)
    module.train()
    for step in range(begun.step, fitting.num_steps):
        journal.add(stepper.step(step))
        session.on_step(step + 1, fitting.num_steps)
        if session.checkpoint is not None and journal.is_save_due():
            checkpoints.save(session.checkpoint, module, optimizer, journal.progress(stepper.micro_batches))
    losses = journal.fetch()
    return make_history(fitting, losses, stepper.micro_batches, seconds_before=begun.seconds)


def _begin(fitting: Fitting, session: FitSession, optimizer: torch.optim.Optimizer) -> Progress:
    """Take up the checkpoint of this very training, if there is one; return how far it has come."""
    found = checkpoints.read_progress(session.checkpoint)
    this = (fitting.num_steps, fitting.precision)
    if found and session.checkpoint and (found.num_steps, found.precision) == this:
        checkpoints.restore(session.checkpoint, fitting.network.module, optimizer)
        return found
    return Progress(
        step=0, num_steps=fitting.num_steps, seconds=0.0, precision=fitting.precision, losses=(), micro_batches=1
    )


class Journal:
    """Keeps the loss of each step, and knows when the next checkpoint is due."""

    def __init__(self, fitting: Fitting, session: FitSession, begun: Progress) -> None:
        self._fitting = fitting
        self._session = session
        self._begun = begun
        self._losses = list(begun.losses)
        self._pending: list[Tensor] = []
        self._started = self._saved = time.monotonic()

    def add(self, loss: Tensor) -> None:
        """Take in the loss of one more step, a scalar on the device; raises if a late one was not finite."""
        self._pending.append(loss)
        if len(self._pending) == CHECK_EVERY_STEPS:
            self.fetch()

    def fetch(self) -> list[float]:
        """Return the losses so far as numbers."""
        values: list[float] = torch.stack(self._pending).tolist() if self._pending else []
        self._pending.clear()
        for value in values:
            self._losses.append(value)
            if not math.isfinite(value):
                where = f"step {len(self._losses)} of {self._fitting.num_steps} in {self._fitting.precision}"
                raise NonFiniteLossError(
                    f"the loss became {value} at {where}; expected a finite number. Try a learning rate below "
                    f"{self._fitting.recipe.learning_rate:g}, or a warm-up."
                )
        return self._losses

    def is_save_due(self) -> bool:
        """Return whether it is time for a checkpoint: every so often, and after the last step."""
        is_last = len(self._losses) + len(self._pending) == self._fitting.num_steps
        return is_last or time.monotonic() - self._saved >= self._session.checkpoint_seconds

    def progress(self, micro_batches: int) -> Progress:
        """Return what goes into a checkpoint made now."""
        losses, now = self.fetch(), time.monotonic()
        self._saved = now
        return Progress(
            step=len(losses),
            num_steps=self._fitting.num_steps,
            seconds=self._begun.seconds + now - self._started,
            precision=self._fitting.precision,
            losses=tuple(losses),
            micro_batches=micro_batches,
        )


def make_history(fitting: Fitting, losses: list[float], micro_batches: int, *, seconds_before: float) -> History:
    """Return the record of a finished training."""
    asked = fitting.recipe.accumulation_steps
    notes = () if micro_batches <= asked else (f"batches split into {micro_batches} passes for want of memory",)
    rates = tuple(learning_rate(fitting.recipe, step, len(losses)) for step in range(len(losses)))
    return History(
        losses=tuple(losses),
        learning_rates=rates,
        epochs=fitting.recipe.num_seen(len(fitting.encoded)) / len(fitting.encoded),
        notes=notes,
        seconds_before=seconds_before,
    )


def learning_rate(recipe: Recipe, step: int, num_steps: int) -> float:
    """Return the rate of one step from 0: up linearly over the warm-up, then down linearly to 0 after the last."""
    warmup = math.ceil(recipe.warmup_ratio * num_steps)
    if step < warmup:
        return recipe.learning_rate * step / warmup
    return recipe.learning_rate * (num_steps - step) / max(1, num_steps - warmup)


def make_optimizer(module: torch.nn.Module, recipe: Recipe, device: str) -> torch.optim.Optimizer:
    """Return AdamW; vectors (biases, layer norms) are not decayed."""
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": recipe.weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=recipe.learning_rate,
        betas=(recipe.adam_beta1, recipe.adam_beta2),
        eps=recipe.adam_epsilon,
        fused=device in {"cpu", "cuda"},
    )


class Stepper:
    """Takes optimizer steps, one batch each, in as few passes as memory allows."""

    def __init__(
        self,
        fitting: Fitting,
        optimizer: torch.optim.Optimizer,
        *,
        micro_batches: int = 1,
        masks: MaskSource | None = None,
    ) -> None:
        self.fitting = fitting
        self.masks = masks
        self.optimizer = optimizer
        self.micro_batches = max(micro_batches, fitting.recipe.accumulation_steps)
        self._epoch = -1
        self._batches: list[NDArray[np.int64]] = []

    def step(self, step: int) -> Tensor:
        """Do one step and return the batch's mean loss, a scalar still on the device."""
        fitting, module = self.fitting, self.fitting.network.module
        batch = self._batch(step)
        loss = self._within_memory(lambda: self._backward(batch, step), largest=len(batch))
        torch.nn.utils.clip_grad_norm_(module.parameters(), fitting.recipe.max_grad_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(fitting.recipe, step, fitting.num_steps)
        self.optimizer.step()
        return loss

    def _batch(self, step: int) -> NDArray[np.int64]:
        epoch, index = divmod(step, self.fitting.steps_an_epoch)
        if epoch != self._epoch:
            size = self.fitting.recipe.batch_size
            lengths = self.fitting.encoded.lengths
            self._batches = training_batches(lengths, batch_size=size, seed=self.fitting.seed, epoch=epoch)
            self._epoch = epoch
        return self._batches[index]

    def _backward(self, batch: NDArray[np.int64], step: int) -> Tensor:
        """Leave the gradient of the batch's mean loss in the parameters, and return that loss."""
        fitting = self.fitting
        self.optimizer.zero_grad(set_to_none=True)
        seed_torch(fitting.seed, step)
        if self.masks:
            self.masks.seed(fitting.seed, step)
        total = torch.zeros((), device=fitting.device)
        multiple = 8 if fitting.device == "cuda" else 1
        for part in np.array_split(batch, min(self.micro_batches, len(batch))):
            padded = pad(fitting.encoded, part, pad_id=fitting.network.pad_id, multiple=multiple)
            loss = batch_losses(fitting, padded).sum() / len(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return total

    def _within_memory(self, backward: Callable[[], Tensor], *, largest: int) -> Tensor:
        """Run ``backward``, halving its passes as long as memory does not suffice."""
        while True:
            try:
                return backward()
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                if self.micro_batches >= largest:
                    raise TrainingError(
                        f"one sequence does not fit into the memory of {self.fitting.device} ({error}); "
                        "expected at least that. Try a smaller max_length or a smaller model."
                    ) from error
            self.micro_batches *= 2
            if self.fitting.device == "cuda":
                torch.cuda.empty_cache()


def batch_losses(fitting: Fitting, padded: Padded) -> Tensor:
    """Return the loss of each sequence of a batch, (B,)."""
    ids, types, mask = to_device(padded, fitting.device)
    assert padded.labels is not None, "training examples have targets"
    labels = torch.from_numpy(padded.labels).to(fitting.device, non_blocking=True)
    with autocast(fitting.device, fitting.precision):
        logits = fitting.network.module(ids, types, mask)
    return sequence_losses(fitting.output, logits, labels, mask)


def to_device(padded: Padded, device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Return ids, types and mask as tensors on the device; on CUDA from pinned memory, without waiting."""
    tensors = [torch.from_numpy(array) for array in (padded.ids, padded.types, padded.mask)]
    if device == "cuda":
        tensors = [tensor.pin_memory() for tensor in tensors]
    ids, types, mask = (tensor.to(device, non_blocking=True) for tensor in tensors)
    return ids, types, mask


def autocast(device: str, precision: str) -> torch.autocast:
    """Return the context in which matrix products are taken in ``precision``."""
    return torch.autocast(device, dtype=torch.bfloat16, enabled=precision == "bfloat16")


def seed_torch(*key: int) -> None:
    """Seed torch's generators from ``key`` alone."""
    torch.manual_seed(int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1))


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of torch means that memory did not suffice."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
