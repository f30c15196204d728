"""Commands with something wrong around them: each ends with a documented code and no traceback, and harms nothing."""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.bench.chaos.kills import LONGEST_SECONDS, contents
from tests.bench.chaos.surroundings import FAULTS, Fault, put_right, start
from tests.bench.chaos.tally import Tally
from tests.fakes import TOY

CODES = {0, 1, 2, 74, 129, 130, 143}
"""Those that docs/faq.md names, but for 70: a crash."""
HUNG = -1000
SOUND = Fault(name="none")
SECONDS_TO_SIGNAL = 4.0


def attack_commands(folder: Path, *, faults: int, seed: int) -> Iterator[Tally]:
    """Yield a tally for each fault."""
    intact, reference = folder / "intact", folder / "reference.json"
    intact.mkdir(parents=True)
    plugin = ["--plugin", str(TOY)]
    _do(["run", *_options(intact / "run"), *plugin], SOUND, intact)
    _do(["reference", str(intact / "run"), "--out", str(reference), *plugin], SOUND, intact)
    expected = contents(intact / "run")
    tallies = {fault.name: Tally(part="faults", what=fault.name) for fault in FAULTS}
    for case in range(faults):
        chance, fault = random.Random(f"{seed} {case}"), FAULTS[case % len(FAULTS)]
        place = folder / f"case {case}"
        shutil.copytree(intact, place)
        arguments = [*chance.choice(_commands(place, reference)), *plugin]
        code, said = _do(arguments, fault, place, chance)
        put_right(place)
        is_early = -code in fault.signals  # Python itself ends: it still imports the command, or is done with it
        outcome, account = _outcome(0 if is_early else code, "" if is_early else said, place, expected)
        outcome = "ended with Python" if is_early and outcome == "code 0" else outcome
        tallies[fault.name].add(outcome, f"case {case}, seed {seed}, {' '.join(arguments[:3])}: {account}")
        shutil.rmtree(place, ignore_errors=True)
    yield from tallies.values()


def _options(out: Path) -> list[str]:
    return ["--data", "sample", "--task", "toy", "--model", "words", "--out", str(out)]


def _commands(place: Path, reference: Path) -> list[list[str]]:
    run, gate = str(place / "run"), ["gate", str(place / "run"), "--reference", str(reference)]
    return [
        ["run", *_options(place / "run")],
        ["run", *_options(place / "new")],
        ["run", *_options(place / "run"), "--seeds", "2", "--json"],
        ["report", run],
        ["report", run, "--out", str(place / "report")],
        gate,
        [*gate, "--format", "json", "--out", str(place / "gate.json")],
        ["reference", run, "--out", str(place / "new.json")],
        ["leaderboard", run, "--out", str(place / "board")],
        ["history", run, "--out", str(place / "history")],
        ["list"],
    ]


def _do(arguments: list[str], fault: Fault, place: Path, chance: random.Random | None = None) -> tuple[int, str]:
    """Do a command under a fault; return its exit code (the worse of two) and what it said on standard error."""
    command = [sys.executable, "-m", "harness", *arguments]
    with tempfile.TemporaryFile() as log:
        processes = [start(command, fault, place, log) for _ in range(1 + fault.is_twice)]
        if fault.signals and chance:
            time.sleep(chance.uniform(0.0, SECONDS_TO_SIGNAL))
            for number in fault.signals:
                with suppress(ProcessLookupError):
                    processes[0].send_signal(number)
                time.sleep(0.05)
        try:
            codes = [process.wait(LONGEST_SECONDS) for process in processes]
        except subprocess.TimeoutExpired:
            codes = [HUNG]
            for process in processes:
                process.kill()
        log.seek(0)
        return max(codes, key=lambda code: (code not in CODES, code)), log.read().decode(errors="replace")


def _outcome(code: int, said: str, place: Path, expected: dict[str, Any]) -> tuple[str, str]:
    """Return what came of a command: of itself, and of the run when the same is asked again without a fault."""
    if code not in CODES:
        return "uncaught", f"code {code}: {said[-600:]}"
    if "Traceback" in said:
        return "uncaught", f"code {code}, with a traceback: {said[-600:]}"
    again, also_said = _do(["run", *_options(place / "run"), "--plugin", str(TOY)], SOUND, place)
    if again != 0:
        return "lost", f"then the run does not go on (code {again}): {also_said[-500:]}"
    found = contents(place / "run")
    if missing := expected.keys() - found.keys():
        return "lost", f"results are not there: {missing}"
    if any(found[key] != expected[key] for key in expected):
        return "silently wrong", "other predictions than before"
    return f"code {code}", ""
