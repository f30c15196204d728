"""A small chaos: the large one is run by hand (docs/robustness.md). And an attack that harms is counted as one."""

from pathlib import Path

import pytest

from harness.errors import DataError
from tests.bench.chaos import faults, inputs, kills
from tests.bench.chaos.faults import attack_commands
from tests.bench.chaos.given import given_kinds
from tests.bench.chaos.inputs import Kind, Reading
from tests.bench.chaos.stored import stored_kinds
from tests.bench.chaos.surroundings import FAULTS
from tests.bench.chaos.tally import table

QUICK = ("a read-only folder", "SIGINT twice")


def test_mutated_inputs(tmp_path: Path) -> None:
    kinds = [*stored_kinds(), *given_kinds()]
    tallies = list(inputs.attack(kinds, tmp_path / "inputs", cases=6 * len(kinds), seed=1))
    assert [account for tally in tallies for account in tally.accounts] == []
    assert sum(tally.outcomes.total() for tally in tallies) == 6 * len(kinds)
    assert sum(tally.outcomes["refused"] for tally in tallies) > len(kinds) // 2


def test_killed_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "GRID", ("--task", "toy", "--model", "words", "--model", "slow", "--workers", "2"))
    tallies = list(kills.attack_runs(tmp_path, kills=1, seed=3))
    assert [account for tally in tallies for account in tally.accounts] == []
    assert sum(tally.outcomes.total() for tally in tallies) >= 1


def test_faulty_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "FAULTS", [fault for fault in FAULTS if fault.name in QUICK])
    tallies = list(attack_commands(tmp_path, faults=len(QUICK), seed=0))
    assert [account for tally in tallies for account in tally.accounts] == []


def planted(read) -> Kind:
    def plant(place: Path) -> None:
        place.mkdir(parents=True)
        (place / "file.txt").write_text("intact")

    return Kind(name="planted", plant=plant, read=read, files=lambda place: [place / "file.txt"])


def text_of(place: Path) -> str:
    return (place / "file.txt").read_bytes().decode(errors="replace")


def believes(place: Path) -> Reading:
    return Reading(content=text_of(place))


def refuses(place: Path) -> Reading:
    if text_of(place) != "intact":
        raise DataError("not intact")
    return Reading(content="intact")


def crashes(place: Path) -> Reading:
    return Reading(content={"intact": 1}[text_of(place)])


def dies(place: Path) -> Reading:
    if text_of(place) != "intact":
        import os

        os._exit(3)
    return Reading(content="intact")


@pytest.mark.parametrize(
    ("read", "outcome"),
    [(believes, "silently wrong"), (refuses, "refused"), (crashes, "uncaught"), (dies, "uncaught")],
)
def test_harm_is_counted(tmp_path: Path, read, outcome: str) -> None:
    (tally,) = inputs.attack([planted(read)], tmp_path / "inputs", cases=8, seed=0)
    assert tally.outcomes.keys() <= {outcome, "unharmed"}
    assert tally.outcomes[outcome] >= 6
    assert bool(tally.accounts) == (outcome != "refused")
    assert f"| mutated inputs | planted | {tally.outcomes.total()} |" in "\n".join(table([tally]))
