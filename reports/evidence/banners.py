"""What must stand beside every score: that data are generated, that examples are limited, that runs do not compare."""

from collections.abc import Sequence

from harness.store.records import Result
from reports.evidence.results import Evidence

SAMPLE = "generated sample, not GLUE/SQuAD"


def banners(evidence: Evidence) -> list[str]:
    """Return the warnings that every table, page and plot carries, short, without a full stop; often none."""
    return [*_sample_banner(evidence), *_limits_banners(evidence)]


def _sample_banner(evidence: Evidence) -> list[str]:
    tasks = evidence.sample_tasks
    if not tasks:
        return []
    everything = set(tasks) == set(evidence.tasks)
    return [SAMPLE if everything else f"{SAMPLE}: {', '.join(map(evidence.task_title, tasks))}"]


def _limits_banners(evidence: Evidence) -> list[str]:
    found = {(r.data.limit_train, r.data.limit_evaluation) for r in _limited(evidence)} - {(None, None)}
    return [_limits(*pair) for pair in sorted(found, key=str)]


def _limited(evidence: Evidence) -> list[Result]:
    """Return the results whose limits are known; of submissions, that on training is not."""
    everything = evidence.every_result
    return [result for result in everything if not result.submission] or everything


def _limits(train: int | None, evaluation: int | None) -> str:
    counts = ((train, "training"), (evaluation, "evaluation"))
    return f"limited to {' / '.join(f'{n:,} {name}' for n, name in counts if n is not None)} examples"


def title(evidence: Evidence) -> str:
    """Return what the report is about; the sample is never called by the name of what it imitates."""
    runs = [run for run in evidence.runs if not run.is_submission] or evidence.runs
    names = list(dict.fromkeys(run.info.suite_title for run in runs if run.info.suite_title))
    name = " and ".join(names) or "Comparison of models"
    if not evidence.sample_tasks:
        return name
    is_suite = all(run.info.suite for run in runs)
    return f"{name}-style tasks, generated sample" if is_suite else f"{name}, generated sample"


def submissions(evidence: Evidence) -> list[str]:
    """Return what must be said of models of which only predictions are known, in sentences."""
    sentences = [
        _submission(label, stored.results[0]) for label, stored in evidence.models.items() if stored.is_submission
    ]
    if sentences and any(result.data.limit_train is not None for result in evidence.every_result):
        sentences.append("Training was limited for the models trained here; for a submission that is not known.")
    return sentences


def _submission(label: str, result: Result) -> str:
    record = result.submission
    assert record is not None, "a submission's results say so"
    which = f"{record.file} (sha256 {record.sha256[:12]}), entered on {result.created[:10]}"
    return " ".join(
        [
            f"{label}: a submission, {which}; only its predictions are known, neither its training nor its cost.",
            *record.notes,
        ]
    )


def source_notes(evidence: Evidence) -> list[str]:
    """Return where the rows came from, as the runs say it, each once."""
    notes = [run.info.source_note for run in evidence.runs] + [result.data.note for result in evidence.every_result]
    return [note for note in dict.fromkeys(notes) if note]


def warnings(groups: Sequence[Evidence]) -> list[str]:
    """Return what a reader must know before comparing: results left out, and runs that stand apart."""
    runs = [run for group in groups for run in group.runs]
    found = [
        f"{run.label}: {run.num_replaced} other results are left out; the latest command used other data, limits "
        "or settings, or of a model whose content has changed."
        for run in runs
        if run.num_replaced
    ]
    if len(groups) > 1:
        found.append(_apart(groups))
    return found


def _apart(groups: Sequence[Evidence]) -> str:
    data: dict[str, dict[object, str]] = {}
    for group in groups:
        for result in _limited(group):
            text = (
                f"{result.data.fingerprint[:12]}, {_limits_text(result.data.limit_train, result.data.limit_evaluation)}"
            )
            data.setdefault(group.task_title(result.task), {}).setdefault(text, group_label(group))
    differing = "; ".join(
        f"{task}: {', '.join(f'{label} ({text})' for text, label in found.items())}"
        for task, found in data.items()
        if len(found) > 1
    )
    reason = "rows, limits or the task's version differ"
    return f"These runs do not compare, as {reason}; each set has its own tables and plots. {differing}."


def _limits_text(train: int | None, evaluation: int | None) -> str:
    return "no limits" if train is None and evaluation is None else _limits(train, evaluation)


def group_label(evidence: Evidence) -> str:
    """Return the names of the runs that stand together."""
    return ", ".join(run.label for run in evidence.runs)


def heading(evidences: Sequence[Evidence]) -> str:
    """Return the title of everything together."""
    return " and ".join(dict.fromkeys(map(title, evidences)))
