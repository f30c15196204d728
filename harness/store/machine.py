"""This machine as a record."""

import os
import platform

from harness.store.records import Machine
from harness.system.devices import device_name
from harness.system.environment import num_cores, processor


def describe_machine(device: str, num_threads: int) -> Machine:
    """Return this machine, as far as a reader of timings needs to know it."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=processor(),
        num_cores=num_cores(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        device=device_name(device),
        num_threads=num_threads,
    )
