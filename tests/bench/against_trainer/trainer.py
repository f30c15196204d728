"""One pair of the grid by transformers' Trainer, from its first example to its score; imports come before the clock.

Two settings: with every flag that makes it faster there, the whole pair; and as ``run_glue.py`` sets it, on a few
steps, from which the time of the whole pair is extrapolated. ``bf16_full_eval`` is not among the flags: it rounds the
answers themselves to 8 bits. Answers are timed as the flags give them, and again with rows sorted by hand.
"""

import gc
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn.metrics  # noqa: F401 (for scores: not on Trainer's time)
import torch
import transformers
import transformers.models.bert.modeling_bert
from numpy.typing import NDArray
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)

from harness import Classification, Example, Prediction, Recipe
from harness.api.limits import Limits
from harness.data.loading import load
from harness.data.source import open_source
from harness.metrics.scoring import score, task_score
from harness.system.devices import resolve_precision
from harness.system.environment import peak_memory_bytes
from tests.bench.against_trainer import children
from tests.bench.against_trainer.assignment import GLUE_MODEL, GLUE_RECIPE, TASKS

SCRIPT_EVALUATION_BATCH = 8
EVALUATION_BATCH = 32
"""Of 8, 32, 64 and 128 the one at which Trainer answers the four sets of the grid fastest on a CPU."""
EVALUATION_BATCH_ON_CUDA = 128
Row = dict[str, Any]


def arguments(recipe: Recipe, *, seed: int, device: str = "cpu", **others: Any) -> TrainingArguments:
    """Return a recipe as Trainer takes it, without saving, logging and progress bars."""
    return TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        num_train_epochs=recipe.optimisation.epochs,
        per_device_train_batch_size=recipe.optimisation.batch_size,
        learning_rate=recipe.optimisation.learning_rate,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=device == "cpu",
        dataloader_pin_memory=device != "cpu",
        seed=seed,
        **others,
    )


def every_flag(device: str = "cpu") -> dict[str, Any]:
    """Return what makes Trainer faster on a device, beside padding to the longest of a batch."""
    bfloat16 = resolve_precision("auto", device) == "bfloat16"
    return {"optim": "adamw_torch_fused", "bf16": bfloat16, "train_sampling_strategy": "group_by_length"}


def predict(trainer: Trainer, rows: Sequence[Row], *, by_length: bool) -> list[NDArray[np.float32]]:
    """Return Trainer's answers in the order of the rows, which it is given as they are or sorted by length.

    Its own grouping by length would lose the order.
    """
    lengths = [len(row["input_ids"]) if by_length else 0 for row in rows]
    order = np.argsort(-np.array(lengths), kind="stable")
    trainer.args.train_sampling_strategy = "random"  # of training: evaluation then takes rows as they come
    answers = trainer.predict([rows[i] for i in order]).predictions
    parts = answers if isinstance(answers, tuple) else (answers,)
    return [part[np.argsort(order)] for part in parts]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to do; ``attention`` is the implementation that transformers is to load the model with.

    ``checkpoint`` is a folder, in place of MiniLM's; ``epochs`` are those of the recipe where none are given.
    ``num_loaders`` processes put batches together: of use on a GPU, in trainings that outlast their start.
    """

    task: str
    data: str
    limits: dict[str, int | None]
    seed: int
    attention: str
    device: str = "cpu"
    checkpoint: str | None = None
    epochs: float = GLUE_RECIPE.optimisation.epochs
    num_loaders: int = 0

    @property
    def recipe(self) -> Recipe:
        """The recipe of ``run_glue.py``, over as many epochs as asked for."""
        return GLUE_RECIPE.having(epochs=self.epochs)

    def examples(self) -> tuple[list[Example], list[Example]]:
        """Return those to learn from and those to answer."""
        held = load(TASKS[self.task], open_source(self.data), Limits(**self.limits))
        return held.train, next(iter(held.scored.values()))


class Pair:
    """A task with a fresh model: its rows as tokens, padded to the longest of a batch or to the full length."""

    def __init__(self, asked: Asked, *, padding: str | bool) -> None:
        transformers.logging.set_verbosity_error()
        transformers.set_seed(asked.seed)
        self.task = TASKS[asked.task]
        self.train, self.validation = asked.examples()
        folder = asked.checkpoint or GLUE_MODEL.checkpoint.folder()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.padding = padding
        output = self.task.output
        self.is_classification = isinstance(output, Classification)
        labels = len(output.labels) if isinstance(output, Classification) else 1
        load_model = AutoModelForSequenceClassification.from_pretrained
        self.model = load_model(folder, num_labels=labels, dtype=torch.float32, attn_implementation=asked.attention)

    def rows(self, examples: Sequence[Example]) -> list[Row]:
        """Return examples as Trainer takes them; a list is the quickest of its kinds of dataset."""
        texts = [[example.text for example in examples]]
        if examples[0].pair is not None:
            texts.append([example.pair or "" for example in examples])
        tokens = self.tokenizer(
            *texts, truncation=True, max_length=GLUE_RECIPE.encoding.max_length, padding=self.padding
        )
        names = list(tokens)
        values = zip(*tokens.values(), strict=True)
        return [
            {**dict(zip(names, row, strict=True)), "label": example.target}
            for row, example in zip(values, examples, strict=True)
        ]

    def score(self, logits: NDArray[np.float32]) -> float:
        """Return the task's score of logits, (examples, labels) or (examples, 1)."""
        values = logits.argmax(axis=-1) if self.is_classification else logits[:, 0]
        predictions = [Prediction(value=value) for value in values.tolist()]
        return task_score(self.task, {"validation": score(self.task.metrics, predictions, self.validation)})


