"""Ours against transformers' Trainer, in turn, on the same CPU: ``python -m tests.bench.against_trainer --data DIR``.

Each round does every section, theirs and then ours, and prints a line a measurement; medians, ratios and scores come
last, as Markdown. Trainer does pair after pair on all cores, ours as many single-threaded trials at a time as cores.

grid     MiniLM on MRPC, RTE, CoLA and STS-B by the recipe of run_glue.py. Time goes from the first example to the last
         score, the start of Python and imports left out; ours is printed from the command on as well. Trainer has
         every flag that makes it faster: padding to the longest of a batch, batches of like lengths, bfloat16 where the
         CPU multiplies it, fused AdamW, nothing saved. As run_glue.py sets it, it does a few steps and answers of each
         task, and the rest is extrapolated. Answering counts tokenising on both sides; a rate of ours is that of all
         cores, from core seconds. Peak memory is that of the process which did the one pair.
squad    MiniLM on SQuAD 1.1 by the recipe of run_qa.py, without limits on 2,000 training and 1,000 other questions from
         all over it. Windows and decoding count on both sides. Ours does as many seeds at a time as there are cores.
scratch  Our small Transformer on MRPC, one epoch, against nn.TransformerEncoder of the same sizes in a plain loop.
"""

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

from harness.api.limits import Limits
from harness.data.source import open_source
from harness.store.machine import describe_machine
from harness.system.environment import num_cores, versions
from tests.bench.against_trainer.assignment import TASKS
from tests.bench.against_trainer.comparison import Outcome, score_table, speed_table
from tests.bench.against_trainer.sections import GRID, SECTIONS, SQUAD_LIMITS, Asked, say


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="sample", help="as of `harness run`")
    parser.add_argument("--section", action="append", choices=list(SECTIONS), help="default: all")
    parser.add_argument("--task", action="append", choices=GRID, help="of the grid; default: all four")
    parser.add_argument("--rounds", type=int, default=3, help="round r has seed r on both sides")
    parser.add_argument("--limit", type=int, help="at most so many examples of each split, as of `harness run`")
    parser.add_argument("--limit-train", type=int, help="the same, of the training split alone")
    parser.add_argument("--steps", type=int, default=6, help="of Trainer as run_glue.py sets it, each task")
    parser.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa", help="in Trainer's models")
    return parser.parse_args()


def main() -> None:
    """Do the rounds, and print what they gave."""
    options = parse()
    source = open_source(options.data)
    limit_train = options.limit if options.limit_train is None else options.limit_train
    limits = Limits(train=limit_train, evaluation=options.limit)
    names = options.section or list(SECTIONS)
    describe(options, limits, source.note)
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(
            tasks=options.task or GRID,
            data=str(source),
            limits=limits,
            folder=Path(folder),
            num_steps=options.steps,
            attention=options.attention,
        )
        for turn in range(options.rounds):
            for name in names:
                say(f"round {turn + 1} of {options.rounds}, {name}:")
                outcome.add(SECTIONS[name](asked, turn))
    say(f"\n{speed_table(outcome.figures)}")
    if outcome.scores:
        say(f"\n{score_table(outcome.scores)}")


def describe(options: argparse.Namespace, limits: Limits, note: str) -> None:
    """Print what a reader of the figures has to know."""
    machine = describe_machine("cpu", num_cores())
    say(f"python -m tests.bench.against_trainer {shlex.join(sys.argv[1:])}")
    say(
        f"{machine.processor}, {machine.num_cores} cores; Trainer and the plain loop have {machine.num_threads} threads"
    )
    say(", ".join(f"{name} {version}" for name, version in versions().items()))
    say(f"{options.rounds} rounds; data: {note}; Trainer's attention: {options.attention}")
    if limits:
        say(f"only a slice: at most {limits.train or 'all'} training and {limits.evaluation or 'all'} other examples")
    elif "squad" in (options.section or SECTIONS):
        say(f"of {TASKS['squad'].title} only {SQUAD_LIMITS.train:,} training and {SQUAD_LIMITS.evaluation:,} questions")


if __name__ == "__main__":
    main()
