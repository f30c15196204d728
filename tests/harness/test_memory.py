"""Workers keep the memory that a step frees."""

import os
import subprocess
import sys

import pytest

from harness.memory import keep_freed_memory

PROBE = """
import ctypes, resource
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
faults = 0
for turn in range(20):
    if turn == 1:
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = libc.malloc(24 * 2**20)
    ctypes.memset(block, 1, 24 * 2**20)
    libc.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults)
"""


def test_a_freed_block_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    if "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        pytest.skip("not the GNU C library")
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    keep_freed_memory()
    found = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert int(found.stdout) < 1000, "6,144 pages a turn if it were given back each time"


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    keep_freed_memory()
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.check=1"
