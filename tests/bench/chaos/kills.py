"""SIGKILL at random moments: whatever was killed, the same command goes on, and gives what an undisturbed run gives."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.store.run import Run
from tests.bench.chaos.tally import Tally
from tests.fakes import TOY

VICTIMS = ("the run", "a worker", "all of its processes")
KILLS_A_GRID = 6
GRID = ("--task", "toy", "--task", "toy-too", "--model", "words", "--model", "slow", "--seeds", "2", "--workers", "2")
LONGEST_SECONDS = 300


def command(out: Path) -> list[str]:
    """Return the command that does the grid: eight trials that take a second or two, and the speed of four pairs."""
    return [sys.executable, "-m", "harness", "run", "--plugin", str(TOY), "--data", "sample", "--out", str(out), *GRID]


def attack_runs(folder: Path, *, kills: int, seed: int) -> Iterator[Tally]:
    """Yield a tally for each kind of victim."""
    tallies = {victim: Tally(part="kills", what=victim) for victim in VICTIMS}
    began = time.monotonic()
    finish(folder / "undisturbed")
    seconds = time.monotonic() - began
    expected = contents(folder / "undisturbed")
    left, grid = kills, 0
    with suppress(KeyboardInterrupt):  # what was done by then is counted
        while left > 0:
            out, chance = folder / f"grid {grid}", random.Random(f"{seed} {grid}")
            killed = []
            for _ in range(min(KILLS_A_GRID, left)):
                victim = chance.choice(VICTIMS)
                if not kill_once(out, victim, chance, seconds):
                    break
                killed.append(victim)
            left -= max(1, len(killed))
            outcome, account = _after(out, expected)
            for victim in killed:
                tallies[victim].add(outcome, f"grid {grid}, seed {seed}: {account}")
            shutil.rmtree(out, ignore_errors=True)
            grid += 1
    yield from tallies.values()


def kill_once(out: Path, victim: str, chance: random.Random, seconds: float) -> bool:
    """Start the run and kill at a random moment; return whether anything was there to be killed."""
    process = _start(out)
    moment = time.monotonic() + chance.uniform(0.0, seconds)
    while time.monotonic() < moment and process.poll() is None:
        time.sleep(0.005)
    is_hit = process.poll() is None and _kill(process, victim, chance)
    if victim != "a worker" and is_hit:
        process.wait(LONGEST_SECONDS)
        return True
    process.wait(LONGEST_SECONDS)
    return is_hit


def _start(out: Path) -> "subprocess.Popen[bytes]":
    log = out.with_name(out.name + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        return subprocess.Popen(command(out), stdout=file, stderr=file, start_new_session=True)


def _kill(process: "subprocess.Popen[bytes]", victim: str, chance: random.Random) -> bool:
    match victim:
        case "the run":
            process.kill()
        case "all of its processes":
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        case _:
            workers = _session(process.pid)
            if not workers:
                return False
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
    return True


def _session(leader: int) -> list[int]:
    """Return the processes that belong to a run, without the one that a person started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            session = int(path.read_text().rpartition(")")[2].split()[3])
            found += [int(path.parent.name)] if session == leader else []
    return sorted(set(found) - {leader})


def finish(out: Path) -> int:
    """Do the run to its end, and return its exit code."""
    return _start(out).wait(LONGEST_SECONDS)


def contents(out: Path) -> dict[str, Any]:
    """Return all predictions and metric values of a run, by the key of the trial."""
    run = Run.open(out)
    return {
        result.key: (result.scores, [run.predictions(result, split) for split in sorted(result.scores)])
        for result in run.results()
    }


def _after(out: Path, expected: dict[str, Any]) -> tuple[str, str]:
    """Do the run to its end after it was killed; return what came of it."""
    if (code := finish(out)) != 0:
        log = out.with_name(out.name + ".log").read_text(errors="replace")
        return "lost", f"the run does not go on (code {code}): {log[-500:]}"
    found = contents(out)
    if found.keys() != expected.keys():
        return "lost", f"results are not there: {sorted(expected.keys() - found.keys())}"
    if wrong := [key for key in expected if found[key] != expected[key]]:
        return "silently wrong", f"other predictions of {wrong}"
    verified = subprocess.run([sys.executable, "-m", "harness", "verify", str(out)], capture_output=True, check=False)
    if verified.returncode != 0:
        return "lost", f"verify finds damage: {verified.stdout.decode(errors='replace')[:500]}"
    if leftover := [path for path in out.rglob("*") if path.name.endswith(".tmp")]:
        return "lost", f"never swept: {leftover[:3]}"
    return "done again, the same", ""
