"""A masked language model of transformers as it is: pseudo-log-likelihoods (Salazar et al. 2020).

Each token of a text is masked in turn and predicted from all others; the sum of the logarithms of these probabilities
is the text's pseudo-log-likelihood. The tokens that stand around a text are never masked. A text that is longer than
the model reads is cut into windows, the last of which reaches back to be whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForMaskedLM

from baselines.checkpoints.files import read_only_these
from baselines.networks.loading import load_language_model, load_tokenizer
from baselines.networks.merging import merge_adapter
from baselines.networks.pretrained import num_positions, quiet, refusing
from baselines.networks.scoring import AskedStates, Batch, Row


@dataclass(kw_only=True)
class MaskedNetwork:
    """A model and its tokenizer."""

    model: Any
    tokenizer: Any
    window: int
    around: tuple[list[int], list[int]]
    """What its tokenizer puts before and after a text."""
    takes_types: bool
    states: AskedStates = field(init=False)

    def __post_init__(self) -> None:
        self.states = AskedStates(self.model)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of its numbers."""
        return ("by pseudo-log-likelihood (Salazar et al. 2020)", f"windows of {self.window:,} tokens")

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, without any that stand around it."""
        encoded = self.tokenizer.backend_tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [each.ids for each in encoded]

    def rows(self, texts: Sequence[Sequence[int]]) -> list[Row]:
        """Return rows of the texts: one a token, which is masked in it."""
        return [row for index, ids in enumerate(texts) for row in self._masked(ids, index)]

    def _masked(self, ids: Sequence[int], text: int) -> Iterator[Row]:
        before, after = self.around
        most = self.window - len(before) - len(after)
        for done in range(0, len(ids), most):
            end = min(len(ids), done + most)
            start = max(0, end - most)
            for index in range(done, end):
                inner = list(ids[start:end])
                inner[index - start] = self.tokenizer.mask_token_id
                row = Row(ids=[*before, *inner, *after])
                row.ask(len(before) + index - start, ids[index], text)
                yield row

    def forward(self, batch: Batch) -> Tensor:
        """Return logits, (S, V)."""
        arguments: dict[str, Any] = {"attention_mask": torch.ones_like(batch.ids, device=self.model.device)}
        if self.takes_types:
            arguments["token_type_ids"] = torch.zeros_like(batch.ids, device=self.model.device)
        return self.states.logits(batch, **arguments)


def load_masked(folder: Path, *, device: str, adapter: Path | None = None) -> MaskedNetwork:
    """Return the masked language model in a folder, in float32, with its own head.

    Raises:
        UsageError: transformers cannot read it, its weights are not those of its configuration or have no such head,
            or its tokenizer is not for it.
    """
    with read_only_these(folder) as view, quiet(), refusing(folder, view):
        tokenizer = load_tokenizer(view)
        model = load_language_model(view, AutoModelForMaskedLM, may_leave=True)  # a pooler, or a head of sentences
        merge_adapter(model, adapter)
        if tokenizer.mask_token_id is None:
            raise ValueError("its tokenizer has no token that masks another")
        probe = tokenizer.backend_tokenizer.encode("a")
        inner = tokenizer.backend_tokenizer.encode("a", add_special_tokens=False).ids
        start = next(i for i in range(len(probe.ids)) if probe.ids[i : i + len(inner)] == inner)
        return MaskedNetwork(
            model=model.eval().to(device),
            tokenizer=tokenizer,
            window=num_positions(model),
            around=(probe.ids[:start], probe.ids[start + len(inner) :]),
            takes_types=getattr(model.config, "type_vocab_size", 0) > 1,
        )
