"""SQuAD by transformers' Trainer with every flag, as ``run_qa.py`` goes about it; imports come before the clock.

Windows are made by the checkpoint's tokenizer, and answers are the best of the 20 likeliest starts crossed with the 20
likeliest ends of each window, in a Python loop. Windows are answered in the order in which they lie, as the flag that
groups by length loses it; and again, with windows sorted by hand.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
import transformers
import transformers.models.bert.modeling_bert
from numpy.typing import NDArray
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, DataCollatorWithPadding, Trainer

from harness import Example, Prediction
from harness.metrics.scoring import score
from tests.bench.against_trainer import children
from tests.bench.against_trainer.assignment import SQUAD, SQUAD_MODEL, SQUAD_RECIPE
from tests.bench.against_trainer.trainer import EVALUATION_BATCH, Asked, Row, arguments, every_flag, predict

NUM_BEST = 20


class Windows:
    """The windows of some examples: rows of tokens, the example of each, and what its tokens cover of the passage.

    ``spans[i][j]`` are the characters [start, end) of window ``i``'s token ``j``, ``None`` outside the passage.
    """

    def __init__(self, tokenizer: Any, examples: Sequence[Example]) -> None:
        tokens = tokenizer(
            [example.text for example in examples],
            [example.pair for example in examples],
            truncation="only_second",
            max_length=SQUAD_RECIPE.encoding.max_length,
            stride=SQUAD_RECIPE.encoding.doc_stride,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        self.owners: list[int] = tokens.pop("overflow_to_sample_mapping")
        self.spans = [
            [span if side == 1 else None for span, side in zip(spans, tokens.sequence_ids(i), strict=True)]
            for i, spans in enumerate(tokens.pop("offset_mapping"))
        ]
        names = list(tokens)
        self.rows: list[Row] = [dict(zip(names, row, strict=True)) for row in zip(*tokens.values(), strict=True)]

    def label(self, examples: Sequence[Example]) -> list[Row]:
        """Return the rows with the first and the last token of the answer, 0 where a window does not hold it whole."""
        labelled = []
        for row, owner, spans in zip(self.rows, self.owners, self.spans, strict=True):
            first, last = locate(spans, examples[owner])
            labelled.append({**row, "start_positions": first, "end_positions": last})
        return labelled


def locate(spans: Sequence[tuple[int, int] | None], example: Example) -> tuple[int, int]:
    """Return the first and the last token of the example's first accepted answer, or (0, 0)."""
    assert isinstance(example.target, tuple)
    begin, end = example.target[0].start, example.target[0].start + len(example.target[0].text)
    inside = [(token, span) for token, span in enumerate(spans) if span is not None]
    if not inside or inside[0][1][0] > begin or inside[-1][1][1] < end:
        return 0, 0
    covering = [token for token, span in inside if span[0] < end and span[1] > begin]
    return (covering[0], covering[-1]) if covering else (0, 0)


def decode(
    examples: Sequence[Example], windows: Windows, starts: NDArray[np.float32], ends: NDArray[np.float32]
) -> list[Prediction]:
    """Return the answer to each example from its windows' logits, each (windows, tokens)."""
    of_example = defaultdict(list)
    for window, owner in enumerate(windows.owners):
        of_example[owner].append(window)
    predictions = []
    for index, example in enumerate(examples):
        spans = [
            span for window in of_example[index] for span in best(starts[window], ends[window], windows.spans[window])
        ]
        _, begin, end = max(spans, default=(0.0, 0, 0), key=lambda span: span[0])
        predictions.append(Prediction(value=(example.pair or "")[begin:end]))
    return predictions


def best(
    starts: NDArray[np.float32], ends: NDArray[np.float32], spans: Sequence[tuple[int, int] | None]
) -> Iterator[tuple[float, int, int]]:
    """Yield the score and the characters [start, end) of each candidate in one window."""
    likeliest_ends = np.argsort(ends)[: -NUM_BEST - 1 : -1].tolist()
    for first in np.argsort(starts)[: -NUM_BEST - 1 : -1].tolist():
        for last in likeliest_ends:
            if first >= len(spans) or last >= len(spans) or spans[first] is None or spans[last] is None:
                continue
            if first <= last < first + SQUAD_RECIPE.decoding.max_answer_length:
                yield float(starts[first] + ends[last]), spans[first][0], spans[last][1]


def with_every_flag(**options: Any) -> dict[str, Any]:
    """Fine-tune and evaluate; the seconds are those of windows and training, and of windows, answers and decoding."""
    asked = Asked(task="squad", **options)
    transformers.logging.set_verbosity_error()
    transformers.set_seed(asked.seed)
    train, validation = asked.examples()
    folder = SQUAD_MODEL.checkpoint.folder()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForQuestionAnswering.from_pretrained(
        folder, dtype=torch.float32, attn_implementation=asked.attention
    )
    settings = arguments(SQUAD_RECIPE, seed=asked.seed, per_device_eval_batch_size=EVALUATION_BATCH, **every_flag())
    started = time.perf_counter()
    rows = Windows(tokenizer, train).label(train)
    trainer = Trainer(model, settings, data_collator=DataCollatorWithPadding(tokenizer), train_dataset=rows)
    trainer.train()
    fitted = time.perf_counter()
    windows = Windows(tokenizer, validation)
    tokenised = time.perf_counter()
    predictions = decode(validation, windows, *predict(trainer, windows.rows, by_length=False))
    predicted = time.perf_counter()
    decode(validation, windows, *predict(trainer, windows.rows, by_length=True))
    answered_again = time.perf_counter()
    return {
        **score(SQUAD.metrics, predictions, validation),
        "num_train": len(rows),
        "num_answered": len(windows.rows),
        "fit_seconds": fitted - started,
        "predict_seconds": predicted - fitted,
        "sorted_predict_seconds": answered_again - predicted + tokenised - fitted,
    }


if __name__ == "__main__":
    children.answer({"with_every_flag": with_every_flag})
