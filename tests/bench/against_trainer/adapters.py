"""A causal checkpoint fine-tuned whole, and by LoRA: ours against transformers' Trainer, for LoRA with peft.

``python -m tests.bench.against_trainer.adapters --model DIR [--steps 6] [--batch-size 8]`` takes the same steps on the
same texts, of 10 to 90 words, each in a process of its own with all cores as threads. Trainer has every flag that makes
it faster (:func:`~tests.bench.against_trainer.trainer.every_flag`). Timed is a step, the first one left out.
"""

import argparse
import itertools
import random
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from harness.api.example import Example
from harness.api.method import Method
from tests.bench.against_trainer import children

WORDS = ("red", "green", "engine", "small", "steam", "who", "wrote", "the", "first", "program", "film", "of")
LABELS = ("no", "yes")
METHODS = ("whole", "lora")
MIB = 2**20


def texts(count: int) -> list[Example]:
    """Return texts of many lengths, always the same."""
    random_ = random.Random(0)
    return [
        Example(id=str(index), text=" ".join(random_.choices(WORDS, k=random_.randint(10, 90))), target=index % 2)
        for index in range(count)
    ]


def per_step(ends: Sequence[float]) -> float:
    """Return the median seconds of a step, without the first."""
    return statistics.median(end - start for start, end in itertools.pairwise(ends))


def ours(*, model: str, method: str, steps: int, batch_size: int) -> dict[str, Any]:
    """Take the steps as a trial does that has the machine to itself."""
    from baselines.pretrained import resolve
    from harness.api.model import FitSession
    from harness.api.output import Classification
    from harness.training.model import TorchModel
    from tests.fakes.networks import toy_task

    spec: Any = resolve(model)
    spec = spec.with_method(Method(way="lora")) if method == "lora" else spec
    recipe = spec.recipe.having(epochs=1.0, batch_size=batch_size)
    task = toy_task("bench", Classification(labels=LABELS))
    ends: list[float] = []
    built: TorchModel = spec.__class__(**{**vars(spec), "recipe": recipe, "recipes": {}}).build(
        task, seed=0, device="cpu"
    )
    session = FitSession(on_step=lambda _step, _steps: ends.append(time.perf_counter()))
    built.fit(texts(steps * batch_size), session)
    return {
        "step_seconds": per_step(ends),
        "trained": built.num_trainable_parameters,
        "kept_bytes": sum(map(len, built.adapter.values())) or 4 * built.num_parameters,
    }


def trainer(*, model: str, method: str, steps: int, batch_size: int) -> dict[str, Any]:
    """Take them by Trainer."""
    import torch
    import transformers
    from peft import LoraConfig, get_peft_model

    from harness.api.recipe import Adaptation, Recipe
    from tests.bench.against_trainer.trainer import Clock, arguments, every_flag

    transformers.logging.set_verbosity_error()
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    network: Any = transformers.AutoModelForSequenceClassification.from_pretrained(
        model, num_labels=2, dtype=torch.float32
    )
    network.config.pad_token_id = tokenizer.pad_token_id
    if method == "lora":
        usual = Adaptation()
        config = LoraConfig(
            r=usual.lora_rank, lora_alpha=usual.lora_alpha, target_modules="all-linear", task_type="SEQ_CLS"
        )
        network = get_peft_model(network, config)
    rows = [
        {**tokenizer(e.text, truncation=True, max_length=128), "label": e.target} for e in texts(steps * batch_size)
    ]
    clock = Clock()
    settings = arguments(Recipe().having(epochs=1.0, batch_size=batch_size), seed=0, **every_flag())
    collator = transformers.DataCollatorWithPadding(tokenizer)
    transformers.Trainer(network, settings, data_collator=collator, train_dataset=rows, callbacks=[clock]).train()
    trained = sum(p.numel() for p in network.parameters() if p.requires_grad)
    return {"step_seconds": per_step(clock.ends), "trained": trained}


def compare(model: str, *, steps: int, batch_size: int) -> str:
    """Return a table of both sides and both methods."""
    options = {"model": model, "steps": steps, "batch_size": batch_size}
    lines = [
        "| trained | parameters trained | Trainer, s a step | ours | ratio | Trainer, peak MiB | ours | kept, MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for method in METHODS:
        theirs, own = (children.call("adapters", work, method=method, **options) for work in ("trainer", "ours"))
        seconds = (theirs["step_seconds"], own["step_seconds"])
        peaks = (theirs["peak_memory_bytes"] / MIB, own["peak_memory_bytes"] / MIB)
        lines.append(
            f"| {method} | {own['trained']:,} | {seconds[0]:.2f} | {seconds[1]:.2f} | {seconds[0] / seconds[1]:.2f} | "
            f"{peaks[0]:,.0f} | {peaks[1]:,.0f} | {own['kept_bytes'] / MIB:,.1f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="the folder of a causal checkpoint")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=8)
    given = parser.parse_args(arguments)
    sys.stdout.write(compare(given.model, steps=given.steps, batch_size=given.batch_size) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["trainer"]):
        children.answer({"ours": ours, "trainer": trainer})
    else:
        main(sys.argv[1:])
