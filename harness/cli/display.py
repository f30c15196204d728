"""What commands print: tables for a person, or one JSON document."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from harness.api.limits import Limits
from harness.catalog import Catalog
from harness.cli.clock import duration
from harness.cli.progress import examples_text
from harness.markup import shortened, strict_json
from harness.plan.forecast import Pair, forecast
from harness.plan.request import Prepared
from harness.store.latest import read_newest, standing_failures
from harness.store.run import Run
from harness.system.console import console_on
from harness.system.disclosure import without_own_home
from reports.formats import terminal
from reports.formats.comparison_table import read_page

if TYPE_CHECKING:
    from harness.gate.adaptive import Gated
    from harness.store.records import Failure
    from reports.analysis.head_to_head import HeadToHead

MAX_ACCOUNT = 300
"""Characters of a failure's reason; its file has all of it."""


def show_source(prepared: Prepared) -> None:
    """Say where the rows come from, and what cannot be had."""
    console = console_on(stderr=True)
    note, source = prepared.info.source_note, prepared.info.source
    place = note if source in {"hub", "sample"} else without_own_home(source)
    limits = _limits_text(prepared.plan.trials[0].limits) if prepared.plan.trials else ""
    console.print(f"data: {place}{limits and f' ({limits})'}", soft_wrap=True)
    for line in _starts_text(prepared):
        console.print(line, soft_wrap=True)
    for name, reason in prepared.left_out.items():
        console.print(f"left out: model {name}: {reason}", style="yellow")
    for name, reason in prepared.plan.absent.items():
        console.print(f"left out: task {name}: {reason}", style="yellow")


def _starts_text(prepared: Prepared) -> Iterator[str]:
    """Yield what begins with what, for each model that begins some tasks with its encoder of another one."""
    followers: dict[tuple[str, str], dict[str, None]] = {}
    for trial in prepared.plan.trials:
        if trial.start:
            followers.setdefault((trial.model.name, trial.start.task.name), {})[trial.task.name] = None
    for (model, start), tasks in followers.items():
        yield f"{model}: {start} first, then {', '.join(tasks)} from the encoder fine-tuned on it"


def _limits_text(limits: Limits) -> str:
    if limits.train == limits.evaluation:
        return f"at most {limits.train:,} examples of each split" if limits.train is not None else ""
    of_train = f"at most {limits.train:,} training examples" if limits.train is not None else ""
    of_others = f"at most {limits.evaluation:,} of each other split" if limits.evaluation is not None else ""
    return ", ".join(filter(None, (of_train, of_others)))


def show_forecast(prepared: Prepared, *, as_json: bool, num_workers: int) -> None:
    """Show what a run would do."""
    found = forecast(prepared, num_workers=num_workers)
    if as_json:
        pairs = [asdict(pair) for pair in found.pairs]
        counts = {"num_examples": found.num_examples, "num_held": found.num_held}
        print_json({"pairs": pairs, "workers": num_workers, "seconds_estimated": found.seconds, **counts})
        return
    console = console_on()
    console.print(examples_text(found.num_examples, found.num_held), soft_wrap=True)
    console.print(_forecast_table(found.pairs))
    total = sum(pair.num_new for pair in found.pairs)
    is_first = not sum(pair.num_cached for pair in found.pairs)
    basis = "counted operations; no trial is timed yet" if is_first else "the trials done so far"
    about = f", roughly {duration(found.seconds)} on {num_workers} workers (from {basis})" if total else ""
    console.print(f"{total} trials to do{about}; {sum(p.num_cached for p in found.pairs)} cached", soft_wrap=True)


def _forecast_table(pairs: Sequence[Pair]) -> Table:
    table = Table("task", "model", "cached", "new", "rough time", box=None)
    for pair in pairs:
        time = duration(pair.seconds) if pair.num_new else ""
        counts = (str(pair.num_cached), str(pair.num_new), time) if pair.supported else ("unsupported", "", "")
        table.add_row(pair.task, pair.model, *counts)
    return table


def summary(run: Run, report_path: Path, gated: "Gated | None" = None) -> dict[str, Any]:
    """Return the metric values of a run as plain values, and what the gate said of it, if it was asked."""
    from harness.gate.rendering.document import contents
    from harness.gate.rendering.published import published

    newest = read_newest(run)
    keep = ("key", "task", "seed", "score", "scores", "headline")
    return {
        "run": str(run.folder),
        "report": str(report_path),
        "data": newest.info.source_note,
        "is_sample": newest.info.is_sample,
        "results": [
            {
                **{name: getattr(result, name) for name in keep},
                "model": result.model.name,
                "data": result.data.model_dump(),
            }
            for result in newest.results
        ],
        "failures": [failure.model_dump(exclude={"traceback"}) for failure in newest.failures],
        **({"gate": contents(replace(gated, report=published(gated.report)))} if gated else {}),
    }


def show_comparison(report_path: Path, *runs: Run) -> None:
    """Show the table of a report, what failed, and where the report is."""
    console = console_on()
    terminal.show_comparison(read_page(report_path.parent / "comparison.json"), console)
    for run in runs:
        for line in failure_lines(run):
            console.print(line, style="red", soft_wrap=True)
    console.print(f"report: {report_path}", soft_wrap=True)


def failure_lines(run: Run) -> list[str]:
    """Return what failed in a run: a line for each model and reason, in short, with the file that says all of one."""
    together: dict[tuple[str, str], list[Failure]] = {}
    for failure in standing_failures(run):
        together.setdefault((failure.model, failure.account), []).append(failure)
    lines = []
    for (model, account), failures in together.items():
        tasks = ", ".join(dict.fromkeys(failure.task for failure in failures))
        first, *others = failures
        count = f"{1 + len(others)} trials" if others else f"seed {first.seed}"
        where = run.trial_folder(first.key) / "failure.json"
        lines.append(f"failed: {model} on {tasks} ({count}): {shortened(account, MAX_ACCOUNT)} (see {where})")
    return lines


def show_report(report_path: Path, runs: Sequence[Run], *, as_json: bool) -> None:
    """Show a report on some runs."""
    if as_json:
        print_json({"report": str(report_path), "runs": [summary(run, report_path) for run in runs]})
    else:
        show_comparison(report_path, *runs)


def show_head_to_head(found: "Sequence[HeadToHead]", *, as_json: bool) -> None:
    """Show what is known of two models against each other."""
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        from reports.formats import head_to_head  # on use: statistics are slow to import

        head_to_head.show(found, console_on())


def print_json(document: object) -> None:
    """Print one JSON document."""
    sys.stdout.write(strict_json(document) + "\n")


def show_catalog(catalog: Catalog, *, as_json: bool) -> None:
    """Show the suites, tasks and models that there are."""
    document: dict[str, dict[str, str]] = {
        "suites": {name: f"{suite.title}: {' '.join(suite.tasks)}" for name, suite in catalog.suites.items()},
        "tasks": {name: task.title for name, task in catalog.tasks.items()},
        "models": {
            name: f"{spec.title or type(spec).__name__} ({catalog.origins['model', name]})"
            for name, spec in catalog.models.items()
        },
        "model families": {name: family.title for name, family in catalog.families.items()},
    }
    if as_json:
        print_json(document)
        return
    console = console_on()
    for kind, entries in document.items():
        console.print(kind, style="bold")
        for name, about in entries.items():
            console.print(f"  {name:<20} {about}", soft_wrap=True)
