"""A reference of an earlier version names checkpoints with a hash; that is said, and never guessed at."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.gate.earlier_names import advice, earlier_name
from harness.gate.gate import Options, gate_sides
from harness.gate.side import open_side
from harness.gate.verdicts import Verdict
from tasks.glue import COLA
from tests.fakes.gate import PLAN
from tests.fakes.synthetic import write_run


def test_a_name_with_a_hash_is_known_as_an_earlier_one() -> None:
    assert earlier_name("mine", ["bag", "mine@41c71b15"]) == "mine@41c71b15"
    for other in ("mine", "mine@main", "mine@41c71b1", "mine@41c71b155", "yours@41c71b15"):
        assert earlier_name("mine", [other]) == ""
    assert advice("") == ""


def test_the_gate_says_how_to_go_on(tmp_path: Path) -> None:
    plan = replace(PLAN, tasks=("cola",))
    before = open_side(
        write_run(tmp_path / "a", replace(plan, models=("floor", "mine@41c71b15"))).folder, {"cola": COLA}
    )
    after = open_side(write_run(tmp_path / "b", replace(plan, models=("floor", "mine"))).folder, {"cola": COLA})
    report = gate_sides(before, after, Options(quality_only=True), {"cola": COLA})
    (finding,) = report.having(Verdict.INCOMPARABLE)
    assert finding.model == "mine@41c71b15"
    assert "--model mine@41c71b15=PATH" in finding.reason
    with pytest.raises(UsageError, match="--model mine@41c71b15=PATH"):
        gate_sides(before, after, Options(models=("mine",)), {"cola": COLA})
