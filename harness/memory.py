"""How workers get memory from the C library: freed blocks are kept for the next step.

By default glibc gives each large block back to the system when a tensor dies, and the system zeroes its pages anew for
the next one: a good part of a training step. A worker does one trial and ends, so nothing is lost by keeping them.
Other C libraries do not read this variable.
"""

import os

ALLOCATION = {
    "mmap_threshold": 32 * 2**20,  # the largest that glibc takes
    "trim_threshold": 16 * 2**30,
    "top_pad": 64 * 2**20,
    "arena_max": 1,  # for all threads the one heap that these settings hold for
    "mxfast": 0,  # small blocks join their neighbours at once, not all together when a large block is asked for
}


def keep_freed_memory() -> None:
    """Set this for processes that are started from now on; whatever the user has set stays."""
    tunables = ":".join(f"glibc.malloc.{name}={value}" for name, value in ALLOCATION.items())
    os.environ.setdefault("GLIBC_TUNABLES", tunables)
