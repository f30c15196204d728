"""Our grid against transformers' Trainer, in turn, on the same machine: ``python -m tests.bench.against_trainer``.

Both fine-tune MiniLM by the recipe of ``run_glue.py`` on the same examples, and answer the validation set. Trainer does
pair after pair on all cores, with every speed flag that it has: dynamic padding, batches of like lengths, fused AdamW,
bfloat16 where the CPU multiplies it. Ours does them side by side, one thread each. Time is wall time: of Trainer from
its first example to its last score, of ours from the command to its last result, start and loading included.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from baselines.pretrained import MINILM
from harness import Prediction, Recipe
from harness.devices import resolve_precision
from harness.loading import Limits, TaskData, load
from harness.metrics import score
from harness.outputs import Classification
from harness.plugins import load as load_catalog
from harness.sources import open_source
from harness.store import Run
from harness.task import Task

RECIPE = Recipe()
USUAL = replace(MINILM, name="minilm-usual", recipe=RECIPE, per_task={})
TASKS = ("mrpc", "rte", "cola", "stsb")


def trainer_answers(task: Task, data: TaskData, seed: int) -> dict[str, float]:
    """Fine-tune and evaluate one pair with Trainer, and return its figures on the first scored split."""
    import datasets
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer

    folder = USUAL.checkpoint.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    labels = len(task.output.labels) if isinstance(task.output, Classification) else 1
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=labels)

    def encode(examples: list[Any]) -> datasets.Dataset:
        pairs = [example.pair for example in examples]
        texts = [[example.text for example in examples], *([pairs] if pairs[0] is not None else [])]
        tokens = tokenizer(*texts, truncation=True, max_length=RECIPE.max_length)
        return datasets.Dataset.from_dict({**tokens, "label": [example.target for example in examples]})

    validation = next(iter(data.scored.values()))
    collator = DataCollatorWithPadding(tokenizer)
    trainer = Trainer(model, trainer_arguments(seed), data_collator=collator, train_dataset=encode(data.train))
    trainer.train()
    logits = trainer.predict(encode(validation)).predictions
    values = logits.argmax(-1) if labels > 1 else logits[:, 0]
    predictions = [Prediction(value=value) for value in values.tolist()]
    return score(task.metrics, predictions, validation)


def trainer_arguments(seed: int) -> Any:
    """Return the recipe, with every flag that makes Trainer faster on a CPU."""
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        num_train_epochs=RECIPE.epochs,
        per_device_train_batch_size=RECIPE.batch_size,
        per_device_eval_batch_size=128,
        learning_rate=RECIPE.learning_rate,
        optim="adamw_torch_fused",
        bf16=resolve_precision("auto", "cpu") == "bfloat16",
        train_sampling_strategy="group_by_length",
        dataloader_pin_memory=False,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        seed=seed,
    )


def run_trainer(arguments: argparse.Namespace) -> None:
    """Do all pairs, one after the other, and print seconds and scores as JSON: what the child process does."""
    import transformers

    transformers.logging.set_verbosity_error()
    catalog, source = load_catalog(), open_source(arguments.data)
    scores, started = {}, time.perf_counter()
    for name in arguments.task or TASKS:
        task = catalog.task(name)
        data = load(task, source, Limits(train=arguments.limit, evaluation=arguments.limit))
        scores[name] = trainer_answers(task, data, seed=arguments.seed)
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started, "scores": scores}) + "\n")


def run_ours(arguments: argparse.Namespace, out: Path) -> dict[str, Any]:
    """Run the grid by its command, and return seconds, to the last result, and scores."""
    tasks = [option for name in arguments.task or TASKS for option in ("--task", name)]
    limit = ["--limit", str(arguments.limit)] if arguments.limit else []
    plugin = ["--plugin", str(Path(__file__)), "--model", USUAL.name]
    command = [sys.executable, "-m", "harness", "run", *tasks, *plugin, *limit, "--data", arguments.data]
    started = datetime.now().timestamp()
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    last = max(path.stat().st_mtime for path in out.glob("trials/*/result.json"))
    scores = {result.task: next(iter(result.scores.values())) for result in Run(out).results()}
    return {"seconds": last - started, "scores": scores}


def main() -> None:
    """Run both in turn, and print the seconds of each round, their ratio and the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="sample", help="as of `harness run`")
    parser.add_argument("--task", action="append", help=f"default: {', '.join(TASKS)}")
    parser.add_argument("--limit", type=int, help="examples of each split")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trainer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.trainer:
        run_trainer(arguments)
        return
    seconds: dict[str, list[float]] = {"trainer": [], "ours": []}
    for number in range(arguments.rounds):
        child = [sys.executable, "-m", "tests.bench.against_trainer", *sys.argv[1:], "--trainer"]
        trainer = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        with tempfile.TemporaryDirectory() as folder:
            ours = run_ours(arguments, Path(folder))
        for name, found in (("trainer", trainer), ("ours", ours)):
            seconds[name].append(found["seconds"])
            sys.stdout.write(f"round {number + 1}, {name}: {found['seconds']:.1f} s, {found['scores']}\n")
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    sys.stdout.write(f"medians: trainer {medians['trainer']:.1f} s, ours {medians['ours']:.1f} s\n")
    sys.stdout.write(f"ours is {medians['trainer'] / medians['ours']:.2f} times as fast\n")


if __name__ == "__main__":
    main()
