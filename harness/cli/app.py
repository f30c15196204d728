"""The command line, and the only module that may know all four packages: here they are put together."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import typer.main

from harness.cli import gate as gating
from harness.cli import pretraining, submissions, verifying
from harness.cli import prompts as prompting
from harness.cli.endings import check_arguments, finish
from harness.cli.options import Data, Head, Json, Plugins, Seeds, StartFrom, TexWidth, Version, seeds_asked
from harness.system.imports import prefer_own_packages
from harness.system.memory import check_address_space

if TYPE_CHECKING:
    from harness.catalog import Catalog
    from harness.engine.perform import Perform
    from harness.gate.adaptive import Gated
    from harness.store.run import Run

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Fine-tune, evaluate and compare language models on GLUE, SQuAD and tasks of your own.",
)


@app.callback()
def _every_command(version: Version = False) -> None:
    """Take what every command takes."""


def main() -> None:
    """Run the command line; :mod:`harness.cli.endings` says which exit code it ends with."""
    prefer_own_packages()
    sys.exit(finish(_command_asked))


def _command_asked() -> int:
    """Do what the arguments ask for, and return the command's own exit code."""
    arguments = sys.argv[1:]
    check_arguments(arguments)
    check_address_space()
    name = "python -m harness" if sys.argv[0].endswith("__main__.py") else "harness"
    try:
        with typer.main.get_command(app).make_context(name, arguments or ["--help"]) as context:
            context.command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return 0


@app.command("list")
def list_catalog(plugin: Plugins = None, as_json: Json = False) -> None:
    """Show the available suites, tasks and models."""
    from harness.catalog import load_catalog
    from harness.cli import display

    display.show_catalog(load_catalog(plugin or ()), as_json=as_json)


@app.command()
def run(
    suite: Annotated[str | None, typer.Option(help="A benchmark suite, such as glue.")] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(help="A task, by name or title; repeat for several. With --suite: only these of its tasks."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]MODEL",
            help="A model's name, a checkpoint's folder, or OWNER/NAME\\[@REVISION] on the hub; NAME= renames it.",
        ),
    ] = None,
    seeds: Seeds = "1",
    data: Data = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Use at most N examples per split.")] = None,
    limit_train: Annotated[
        int | None, typer.Option(min=1, help="Use at most N examples of the training split.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Trials to run in parallel; by default one per core, or one on an accelerator."),
    ] = None,
    head: Head = "fresh",
    start_from: StartFrom = None,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="Device to train and predict on.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="The run's folder. \\[default: runs/SUITE]")] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show which trials would run, and roughly how long they take; run nothing."),
    ] = False,
    until_decided: Annotated[
        Path | None, typer.Option(metavar="REF", help="Add seeds one at a time until the gate against REF is decided.")
    ] = None,
    max_seeds: Annotated[
        int | None, typer.Option(min=2, help="Maximum number of seeds for --until-decided. \\[default: 20]")
    ] = None,
    confirm: Annotated[
        Path | None,
        typer.Option(metavar="REF", help="Gate against REF, and confirm with new seeds whatever looks worse."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            min=0.0, help="Score loss, in points, tolerated by --until-decided and --confirm. \\[default: 1.0]"
        ),
    ] = None,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Fine-tune and evaluate every model on every task, and write the report. A rerun does only what is missing."""
    from harness.api.limits import Limits
    from harness.catalog import load_catalog
    from harness.cli import attending, display
    from harness.cli.display_gate import show_gated
    from harness.cli.gate_options import gate_asked
    from harness.engine.options import num_workers
    from harness.plan.request import Request, prepare
    from harness.store.latest import standing_failures

    asked = gate_asked(until_decided, confirm, seeds=(listed := seeds_asked(seeds)), max_seeds=max_seeds, margin=margin)
    catalog = load_catalog(plugin or ())
    request = Request(
        suite=suite,
        tasks=tuple(task or ()),
        models=tuple(model or ()),
        seeds=asked.seeds if asked else listed,
        data=data,
        limits=Limits(train=limit if limit_train is None else limit_train, evaluation=limit),
        device=device,
        out=out,
        command=_command(),
        head=head,
        start_from=start_from,
    )
    prepared = prepare(request, catalog)
    display.show_source(prepared)
    if dry_run:
        display.show_forecast(prepared, as_json=as_json, num_workers=num_workers(workers, prepared.device))
        return

    def act(perform: "Perform") -> "Gated | None":
        if asked:
            return asked.gated(prepared, catalog.tasks, perform)
        perform(prepared.plan, "trials")
        return None

    gated = attending.attend(prepared, act, workers=workers, plugins=tuple(plugin or ()))
    report_path = _report([prepared.run], prepared.run.folder / "report", catalog)
    if as_json:
        display.print_json(display.summary(prepared.run, report_path, gated))
    else:
        display.show_comparison(report_path, prepared.run)
        if gated:
            show_gated(gated)
    raise typer.Exit(gated.report.exit_code if gated else int(bool(standing_failures(prepared.run))))


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders made by `run`.")],
    out: Annotated[Path | None, typer.Option(help="The report's folder. \\[default: RUN/report]")] = None,
    tex_width: TexWidth = "page",
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Make tables and plots from the files of one run or several."""
    from harness.catalog import load_catalog
    from harness.cli import display
    from harness.errors import UsageError
    from harness.store.run import Run

    opened = [Run.open(folder) for folder in runs]
    if out is None and len(opened) > 1:
        raise UsageError("a report over several runs belongs to none of them: say where it goes with --out DIR.")
    path = _report(opened, out or opened[0].folder / "report", load_catalog(plugin or ()), tex_width)
    display.show_report(path, opened, as_json=as_json)


