"""Training a table of token embeddings by the rows that can change, those of the tokens that occur in training.

Most of a small checkpoint's weights are rows of tokens that its training set never shows. Without weight decay AdamW
leaves such a row as it was, bit for bit: its gradient and both moments are zero. Filling, clipping and updating it
costs all the same. So the other rows are left out while training goes on, and nothing changes but the time, and the
order in which the gradient's norm is summed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.api.encoding import Encoded


@runtime_checkable
class HasTokenTable(Protocol):
    """A module that says which of its tables its token ids index: the convention of transformers."""

    def get_input_embeddings(self) -> nn.Module:
        """Return the table of token embeddings."""


class SelectedRows(nn.Module):
    """An ``nn.Embedding`` of which some rows are trained.

    Any other token is an IndexError in training, and has its row of the table otherwise.
    """

    places: Tensor

    def __init__(self, table: nn.Embedding, tokens: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(table.weight.detach()[tokens])  # (R, D)
        places = torch.full((table.num_embeddings,), -1, device=tokens.device)
        places[tokens] = torch.arange(len(tokens), device=tokens.device)
        self.register_buffer("places", places, persistent=False)  # (V,), each token's row
        self._table = table.weight.detach()
        self._padding_idx = None if table.padding_idx is None else int(places[table.padding_idx])

    def forward(self, ids: Tensor) -> Tensor:
        """Return the rows of token ids: (B, L) to (B, L, D)."""
        places = self.places[ids]
        if self.training:
            return functional.embedding(places, self.weight, self._padding_idx)
        trained = functional.embedding(places.clamp(min=0), self.weight)
        return torch.where((places >= 0)[..., None], trained, functional.embedding(ids, self._table))


@contextmanager
def selected_rows(module: nn.Module, encoded: Encoded, *, pad_id: int, weight_decay: float) -> Iterator[None]:
    """Leave in ``module``, for as long as the context lasts, the rows of those tokens only that ``encoded`` has.

    Nothing happens to a module that does not name its table, or whose table has another use, is frozen or of its own
    kind; nor where weights decay, as then every row changes.
    """
    table = module.get_input_embeddings() if isinstance(module, HasTokenTable) else None
    if weight_decay or type(table) is not nn.Embedding or not _is_plain(table) or _num_uses(module, table) != 1:
        yield
        return
    also = {pad_id} if table.padding_idx is None else {pad_id, table.padding_idx}
    tokens = torch.from_numpy(np.union1d(encoded.ids, list(also)).astype(np.int64)).to(table.weight.device)
    selected = SelectedRows(table, tokens)
    parent, name = next((p, n) for p in module.modules() for n, child in p.named_children() if child is table)
    setattr(parent, name, selected)
    try:
        yield
    finally:
        with torch.no_grad():
            table.weight[tokens] = selected.weight
        setattr(parent, name, table)


def _is_plain(table: nn.Embedding) -> bool:
    return table.weight.requires_grad and table.max_norm is None and not table.scale_grad_by_freq and not table.sparse


def _num_uses(module: nn.Module, table: nn.Embedding) -> int:
    """Return in how many places of ``module`` the table's weights stand."""
    named = module.named_parameters(remove_duplicate=False)
    return sum(parameter is table.weight for _, parameter in named)
