"""That memory stays flat however large a corpus is: `python -m tests.bench.streaming --megabytes 10 100 1000`.

Each corpus is generated on the fly, pretrained on for a few steps in a process of its own, and removed.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

POLL_SECONDS = 0.05
WORDS = 20_000


def documents(num_bytes: int) -> Iterator[str]:
    """Yield documents of some 300 words of an invented vocabulary, frequent ones first, up to so many bytes."""
    random = Random(0)
    words = ["".join(random.choices("aeioubcdfghlmnprst", k=random.randint(2, 9))) for _ in range(WORDS)]
    size = 0
    while size < num_bytes:
        text = " ".join(words[int(WORDS * random.random() ** 4)] for _ in range(random.randint(50, 550)))
        size += len(text) + 2
        yield f"{text}\n\n"


def peak_of(command: list[str]) -> int:
    """Return the most memory of its own that a process held, in bytes; pages of mapped files are not."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    status, peak = Path(f"/proc/{process.pid}/status"), 0
    while process.poll() is None:
        held = [line for line in status.read_text().splitlines() if line.startswith("RssAnon")]
        peak = max([peak, *(1024 * int(line.split()[1]) for line in held)])
        time.sleep(POLL_SECONDS)
    if process.returncode:
        raise SystemExit(f"{command}: exit code {process.returncode}")
    return peak


def measure(num_bytes: int, folder: Path) -> tuple[int, int, float]:
    """Return a corpus' bytes, the peak of memory, and the seconds of the whole command."""
    corpus = folder / "corpus.txt"
    with corpus.open("w") as file:
        file.writelines(documents(num_bytes))
    command = [sys.executable, "-m", "harness", "pretrain", "--model", "transformer-tiny", "--objective", "clm"]
    command += ["--corpus", str(corpus), "--tokens", "40960", "--out", str(folder / "out")]
    started = time.perf_counter()
    return corpus.stat().st_size, peak_of(command), time.perf_counter() - started


def main() -> None:
    """Print a row a corpus."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, nargs="+", default=[10, 100, 1000])
    sys.stdout.write("| corpus | peak memory | the whole command |\n|---:|---:|---:|\n")
    for megabytes in parser.parse_args().megabytes:
        with tempfile.TemporaryDirectory() as folder:
            size, peak, seconds = measure(megabytes * 10**6, Path(folder))
        sys.stdout.write(f"| {size / 1e6:,.0f} MB | {peak / 2**20:,.0f} MiB | {seconds:,.0f} s |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
