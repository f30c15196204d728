"""What a model did with its checkpoint and with the texts, where a score cannot be read without it."""

from collections.abc import Callable, Iterator

from harness.api.encoding import Coverage
from harness.markup import one_line
from reports.evidence.results import Evidence

LEAST_FRACTION = 0.03
"""Of unknown tokens, or of truncated examples, that is worth a note."""
MOST_NOTES = 12


def reading_notes(evidence: Evidence) -> list[str]:
    """Return a sentence for each model and task with unknown tokens or truncated texts, and what training noted."""
    found = list(
        dict.fromkeys(
            [
                *_fractions(evidence, "tokens unknown to its tokenizer", lambda coverage: coverage.unknown_tokens),
                *_fractions(evidence, "examples with texts cut off", lambda coverage: coverage.truncated_examples),
                *_training_notes(evidence),
            ]
        )
    )
    more = len(found) - MOST_NOTES
    return found if more <= 0 else [*found[:MOST_NOTES], f"{more} more notes of this kind are in the results."]


def start_notes(evidence: Evidence) -> list[str]:
    """Return a sentence for each model that began training on some tasks with its encoder as trained on another one."""
    found: dict[tuple[str, str], list[str]] = {}
    for (task, model), results in evidence.results.items():
        for start in {result.start.partition("--")[0] for result in results if result.start}:
            found.setdefault((model, start), []).append(evidence.task_title(task))
    return [
        f"{model}: on {', '.join(tasks)}, training started from the encoder fine-tuned on {evidence.task_title(start)} "
        "with the same seed, and a fresh head."
        for (model, start), tasks in found.items()
    ]


def _fractions(evidence: Evidence, what: str, fraction_of: Callable[[Coverage], float]) -> Iterator[str]:
    for (task, model), results in evidence.results.items():
        highest: dict[str, float] = {}
        for split, coverage in (item for result in results for item in result.coverage.items()):
            highest[split] = max(highest.get(split, 0.0), fraction_of(coverage))
        if any(fraction > LEAST_FRACTION for fraction in highest.values()):
            splits = ", ".join(f"{split} {fraction:.1%}".replace("%", " %") for split, fraction in highest.items())
            yield f"{model} on {evidence.task_title(task)}: {what}: {splits}."


def _training_notes(evidence: Evidence) -> Iterator[str]:
    """Yield what training noted, once for all tasks where it is the same."""
    tasks: dict[tuple[str, str], dict[str, None]] = {}
    for (task, model), results in evidence.results.items():
        for note in (note for result in results if result.history for note in result.history.notes):
            tasks.setdefault((model, one_line(note)), {})[evidence.task_title(task)] = None
    yield from (f"{model} on {', '.join(named)}: {note}." for (model, note), named in tasks.items())
