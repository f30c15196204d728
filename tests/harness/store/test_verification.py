"""A run's folder, checked: whole, of an earlier version, and with each kind of damage; each is found and named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.store.examples import read_examples, write_examples
from harness.store.run import Run
from harness.store.verification import verify
from harness.system.files import replacing
from tests.fakes.replaced import replace_predictions
from tests.fakes.synthetic import Plan, make_failure, write_run

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "run_of_schema_1"
PLAN = Plan(tasks=("cola", "stsb"), models=("low", "top"), num_seeds=2, num_questions=9)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose measurements bear the keys of its trials, as real ones do."""
    run = write_run(tmp_path_factory.mktemp("verified") / "run", PLAN)
    speeds = run.speeds()
    shutil.rmtree(run.folder / "speed")
    for speed in speeds:
        run.save_speed(speed.trial_key, speed)
    return run


@pytest.fixture
def run(whole: Run, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(whole.folder, tmp_path / "run")))


def test_a_whole_run_has_no_problems(whole: Run) -> None:
    found = verify(whole)
    assert (found.problems, found.unsealed) == ((), ())
    assert found.num_files == len([p for p in whole.folder.rglob("*.*") if p.suffix in {".json", ".parquet"}])


def test_files_of_an_earlier_version_have_no_checksum() -> None:
    found = verify(Run(GOLDEN))
    assert found.problems == ()
    assert len(found.unsealed) == found.num_files > 40


def first(run: Run, pattern: str) -> Path:
    return min(run.folder.glob(pattern))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def swap(run: Run, pattern: str) -> None:
    one, other, *_ = sorted(run.folder.glob(pattern))
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def leave_half(path: Path) -> None:
    """Leave what a killed process does: a file under its temporary name, which nobody holds."""
    with replacing(path) as temporary:
        shutil.copy(temporary, path.parent / ".left.tmp")
    path.unlink()


def shorten(run: Run) -> None:
    result = run.results()[0]
    (split,) = result.scores
    predictions = dict(list(run.predictions(result, split).items())[1:])
    replace_predictions(run, result, split, predictions)


def rename_examples(run: Run) -> None:
    path = first(run, "examples/*/*.parquet")
    write_examples(path, [type(e)(**{**vars_of(e), "id": f"{e.id}x"}) for e in read_examples(path)])


def vars_of(example: object) -> dict[str, object]:
    return {name: getattr(example, name) for name in ("id", "text", "pair", "target", "tags")}


RESULT, PREDICTIONS, SPEED = "trials/*/result.json", "trials/*/predictions-*", "speed/*.json"
DAMAGE: dict[str, tuple[Callable[[Run], object], str, int, int]] = {
    "result flipped": (lambda run: flip(first(run, RESULT)), RESULT, 1, 0),
    "result cut short": (lambda run: first(run, RESULT).write_bytes(b"{"), RESULT, 1, 0),
    "results swapped": (lambda run: swap(run, RESULT), RESULT, 2, 0),
    "predictions flipped": (lambda run: flip(first(run, PREDICTIONS)), PREDICTIONS, 1, 0),
    "predictions gone": (lambda run: first(run, PREDICTIONS).unlink(), PREDICTIONS, 1, 0),
    "predictions swapped": (lambda run: swap(run, PREDICTIONS), PREDICTIONS, 2, 0),
    "a prediction too few": (shorten, PREDICTIONS, 1, 0),
    "attributions flipped": (lambda run: flip(first(run, "trials/*/attr*")), "trials/*/attr*", 1, 0),
    "speed flipped": (lambda run: flip(first(run, SPEED)), SPEED, 0, 1),
    "speeds swapped": (lambda run: swap(run, SPEED), SPEED, 0, 2),
    "examples flipped": (lambda run: flip(first(run, "examples/*/*")), "examples/*/*", 0, 0),
    "examples gone": (lambda run: first(run, "examples/*/*").unlink(), "examples/*/*", 0, 0),
    "other examples": (rename_examples, PREDICTIONS, 4, 0),
    "run.json flipped": (lambda run: flip(run.info_path), "run.json", 0, 0),
    "half a file": (lambda run: leave_half(run.folder / "speed" / "new.json"), "speed/.left.tmp", 0, 0),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_damage_is_found_and_what_mends_it(run: Run, damage: str) -> None:
    do, where, num_trials, num_speeds = DAMAGE[damage]
    candidates = {*run.folder.glob(where)}
    do(run)
    problems = verify(run).problems
    assert problems
    assert {problem.path for problem in problems} <= candidates | {*run.folder.glob(where)}
    assert len({p.trial for p in problems if p.trial}) == num_trials
    assert len({p.speed for p in problems if p.speed}) == num_speeds
    assert all(problem.reason and problem.cure and "\n" not in problem.reason for problem in problems)


def test_leftovers_of_trials_and_caches_are_named(run: Run) -> None:
    key = run.results()[0].key
    run.save_failure(make_failure("cola", "low", 0).model_copy(update={"key": key}))
    run.checkpoint_path(key).write_bytes(b"cut short")
    run.weights_path(key).write_bytes(b"cut short")
    run.cache_folder.mkdir()
    (run.cache_folder / "a.json").write_text("{}")
    found = {problem.path.name: problem.cure for problem in verify(run).problems}
    assert found == {
        "failure.json": "`run` removes it",
        "checkpoint.safetensors": "`run` trains from the first step",
        "weights.safetensors": "`run` does the trial again, if others are still to begin with it",
        "a.json": "whoever needs it makes it again",
    }
