"""Our encoder and decoder as language models: what they are pretrained as, and what transformers calls their weights.

Shapes: B windows, L tokens, D features, N tokens that are to be predicted, V tokens of the vocabulary.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.networks.decoder import LAYER_NORM_EPSILON as DECODER_EPSILON
from baselines.networks.decoder import Decoder
from baselines.networks.layouts import to_bert, to_gpt2
from baselines.networks.transformer import LAYER_NORM_EPSILON, Encoder, TransformerConfig, initialize
from harness.api.pretraining import END_ID, PAD_ID, START_ID, PackedBatch
from harness.training.cross_entropy import summed_cross_entropy


class MaskedModule(nn.Module):
    """The encoder with BERT's masked head: a layer on each hidden state, then logits by the table of tokens."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.transform = nn.Linear(config.width, config.width)
        self.norm = nn.LayerNorm(config.width, eps=LAYER_NORM_EPSILON)
        self.transform.apply(initialize)
        self.logits = nn.Linear(config.width, config.vocabulary_size)
        self.logits.weight = self.encoder.embeddings.tokens.weight  # tied
        nn.init.zeros_(self.logits.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        """Map hidden states, (N, D), to logits, (N, V)."""
        logits: Tensor = self.logits(self.norm(functional.gelu(self.transform(hidden))))
        return logits


class CausalModule(nn.Module):
    """The decoder, with logits by the table of tokens."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.decoder = Decoder(config)
        self.logits = nn.Linear(config.width, config.vocabulary_size, bias=False)
        self.logits.weight = self.decoder.tokens.weight  # tied

    def forward(self, hidden: Tensor) -> Tensor:
        """Map hidden states, (N, D), to logits, (N, V)."""
        logits: Tensor = self.logits(hidden)
        return logits


class MaskedLanguageModel:
    """Predicts tokens that are hidden, from both sides."""

    def __init__(self, config: TransformerConfig) -> None:
        self._config = config
        self.module = MaskedModule(config)

    def losses(self, batch: PackedBatch) -> tuple[Tensor, float]:
        """Return the sum of the cross-entropies, and their number; logits are computed of these places alone."""
        allowed = batch.documents[:, :, None] == batch.documents[:, None]  # (B, L, L)
        hidden = self.module.encoder(batch.ids, torch.zeros_like(batch.ids), allowed, batch.positions)  # (B, L, D)
        return predicted(self.module, hidden, batch.targets)

    def tensors(self) -> dict[str, Tensor]:
        """Return the weights as ``BertForMaskedLM`` names them."""
        module, encoder = self.module, to_bert(self.module.encoder.state_dict())
        head = {
            "transform.dense.weight": module.transform.weight,
            "transform.dense.bias": module.transform.bias,
            "transform.LayerNorm.weight": module.norm.weight,
            "transform.LayerNorm.bias": module.norm.bias,
            "bias": module.logits.bias,
        }
        named = {f"cls.predictions.{name}": tensor.detach() for name, tensor in head.items()}
        return {f"bert.{name}": tensor for name, tensor in encoder.items()} | named

    def config(self) -> dict[str, Any]:
        """Return the ``config.json`` of a ``BertForMaskedLM``."""
        config = self._config
        return {
            "architectures": ["BertForMaskedLM"],
            "model_type": "bert",
            "vocab_size": config.vocabulary_size,
            "hidden_size": config.width,
            "num_hidden_layers": config.num_layers,
            "num_attention_heads": config.num_heads,
            "intermediate_size": 4 * config.width,
            "hidden_act": "gelu",
            "hidden_dropout_prob": config.dropout,
            "attention_probs_dropout_prob": config.dropout,
            "max_position_embeddings": config.max_length,
            "type_vocab_size": 2,
            "layer_norm_eps": LAYER_NORM_EPSILON,
            "pad_token_id": PAD_ID,
            "tie_word_embeddings": True,
            "dtype": "float32",
        }


class CausalLanguageModel:
    """Predicts each token from those before it."""

    def __init__(self, config: TransformerConfig) -> None:
        self._config = config
        self.module = CausalModule(config)

    def losses(self, batch: PackedBatch) -> tuple[Tensor, float]:
        """Return the sum of the cross-entropies, and their number."""
        order = torch.arange(batch.ids.shape[1], device=batch.ids.device)
        same = batch.documents[:, :, None] == batch.documents[:, None]  # (B, L, L)
        hidden = self.module.decoder(batch.ids, same & (order[:, None] >= order), batch.positions)  # (B, L, D)
        return predicted(self.module, hidden, batch.targets)

    def tensors(self) -> dict[str, Tensor]:
        """Return the weights as ``GPT2LMHeadModel`` names them."""
        return {f"transformer.{name}": tensor for name, tensor in to_gpt2(self.module.decoder.state_dict()).items()}

    def config(self) -> dict[str, Any]:
        """Return the ``config.json`` of a ``GPT2LMHeadModel``."""
        config = self._config
        dropout = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), config.dropout)
        return {
            "architectures": ["GPT2LMHeadModel"],
            "model_type": "gpt2",
            "vocab_size": config.vocabulary_size,
            "n_positions": config.max_length,
            "n_embd": config.width,
            "n_layer": config.num_layers,
            "n_head": config.num_heads,
            "n_inner": 4 * config.width,
            "activation_function": "gelu",
            "layer_norm_epsilon": DECODER_EPSILON,
            **dropout,
            "bos_token_id": START_ID,
            "eos_token_id": END_ID,
            "pad_token_id": PAD_ID,
            "tie_word_embeddings": True,
            "dtype": "float32",
        }


def predicted(head: nn.Module, hidden: Tensor, targets: Tensor) -> tuple[Tensor, float]:
    """Return the sum of the cross-entropies where ``targets``, (B, L), has a token, and how many these are.

    The head maps hidden states, of (B, L, D), to logits, of these places only.
    """
    places = targets.flatten() >= 0  # (BL,)
    wanted = targets.flatten()[places]  # (N,)
    logits: Tensor = head(hidden.flatten(0, 1)[places])  # (N, V)
    return summed_cross_entropy(logits, wanted), float(max(1, len(wanted)))
