"""All that only a GPU can show: ``python -m tests.bench.on_gpu --out DIR [--data DIR]``, in under five minutes.

It needs no network. ``--data`` is a folder with GLUE's official MRPC/ and SST-2/; without it the generated sample is
used. Six parts, each with a budget of time; one that fails or runs out of it is recorded, and the others go on.

CUDA tests  those of our tests that need CUDA.
against     BERT-base (random weights) and our small Transformer against transformers' Trainer with every flag, in turn:
            speed, the fraction of the measured peak, memory.
sameness    predictions byte for byte: of one worker and two, of straight trainings and killed ones that went on.
sharing     a grid of small trials with 1, 2 and 4 workers on the device, against Trainer pair after pair.
suite       scores of the sample on the device and on the CPU, by our own paired test.
pretraining steps by the next token, against a plain loop with nn.TransformerEncoder.

It writes on_gpu.json, on_gpu.md and plots, and ends with code 1 where a check failed. Where torch sees no CUDA, or with
``--small``, all of it is done in a small version, which says nothing about speed.
"""

import argparse
import os
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.data.source import open_source
from harness.store.machine import describe_machine
from harness.system.devices import resolve_device
from harness.system.environment import commit, now, num_cores, versions
from harness.system.files import write_text
from tests.bench.on_gpu.other_side import OtherSide, prepare
from tests.bench.on_gpu.plots import write_plots
from tests.bench.on_gpu.records import Device, Report, Section
from tests.bench.on_gpu.sections import SECTIONS, Part
from tests.bench.on_gpu.size import SIZES
from tests.bench.on_gpu.table import page
from tests.bench.on_gpu.trials import Bench, Findings


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the report")
    parser.add_argument("--data", default="sample", help="a folder with MRPC/ and SST-2/; the sample if not given")
    parser.add_argument("--small", action="store_true", help="the small version, on a CPU if there is no CUDA")
    parser.add_argument("--section", action="append", choices=list(SECTIONS), help="default: all")
    return parser.parse_args()


SLACK = 10.0
"""How much longer parts may take on a CPU, which may be shared with others."""


class OutOfTimeError(Exception):
    """A part has used up its time."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End what is done in this context, and the processes that it waits for, after so many seconds."""

    def end(_signal: int, _frame: object) -> None:
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def do(name: str, part: Part, bench: Bench, findings: Findings) -> Section:
    """Do one part within its time, and say how it went."""
    outcome, reason, started = "done", "", time.monotonic()
    budget = part.budget_seconds * (SLACK if bench.device.kind == "cpu" else 1.0)
    try:
        with time_limit(budget):
            part.do(bench, findings)
    except OutOfTimeError:
        outcome, reason = "out of time", f"it was not done after {budget:g} s"
    except (Exception, SystemExit) as error:  # noqa: BLE001 (recorded, and the other parts go on)
        outcome, reason = "failed", f"{type(error).__name__}: {error}"
    seconds = time.monotonic() - started
    sys.stdout.write(f"{name}: {outcome} in {seconds:.1f} s {reason}\n")
    sys.stdout.flush()
    return Section(name=name, outcome=outcome, reason=reason, seconds=seconds, budget_seconds=budget)


def check(options: argparse.Namespace, folder: Path, other_side: OtherSide) -> Report:
    """Do all parts, with temporary files in ``folder``."""
    started = time.monotonic()
    kind = "cuda" if resolve_device("auto") == "cuda" else "cpu"
    size = "small" if options.small or kind == "cpu" else "full"
    source = open_source(options.data)
    checkpoints, cut, data = folder / "checkpoints", folder / "cut", str(source)
    os.environ.update(HF_HUB_OFFLINE="1", ON_GPU_CHECKPOINTS=str(checkpoints), ON_GPU_SIZE=size, ON_GPU_CUT=str(cut))
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # with more of them, Trainer would take all
    described = other_side.do(prepare, size=SIZES[size], data=data, device=kind, folder=checkpoints)
    bench = Bench(
        device=Device(kind=kind, **described),
        data=data,
        size=SIZES[size],
        folder=folder,
        checkpoints=checkpoints,
        cut=cut,
        other_side=other_side,
    )
    findings = Findings()
    sections = [do(name, SECTIONS[name], bench, findings) for name in options.section or SECTIONS]
    return Report(
        created=now(),
        command=shlex.join(["python", "-m", "tests.bench.on_gpu", *sys.argv[1:]]),
        commit=commit(),
        versions=versions(),
        machine=describe_machine("cpu", num_cores()),
        device=bench.device,
        data=source.note,
        is_small=size == "small",
        seconds=time.monotonic() - started,
        sections=tuple(sections),
        rows=tuple(findings.rows),
        throughputs=tuple(findings.throughputs),
    )


def main() -> None:
    """Check, and write what was found."""
    options = parse()
    with tempfile.TemporaryDirectory() as folder:
        other_side = OtherSide(Path(folder))
        try:
            report = check(options, Path(folder), other_side)
        finally:
            other_side.end()
    write_text(options.out / "on_gpu.json", report.model_dump_json(indent=1))
    write_text(options.out / "on_gpu.md", page(report))
    write_plots(report, options.out)
    sys.stdout.write(f"\n{page(report)}")
    sys.exit(0 if report.passed else 1)


if __name__ == "__main__":
    main()
