"""The last layer of an encoder whose head reads nothing but the first token: only that token's state is computed.

The other tokens' queries, outputs and feed-forward network would be thrown away. Nor are their keys and values needed:
with one query q a head, q (X W_K^T)^T = (q W_K) X^T and w (X W_V^T) = (w X) W_V^T, where the right-hand sides multiply
one row instead of L. So next to nothing is left of the layer's twelve products of width squared, and the answers are
those of the whole layer.
"""

from typing import Any

import torch
from torch import Tensor, nn

MODEL_TYPES = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra"})
"""Where a layer is BERT's, and the head for classification reads the first token."""


class FirstTokenLayer(nn.Module):
    """BERT's layer (Devlin et al. 2019), from all tokens' states to that of the first.

    It takes over the parts of a layer of transformers, names included.
    """

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.attention, self.intermediate, self.output = layer.attention, layer.intermediate, layer.output

    def forward(self, hidden: Tensor, attention_mask: Tensor | None = None, *_: Any, **__: Any) -> Tensor:
        """Map (B, L, D) to (B, 1, D); ``attention_mask`` broadcasts to (B, H, L, L) and is true where one may look."""
        heads: Any = self.attention.self
        first = hidden[:, :1]  # (B, 1, D)
        split = (heads.num_attention_heads, heads.attention_head_size)
        query = heads.query(first).view(-1, *split) * heads.scaling  # (B, H, K)
        of_keys, of_values = (linear.weight.view(*split, -1) for linear in (heads.key, heads.value))  # (H, K, D)
        key_bias, value_bias = (linear.bias.view(split) for linear in (heads.key, heads.value))  # (H, K)

        similarity = torch.einsum("bhk,hkd->bhd", query, of_keys) @ hidden.transpose(1, 2)  # (B, H, L)
        similarity = similarity + (query * key_bias).sum(-1, keepdim=True)  # (B, H, L)
        if attention_mask is not None:
            similarity = similarity.masked_fill(~attention_mask[:, :, 0], torch.finfo(similarity.dtype).min)
        weights = heads.dropout(similarity.softmax(-1))  # (B, H, L)
        gathered = torch.einsum("bhd,hkd->bhk", weights @ hidden, of_values)  # (B, H, K)
        gathered = gathered + weights.sum(-1, keepdim=True) * value_bias  # (B, H, K)

        attended = self.attention.output(gathered.flatten(1).unsqueeze(1), first)  # (B, 1, D)
        result: Tensor = self.output(self.intermediate(attended), attended)
        return result


def read_first_token_only(model: Any) -> None:
    """Put a :class:`FirstTokenLayer` in place of the last layer of a classifier of transformers, if it is BERT's."""
    if model.config.model_type in MODEL_TYPES and not model.config.is_decoder:
        layers = model.base_model.encoder.layer
        layers[-1] = FirstTokenLayer(layers[-1])
