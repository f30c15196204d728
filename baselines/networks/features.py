"""One vector a text from a frozen checkpoint: the mean of an encoder's states, or the last of a causal model's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import AutoModel

from baselines.checkpoints.files import read_only_these
from baselines.networks.causal_head import last_of, load_causal_head
from baselines.networks.loading import check_tokenizer_of, load_language_model, load_tokenizer
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
    if is_causal:  # read as where it is fine-tuned, and without the head
        network = load_causal_head(folder, output=output, encoding=encoding, adapter=adapter)
        return replace(network, module=LastState(network.module.model.requires_grad_(False)))
    with read_only_these(folder) as view, quiet(), refusing(folder, view):
        tokenizer = load_tokenizer(view)
        model: Any = load_language_model(view, AutoModel, may_leave=True).requires_grad_(False)
        merge_adapter(model, adapter)
        words, pad_id = tokenizer.backend_tokenizer, tokenizer.pad_token_id or 0
        network = PretrainedNetwork(
            module=MeanState(model),
            tokenizer=words,
            pad_id=pad_id,
            output=output,
            encoding=replace(encoding, max_length=min(encoding.max_length, num_positions(model))),
            notes=tuple(check_tokenizer_of(model, words, pad_id=pad_id)),
        )
        try_once(network)
        return network
