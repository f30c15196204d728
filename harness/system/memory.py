"""How workers get memory from the C library, and kernels from oneDNN: what is freed or made is kept for the next step.

By default glibc gives each large block back to the system when a tensor dies, and the system zeroes its pages anew for
the next one: a good part of a training step. A worker does one trial and ends, so nothing is lost by keeping them.
Other C libraries do not read this variable.

And how much address space commands need at least, which ``ulimit -v`` can limit.
"""

import ctypes
import os
import resource

from harness.errors import UsageError

ALLOCATION = {
    "mmap_threshold": 32 * 2**20,  # the largest that glibc takes
    "trim_threshold": 16 * 2**30,
    "top_pad": 64 * 2**20,
    "arena_max": 1,  # for all threads the one heap that these settings hold for
    "mxfast": 0,  # small blocks join their neighbours at once, not all together when a large block is asked for
}


MALLOPT = {"mmap_threshold": -3, "trim_threshold": -1, "top_pad": -2, "arena_max": -8, "mxfast": 1}
"""The same settings as ``mallopt`` takes them, by their numbers in ``malloc.h``."""

PRIMITIVES = 20_000
"""oneDNN's kernels for products of one shape each, of which it keeps 1,024: batches of a hundred lengths need more."""


def keep_freed_memory() -> None:
    """Set this for processes that are started from now on; whatever the user has set stays.

    Kernels are kept as well. Made anew again and again they take time, and lie between the blocks of freed memory: the
    same steps of a training become slower by the hundred.
    """
    tunables = ":".join(f"glibc.malloc.{name}={value}" for name, value in ALLOCATION.items())
    os.environ.setdefault("GLIBC_TUNABLES", tunables)
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(PRIMITIVES))


def keep_freed_memory_here() -> None:
    """Set this for the process itself, before it has threads; nothing happens with another C library."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(PRIMITIVES))
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and "GLIBC_TUNABLES" not in os.environ:
        for name, value in ALLOCATION.items():
            mallopt(MALLOPT[name], min(value, 2**31 - 1))


MIN_ADDRESS_SPACE = 4 * 2**30
"""Bytes. Arrow reserves one GiB, torch maps as much, and OpenBLAS waits for ever where it cannot get its own."""


def check_address_space() -> None:
    """See to it that a limit on the address space leaves room for the libraries.

    Raises:
        UsageError: it does not.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < MIN_ADDRESS_SPACE:
        raise UsageError(
            f"the address space is limited to {limit / 2**20:,.0f} MiB (ulimit -v); expected at least "
            f"{MIN_ADDRESS_SPACE / 2**20:,.0f} MiB, since libraries reserve far more than they use: raise the limit."
        )
