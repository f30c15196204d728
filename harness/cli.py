"""The command line, and the only module that may know all four packages: here they are put together."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.errors import HarnessError

if TYPE_CHECKING:
    from rich.console import Console

    from harness.running import Pair, Prepared
    from harness.store import Run

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Fine-tune, evaluate and compare language models on GLUE, SQuAD and tasks of your own.",
)
PRELOAD = ("baselines.networks.pretrained", "baselines.networks.transformer", "baselines.networks.bilstm")
INTERRUPTED = 130

Plugins = Annotated[list[str] | None, typer.Option("--plugin", metavar="FILE", help="A file with tasks or models.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="auto|hub|sample|DIR",
        help="Where rows come from: the hub, the generated sample, or a folder in the official layout.",
    ),
]


def main() -> None:
    """Run the command line; a user's mistake is one line on standard error and exit code 2."""
    try:
        app()
    except HarnessError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)


@app.command("list")
def list_catalog(plugin: Plugins = None, as_json: Json = False) -> None:
    """Show the suites, tasks and models that there are."""
    from harness import plugins

    catalog = plugins.load(plugin or ())
    document = {
        "suites": {name: {"title": suite.title, "tasks": suite.tasks} for name, suite in catalog.suites.items()},
        "tasks": {name: {"title": task.title} for name, task in catalog.tasks.items()},
        "models": {name: {"class": type(spec).__name__} for name, spec in catalog.models.items()},
        "families": {name: {"title": family.title} for name, family in catalog.families.items()},
    }
    if as_json:
        _print_json(document)
        return
    console = _console()
    for kind, entries in document.items():
        console.print(f"[bold]{kind}[/bold]")
        for name, fields in entries.items():
            about = ", ".join(value if isinstance(value, str) else " ".join(value) for value in fields.values())
            console.print(f"  {name:<20} {about}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def run(
    suite: Annotated[str | None, typer.Option(help="A named list of tasks, such as glue.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="A task, or several: of the suite, only these.")] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="A model's name, a checkpoint's folder, or NAME[@REVISION] on the hub.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds, from 0.")] = 1,
    data: Data = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many examples of each split.")] = None,
    limit_train: Annotated[int | None, typer.Option(min=1, help="The same, of the training split alone.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Trials at a time; as many as cores, or one on an accelerator.")
    ] = None,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="Where to compute.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="The run's folder; runs/SUITE if not given.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Fine-tune and evaluate every model on every task, and write the report. A second call does what is missing."""
    from harness import plugins
    from harness.loading import Limits
    from harness.running import Request, prepare

    catalog = plugins.load(plugin or ())
    request = Request(
        suite=suite,
        tasks=tuple(task or ()),
        models=tuple(model or ()),
        num_seeds=seeds,
        data=data,
        limits=Limits(train=limit if limit_train is None else limit_train, evaluation=limit),
        device=device,
        out=out,
        command=shlex.join(["python", "-m", "harness", *sys.argv[1:]]),
    )
    prepared = prepare(request, catalog)
    _say_what_is_left_out(prepared)
    if dry_run:
        _show_forecast(prepared, as_json=as_json, workers=workers)
        return
    _perform(prepared, workers=workers, plugin_files=tuple(plugin or ()))
    failures = prepared.run.failures()
    report_path = _report([prepared.run], prepared.run.folder / "report")
    if as_json:
        _print_json(_summary(prepared.run, report_path))
    else:
        _show_comparison(report_path, prepared.run)
    if failures:
        raise typer.Exit(1)


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders made by `run`.")],
    out: Annotated[Path | None, typer.Option(help="Where to; RUN/report if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Make tables and plots from the files of one run or several."""
    from harness.errors import UsageError
    from harness.store import Run

    opened = [Run.open(folder) for folder in runs]
    if out is None and len(opened) > 1:
        raise UsageError("a report over several runs belongs to none of them: say where it goes with --out DIR.")
    path = _report(opened, out or opened[0].folder / "report")
    if as_json:
        _print_json({"report": str(path), "runs": [_summary(run, path) for run in opened]})
    else:
        _show_comparison(path, *opened)


@app.command()
def score(
    submission: Annotated[Path, typer.Argument(metavar="FILE", help="A GLUE table (.tsv) or SQuAD answers (.json).")],
    task: Annotated[str, typer.Option(help="The task that it answers.")],
    data: Data = "auto",
    split: Annotated[str | None, typer.Option(help="Which split, where the file does not tell.")] = None,
    na_probabilities: Annotated[
        Path | None, typer.Option(help="SQuAD 2.0: a JSON file of P(no answer) by question.")
    ] = None,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Score a file of answers, in the official format, against the labels at hand."""
    from harness import plugins
    from harness.scoring import score_submission
    from harness.sources import open_source

    source = open_source(data)
    result = score_submission(plugins.load(plugin or ()).task(task), submission, source, split, na_probabilities)
    if as_json:
        fields = {
            name: getattr(result, name) for name in ("task", "split", "figures", "score", "num_examples", "notes")
        }
        _print_json({**fields, "data": source.kind, "data_note": source.note})
        return
    console = _console()
    console.print(f"{result.task}, {result.split}: {result.num_examples} examples, from {source.note}", highlight=False)
    for name, value in result.figures.items():
        console.print(f"  {name:<24} {value:.4f}", highlight=False)
    for note in result.notes:
        console.print(f"  note: {note}", highlight=False, markup=False)


def _perform(prepared: "Prepared", *, workers: int | None, plugin_files: tuple[str, ...]) -> None:
    from harness.engine import Setting
    from harness.progress import watching
    from harness.running import perform

    setting = Setting(
        device=prepared.device,
        num_workers=_num_workers(workers, prepared.device),
        plugins=plugin_files,
        preload=PRELOAD,
        model_names=prepared.model_names,
    )
    try:
        with watching(_console(stderr=True)) as watcher:
            perform(prepared, setting, watcher)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command goes on from here:\n")
        sys.stderr.write(f"  {prepared.info.commands[-1]}\n")
        sys.exit(INTERRUPTED)


def _num_workers(asked: int | None, device: str) -> int:
    """Return how many trials to run at a time: each has one thread, so on a CPU as many as there are cores."""
    if asked is not None:
        return asked
    from harness.machine import num_cores

    return num_cores() if device == "cpu" else 1


def _report(runs: "list[Run]", folder: Path) -> Path:
    import reports

    return reports.write_report(runs, folder)


def _say_what_is_left_out(prepared: "Prepared") -> None:
    console = _console(stderr=True)
    console.print(f"data: {prepared.info.source_note}", highlight=False, markup=False)
    for name, reason in prepared.left_out.items():
        console.print(f"left out: model {name}: {reason}", style="yellow", highlight=False, markup=False)
    for name, lack in prepared.plan.absent.items():
        console.print(f"left out: task {name}: {lack}", style="yellow", highlight=False, markup=False)


def _show_forecast(prepared: "Prepared", *, as_json: bool, workers: int | None) -> None:
    from dataclasses import asdict

    from harness.progress import duration
    from harness.running import forecast

    pairs = forecast(prepared)
    num_workers = _num_workers(workers, prepared.device)
    seconds = sum(pair.seconds for pair in pairs) / num_workers
    if as_json:
        _print_json({"pairs": [asdict(pair) for pair in pairs], "workers": num_workers, "seconds_estimated": seconds})
        return
    _console().print(_forecast_table(pairs))
    total = sum(pair.num_new for pair in pairs)
    about = f", roughly {duration(seconds)} on {num_workers} workers" if total else ""
    _console().print(f"{total} trials to do{about}; {sum(p.num_cached for p in pairs)} done", highlight=False)


def _forecast_table(pairs: "list[Pair]") -> Any:
    from rich.table import Table

    from harness.progress import duration

    table = Table("task", "model", "cached", "new", "rough time", box=None)
    for pair in pairs:
        time = duration(pair.seconds) if pair.num_new else ""
        counts = (str(pair.num_cached), str(pair.num_new), time) if pair.supported else ("unsupported", "", "")
        table.add_row(pair.task, pair.model, *counts)
    return table


def _summary(run: "Run", report_path: Path) -> dict[str, Any]:
    """Return the figures of a run as plain values."""
    info = run.info()
    keep = ("key", "task", "seed", "score", "scores", "headline")
    return {
        "run": str(run.folder),
        "report": str(report_path),
        "data": info.source_note,
        "is_sample": info.is_sample,
        "results": [
            {
                **{name: getattr(result, name) for name in keep},
                "model": result.model.name,
                "data": result.data.model_dump(),
            }
            for result in run.results()
        ],
        "failures": [failure.model_dump(exclude={"traceback"}) for failure in run.failures()],
    }


def _show_comparison(report_path: Path, *runs: "Run") -> None:
    from rich.markdown import Markdown

    console = _console()
    console.print(Markdown((report_path.parent / "comparison.md").read_text(encoding="utf-8")))
    for run in runs:
        for failure in run.failures():
            where = run.trial_folder(failure.key) / "failure.json"
            line = f"failed: {failure.task} × {failure.model} · seed {failure.seed}: {failure.message} ({where})"
            console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(f"report: {report_path}", markup=False, highlight=False, soft_wrap=True)


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr)


def _print_json(document: object) -> None:
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False, default=list) + "\n")
