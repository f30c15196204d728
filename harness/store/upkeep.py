"""What is left over in a run's folder: halves of files that killed processes wrote, and failures that are made good."""

from pathlib import Path

from harness.store.reading import StoredFileError
from harness.store.run import Run
from harness.system.files import sweep
from harness.system.locks import claim


def tidy(run: Run) -> list[Path]:
    """Remove what is left over, while others may be at work in the same run, and return what that was.

    What somebody writes is locked (:func:`~harness.system.files.left_over`), and so is a trial that somebody works at.
    """
    removed = sweep(run.folder)
    for path in sorted(run.folder.glob("trials/*/failure.json")):
        with claim(run.claim_path(path.parent.name)) as held:
            if held and reason_to_drop(run, path.parent.name):
                path.unlink(missing_ok=True)
                removed.append(path)
    return removed


def drop_weights(run: Run) -> None:
    """Remove the weights that no trial which was asked for begins with any more."""
    for path in sorted(run.folder.glob("trials/*/weights.safetensors")):
        with claim(run.claim_path(path.parent.name)) as held:
            result = run.done(path.parent.name) if held else None
            if result and not needs_weights(run, result.model.name):
                path.unlink(missing_ok=True)


def needs_weights(run: Run, model: str) -> bool:
    """Return whether a trial of a model that was asked for is not done yet, or no speed of it on a task measured."""
    return not all(
        all(map(run.is_done, pair.keys)) and any(map(run.is_measured, pair.keys))
        for pair in run.info().asked
        if pair.model == model
    )


def reason_to_drop(run: Run, key: str) -> str:
    """Return why the record of a failure is of no use any more; an empty string where it is."""
    try:
        kind = run.failure(key).kind
    except StoredFileError as error:
        return error.reason
    is_made_good = run.is_measured(key) if kind == "speed" else run.is_done(key)
    return "left of a failure that was made good since" if is_made_good else ""
