"""One optimizer step: a batch in parts, whose gradients add up to that of its mean loss.

How a batch is parted follows from its lengths alone. On a CPU some ``MIN_TOKENS`` are enough for fast products, so a
batch is parted for idle cores to take some, and for less memory at a time. Each part has dropout masks of its own, from
``(seed, step, part)``, and gradients are added in the order of the parts, so nothing depends on who computed which.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harness.api.recipe import Optimisation
from harness.errors import TrainingError
from harness.system.cores import Cores
from harness.training.dropout import MaskSource
from harness.training.schedule import learning_rate
from harness.training.tensors import autocast, is_out_of_memory, seed_torch

MIN_TOKENS, MAX_TOKENS = 320, 1_600
"""Of a part on a CPU, padding included; a batch with fewer than twice the least stays whole."""


class Feed(Protocol):
    """What is learnt from: sequences, dealt out in batches, and the losses of any part of one."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of tokens of each sequence, (S,)."""

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return the batches of one epoch, indices of sequences, as the seed and the epoch alone decide."""

    def losses(self, part: NDArray[np.int64], *, step: int, number: int) -> tuple[Tensor, float]:
        """Return the sum of the losses of a step's part of that number, a scalar, and how much they weigh together."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What is measured of the module every so many steps, and after the last; ``None`` is no number."""

    every_steps: int
    measure: Callable[[], float | None]

    def is_due(self, step: int, num_steps: int) -> bool:
        """Return whether it is time for it once ``step`` steps are done."""
        return step % self.every_steps == 0 or step == num_steps


@dataclass(frozen=True, kw_only=True)
class TrainingContext:
    """What stays the same over one training."""

    module: nn.Module
    feed: Feed
    optimisation: Optimisation
    seed: int
    device: str
    precision: str
    evaluation: Evaluation | None = None

    @property
    def steps_an_epoch(self) -> int:
        """Optimizer steps in one pass over the sequences."""
        return math.ceil(self.num_sequences / self.optimisation.batch_size)

    @property
    def num_sequences(self) -> int:
        """How many sequences there are to learn from."""
        return len(self.feed.lengths)

    @property
    def num_steps(self) -> int:
        """Optimizer steps in all."""
        return self.optimisation.num_steps(self.num_sequences)


