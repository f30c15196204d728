"""A pretrained checkpoint as a :class:`~harness.api.network.Network`: its own tokenizer, its encoder, and a head.

Everything is read from one local folder, weights from safetensors, and no code that lies there is ever run.
"""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers.utils import logging

from baselines.checkpoints.files import brief, read_only_these, weights_of
from baselines.networks import attention
from baselines.networks.first_token import read_first_token_only
from baselines.networks.loading import check_tokenizer_of, load_model, load_tokenizer
from baselines.networks.merging import merge_adapter
from baselines.networks.tokens import encode, encoding_key, locate
from harness.api.encoding import Encoded, Located
from harness.api.example import Example
from harness.api.model import Head
from harness.api.output import Output
from harness.api.recipe import Encoding
from harness.errors import HarnessError, UsageError
from harness.outputs import kind_of
from harness.training.network import OutputNetwork

PADDING_MATTERS = frozenset({"convbert", "fnet", "funnel", "nystromformer", "yoso"})
"""Their layers mix padding into the texts of a batch, in transformers as here: see ``tests.bench.encoders``."""


@dataclass(kw_only=True)
class PretrainedNetwork(OutputNetwork):
    """A checkpoint's module and tokenizer; ``encoding.max_length`` is no more than its positions allow."""

    module: "TokenReader"
    tokenizer: Tokenizer
    encoding: Encoding
    notes: tuple[str, ...] = ()

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """Return the examples as token sequences."""
        return encode(self.tokenizer, examples, output=self.output, encoding=self.encoding)

    def encoding_key(self) -> str:
        """Return what stands for all that shapes ``encode``."""
        return encoding_key(self.tokenizer, output=self.output, encoding=self.encoding)

    @property
    def token_table(self) -> nn.Module:
        """The table that token ids index."""
        return self.module.get_input_embeddings()

    @property
    def encoder(self) -> nn.Module:
        """The checkpoint's encoder, its pooler included, as it is for every head."""
        encoder: nn.Module = self.module.model.base_model
        return encoder

    def locate(self, examples: Sequence[Example]) -> Located:
        """Return where each token stands in the texts."""
        return locate(self.tokenizer, examples, output=self.output, encoding=self.encoding)


class TokenReader(nn.Module):
    """Reads by a model of transformers, and is called as the training loop calls: ``(ids, types, mask)`` to logits."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def get_input_embeddings(self) -> nn.Module:
        """Return the table that token ids index."""
        table: nn.Module = self.model.get_input_embeddings()
        return table


class PretrainedModule(TokenReader):
    """An encoder with a head, both of transformers."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        # RoBERTa's forward takes token types, but it has only the one.
        knows_types = "token_type_ids" in inspect.signature(model.forward).parameters
        self.takes_types = knows_types and getattr(model.config, "type_vocab_size", 0) > 1

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return the logits, (B, C), or for extraction (B, L, 2)."""
        arguments = {"token_type_ids": types} if self.takes_types else {}
        answer = self.model(input_ids=ids, attention_mask=mask.long(), **arguments)
        if "start_logits" in answer:
            return torch.stack([answer.start_logits, answer.end_logits], dim=-1)  # (B, L, 2)
        logits: Tensor = answer.logits
        return logits  # (B, C)


def load_network(
    folder: Path, *, output: Output, encoding: Encoding, head: Head = "fresh", adapter: Path | None = None
) -> PretrainedNetwork:
    """Return the checkpoint in ``folder`` with a head for ``output``: drawn from torch's generator, or its own.

    Raises:
        UsageError: transformers cannot read it, or has no such head for it; or its weights are not those of its
            configuration, so that a part of the encoder would be left random; or its tokenizer is not for it.
    """
    with read_only_these(folder) as view, quiet(), refusing(folder, view):
        tokenizer = load_tokenizer(view)
        loaded = load_model(view, output, weights=weights_of(folder), head=head)
        model, words = loaded.model, tokenizer.backend_tokenizer
        merge_adapter(model, adapter)
        pad_id = next((i for i in (model.config.pad_token_id, tokenizer.pad_token_id) if i is not None), 0)
        notes = (*loaded.notes, *check_tokenizer_of(model, words, pad_id=pad_id))
        if model._supports_attention_backend:  # MPNet and DeBERTa have attention of their own kind
            model.set_attn_implementation(attention.NAME)
        if kind_of(output).logits == "sequence":
            read_first_token_only(model)
        if model.config.model_type in PADDING_MATTERS:
            notes = (*notes, f"what {model.config.model_type} predicts depends on a batch's padding")
        network = PretrainedNetwork(
            module=PretrainedModule(model),
            tokenizer=words,
            pad_id=pad_id,
            output=output,
            encoding=replace(encoding, max_length=min(encoding.max_length, num_positions(model))),
            notes=notes,
        )
        try_once(network)
        return network


@torch.no_grad()
def try_once(network: PretrainedNetwork) -> None:
    """Read two short texts: what of a configuration is only looked up in a forward pass fails here, and is told so."""
    encoded = network.encode([Example(id="probe", text="a", pair="b")])
    ids, types = (torch.from_numpy(array[: encoded.lengths[0]])[None].long() for array in (encoded.ids, encoded.types))
    network.module(ids, types, torch.ones_like(ids, dtype=torch.bool))


def num_positions(model: nn.Module) -> int:
    """Return how many tokens the model has positions for.

    Where the table of positions has a padding index, as RoBERTa's, real tokens begin after it.
    """
    limit = getattr(model.config, "max_position_embeddings", None) or 512
    for name, table in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(table, nn.Embedding):
            taken = 0 if table.padding_idx is None else table.padding_idx + 1
            limit = min(limit, table.num_embeddings - taken)
    return int(limit)


@contextmanager
def refusing(folder: Path, view: Path) -> Iterator[None]:
    """Make one line of whatever transformers and its libraries raise on files that are not what they expect."""
    try:
        yield
    except (HarnessError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of tokenizers is no Exception
        lines = [line for line in str(error).replace(str(view), str(folder)).splitlines() if line.strip()]
        name = f"{type(error).__name__}: " if isinstance(error, LookupError) else ""
        reason = brief(f"{name}{lines[0]}") if lines else type(error).__name__
        raise UsageError(f"the checkpoint {folder} cannot be loaded: {reason.rstrip('.')}.") from error


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what transformers says of fresh heads, and its progress bars; what matters is raised."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
