"""A causal language model of transformers as it is: rows for short texts as trees, and for documents in windows.

A text begins after the token that begins texts, or else the one that ends them, so that its first token is predicted
too; the end of a text is not. Nothing else is added to its tokens.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM

from baselines.checkpoints.files import read_only_these
from baselines.networks.loading import first_token, gguf_file, load_language_model, load_tokenizer
from baselines.networks.merging import merge_adapter
from baselines.networks.pretrained import quiet, refusing
from baselines.networks.scoring import TREE_TOKENS, AskedStates, Batch, Row, score, trees
from harness.system.cores import Cores

POSITIONS = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length")
MAX_WINDOW = 2048
"""Of a model that was trained on longer texts, or whose length is not known."""
PROBE = ("The steam engine was built by two men.", "The steam engine were built by two men.")
TOLERANCE = 1e-3


@dataclass(kw_only=True)
class CausalNetwork:
    """A model and its tokenizer; ``window`` tokens are read at once, of which ``stride`` are new."""

    model: Any
    tokenizer: Any
    first: int
    window: int
    stride: int
    shares: bool = False
    """Whether short texts are computed as trees: what they begin with once."""
    states: AskedStates = field(init=False)

    def __post_init__(self) -> None:
        self.states = AskedStates(self.model)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of its numbers."""
        return (f"windows of {self.window:,} tokens, {self.stride:,} new ones in each",)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, without any that stand around it."""
        encoded = self.tokenizer.backend_tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [each.ids for each in encoded]

    def rows(self, texts: Sequence[Sequence[int]]) -> list[Row]:
        """Return rows of the texts: short ones as trees, where the model can do that, others in windows."""
        is_short = [self.shares and len(text) <= min(self.window, TREE_TOKENS) for text in texts]
        short = [index for index, fits in enumerate(is_short) if fits]
        long = [index for index, fits in enumerate(is_short) if not fits]
        found = list(trees([texts[index] for index in short], self.first, short))
        return found + [row for index in long for row in self._windows(texts[index], index)]

    def _windows(self, ids: Sequence[int], text: int) -> Iterator[Row]:
        """Yield windows over a text, in which each token is asked once, with as much before it as there is."""
        stream, done = [self.first, *ids], 0
        while done < len(ids):
            end = min(len(ids), done + (self.stride if done else self.window))
            start = max(0, end - self.window)
            row = Row(ids=stream[start:end])
            for place in range(done, end):
                row.ask(place - start, stream[place + 1], text)
            yield row
            done = end

    def forward(self, batch: Batch) -> Tensor:
        """Return logits, (S, V)."""
        arguments = {}
        if batch.visible is not None and batch.positions is not None:
            arguments = self.tree_arguments(batch.visible, batch.positions)
        return self.states.logits(batch, use_cache=False, **arguments)

    def tree_arguments(self, visible: Tensor, positions: Tensor) -> dict[str, Tensor]:
        """Return what tells a model which tokens each one sees, (B, 1, L, K), and where each stands, (B, L)."""
        unseen = torch.finfo(self.model.dtype).min
        mask = torch.zeros(visible.shape, dtype=self.model.dtype).masked_fill(~visible, unseen)
        return {"attention_mask": mask.to(self.model.device), "position_ids": positions.to(self.model.device)}


def load_causal(
    folder: Path, *, device: str, window: int | None, stride: int | None, adapter: Path | None = None
) -> CausalNetwork:
    """Return the causal language model in a folder, in float32.

    Raises:
        UsageError: transformers cannot read it, its weights are not those of its configuration, or its tokenizer is
            not for it.
    """
    with read_only_these(folder) as view, quiet(), refusing(folder, view):
        tokenizer = load_tokenizer(view)
        model = load_language_model(view, AutoModelForCausalLM)
        merge_adapter(model, adapter)
        first = first_token(tokenizer)
        rows = model.get_input_embeddings().num_embeddings
        largest = max([first, *tokenizer.backend_tokenizer.encode(" ".join(PROBE)).ids])
        if largest >= rows:
            raise ValueError(f"its tokenizer gives the id {largest:,}, the embedding table has {rows:,} rows")
        network = CausalNetwork(model=model.eval().to(device), tokenizer=tokenizer, first=first, window=1, stride=1)
        network.window = window or min(MAX_WINDOW, num_positions(model.config))
        network.stride = stride or max(1, network.window // 2)
        network.shares = _can_share(network, device)
        return network


@contextmanager
def open_tokenizer(folder: Path) -> Iterator[tuple[Any, Any]]:
    """Lend the tokenizer and the configuration in a folder, as :func:`load_causal` has them, without the weights.

    Raises:
        UsageError: transformers cannot read them; whatever else is raised meanwhile is told so too.
    """
    with read_only_these(folder) as view, quiet(), refusing(folder, view):
        tokenizer = load_tokenizer(view)
        first_token(tokenizer)
        config = AutoConfig.from_pretrained(view, local_files_only=True, trust_remote_code=False, **gguf_file(view))
        yield tokenizer, config


def num_positions(config: Any) -> int:
    """Return how many tokens a model reads at once, as its configuration says."""
    return next((n for n in (getattr(config, name, None) for name in POSITIONS) if isinstance(n, int)), MAX_WINDOW)


def _can_share(network: CausalNetwork, device: str) -> bool:
    """Return whether two texts as a tree have the same log-probabilities as each alone: not every model can."""
    if not network.model._supports_attention_backend:
        return False  # where there is no attention, or one of its own kind, a mask may do nothing
    texts = network.encode(PROBE)
    found = []
    for shares in (False, True):
        network.shares = shares
        try:
            found.append(score(network.rows(texts), len(texts), network.forward, device=device, cores=Cores()))
        except Exception:  # a model may refuse a mask in any way; if it refuses plain text, that is told
            if not shares:
                raise
            return False
    return bool(abs(found[0] - found[1]).max() < TOLERANCE)
