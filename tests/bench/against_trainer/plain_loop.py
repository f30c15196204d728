"""An encoder from random weights in the loop that people write: PyTorch's own layers, shuffled batches, AdamW.

It has the sizes of our Transformer, the same examples, the same tokenizer and the same number of steps.
"""

import time
from collections.abc import Sequence
from contextlib import nullcontext

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from baselines.networks.vocabulary import PAD_ID, train_tokenizer
from harness import Classification, Example
from harness.api.limits import Limits
from harness.data.loading import load
from harness.data.source import open_source
from tests.bench.against_trainer import children
from tests.bench.against_trainer.assignment import MRPC, SCRATCH_MODEL


class Classifier(nn.Module):
    """Embeddings, ``nn.TransformerEncoder``, and a linear layer on the first token."""

    def __init__(self, vocabulary_size: int, *, max_length: int, num_labels: int) -> None:
        super().__init__()
        width = SCRATCH_MODEL.width
        self.tokens = nn.Embedding(vocabulary_size, width, padding_idx=PAD_ID)
        self.positions = nn.Embedding(max_length, width)
        self.types = nn.Embedding(2, width)
        layer = nn.TransformerEncoderLayer(
            width,
            SCRATCH_MODEL.num_heads,
            4 * width,
            SCRATCH_MODEL.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=False,
        )
        self.encoder = nn.TransformerEncoder(layer, SCRATCH_MODEL.num_layers)
        self.head = nn.Linear(width, num_labels)

    def forward(self, ids: Tensor, types: Tensor) -> Tensor:
        """Map token ids and types, each (B, L), to logits, (B, C)."""
        x = self.tokens(ids) + self.positions.weight[: ids.shape[1]] + self.types(types)  # (B, L, D)
        x = self.encoder(x, src_key_padding_mask=ids == PAD_ID)  # (B, L, D)
        logits: Tensor = self.head(x[:, 0])
        return logits


def train(*, data: str, limits: dict[str, int | None], seed: int) -> dict[str, float]:
    """Train once over MRPC in each precision, and return the examples a second."""
    examples = load(MRPC, open_source(data), Limits(**limits)).train
    return {precision: len(examples) / seconds(examples, seed, precision) for precision in ("float32", "bfloat16")}


def seconds(examples: Sequence[Example], seed: int, precision: str) -> float:
    """Return the time from the first example to the last step."""
    torch.manual_seed(seed)
    output, recipe = MRPC.output, SCRATCH_MODEL.recipe_for(MRPC)
    assert isinstance(output, Classification)
    started = time.perf_counter()
    tokenizer = train_tokenizer(examples, vocabulary_size=SCRATCH_MODEL.vocabulary_size)
    sequences = encode(
        tokenizer, [(example.text, example.pair or "") for example in examples], recipe.encoding.max_length
    )
    labels = torch.tensor([example.target for example in examples])
    model = Classifier(
        tokenizer.get_vocab_size(), max_length=recipe.encoding.max_length, num_labels=len(output.labels)
    ).train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.optimisation.learning_rate, weight_decay=recipe.optimisation.weight_decay
    )
    for batch in torch.randperm(len(examples)).split(recipe.optimisation.batch_size):
        ids, types = (nn.utils.rnn.pad_sequence([sequences[i][part] for i in batch], True) for part in (0, 1))
        with torch.autocast("cpu", torch.bfloat16) if precision == "bfloat16" else nullcontext():
            loss = nn.functional.cross_entropy(model(ids, types), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - started


def encode(tokenizer: Tokenizer, texts: list[tuple[str, str]], max_length: int) -> list[tuple[Tensor, Tensor]]:
    """Return the token ids and types of each pair of texts, each (L,)."""
    tokenizer.enable_truncation(max_length)
    encodings = tokenizer.encode_batch(texts)
    return [(torch.tensor(encoding.ids), torch.tensor(encoding.type_ids)) for encoding in encodings]


if __name__ == "__main__":
    children.answer({"train": train})
