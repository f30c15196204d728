"""A job is what was planned: any process makes the same trial of it, or says that it cannot."""

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.api.limits import Limits
from harness.catalog import Catalog, load_catalog
from harness.data.source import Source
from harness.engine.job import Job, make_job
from harness.engine.options import Options
from harness.errors import RunError, UsageError
from harness.plan import plan
from harness.plan.trial import Trial
from harness.store.run import Run
from tests.fakes import TOY as TOY_FILE
from tests.fakes.toy import TOY, WORDS_MODEL

TRIAL = Trial(task=TOY, model=WORDS_MODEL, seed=3, limits=Limits(train=7), source=Source(kind="sample"))
CATALOG = Catalog(tasks={"toy": TOY}, models={"words": WORDS_MODEL})


def planned(folder: Path, **options: Any) -> Job:
    return make_job("trial", TRIAL, Run(folder), Options(device="mps", num_workers=2, **options), keep=True)


def test_a_job_makes_its_trial_again_in_any_process(tmp_path: Path) -> None:
    job = planned(tmp_path, plugins=(str(TOY_FILE),))
    assert (job.key, job.precision, job.data_fingerprint) == (TRIAL.key, "float32", TRIAL.source.fingerprint(TOY))
    assert pickle.loads(pickle.dumps(job)) == job
    assert job.trial(CATALOG) == TRIAL
    again = job.trial(load_catalog(job.plugins))
    assert again.identity() == TRIAL.identity()


def test_a_model_is_found_by_what_was_asked_for(tmp_path: Path) -> None:
    job = planned(tmp_path, model_names={"words": "./words"})
    assert (job.model, job.asked_model) == ("words", "./words")
    assert job.label == "toy × words · seed 3"
    assert job.trial(replace(CATALOG, models={"./words": WORDS_MODEL})) == TRIAL


def test_a_head_that_is_to_be_kept_is_asked_for_in_the_worker_too(tmp_path: Path) -> None:
    kept = replace(WORDS_MODEL, head="keep")
    job = make_job("trial", replace(TRIAL, model=kept), Run(tmp_path), Options(device="mps", num_workers=1), keep=True)
    assert job.head == "keep"
    with pytest.raises(UsageError, match=r"^--head keep: words has no trained head"):
        job.trial(CATALOG)


ELSEWHERE = {
    "model": (
        replace(CATALOG, models={"words": replace(WORDS_MODEL, step_seconds=1.0)}),
        "the task or the model is not",
    ),
    "task": (replace(CATALOG, tasks={"toy": replace(TOY, version=2)}), "the task or the model is not what was planned"),
    "data": (
        replace(CATALOG, tasks={"toy": replace(TOY, sample=replace(TOY.sample, version=2))}),
        "the data of task 'toy' is not what was planned",
    ),
}


@pytest.mark.parametrize(("catalog", "reason"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_another_trial_is_refused_in_one_line(tmp_path: Path, catalog: Catalog, reason: str) -> None:
    with pytest.raises(RunError, match=reason) as error:
        planned(tmp_path).trial(catalog)
    assert "\n" not in str(error.value)
    assert "give the same command again" in str(error.value)


def test_another_precision_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "resolve_precision", lambda *_: "bfloat16")
    with pytest.raises(RunError, match=r"the precision on mps is not what .* \(found bfloat16, planned float32\)"):
        planned(tmp_path).trial(CATALOG)


MEDDLING = '''
from dataclasses import dataclass
from pathlib import Path

from harness import ACCURACY, Classification, Example, FolderData, History, ModelSpec, Prediction, Task

ROOT = Path(__file__).parent


def task(name):
    files = {"train": f"{name}.txt", "validation": "shared.txt"}
    read = lambda path: ({"text": line} for line in path.read_text().splitlines())
    return Task(
        name=name, title=name, output=Classification(labels=("a", "b")), predicted=(), metrics=(ACCURACY,),
        read=lambda row: Example(id=str(row["idx"]), text=row["text"], target=len(row["text"]) % 2),
        folder=FolderData(files=files, read=read, root=ROOT),
    )


ONE, OTHER = task("one"), task("other")


class Meddler:
    """A model that changes the data of the other task while it is trained."""

    num_parameters = 0

    def fit(self, train, session):
        (ROOT / "other.txt").write_text("changed\\n")
        return History()

    def predict(self, examples):
        return [Prediction(value=0) for _ in examples]


@dataclass(frozen=True, kw_only=True)
class MeddlerSpec(ModelSpec):
    def supports(self, output):
        return True

    def build(self, task, *, seed, device):
        return Meddler()

    def operations_per_word(self):
        return 1e6


MODEL = MeddlerSpec(name="meddler")
'''


def test_data_that_change_while_a_run_goes_on_are_one_failure_and_no_result_under_another_key(tmp_path: Path) -> None:
    (tmp_path / "meddling.py").write_text(MEDDLING)
    for name, count in {"one": 9, "other": 3, "shared": 2}.items():
        (tmp_path / f"{name}.txt").write_text("text\n" * count)
    options = ["--plugin", "meddling.py", "--task", "one", "--task", "other", "--model", "meddler", "--workers", "1"]
    command = [sys.executable, "-m", "harness", "run", *options, "--out", "run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    run = Run(tmp_path / "run")
    (result,), (failure,) = run.results(), run.failures()
    assert (result.task, failure.task) == ("one", "other")
    assert failure.message.startswith("the data of task 'other' is not what was planned (found ")
    assert run.trial_folder(failure.key).is_dir()
    assert len(list(run.folder.glob("trials/*"))) == 2
    assert failure.message in done.stderr.replace("\n", "")

    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 to do" in again.stderr, "planned anew, with the data as they are now"
    assert {result.task for result in run.results()} == {"one", "other"}
    settled = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "to do" not in settled.stderr
    assert (again.returncode, settled.returncode) == (0, 0)
