"""Workers keep the memory that a step frees."""

import os
import subprocess
import sys

import pytest

from harness.system.memory import keep_freed_memory

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

SHAPES = """
import torch
torch.set_num_threads(1)
right = torch.ones(8, 8).bfloat16()
for _ in range(2):
    for rows in range(100, 1_300):
        torch.ones(rows, 8).bfloat16() @ right
"""


def test_a_freed_block_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    if "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        pytest.skip("not the GNU C library")
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    keep_freed_memory()
    found = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert int(found.stdout) < 1000, "6,144 pages a turn if it were given back each time"


def test_a_process_sets_it_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    if "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        pytest.skip("not the GNU C library")
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    probe = f"from harness.system.memory import keep_freed_memory_here\nkeep_freed_memory_here()\n{PROBE}"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert int(found.stdout) < 1000


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "7")
    keep_freed_memory()
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.check=1"
    assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "7"


def test_kernels_of_many_shapes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is made once, and found again after more shapes than oneDNN keeps by itself."""
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    keep_freed_memory()
    verbose = {**os.environ, "ONEDNN_VERBOSE": "profile_create"}
    done = subprocess.run([sys.executable, "-c", SHAPES], capture_output=True, text=True, check=True, env=verbose)
    made = [line for line in done.stdout.splitlines() if ",create" in line and ",matmul," in line]
    if not made:
        pytest.skip("this torch multiplies without oneDNN")
    again = [line for line in made if "cache_hit" in line]
    assert len(made) == 2 * 1_200
    assert len(again) == 1_200


@pytest.mark.parametrize(("mebibytes", "code"), [(1_540, 2), (4_096, 0)])
def test_a_command_with_too_little_address_space_ends_at_once(mebibytes: int, code: int) -> None:
    """At 1,540 MiB OpenBLAS once waited for memory without end."""
    command = f"ulimit -v {mebibytes * 1_024}; exec {sys.executable} -m harness list"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    if code:
        assert done.stderr.startswith("error: the address space is limited to 1,540 MiB (ulimit -v); expected at least")
        assert done.stderr.count("\n") == 1
