"""The three sections of a round, each theirs and then ours: the grid, SQuAD, and an encoder from random weights."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.api.limits import Limits
from harness.store.records import Result
from harness.system.environment import num_cores
from tests.bench.against_trainer import ours
from tests.bench.against_trainer.assignment import GLUE_MODEL, SCRATCH_MODEL, SQUAD_MODEL, SQUAD_RECIPE, TASKS
from tests.bench.against_trainer.children import call
from tests.bench.against_trainer.comparison import Figure, Outcome, Score, mean_score

GRID = ("mrpc", "rte", "cola", "stsb")
EVERY_FLAG, AS_THE_SCRIPT = "Trainer, every flag", "Trainer as `run_glue.py` sets it, extrapolated"
SORTED = "the same, rows sorted by hand"
ANSWERED = {EVERY_FLAG: "predict_seconds", SORTED: "sorted_predict_seconds"}
SQUAD_LIMITS = Limits(train=2_000, evaluation=1_000)
"""Where none are asked for: all of it would take Trainer hours."""
MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to compare; the runs of ours lie in ``folder``, where each round adds its seeds."""

    tasks: Sequence[str]
    data: str
    limits: Limits
    folder: Path
    num_steps: int
    attention: str

    def options(self, *, limits: Limits, seed: int) -> dict[str, Any]:
        """Return the options of a process on the other side."""
        return {"data": self.data, "limits": asdict(limits), "seed": seed}

    def run_ours(self, name: str, tasks: Sequence[str], *, limits: Limits, seeds: range) -> ours.Ran:
        """Do the seeds of a round by our command."""
        ran = ours.run(self.folder / name, tasks=tasks, model=name, data=self.data, limits=limits, seeds=seeds)
        say(f"  ours: {ran.command}")
        say(f"  {ran.seconds:.1f} s, of them {ran.seconds_without_start:.1f} s from the first example")
        return ran


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def grid(asked: Asked, turn: int) -> Outcome:
    """Fine-tune and evaluate MiniLM on each task, with the round's number as the seed."""
    options = {**asked.options(limits=asked.limits, seed=turn), "attention": asked.attention}
    flagged, scripted = {}, {}
    for task in asked.tasks:
        flagged[task] = found = call("trainer", "with_every_flag", task=task, **options)
        say(f"  {EVERY_FLAG}, {task}: {listed(found)}")
    for task in asked.tasks:
        scripted[task] = found = call("trainer", "as_the_script", task=task, num_steps=asked.num_steps, **options)
        say(f"  {AS_THE_SCRIPT} from {asked.num_steps} steps, {task}: {listed(found)}")
    ran = asked.run_ours(GLUE_MODEL.name, asked.tasks, limits=asked.limits, seeds=range(turn, turn + 1))
    results = by_task(ran.results)
    titles = {task: TASKS[task].title for task in asked.tasks}
    scores = [Score(name=titles[task], theirs=flagged[task]["score"], ours=results[task].score) for task in asked.tasks]
    num_predictions = sum(found["num_predictions"] for found in flagged.values())
    name = f"{', '.join(titles.values())}: first example to last score"
    ours = ran.seconds_without_start
    figures = [
        Figure(name=name, against=EVERY_FLAG, unit="s", theirs=total(flagged, "seconds"), ours=ours),
        Figure(name=name, against=AS_THE_SCRIPT, unit="s", theirs=total(scripted, "seconds"), ours=ours),
        *(
            Figure(
                name="their validation sets answered",
                against=against,
                unit="examples/s",
                theirs=num_predictions / total(flagged, seconds),
                ours=num_cores() * num_predictions / sum(map(predict_seconds, ran.results)),
            )
            for against, seconds in ANSWERED.items()
        ),
        *(memory(titles[task], flagged[task], results[task]) for task in asked.tasks),
    ]
    return Outcome(figures=figures, scores=[*scores, mean_score(scores, f"mean of {len(scores)} tasks")])


