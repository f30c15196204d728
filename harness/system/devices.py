"""The device that trials run on, and what ``precision="auto"`` means there; torch is asked only about accelerators."""

import os
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Literal

from harness.errors import UsageError, did_you_mean

Precision = Literal["auto", "float32", "bfloat16"]

DEVICES = ("auto", "cpu", "cuda", "mps")
_ACCELERATOR_TRACES = ("/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd")


def resolve_device(choice: str) -> str:
    """Return ``cpu``, ``cuda`` or ``mps`` for the value of ``--device``.

    Raises:
        UsageError: no such name, or no such device here.
    """
    if choice not in DEVICES:
        raise UsageError(f"--device {choice}: expected one of {', '.join(DEVICES)}.{did_you_mean(choice, DEVICES)}")
    if choice == "cpu" or (choice == "auto" and not _may_have_accelerator()):
        return "cpu"
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if choice == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if present[device])
    if not present[choice]:
        raise UsageError(f"--device {choice}: torch {torch.__version__} sees none on this machine; try --device auto.")
    return choice


def resolve_precision(precision: Precision, device: str) -> Literal["float32", "bfloat16"]:
    """Return the type of matrix products; ``auto`` is bfloat16 where the device multiplies it faster than float32."""
    if precision != "auto":
        return precision
    if device == "cuda":
        import torch

        return "bfloat16" if torch.cuda.get_device_capability() >= (8, 0) else "float32"
    return "bfloat16" if device == "cpu" and _cpu_multiplies_bfloat16() else "float32"


def device_name(device: str) -> str:
    """Return the accelerator's name, or ``cpu``."""
    if device != "cuda":
        return device
    import torch

    return str(torch.cuda.get_device_name())


def _may_have_accelerator() -> bool:
    return sys.platform != "linux" or any(Path(trace).exists() for trace in _ACCELERATOR_TRACES)


@cache
def _cpu_multiplies_bfloat16() -> bool:
    """Return whether the processor has bfloat16 products, from the kernel's list of its features."""
    if platform.machine().lower() not in {"x86_64", "amd64"} or os.name != "posix":
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