@app.command()
def leaderboard(
    entries: Annotated[
        list[Path], typer.Argument(metavar="RUN|FILE...", help="Folders made by `run`, and prediction files.")
    ],
    out: Annotated[Path, typer.Option(help="The leaderboard's folder; prediction files become runs in it.")],
    suite: Annotated[
        str | None, typer.Option(help="The suite that zips of predictions are for. \\[default: that of the runs]")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="The task that prediction files are for, instead of --suite.")
    ] = None,
    data: Data = "auto",
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Put runs and submissions on one leaderboard. With --data auto, labels come from the runs' own source."""
    from harness.catalog import load_catalog
    from harness.cli import display
    from harness.cli.suites import suite_asked
    from harness.store.run import Run
    from harness.submissions.board import enter
    from harness.submissions.entry import Asked

    catalog = load_catalog(plugin or ())
    named = None
    if not task and (suite or any(path.is_file() for path in entries)):
        folders = [Run(path) for path in entries]
        named = suite_asked(suite, (run for run in folders if run.info_path.is_file()), catalog)
    names = named.tasks if named else (task,) if task else ()
    asked = Asked(suite=named, tasks=tuple(map(catalog.task, names)), data=data, command=_command())
    runs = enter(entries, out, asked)
    display.show_report(_report(runs, out, catalog), runs, as_json=as_json)


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN [RUN]", help="One folder made by `run`, or two.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help="Two models of one run; for two runs, one model of each, or one that both have."),
    ] = None,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Compare two models on the same examples with paired tests, task by task and on their mean."""
    from harness.catalog import load_catalog
    from harness.cli import display
    from harness.errors import UsageError
    from harness.store.run import Run

    if len(runs) > 2 or len(model or ()) > 2:
        raise UsageError("compare: expected one run or two, and two models at most; `report` takes any number.")
    from reports.analysis.head_to_head import head_to_head

    opened, tasks = [Run.open(folder) for folder in runs], load_catalog(plugin or ()).tasks
    found = head_to_head(opened, tuple(model or ()), tasks)
    display.show_head_to_head(found, as_json=as_json)


@app.command()
def history(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders made by `run`.")],
    out: Annotated[Path, typer.Option(help="Folder for tables and plots.")] = Path("history"),
    as_given: Annotated[
        bool, typer.Option("--as-given", help="Keep the runs in the order given instead of sorting them by time.")
    ] = False,
    plugin: Plugins = None,
) -> None:
    """Show the score of each task and model over commits, and where the score shifted."""
    from harness.catalog import load_catalog
    from harness.store.run import Run
    from harness.system.console import console_on
    from reports.analysis.history import read_histories
    from reports.formats.history import show
    from reports.history_report import write

    opened, tasks = [Run.open(folder) for folder in runs], load_catalog(plugin or ()).tasks
    found = read_histories(opened, tasks, as_given=as_given)
    path = write(found, out)
    show(found, console := console_on())
    console.print(f"history: {path}", soft_wrap=True)


app.command()(pretraining.pretrain)
app.command()(prompting.prompts)
app.command()(submissions.score)
app.command()(submissions.submit)
app.command()(gating.gate)
app.command()(gating.reference)
app.command()(verifying.verify)


def _command() -> str:
    return shlex.join(["python", "-m", "harness", *sys.argv[1:]])


def _report(runs: "list[Run]", folder: Path, catalog: "Catalog", tex_width: TexWidth = "page") -> Path:
    import reports

    return reports.write_report(runs, folder, catalog.tasks, tex_width=tex_width)
