"""Jobs that nobody does, for who listens to an engine."""

from pathlib import Path

from harness.api.limits import Limits
from harness.data.source import Source
from harness.engine.job import Job
from harness.store.records import Failure


def job(model: str, *, seed: int = 0) -> Job:
    return Job(
        kind="trial", folder=Path("run"), key=f"toy--{model}--seed{seed}", task="toy", model=model,
        asked_model=model, seed=seed,
        limits=Limits(), source=Source(kind="sample"), data_fingerprint="f", precision="float32", device="cpu",
        num_threads=1, num_cores=1, plugins=(),
    )  # fmt: skip


def fail(of: Job, message: str) -> Failure:
    return Failure(
        key=of.key, task=of.task, model=of.model, seed=of.seed, message=message, traceback="",
        created="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
