"""Kernels that give the same bits each time: without them no training on CUDA resumes, or repeats, bit for bit.

By default some of CUDA's kernels add up in the order in which threads come by: the gradient of attention with a mask
does, in every layer of a pretrained encoder. On a CPU nothing of the kind is known, and nothing is set.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

WORKSPACE = ":4096:8"
"""cuBLAS repeats its sums only with a workspace of a fixed size; this is the size that torch takes on Hopper anyway."""

REFUSAL = "does not have a deterministic implementation"


class NoDeterministicKernelError(Exception):
    """An operator of the network has no kernel that gives the same bits each time."""


@contextmanager
def deterministic_kernels(device: str) -> Iterator[None]:
    """Let torch choose such kernels on CUDA, for as long as the context lasts.

    Raises:
        NoDeterministicKernelError: an operator has none.
    """
    if device != "cuda":
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", WORKSPACE)  # read at the first product of the process
    before = torch.get_deterministic_debug_mode()
    fills = torch._C._get_deterministic_fill_uninitialized_memory()
    # What torch.use_deterministic_algorithms calls, after it has imported torch's compiler: two seconds of each trial.
    torch._C._set_deterministic_algorithms(True)
    torch._C._set_deterministic_fill_uninitialized_memory(False)  # a help in finding bugs, in each new tensor
    try:
        yield
    except RuntimeError as error:
        if REFUSAL not in str(error):
            raise
        raise NoDeterministicKernelError(str(error).partition(REFUSAL)[0] + REFUSAL) from error
    finally:
        torch._C._set_deterministic_algorithms(before > 0, warn_only=before == 1)
        torch._C._set_deterministic_fill_uninitialized_memory(fills)
