"""Would a test notice? Mutants of the rooms that judge results, made and run by mutmut; a random sample of each room.

    pip install -c constraints.txt -e '.[mutation]'
    python -m tests.bench.mutation --sample 300        # of each room; without --sample all of them, for hours

What is mutated, and by which tests mutants are killed, stands in ``pyproject.toml``. Its folder ``mutants/`` may be
deleted afterwards.
"""

import argparse
import random
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence

KILLED = {"killed", "timeout", "suspicious", "segfault"}
SEED = 0


def results() -> dict[str, str]:
    """Return what became of each mutant; ``not checked`` of those that have not been run."""
    shown = subprocess.run(["mutmut", "results", "--all", "true"], check=True, capture_output=True, text=True).stdout
    pairs = (line.strip().split(": ") for line in shown.splitlines() if ": " in line)
    return {pair[0]: pair[-1] for pair in pairs}


def room_of(mutant: str) -> str:
    return mutant.split(".")[1]


def chosen(mutants: Sequence[str], sample: int | None) -> list[str]:
    """Return a sample of the mutants of each room, the same each time."""
    found = []
    for room in sorted({room_of(mutant) for mutant in mutants}):
        of_room = sorted(mutant for mutant in mutants if room_of(mutant) == room)
        found += random.Random(SEED).sample(of_room, min(sample or len(of_room), len(of_room)))
    return found


def lines(found: dict[str, str]) -> Iterator[str]:
    """Yield a Markdown table, a line a room."""
    yield "| room | mutants | run | killed | survived | reached by no test | killed, % of those run |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for room in sorted({room_of(mutant) for mutant in found}):
        counts = Counter(status for mutant, status in found.items() if room_of(mutant) == room)
        killed = sum(counts[status] for status in KILLED)
        run = counts.total() - counts["not checked"]
        yield (
            f"| {room} | {counts.total():,} | {run:,} | {killed:,} | {counts['survived']:,} | {counts['no tests']:,} "
            f"| {100 * killed / run:.1f} |"
        )


def main() -> None:
    """Run the sample, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=int, help="at most so many mutants of each room")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    run = ["mutmut", "run", "--max-children", str(asked.workers)]
    subprocess.run([*run, "harness.metrics.scoring.x_suite_score__mutmut_1"], check=True)  # makes all mutants
    subprocess.run([*run, *chosen(list(results()), asked.sample)], check=True)
    for line in lines(results()):
        print(line)  # noqa: T201 (a script's output)


if __name__ == "__main__":
    main()
