"""The kinds of file that we write: a run's records, predictions, examples, caches, checkpoints, references."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

import reports
from harness.api.encoding import Encoded
from harness.catalog import load_catalog
from harness.data import example_cache
from harness.data.loading import Split
from harness.gate.gate import make_reference
from harness.gate.reference import read_reference, write_reference
from harness.store.examples import read_attributions, read_examples
from harness.store.run import Run
from harness.system.sealed import DamagedError
from harness.training import checkpoint, encoding_cache
from reports import stamp
from reports.analysis.comparison import compare
from reports.analysis.section import Section
from reports.analysis.statistics import analyse
from reports.evidence.results import read_evidence
from reports.formats.comparison import comparison_markdown
from reports.formats.comparison_page import comparison_page
from reports.formats.comparison_table import read_page
from tests.bench.chaos.inputs import Kind, Reading
from tests.fakes.synthetic import Plan, write_run

PLAN = Plan(tasks=("sst2", "stsb", "squad"), models=("bag", "mini"), num_seeds=2, num_questions=40)
PLAN = replace(PLAN, failed=(("sst2", "mini", 1),))


def stored_kinds() -> tuple[Kind, ...]:
    """Return the kinds."""
    return (
        _of_run("run.json", "run.json", lambda run: run.info()),
        _of_run("results", "trials/*/result.json", lambda run: run.results()),
        _of_run("failures", "trials/*/failure.json", lambda run: run.failures()),
        _of_run("speeds", "speed/*.json", lambda run: run.speeds()),
        _of_run("predictions", "trials/*/predictions-*.parquet", _predictions),
        _of_run("examples", "examples/*/*.parquet", lambda run: _each(run, "examples/*/*.parquet", read_examples)),
        _of_run(
            "attributions",
            "trials/*/attributions-*.json",
            lambda run: _each(run, "trials/*/attributions-*.json", read_attributions),
        ),
        _edited("run.json", "run.json"),
        _edited("results", "trials/*/result.json"),
        _edited("failures", "trials/*/failure.json"),
        _edited("speeds", "speed/*.json"),
        _edited("attributions", "trials/*/attributions-*.json"),
        Kind(name="example cache", plant=_plant_examples, read=_read_examples, files=_all),
        Kind(name="encoding cache", plant=_plant_encoding, read=_read_encoding, files=_all),
        Kind(name="training checkpoint", plant=_plant_checkpoint, read=_read_checkpoint, files=_all),
        Kind(name="reference", plant=_plant_reference, read=_read_reference, files=lambda place: [place / "ref.json"]),
        Kind(name="comparison.json", plant=_plant_report, read=_read_report, files=_comparison),
    )


def _all(place: Path) -> Sequence[Path]:
    return [path for path in place.iterdir() if path.is_file()]


def _of_run(name: str, pattern: str, read: Callable[[Run], Any]) -> Kind:
    return Kind(
        name=name,
        plant=lambda place: write_run(place, PLAN) and None,
        read=lambda place: Reading(content=read(Run.open(place))),
        files=lambda place: list(place.glob(pattern)),
    )


def _edited(name: str, pattern: str) -> Kind:
    """Return records that say something else, with the checksum of that: what they say is still checked."""

    def read(place: Path) -> Reading:
        groups = read_evidence([Run.open(place)])
        compared = [(group, compare(group)) for group in groups]
        sections = [
            Section(evidence=e, comparison=c, analysis=analyse(e, c, load_catalog().tasks)) for e, c in compared
        ]
        page = comparison_markdown(comparison_page(sections))
        attributions = _each(Run(place), "trials/*/attributions-*.json", read_attributions)
        identity = [path.read_bytes() for path in sorted(place.glob(pattern))]
        return Reading(content=(page, attributions), identity=str(identity))

    return Kind(
        name=f"{name}, edited",
        plant=lambda place: write_run(place, PLAN) and None,
        read=read,
        files=lambda place: list(place.glob(pattern)),
        is_given=True,
        is_sealed_anew=True,
    )


def _each(run: Run, pattern: str, read: Callable[[Path], Any]) -> Any:
    return [read(path) for path in sorted(run.folder.glob(pattern))]


def _predictions(run: Run) -> Any:
    return [(result.key, run.predictions(result, split)) for result in run.results() for split in result.scores]


def _plant_examples(place: Path) -> None:
    write_run(place / "run", PLAN)
    for number, path in enumerate(sorted((place / "run").glob("examples/*/*.parquet"))):
        example_cache.write(place / f"{number}.json", Split(examples=read_examples(path)))


def _read_examples(place: Path) -> Reading | None:
    read = [example_cache.read(path) for path in sorted(place.glob("*.json"))]
    return None if None in read else Reading(content=read)


def _plant_encoding(place: Path) -> None:
    place.mkdir()
    generator = np.random.default_rng(0)
    encoded = Encoded(
        ids=generator.integers(0, 99, 60).astype(np.int32),
        types=np.zeros(60, np.int8),
        offsets=np.arange(0, 61, 5),
        examples=np.arange(12, dtype=np.int32),
        labels=generator.integers(0, 2, 12),
    )
    encoding_cache.write(place / "0.safetensors", encoded)


def _read_encoding(place: Path) -> Reading | None:
    encoded = encoding_cache.read(place / "0.safetensors")
    if encoded is None:
        return None
    return Reading(content={name: None if a is None else a.tolist() for name, a in vars(encoded).items()})


def _module() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Embedding(9, 4), torch.nn.Linear(4, 2))


def _plant_checkpoint(place: Path) -> None:
    place.mkdir()
    module = _module()
    optimizer = torch.optim.AdamW(module.parameters())
    module(torch.arange(9)).sum().backward()
    optimizer.step()
    progress = checkpoint.Progress(
        step=1,
        num_steps=3,
        seconds=1.5,
        borrowed_seconds=0.25,
        precision="float32",
        losses=(0.75,),
        micro_batches=1,
    )
    checkpoint.save(place / "checkpoint.safetensors", module, optimizer, progress)


def _read_checkpoint(place: Path) -> Reading | None:
    path, module = place / "checkpoint.safetensors", _module()
    optimizer = torch.optim.AdamW(module.parameters())
    try:
        progress = checkpoint.read_progress(path)
        checkpoint.restore(path, module, optimizer)
    except DamagedError:
        return None  # training begins again
    tensors = {name: tensor.tolist() for name, tensor in module.state_dict().items()}
    moments = [{key: value.tolist() for key, value in state.items()} for state in optimizer.state.values()]
    return Reading(content=(progress, tensors, moments))


def _plant_reference(place: Path) -> None:
    run = write_run(place / "run", PLAN)
    write_reference(place / "ref.json", make_reference(run, (), ("stsb",), load_catalog().tasks))


def _read_reference(place: Path) -> Reading:
    return Reading(content=read_reference(place / "ref.json"))


def _plant_report(place: Path) -> None:
    reports.write_report([write_run(place / "run", PLAN)], place / "report", load_catalog().tasks)


def _comparison(place: Path) -> Sequence[Path]:
    return [place / "report" / "comparison.json"]


def _read_report(place: Path) -> Reading | None:
    if not stamp.is_current(place / "report", stamp.fingerprint([Run(place / "run")], load_catalog().tasks, "page")):
        return None
    return Reading(content=read_page(place / "report" / "comparison.json"))
