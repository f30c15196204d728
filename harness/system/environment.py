"""Where and with what a result was made: the machine, the versions, the commit, the peak of memory."""

import datetime
import os
import platform
import resource
import subprocess
import sys
from importlib import metadata
from pathlib import Path

VERSIONED = ("harness", "torch", "transformers", "tokenizers", "datasets", "numpy", "scipy", "scikit-learn")


def num_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def host() -> str:
    """Return what tells this machine from others: the same in all its containers, and another once it is restarted."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return platform.node() or "unknown"


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that can change predictions."""
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """Return the git commit of the working directory; ``None`` outside of a repository, or without git."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def cuda_peak_bytes(device: str) -> int | None:
    """Return the most memory that this process's tensors have held on CUDA; ``None`` of one that did not use it."""
    if device == "cuda":
        import torch

        if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
            return int(torch.cuda.max_memory_allocated())
    return None


def peak_memory_bytes(device: str) -> int:
    """Return the most memory this process has held, libraries included; of one that used CUDA, its tensors there."""
    if (of_tensors := cuda_peak_bytes(device)) is not None:
        return of_tensors
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def now() -> str:
    """Return the time, ISO 8601 in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def processor() -> str:
    """Return the processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.machine()