def with_every_flag(**options: Any) -> dict[str, Any]:
    """Fine-tune and evaluate a pair."""
    asked = Asked(**options)
    is_on_cpu = asked.device == "cpu"
    started = time.perf_counter()
    pair = Pair(asked, padding=False)
    flags = {
        "per_device_eval_batch_size": EVALUATION_BATCH if is_on_cpu else EVALUATION_BATCH_ON_CUDA,
        "dataloader_num_workers": asked.num_loaders,
        **every_flag(asked.device),
    }
    settings = arguments(asked.recipe, seed=asked.seed, device=asked.device, **flags)
    collator = DataCollatorWithPadding(pair.tokenizer, pad_to_multiple_of=None if is_on_cpu else 8)
    trainer = Trainer(pair.model, settings, data_collator=collator, train_dataset=pair.rows(pair.train))
    metrics = trainer.train().metrics
    fitted = time.perf_counter()
    rows = pair.rows(pair.validation)
    tokenised = time.perf_counter()
    trainer.predict(rows)  # grouped by length, in an order of its own: enough for a score, which is made below
    predicted = time.perf_counter()
    [logits] = predict(trainer, rows, by_length=True)
    answered_again = time.perf_counter()
    return {
        "score": pair.score(logits),
        "fit_seconds": fitted - started,
        "train_seconds": metrics["train_runtime"],
        "predict_seconds": predicted - fitted,
        "sorted_predict_seconds": answered_again - predicted + tokenised - fitted,
        "num_predictions": len(pair.validation),
        "num_threads": torch.get_num_threads(),
        "seconds": time.perf_counter() - answered_again + predicted - started,
    }


def pair_after_pair(*, pairs: Sequence[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    """Fine-tune and evaluate some pairs in one process, each with options of its own."""
    found = []
    for pair in pairs:
        asked = {**options, **pair}
        if asked["device"] == "cuda":
            torch.cuda.reset_peak_memory_stats()
        done = with_every_flag(**asked)
        found.append({**done, "peak_memory_bytes": peak_memory_bytes(asked["device"])})
        gc.collect()  # a Trainer and its model hold each other
    return found


def as_the_script(*, num_steps: int, **options: Any) -> dict[str, Any]:
    """Time ``num_steps`` steps and as many batches of answers, each after one more, and extrapolate to the pair.

    Loading and tokenising are left out.
    """
    asked = Asked(**options)
    pair = Pair(asked, padding="max_length")
    clock = Clock()
    trainer = Trainer(
        pair.model,
        arguments(
            GLUE_RECIPE,
            seed=asked.seed,
            per_device_eval_batch_size=SCRIPT_EVALUATION_BATCH,
            max_steps=1 + num_steps,
        ),
        data_collator=default_data_collator,
        train_dataset=pair.rows(pair.train),
        callbacks=[clock],
    )
    trainer.train()
    rows = pair.rows(pair.validation[: SCRIPT_EVALUATION_BATCH * num_steps])
    predict(trainer, rows[:SCRIPT_EVALUATION_BATCH], by_length=False)
    started = time.perf_counter()
    predict(trainer, rows, by_length=False)
    answer_seconds = (time.perf_counter() - started) / len(rows)
    step_seconds = (clock.ends[-1] - clock.ends[0]) / num_steps
    return {
        "step_seconds": step_seconds,
        "answers_per_second": 1 / answer_seconds,
        "seconds": GLUE_RECIPE.optimisation.num_steps(len(pair.train)) * step_seconds
        + len(pair.validation) * answer_seconds,
    }


class Clock(TrainerCallback):
    """Notes when each step ends."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_arguments: Any, **_options: Any) -> None:
        """Note the time."""
        self.ends.append(time.perf_counter())


if __name__ == "__main__":
    children.answer({"with_every_flag": with_every_flag, "as_the_script": as_the_script})
