"""One vector a text from a frozen checkpoint: the mean of an encoder's states, or the last of a causal model's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import AutoModel

from baselines.checkpoints.files import read_only_these
from baselines.networks import causal
from baselines.networks.causal_head import join_by_newline, last_of
from baselines.networks.loading import check_tokenizer_of, first_token, load_language_model, load_tokenizer
from baselines.networks.merging import merge_adapter
from baselines.networks.pretrained import (
    PretrainedModule,
    PretrainedNetwork,
    num_positions,
    quiet,
    refusing,
    try_once,
)
from harness.api.output import Output
from harness.api.recipe import Encoding


class MeanState(PretrainedModule):
    """An encoder, to the mean of the last hidden states of the real tokens."""

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Map (B, L) to (B, D)."""
        arguments = {"token_type_ids": types} if self.takes_types else {}
        hidden = self.model(input_ids=ids, attention_mask=mask.long(), **arguments).last_hidden_state  # (B, L, D)
        real = mask[:, :, None]  # (B, L, 1)
        result: Tensor = (hidden * real).sum(1) / real.sum(1)
        return result


class LastState(PretrainedModule):
    """A decoder, to the last hidden state of the last real token."""

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Map (B, L) to (B, D)."""
        return last_of(self.model(input_ids=ids, use_cache=False).last_hidden_state, mask)


def load_features(
    folder: Path, *, is_causal: bool, output: Output, encoding: Encoding, adapter: Path | None = None
) -> PretrainedNetwork:
    """Return the checkpoint in a folder, in float32, as what gives features for a task's texts.

    Raises:
        UsageError: transformers cannot read it, its weights are not those of its configuration, or its tokenizer is
            not for it.
    """
    with read_only_these(folder) as view, quiet(), refusing(folder, view):
        tokenizer = load_tokenizer(view)
        model: Any = load_language_model(view, AutoModel, may_leave=True).requires_grad_(False)
        merge_adapter(model, adapter)
        if is_causal:
            words, pad_id, positions = (
                join_by_newline(tokenizer),
                first_token(tokenizer),
                causal.num_positions(model.config),
            )
        else:
            words, pad_id, positions = tokenizer.backend_tokenizer, tokenizer.pad_token_id or 0, num_positions(model)
        network = PretrainedNetwork(
            module=LastState(model) if is_causal else MeanState(model),
            tokenizer=words,
            pad_id=pad_id,
            output=output,
            encoding=replace(encoding, max_length=min(encoding.max_length, positions)),
            notes=tuple(check_tokenizer_of(model, words, pad_id=pad_id)),
        )
        try_once(network)
        return network
