"""Speed as pytest-benchmark writes it (``--benchmark-json``): two such files, case by case, by their raw samples."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import GateError, first_mistake
from harness.gate.cost import Timed, compare_samples, settle
from harness.gate.gate import Options
from harness.gate.verdicts import Finding, GateReport, Verdict

MACHINE = ("system", "machine", "cpu.brand_raw", "cpu.count")
"""What two machines of one kind have in common, as the file names it."""
SOFTWARE = ("python_implementation", "python_version")


class _Part(BaseModel):
    """A part of the file, which holds more than is read here."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class _Stats(_Part):
    median: float = Field(gt=0)
    data: list[float] | None = None
    """Seconds, a round each; absent from what ``--benchmark-autosave`` writes without ``--benchmark-save-data``."""


class _Case(_Part):
    fullname: str
    stats: _Stats


class BenchmarkFile(_Part):
    """What is read of a file: its cases, and where they were timed."""

    machine_info: dict[str, Any]
    commit_info: dict[str, Any] = Field(default_factory=dict)
    benchmarks: list[_Case] = Field(min_length=1)

    def about(self, name: str) -> object:
        """Return what is known of the machine; ``cpu.count`` is ``count`` in ``cpu``."""
        value: Any = self.machine_info
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    @property
    def cases(self) -> dict[str, _Stats]:
        """All cases by their full names."""
        return {case.fullname: case.stats for case in self.benchmarks}


def are_benchmarks(run: Path, reference: Path) -> bool:
    """Return whether two paths are for this module: a run is a folder, so a file for one is of pytest-benchmark.

    Raises:
        GateError: one is such a file, and the other is not.
    """
    if not run.is_file():
        return False
    if reference.is_dir():
        raise GateError(
            f"{run}: a file, and --reference {reference} is a folder; expected two JSON files of pytest-benchmark, "
            "or a folder made by `python -m harness run`."
        )
    return True


def judge_benchmarks(run: Path, reference: Path, options: Options) -> GateReport:
    """Return a finding a case of the reference.

    Raises:
        GateError: a file that pytest-benchmark has not written so.
    """
    before, after = _read(reference), _read(run)
    known, cases = before.cases, after.cases
    reason_not_judged = _reason_not_judged(before, after)
    timed = [_compare(name, known[name], cases.get(name), reason_not_judged, options.cost_margin) for name in known]
    new = [name for name in cases if name not in known]
    return GateReport(
        run=str(run),
        reference=str(reference),
        alpha=options.alpha,
        strict=options.strict,
        findings=tuple(settle(timed, options.alpha)),
        notes=tuple(f"{name}: new, without a reference." for name in new),
        run_commit=_commit(after),
        reference_commit=_commit(before),
        versions=dict(_differing(before, after)),
    )


def _read(path: Path) -> BenchmarkFile:
    try:
        return BenchmarkFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise GateError(f"{path}: cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise GateError(
            f"{path}: {first_mistake(error)}. Expected a file as `pytest --benchmark-json FILE` writes it: is it cut "
            "short, empty, or something else?"
        ) from error


def _reason_not_judged(before: BenchmarkFile, after: BenchmarkFile) -> str:
    """Return why the two machines do not compare, in a sentence, or an empty string."""
    for name in MACHINE:
        one, other = before.about(name), after.about(name)
        if one != other or (one is None and name.startswith("cpu.brand")):
            return f"Another kind of machine: {name} is {other} in the run, {one} in the reference."
    return ""


def _compare(name: str, before: _Stats, after: _Stats | None, reason_not_judged: str, margin: float) -> Timed:
    file, _, case = name.rpartition("::")
    finding = Finding(
        metric="benchmark",
        model=file,
        task=case,
        verdict=Verdict.NOT_JUDGED,
        reason=reason_not_judged,
        unit="seconds",
        reference=before.median,
        run=after.median if after else None,
    )
    if after is None:
        return Timed(
            finding=replace(finding, verdict=Verdict.INCOMPARABLE, reason="The run has no such case, or it failed.")
        )
    if reason_not_judged:
        return Timed(finding=finding)
    if not before.data or not after.data:
        side = "run" if before.data else "reference"
        reason = f"The {side} holds no raw samples; --benchmark-json writes them, or --benchmark-save-data."
        return Timed(finding=replace(finding, reason=reason))
    return compare_samples(finding, (before.data, after.data), 1.0, margin)


def _commit(file: BenchmarkFile) -> str | None:
    found = file.commit_info.get("id")
    return found if isinstance(found, str) else None


def _differing(before: BenchmarkFile, after: BenchmarkFile) -> Iterator[tuple[str, tuple[str, str]]]:
    for name in SOFTWARE:
        old, new = str(before.about(name)), str(after.about(name))
        if old != new:
            yield name.removesuffix("_version"), (old, new)
