"""What every torch module of this room needs: tensors on a device, autocast, seeds, want of memory."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harness.api.network import Batch
from harness.training.batching import Padded


def to_device(padded: Padded, device: str) -> Batch:
    """Return the batch as tensors on the device; on CUDA from pinned memory, without waiting."""

    def move(array: NDArray[Any]) -> Tensor:
        tensor = torch.from_numpy(array)
        return (tensor.pin_memory() if device == "cuda" else tensor).to(device, non_blocking=True)

    labels = None if padded.labels is None else move(padded.labels)
    return Batch(ids=move(padded.ids), types=move(padded.types), mask=move(padded.mask), labels=labels)


def autocast(device: str, precision: str) -> torch.autocast:
    """Return the context in which matrix products are taken in ``precision``."""
    return torch.autocast(device, dtype=torch.bfloat16, enabled=precision == "bfloat16")


def seed_torch(*key: int) -> None:
    """Seed torch's generators from ``key`` alone."""
    torch.manual_seed(int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1))


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of torch means that memory did not suffice."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
