"""A causal checkpoint with a head: what a text is, is read off its last token, which has seen all of it.

Each text is read in one form, whatever the tokenizer's own::

    FIRST text LAST
    FIRST text NEWLINE pair LAST

``FIRST`` is the token that begins texts, or else the one that ends them; ``LAST`` the other way round. Padding stands
behind ``LAST``, where no token looks, so neither it nor the side that a tokenizer would pad on changes a prediction.

Spans are found as by ``LlamaForQuestionAnswering``, by two logits a token, each of which has seen the question. But
there, as in BERT, token 0 stands for "no answer", and of a causal model that one has seen nothing: its logits are the
same for all questions. Here those of ``LAST`` stand in their place.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, processors
from torch import Tensor, nn
from transformers import AutoModel

from baselines.checkpoints.files import read_only_these
from baselines.networks.causal import num_positions
from baselines.networks.loading import check_tokenizer_of, first_token, load_language_model, load_tokenizer
from baselines.networks.merging import merge_adapter
from baselines.networks.pretrained import PretrainedNetwork, TokenReader, quiet, refusing, try_once
from harness.api.output import Output
from harness.api.recipe import Encoding
from harness.outputs import kind_of

NEWLINE = "\n"
INITIAL_STD = 0.02


class CausalHead(TokenReader):
    """A decoder of transformers without its language model's head, and one linear layer.

    Shapes: B sequences, L tokens, D features.
    """

    def __init__(self, model: Any, output: Output) -> None:
        super().__init__(model)
        self.spans = kind_of(output).logits == "span"
        settings = model.config.get_text_config()
        self.head = nn.Linear(_width(model), kind_of(output).num_logits, bias=self.spans)
        nn.init.normal_(self.head.weight, std=getattr(settings, "initializer_range", INITIAL_STD))
        if self.spans:
            nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return the logits, (B, C), of the last real token; of spans, (B, L, 2), those of token 0 are its."""
        hidden = self.model(input_ids=ids, use_cache=False).last_hidden_state  # (B, L, D)
        if not self.spans:
            logits: Tensor = self.head(last_of(hidden, mask))  # (B, C)
            return logits
        each = self.head(hidden)  # (B, L, 2)
        return torch.cat([last_of(each, mask)[:, None], each[:, 1:]], dim=1)


def last_of(states: Tensor, mask: Tensor) -> Tensor:
    """Return what the last real token has: (B, L, D) and bool (B, L) to (B, D)."""
    last = mask.long().cumsum(1).argmax(1)  # (B,)
    return states[torch.arange(len(states), device=states.device), last]


def load_causal_head(
    folder: Path, *, output: Output, encoding: Encoding, adapter: Path | None = None
) -> PretrainedNetwork:
    """Return the causal checkpoint in ``folder``, in float32, with a head for ``output`` from torch's generator.

    Raises:
        UsageError: transformers cannot read it, its weights are not those of its configuration, or its tokenizer is
            not for it.
    """
    with read_only_these(folder) as view, quiet(), refusing(folder, view):
        tokenizer = load_tokenizer(view)
        model = load_language_model(view, AutoModel, may_leave=True)  # the head that predicts tokens, or another
        merge_adapter(model, adapter)
        words, pad_id = join_by_newline(tokenizer), first_token(tokenizer)
        network = PretrainedNetwork(
            module=CausalHead(model, output),
            tokenizer=words,
            pad_id=pad_id,
            output=output,
            encoding=replace(encoding, max_length=min(encoding.max_length, num_positions(model.config))),
            notes=tuple(check_tokenizer_of(model, words, pad_id=pad_id)),
        )
        try_once(network)
        return network


def join_by_newline(tokenizer: Any) -> Tokenizer:
    """Return a tokenizer of transformers as one of ``tokenizers`` that joins texts as this module says."""
    words: Tokenizer = tokenizer.backend_tokenizer
    first = first_token(tokenizer)
    last = next(i for i in (tokenizer.eos_token_id, first) if i is not None)
    newline = words.encode(NEWLINE, add_special_tokens=False).ids or [last]
    words.post_processor = processors.TemplateProcessing(
        single="first:0 $A:0 last:0",
        pair="first:0 $A:0 newline:0 $B:1 last:1",
        special_tokens=[
            {"id": name, "ids": ids, "tokens": [words.id_to_token(i) for i in ids]}
            for name, ids in (("first", [first]), ("newline", newline), ("last", [last]))
        ],
    )
    return words


@torch.no_grad()
def _width(model: Any) -> int:
    """Return how many features a hidden state has: not all types name it alike, or have it as wide as their layers."""
    return int(model(input_ids=torch.zeros((1, 1), dtype=torch.long), use_cache=False).last_hidden_state.shape[-1])