def squad(asked: Asked, turn: int) -> Outcome:
    """Fine-tune and evaluate MiniLM on SQuAD 1.1: Trainer one seed on all cores, ours as many seeds as cores."""
    limits = asked.limits or SQUAD_LIMITS
    seeds = range(turn * num_cores(), (turn + 1) * num_cores())
    options = {**asked.options(limits=limits, seed=seeds[0]), "attention": asked.attention}
    theirs = call("trainer_squad", "with_every_flag", **options)
    say(f"  {EVERY_FLAG}: {listed(theirs)}")
    ran = asked.run_ours(SQUAD_MODEL.name, ["squad"], limits=limits, seeds=seeds)
    num_trained = theirs["num_train"] * SQUAD_RECIPE.optimisation.epochs
    first = next(result for result in ran.results if result.seed == seeds[0])
    figures = [
        Figure(
            name=f"{TASKS['squad'].title} {what}",
            against=against,
            unit="windows/s",
            theirs=num_windows / theirs[seconds],
            ours=num_cores() * num_windows * len(ran.results) / sum(map(time, ran.results)),
        )
        for what, against, seconds, num_windows, time in (
            ("fine-tuned", EVERY_FLAG, "fit_seconds", num_trained, fit_seconds),
            *(
                ("answered, spans decoded", against, seconds, theirs["num_answered"], predict_seconds)
                for against, seconds in ANSWERED.items()
            ),
        )
    ]
    figures.append(memory(TASKS["squad"].title, theirs, first))
    [validation] = first.scores.values()
    scores = [
        Score(name=f"{TASKS['squad'].title} {figure}", theirs=theirs[figure], ours=validation[figure])
        for figure in ("f1", "exact_match")
    ]
    return Outcome(figures=figures, scores=scores)


def scratch(asked: Asked, turn: int) -> Outcome:
    """Train our Transformer from random weights over MRPC: the plain loop on all cores, ours as many seeds as cores."""
    seeds = range(turn * num_cores(), (turn + 1) * num_cores())
    theirs = call("plain_loop", "train", **asked.options(limits=asked.limits, seed=seeds[0]))
    say(f"  a plain loop, examples/s: {listed(theirs)}")
    ran = asked.run_ours(SCRATCH_MODEL.name, ["mrpc"], limits=asked.limits, seeds=seeds)
    num_seen = sum(result.data.num_examples["train"] * result.history.epochs for result in ran.results)
    rate = num_cores() * num_seen / sum(map(fit_seconds, ran.results))
    figures = [
        Figure(
            name="a Transformer trained from scratch, MRPC",
            against=f"a plain loop, `nn.TransformerEncoder`, {precision}",
            unit="examples/s",
            theirs=theirs[precision],
            ours=rate,
        )
        for precision in ("float32", "bfloat16")
    ]
    return Outcome(figures=figures)


SECTIONS: dict[str, Callable[[Asked, int], Outcome]] = {"grid": grid, "squad": squad, "scratch": scratch}


def listed(found: dict[str, float]) -> str:
    """Return the figures that a process gave as a line."""
    return ", ".join(f"{name} {value:,.2f}".removesuffix(".00") for name, value in found.items())


def fit_seconds(result: Result) -> float:
    """Return the core seconds that one of our trials took to train, tokenising included."""
    return result.timings.fit_core_seconds


def predict_seconds(result: Result) -> float:
    """Return the core seconds that one of our trials took to answer, tokenising and decoding included."""
    return sum(result.timings.predict_core_seconds.values())


def total(found: dict[str, Any], name: str) -> float:
    """Return the sum of one quantity over the tasks."""
    return float(sum(each[name] for each in found.values()))


def memory(title: str, theirs: dict[str, Any], result: Result) -> Figure:
    """Return the peak memory of the process that did one pair, on both sides."""
    return Figure(
        name=f"peak memory of the process, {title}",
        against=EVERY_FLAG,
        unit="MiB",
        theirs=theirs["peak_memory_bytes"] / MIB,
        ours=result.peak_memory_bytes / MIB,
    )


def by_task(results: Sequence[Result]) -> dict[str, Result]:
    """Return results by the short name of their task."""
    return {short: result for result in results for short, task in TASKS.items() if task.name == result.task}
