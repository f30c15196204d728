"""Every kind of file that is read, and by what: each is damaged, read, and put right again.

A damaged file must be refused in one line, or be taken for missing where it can be made again, or read as what it was.
A file that a person gave (data, a checkpoint, a submission) may also be read as what it now says, if that is valid and
its identity is another: nothing in it tells what it said before.
"""

import random
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from harness.errors import HarnessError
from harness.system.sealed import read_json, seal_json
from tests.bench.chaos.mutations import mutated
from tests.bench.chaos.tally import Tally

SECONDS_A_CASE = 20


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read: ``content``, which compares, and ``identity``, by which results made from it are filed."""

    content: Any
    identity: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file: ``plant`` makes a folder with intact ones, of which ``files`` may be damaged.

    ``read`` reads the folder as the product does; ``None`` stands for what is made again. ``is_given`` says that a
    person gave it, so that it may say something else.
    """

    name: str
    plant: Callable[[Path], None]
    read: Callable[[Path], Reading | None]
    files: Callable[[Path], Sequence[Path]]
    is_given: bool = False
    is_sealed_anew: bool = False
    """Whether a damaged file gets the checksum of its new content, so that it is believed until its content is read."""


def attack(kinds: Sequence[Kind], folder: Path, *, cases: int, seed: int) -> Iterator[Tally]:
    """Yield a tally for each kind, ``cases`` over all."""
    torch.set_num_threads(1)  # a fork has no pool of threads, and torch would wait for it
    for number, kind in enumerate(kinds):
        place = folder / str(number)
        kind.plant(place)
        share = cases // len(kinds) + (number < cases % len(kinds))
        yield _attack(kind, place, cases=share, seed=seed)
        shutil.rmtree(place)


def _attack(kind: Kind, place: Path, *, cases: int, seed: int) -> Tally:
    """Damage and read in a process of its own, as a reader may crash or hang; then the next case gets another one.

    Raises:
        HarnessError: what is intact cannot be read.
    """
    kind.read(place)
    tally = Tally(part="mutated inputs", what=kind.name)
    context = get_context("fork")
    done = 0
    while done < cases:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_child, args=(kind, place, range(done, cases), seed, theirs), daemon=True)
        process.start()
        theirs.close()
        while done < cases:
            try:
                outcome = ours.recv() if ours.poll(SECONDS_A_CASE) else None
            except EOFError:
                outcome = None
            if outcome is None:
                break
            tally.add(*outcome)
            done += 1
        if done < cases:
            hangs = process.is_alive()
            process.kill()
            process.join()
            tally.add("uncaught", f"case {done}, seed {seed}: {'hung' if hangs else f'ended with {process.exitcode}'}")
            done += 1
        process.join()
        ours.close()
    return tally


def _child(kind: Kind, place: Path, cases: range, seed: int, connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _mend(place)
    intact = kind.read(place)
    files = sorted(kind.files(place))
    for case in cases:
        chance = random.Random(f"{seed} {kind.name} {case}")
        path = chance.choice(files)
        before = path.read_bytes()
        how, after = _changed(kind, path, chance)
        with _damaged(path, after):
            outcome, account = _outcome(kind, place, intact)
        if outcome == "silently wrong" and before == after:
            outcome = "unharmed"
        connection.send((outcome, f"case {case}, seed {seed}, {how} of {path.relative_to(place)}: {account}"))


def _changed(kind: Kind, path: Path, chance: random.Random) -> tuple[str, bytes]:
    if not kind.is_sealed_anew:
        return mutated(path.name, path.read_bytes(), chance)
    how, after = mutated(path.name, read_json(path).content, chance)
    return how, seal_json(after.decode(errors="replace")).encode() if after.startswith(b"{") else after


@contextmanager
def _damaged(path: Path, content: bytes) -> Iterator[None]:
    """Give a file other content, and put it right again, even after a crash: :func:`_mend` does."""
    spare = path.with_name(path.name + ".intact")
    path.rename(spare)
    path.write_bytes(content)
    try:
        yield
    finally:
        spare.replace(path)


def _mend(place: Path) -> None:
    for spare in place.rglob("*.intact"):
        spare.replace(spare.with_suffix(""))


def _outcome(kind: Kind, place: Path, intact: Reading | None) -> tuple[str, str]:
    try:
        found = kind.read(place)
    except HarnessError as error:
        return "refused", str(error)
    except BaseException as error:  # noqa: BLE001 (that anything else comes is what is looked for)
        return "uncaught", f"{type(error).__name__}: {str(error)[:300]}"
    if found is None or found == intact:
        return "unharmed" if found else "made again", ""
    if kind.is_given and (intact is None or found.identity != intact.identity):
        return "read as it now is", ""
    return "silently wrong", f"read {str(found)[:200]} in place of {str(intact)[:200]}"
