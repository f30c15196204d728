"""Work in a process of its own, on all cores: :func:`call` starts it, :func:`answer` is what it does."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from harness.system.environment import num_cores, peak_memory_bytes

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def call(module: str, work: str, **options: Any) -> Any:
    """Have a module of this package do one of its works, and return what came of it; its temporary files go too."""
    command = [sys.executable, "-m", f"{__package__}.{module}", work, json.dumps(options)]
    threads = {**dict.fromkeys(THREADS, str(num_cores())), "TOKENIZERS_PARALLELISM": "true"}
    with tempfile.TemporaryDirectory() as folder:
        done = run(command, **threads, TMPDIR=folder)
    return json.loads(done.splitlines()[-1])


def run(command: list[str], **environment: str) -> str:
    """Return what a command prints, or end with what it complains of."""
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with code {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def answer(works: Mapping[str, Callable[..., dict[str, Any]]]) -> None:
    """Do the work asked for, and print what came of it, and the peak of memory, as a line of JSON."""
    found = works[sys.argv[1]](**json.loads(sys.argv[2]))
    sys.stdout.write(json.dumps({**found, "peak_memory_bytes": peak_memory_bytes("cpu")}) + "\n")
