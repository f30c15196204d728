"""The commands about files of predictions: `score` scores somebody's, `submit` writes a run's."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import Data, Json, Plugins


def score(
    submission: Annotated[
        Path, typer.Argument(metavar="FILE", help="A GLUE table (.tsv), SQuAD predictions (.json), or a suite's .zip.")
    ],
    task: Annotated[str | None, typer.Option(help="The task that a single file is for.")] = None,
    suite: Annotated[str | None, typer.Option(help="The suite that a zip is for, such as glue.")] = None,
    data: Data = "auto",
    split: Annotated[
        str | None, typer.Option(help="The split, if the file does not say; for a zip, validation or test.")
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Accept a zip with files missing.")] = False,
    na_probabilities: Annotated[
        Path | None, typer.Option(help="SQuAD 2.0: a JSON file of P(no answer) by question.")
    ] = None,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Score a prediction file in the official format against the labels."""
    from harness.catalog import load_catalog
    from harness.cli import display_submissions as display
    from harness.data.source import open_source
    from harness.errors import UsageError
    from harness.submissions.scoring import score_submission
    from harness.submissions.sides import side_named
    from harness.submissions.single import read_file
    from harness.submissions.suite import read_zip

    catalog = load_catalog(plugin or ())
    if task and not suite and not partial:
        asked = catalog.task(task)
        source = open_source(data, [asked])
        found = read_file(asked, submission, source, split, na_probabilities)
        (scored,) = score_submission(found, [asked], source)
        display.show_file_score(found, scored, source, as_json=as_json)
    elif suite and not task and not na_probabilities:
        named = catalog.suite(suite)
        tasks = [catalog.task(name) for name in named.tasks]
        source = open_source(data, tasks)
        found = read_zip(submission, tasks, source, side_named(split), partial=partial)
        display.show_suite_score(found, score_submission(found, tasks, source), named, source, as_json=as_json)
    else:
        raise UsageError("expected --task with a single file, or --suite (and --partial) with a zip.")


def submit(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder made by `run`.")],
    model: Annotated[str, typer.Option(help="The model's name in the run.")],
    out: Annotated[
        Path,
        typer.Option(
            help="A suite's .zip; with --task a .tsv, or SQuAD's predictions.json (2.0: with na_prob.json beside it)."
        ),
    ],
    suite: Annotated[str | None, typer.Option(help="The suite to submit to. \\[default: the run's]")] = None,
    task: Annotated[str | None, typer.Option(help="Only this task, in a single file.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="The seed whose predictions to write. \\[default: the lowest]")
    ] = None,
    validation: Annotated[
        bool, typer.Option("--validation", help="Write the validation splits, not the test splits.")
    ] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Leave out files that the run cannot fill.")] = False,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Write a run's predictions in the official format: GLUE's zip, or one task's file."""
    from harness.catalog import load_catalog
    from harness.cli import display_submissions as display
    from harness.cli.suites import suite_asked
    from harness.store.run import Run
    from harness.submissions.sides import Side
    from harness.submissions.writer import seed_results, submit_suite, submit_task

    catalog, opened = load_catalog(plugin or ()), Run.open(run)
    side: Side = "validation" if validation else "test"
    if task:
        asked = catalog.task(task)
        written = submit_task(seed_results(opened, model, [asked], seed), asked, out, side)
    else:
        tasks = [catalog.task(name) for name in suite_asked(suite, [opened], catalog).tasks]
        written = submit_suite(seed_results(opened, model, tasks, seed), tasks, out, side, partial=partial)
    display.show_written(written, as_json=as_json)
