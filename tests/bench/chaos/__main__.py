"""Attack the product, and count what comes of it: ``python -m tests.bench.chaos``.

    python -m tests.bench.chaos        # what docs/robustness.md tells: about an hour on two cores
    python -m tests.bench.chaos --part inputs --inputs 2000 --seed 1

kills   SIGKILL at random moments to a run, to one of its workers, or to all of its processes; then the run goes on to
        its end. Lost: a result that is not there, or other predictions than an undisturbed run's.
faults  one command with a fault of its surroundings: full disk, limits, permissions, encodings, closed pipes, signals,
        two runs at once. Uncaught: a traceback, or a code that is not documented. Lost: the run does not go on.
inputs  one damaged file, read as the product reads it; see tests/bench/chaos/inputs.py.

All of it follows from ``--seed``, but for the moments at which a process is when it is killed. It ends with code 1
where anything was lost, uncaught or silently wrong.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.chaos import inputs
from tests.bench.chaos.faults import attack_commands
from tests.bench.chaos.given import given_kinds
from tests.bench.chaos.kills import attack_runs
from tests.bench.chaos.stored import stored_kinds
from tests.bench.chaos.tally import Tally, table

PARTS = ("kills", "faults", "inputs")


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--kind", action="append", help="only kinds of input whose names hold this")
    return parser.parse_args()


def attacks(asked: argparse.Namespace, folder: Path) -> Iterator[Tally]:
    """Yield what comes of each kind of attack."""
    parts = asked.part or PARTS
    if "kills" in parts:
        yield from attack_runs(folder / "kills", kills=asked.kills, seed=asked.seed)
    if "faults" in parts:
        yield from attack_commands(folder / "faults", faults=asked.faults, seed=asked.seed)
    if "inputs" in parts:
        kinds = [*stored_kinds(), *given_kinds()]
        wanted = [kind for kind in kinds if not asked.kind or any(part in kind.name for part in asked.kind)]
        yield from inputs.attack(wanted, folder / "inputs", cases=asked.inputs, seed=asked.seed)


def main() -> None:
    """Attack, and print the table; each bad outcome, as it comes, on standard error."""
    asked = parse()
    tallies = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # what was interrupted may still write
        for tally in attacks(asked, Path(folder)):
            tallies.append(tally)
            for account in tally.accounts:
                sys.stderr.write(account + "\n")
    for line in table(tallies):
        print(line, flush=True)  # noqa: T201 (a script's output)
    sys.exit(any(tally.num_bad for tally in tallies))


if __name__ == "__main__":
    main()
