"""The tables of coverage and of mutants, from made-up measurements."""

from tests.bench import mutation, room_coverage


def test_coverage_is_summed_by_room() -> None:
    def file(statements: int, run: int, branches: int, taken: int) -> dict[str, dict[str, int | float]]:
        summary = {"num_statements": statements, "covered_lines": run, "num_branches": branches}
        return {"summary": {**summary, "covered_branches": taken, "percent_covered": 12.5}}

    files = {
        "harness/gate/a.py": file(10, 9, 4, 2),
        "harness/gate/rendering/b.py": file(30, 30, 4, 4),
        "harness/errors.py": file(5, 5, 0, 0),
        "tasks/glue.py": file(5, 0, 2, 0),
    }
    assert list(room_coverage.lines(files))[2:] == [
        "| harness | 5 | 100.0 | 0 |  |",
        "| harness/gate | 40 | 97.5 | 8 | 75.0 |",
        "| tasks | 5 | 0.0 | 2 | 0.0 |",
        "| **all** | 50 | 88.0 | 10 | 60.0 |",
    ]


def test_mutants_are_counted_by_room() -> None:
    statuses = ["killed", "timeout", "survived", "no tests", "not checked"]
    found = {f"harness.gate.cost.x_{index}": status for index, status in enumerate(statuses)}
    found["harness.metrics.glue.x_1"] = "killed"
    assert list(mutation.lines(found))[2:] == [
        "| gate | 5 | 4 | 2 | 1 | 1 | 50.0 |",
        "| metrics | 1 | 1 | 1 | 0 | 0 | 100.0 |",
    ]


def test_a_sample_is_of_each_room_and_the_same_each_time() -> None:
    mutants = [f"harness.{room}.module.x_{index}" for room in ("gate", "metrics") for index in range(30)]
    sample = mutation.chosen(mutants, 10)
    assert sample == mutation.chosen(mutants[::-1], 10)
    assert [mutation.room_of(mutant) for mutant in sample] == ["gate"] * 10 + ["metrics"] * 10
    assert sorted(mutation.chosen(mutants, None)) == sorted(mutants)
