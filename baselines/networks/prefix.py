"""What many texts begin with, read once: its keys and values serve every batch that goes on from it."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from baselines.networks.causal import CausalNetwork
from baselines.networks.scoring import Batch, Row, batch_of


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """Tokens, and the keys and values that a model has of them, of a batch of one, as transformers keeps them."""

    ids: list[int]
    cache: Any

    def for_batch(self, size: int) -> Any:
        """Return a cache of a batch that can be added to; nothing of it is copied."""
        cache = copy.copy(self.cache)
        cache.layers = [copy.copy(layer) for layer in self.cache.layers]
        for layer in cache.layers:
            layer.keys = layer.keys.expand(size, -1, -1, -1)
            layer.values = layer.values.expand(size, -1, -1, -1)
        return cache


@torch.inference_mode()
def read_prefix(network: CausalNetwork, ids: Sequence[int]) -> Prefix:
    """Return the beginning of texts, read."""
    row = Row(ids=list(ids))
    row.ask(len(ids) - 1, ids[-1], 0)
    cache = DynamicCache(config=network.model.config)
    network.states.logits(batch_of([row]), past_key_values=cache, use_cache=True)
    return Prefix(ids=list(ids), cache=cache)


def forward_after(network: CausalNetwork, prefix: Prefix | None, batch: Batch) -> Tensor:
    """Return logits, (S, V), of rows that go on from a prefix; of whole rows where there is none."""
    if prefix is None:
        return network.forward(batch)
    size, length = batch.ids.shape
    arguments = {}
    if batch.visible is not None and batch.positions is not None:
        seen = torch.ones((size, 1, length, len(prefix.ids)), dtype=torch.bool)
        arguments = network.tree_arguments(torch.cat([seen, batch.visible], dim=3), batch.positions + len(prefix.ids))
    return network.states.logits(batch, past_key_values=prefix.for_batch(size), use_cache=True, **arguments)
