"""How workers get memory from the C library: freed blocks are kept for the next step, large ones on huge pages.

By default glibc gives each large block back to the system when a tensor dies, and the system zeroes its pages anew for
the next one: up to a quarter of a training step. A worker does one trial and ends, so nothing is lost by keeping them.
Other C libraries do not read these variables.
"""

import os

ALLOCATION = {
    "GLIBC_TUNABLES": ":".join(
        f"glibc.malloc.{name}={value}"
        for name, value in {
            "mmap_threshold": 32 * 2**20,  # the largest that glibc takes
            "trim_threshold": 16 * 2**30,
            "top_pad": 64 * 2**20,
            "arena_max": 1,  # for all threads the one heap that these settings hold for
        }.items()
    ),
    "THP_MEM_ALLOC_ENABLE": "1",  # torch's own: blocks of 2 MiB and more on transparent huge pages
}


def keep_freed_memory() -> None:
    """Set this for processes that are started from now on; whatever the user has set stays."""
    for name, value in ALLOCATION.items():
        os.environ.setdefault(name, value)