class Stepper:
    """Takes optimizer steps, one batch each, in as few passes as memory allows."""

    def __init__(
        self,
        context: TrainingContext,
        optimizer: torch.optim.Optimizer,
        *,
        masks: MaskSource | None = None,
        copies: Sequence[tuple[Tensor, Tensor]] = (),
        cores: Cores | None = None,
    ) -> None:
        """``copies`` are what the module computes with in place of some parameters: :mod:`harness.training.linear`."""
        self.context = context
        self.masks = masks
        self.optimizer = optimizer
        self.micro_batches = 1
        """Into how many parts at least, for want of memory."""
        self._cores = cores or Cores()
        self._parameters = [p for group in optimizer.param_groups for p in group["params"]]
        self._copies = copies
        self._leaves: list[tuple[Tensor, Tensor]] = [(p, p) for p in self._parameters] + list(copies)
        self._buffers: dict[Tensor, Tensor] = {}
        self._draws_from_torch = True
        self._epoch = -1
        self._batches: Sequence[NDArray[np.int64]] = ()

    def step(self, step: int) -> Tensor:
        """Do one step and return the batch's mean loss, a scalar still on the device."""
        context = self.context
        batch = self._batch(step)
        loss = self._within_memory(lambda: self._backward(batch, step), largest=len(batch))
        nn.utils.clip_grad_norm_(self._parameters, context.optimisation.max_grad_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(context.optimisation, step, context.num_steps)
        self.optimizer.step()
        return loss

    @torch.no_grad()
    def refresh_copies(self) -> None:
        """Bring what the module computes with up to date with the parameters."""
        for parameter, copy in self._copies:
            copy.copy_(parameter)

    def _batch(self, step: int) -> NDArray[np.int64]:
        epoch, index = divmod(step, self.context.steps_an_epoch)
        if epoch != self._epoch:
            self._batches = self.context.feed.batches(epoch)
            self._epoch = epoch
        return self._batches[index]

    def _backward(self, batch: NDArray[np.int64], step: int) -> Tensor:
        """Leave the gradient of the batch's mean loss in the parameters, and return that loss."""
        self.optimizer.zero_grad(set_to_none=True)
        self.refresh_copies()
        least = max(self.micro_batches, self.context.optimisation.accumulation_steps)
        num_parts = max(least, num_parts_of(self.context.feed.lengths[batch], self.context.device))
        parts = list(enumerate(np.array_split(batch, min(num_parts, len(batch)))))
        total, weight = torch.zeros((), device=self.context.device), 0.0
        cores = Cores() if self._draws_from_torch else self._cores  # torch has one generator for all threads
        for loss, gradients, of_part in cores.map(lambda part: self._part(*part, step=step, divisor=len(batch)), parts):
            total += loss
            weight += of_part
            self._add(gradients)
        return self._weigh(total, divisor=len(batch), weight=weight)

    def _part(
        self, number: int, part: NDArray[np.int64], *, step: int, divisor: int
    ) -> tuple[Tensor, tuple[Tensor | None, ...], float]:
        """Return one part's losses over the divisor, their gradient by leaf, and how much they weigh."""
        context = self.context
        if self._draws_from_torch:
            seed_torch(context.seed, step, number)
        if self.masks:
            self.masks.seed(context.seed, step, number)
        before = torch.get_rng_state()
        with autocast(context.device, context.precision):
            total, weight = context.feed.losses(part, step=step, number=number)
        loss = total / divisor
        gradients = torch.autograd.grad(loss, [leaf for _, leaf in self._leaves], allow_unused=True)
        if context.device == "cpu" and torch.equal(before, torch.get_rng_state()):
            self._draws_from_torch = False
        return loss.detach(), gradients, weight

    def _weigh(self, loss: Tensor, *, divisor: int, weight: float) -> Tensor:
        """Make the mean over sequences, loss and gradients alike, one over what the losses weigh.

        How much that is, the last part tells; where each sequence weighs 1 it is their number, and nothing changes.
        """
        if weight == divisor:
            return loss
        for parameter in self._parameters:
            if parameter.grad is not None:
                parameter.grad *= divisor / weight
        return loss * (divisor / weight)

    def _add(self, gradients: Sequence[Tensor | None]) -> None:
        """Add gradients by leaf to those in the parameters."""
        for (parameter, _), gradient in zip(self._leaves, gradients, strict=True):
            if gradient is None:
                continue
            if parameter.grad is not None:
                parameter.grad += gradient
            else:
                parameter.grad = self._buffer(parameter).copy_(gradient)

    def _buffer(self, parameter: Tensor) -> Tensor:
        """Return memory for a parameter's gradient, on a CPU the same in all steps.

        New memory each time would lie between that of activations, which come and go, and tear the heap.
        """
        buffer = self._buffers.get(parameter)
        if buffer is None:
            buffer = torch.empty_like(parameter, requires_grad=False, memory_format=torch.contiguous_format)
            if self.context.device == "cpu":
                self._buffers[parameter] = buffer
        return buffer

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
                        f"one sequence does not fit into the memory of {self.context.device} ({error}); "
                        "expected at least that. Try a smaller max_length or a smaller model."
                    ) from error
            self.micro_batches *= 2
            if self.context.device == "cuda":
                torch.cuda.empty_cache()


def num_parts_of(lengths: NDArray[np.int64], device: str) -> int:
    """Return into how many parts a batch goes: a power of two, so that they are shared evenly."""
    tokens = int(lengths.max()) * len(lengths)
    if device != "cpu" or tokens < 2 * MIN_TOKENS:
        return 1
    return int(2 ** max(1, math.ceil(math.log2(tokens / MAX_TOKENS))))
