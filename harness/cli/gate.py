"""The gate's commands: `reference` keeps what a run is worth, `gate` judges another by it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import Plugins

if TYPE_CHECKING:
    from harness.gate.verdicts import GateReport

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A folder made by `run`.")]
Models = Annotated[list[str] | None, typer.Option("--model", help="Only this model; repeat for several.")]
TasksAsked = Annotated[list[str] | None, typer.Option("--task", help="Only this task; repeat for several.")]


def reference(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="The reference file, such as baselines/reference/NAME.json.")],
    model: Models = None,
    task: TasksAsked = None,
    plugin: Plugins = None,
) -> None:
    """Make a reference file from a run, small and without any text of its data, to gate later runs against."""
    from harness.catalog import load_catalog
    from harness.gate.gate import make_reference
    from harness.gate.reference import write_reference
    from harness.store.run import Run
    from harness.system.console import console_on

    tasks = load_catalog(plugin or ()).tasks
    made = make_reference(Run.open(run), tuple(model or ()), tuple(task or ()), tasks)
    write_reference(out, made)
    console_on().print(f"written: {out} ({len(made.pairs)} pairs)", soft_wrap=True)


def gate(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A folder made by `run`, or a JSON file of pytest-benchmark.")
    ],
    reference: Annotated[
        Path, typer.Option(help="The baseline: a run's folder, a file made by `reference`, or one of pytest-benchmark.")
    ],
    margin: Annotated[
        float,
        typer.Option(
            min=0.0,
            help="Score loss tolerated, in points; % of the reference's score where its unit is not %.",
        ),
    ] = 1.0,
    cost_margin: Annotated[float, typer.Option(min=0.0, help="Cost increase tolerated, as a fraction.")] = 0.1,
    alpha: Annotated[float, typer.Option(help="Probability of a false alarm, and of a false pass.")] = 0.05,
    strict: Annotated[bool, typer.Option("--strict", help="Also fail where the gate cannot tell.")] = False,
    quality_only: Annotated[bool, typer.Option("--quality-only", help="Judge scores only, not cost.")] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="With --format text: show every finding, not only those that did not pass."
        ),
    ] = False,
    form: Annotated[str, typer.Option("--format", help="Report format; see docs/guides/ci.md.")] = "text",
    out: Annotated[Path | None, typer.Option(help="Write the report to this file.")] = None,
    model: Models = None,
    task: TasksAsked = None,
    plugin: Plugins = None,
) -> None:
    """Judge whether a run is worse than a reference. Exit code 0: it is not; 1: worse; 2: incomparable."""
    from harness.catalog import load_catalog
    from harness.errors import UsageError, did_you_mean
    from harness.gate.benchmarks import are_benchmarks, judge_benchmarks
    from harness.gate.gate import Options
    from harness.gate.gate import gate as judge_run
    from harness.gate.rendering import RENDERERS
    from harness.store.run import Run

    if form not in RENDERERS:
        raise UsageError(f"--format {form}: expected {', '.join(RENDERERS)}.{did_you_mean(form, RENDERERS)}")
    if not 0 < alpha < 0.5:
        raise UsageError(f"--alpha {alpha:g}: expected a chance between 0 and 0.5.")
    options = Options(
        margin=margin,
        cost_margin=cost_margin,
        alpha=alpha,
        strict=strict,
        models=tuple(model or ()),
        tasks=tuple(task or ()),
        quality_only=quality_only,
    )
    if are_benchmarks(run, reference):
        report = judge_benchmarks(run, reference, options)
    else:
        report = judge_run(Run.open(run), reference, options, load_catalog(plugin or ()).tasks)
    _put_out(report, form, out, verbose=verbose)
    raise typer.Exit(report.exit_code)


def _put_out(report: "GateReport", form: str, out: Path | None, *, verbose: bool) -> None:
    """Show the report, or write it to a file and show what it says in a line.

    On a terminal paths are shown in full, and otherwise as they may be published.

    GitHub reads its commands on standard output alone, so with its format the file gets the Markdown.
    """
    from harness.gate.rendering import RENDERERS, github, text, wording
    from harness.gate.rendering.published import published
    from harness.system.console import console_on

    shown, report = report, published(report)
    renderers = {**RENDERERS, "text": text.render_all if verbose else text.render}
    if form == "github":
        sys.stdout.write(RENDERERS[form](report))
        github.append_summary(report)
        form = "markdown"
    elif out is None and form == "text":
        (text.show_all if verbose else text.show)(shown, console_on())
    elif out is None:
        sys.stdout.write(RENDERERS[form](report))
    if out is not None:
        _write(renderers[form](report), out)
        console_on().print(f"{wording.headline(report)} (written: {out})", soft_wrap=True)


def _write(text: str, out: Path) -> None:
    from harness.errors import GateError
    from harness.system.files import write_text

    if out.is_dir():
        raise GateError(f"--out {out}: is a folder; expected the name of a file.")
    try:
        write_text(out, text)
    except OSError as error:
        raise GateError(f"--out {out}: cannot be written: {error.strerror}.") from error
