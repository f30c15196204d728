"""What every torch module of this room needs: tensors on a device, autocast, seeds, want of memory."""

import numpy as np
import torch
from torch import Tensor

from harness.training.batching import Padded


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
