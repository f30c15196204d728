"""The last layer of an encoder whose head reads nothing but the first token: only that token's state is computed.

The other tokens still give keys and values; their own queries, outputs and feed-forward network would be thrown away.
Of a layer's twelve matrix products of width squared, two are left. The answers are those of the whole layer.
"""

from typing import Any

from torch import Tensor, nn

from baselines.networks.attention import attend

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
        query, key, value = (
            project(x).unflatten(-1, split).transpose(1, 2)  # (B, H, 1 or L, K)
            for project, x in ((heads.query, first), (heads.key, hidden), (heads.value, hidden))
        )
        mask = None if attention_mask is None else attention_mask[:, :, :1]  # (B, 1, 1, L)
        dropout = heads.dropout.p if self.training else 0.0
        gathered, _weights = attend(heads, query, key, value, mask, scaling=heads.scaling, dropout=dropout)
        attended = self.attention.output(gathered.flatten(2), first)  # (B, 1, D)
        result: Tensor = self.output(self.intermediate(attended), attended)
        return result


def read_first_token_only(model: Any) -> None:
    """Put a :class:`FirstTokenLayer` in place of the last layer of a classifier of transformers, if it is BERT's."""
    if model.config.model_type in MODEL_TYPES and not model.config.is_decoder:
        layers = model.base_model.encoder.layer
        layers[-1] = FirstTokenLayer(layers[-1])
