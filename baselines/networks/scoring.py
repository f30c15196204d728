"""How probable tokens are: rows of tokens computed once, and log-probabilities of the tokens that are asked alone.

A row is tokens in line, or a tree of them: texts that begin alike share what they begin with (:func:`trees`), whatever
example they are of. Rows in line go with others of their length, so that nothing is padded; what a row is computed
beside changes no more than the rounding of float32.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from harness.system.cores import Cores
from harness.training.tensors import is_out_of_memory

MAX_TOKENS = {"cpu": 768, "cuda": 32768, "mps": 8192}
TREE_TOKENS = 128
"""Of a tree: so few that attention, which compares every two of them, costs little beside the layers' products."""
Ints = NDArray[np.int64]


@dataclass(kw_only=True)
class Row:
    """Tokens, what is asked of their states, and for which text.

    ``parents`` has the token before each in a tree, -1 before the first; ``None`` where tokens stand in line. An edge
    is ``(place, target)``: how probable a token is after the state at a place. A use is ``(edge, text)``.
    """

    ids: list[int] = field(default_factory=list)
    parents: list[int] | None = None
    edges: dict[tuple[int, int], int] = field(default_factory=dict)
    uses: list[tuple[int, int]] = field(default_factory=list)

    def ask(self, place: int, target: int, text: int) -> None:
        """Ask for a log-probability that counts for a text."""
        self.uses.append((self.edges.setdefault((place, target), len(self.edges)), text))


def trees(texts: Sequence[Sequence[int]], first: int, indices: Sequence[int]) -> Iterator[Row]:
    """Yield trees of texts, each after the token ``first``, that together are all of them; ``indices`` number them.

    The last token of a text is asked, and not read.
    """
    row, path, before = Row(parents=[]), list[int](), list[int]()
    for number in sorted(range(len(texts)), key=lambda number: tuple(texts[number])):
        text = texts[number]
        read = [first, *text[:-1]]
        apart = (place for place, (a, b) in enumerate(zip(read, before, strict=False)) if a != b)
        shared = next(apart, min(len(read), len(before)))
        if row.ids and len(row.ids) + len(read) - shared > TREE_TOKENS:
            yield row
            row, path, shared = Row(parents=[]), [], 0
        assert row.parents is not None, "a tree"
        path = path[:shared]
        for token in read[shared:]:
            row.parents.append(path[-1] if path else -1)
            path.append(len(row.ids))
            row.ids.append(token)
        for place, target in zip(path, text, strict=True):
            row.ask(place, target, indices[number])
        before = read
    if row.ids:
        yield row


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows side by side, (B, L), and their edges, (E,): of which state, by its index in ``rows`` and ``places``."""

    ids: Tensor
    rows: Tensor
    places: Tensor
    """The row and the place of each state that is asked, (S,)."""
    states: Tensor
    targets: Tensor
    uses: Ints
    """(U, 2): an edge and a text."""
    positions: Tensor | None = None
    """Where each token of a tree stands in its own text, (B, L)."""
    visible: Tensor | None = None
    """What each token of a tree sees: those before it in its own text, (B, 1, L, L)."""


def batches(rows: Sequence[Row], max_tokens: int) -> Iterator[Batch]:
    """Yield batches of so many tokens at most: rows in line with others of their length, longest first, then trees."""
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(len(row.ids) if row.parents is None else -1, []).append(row)
    for length, members in sorted(groups.items(), reverse=True):
        size = max(1, max_tokens // (length if length > 0 else TREE_TOKENS))
        for start in range(0, len(members), size):
            yield batch_of(members[start : start + size])


def batch_of(rows: Sequence[Row]) -> Batch:
    """Return rows side by side, all in line or all trees, the shorter ones padded at their end."""
    length = max(len(row.ids) for row in rows)
    states: dict[tuple[int, int], int] = {}
    of_edges, targets, uses, num_edges = list[int](), list[int](), list[tuple[int, int]](), 0
    for number, row in enumerate(rows):
        for place, target in row.edges:
            of_edges.append(states.setdefault((number, place), len(states)))
            targets.append(target)
        uses += [(num_edges + edge, text) for edge, text in row.uses]
        num_edges += len(row.edges)
    asked = torch.tensor(list(states))
    of_trees = {}
    if rows[0].parents is not None:
        seen = np.stack([_ancestors(row, length) for row in rows])
        of_trees = {
            "visible": torch.from_numpy(seen).unsqueeze(1),
            "positions": torch.from_numpy(seen.sum(axis=2) - 1),
        }
    return Batch(
        ids=torch.tensor([row.ids + [row.ids[0]] * (length - len(row.ids)) for row in rows]),
        rows=asked[:, 0],
        places=asked[:, 1],
        states=torch.tensor(of_edges),
        targets=torch.tensor(targets),
        uses=np.array(uses),
        **of_trees,
    )


def _ancestors(row: Row, length: int) -> NDArray[np.bool_]:
    """Return which tokens each token of a tree sees, (L, L): itself and those before it in its own text."""
    assert row.parents is not None, "a tree"
    seen = np.eye(length, dtype=bool)
    for place, parent in enumerate(row.parents):
        if parent >= 0:
            seen[place] |= seen[parent]
    return seen


Forward = Callable[[Batch], Tensor]
"""Returns logits of the states that are asked, (S, V)."""
Batching = Callable[[Sequence[Row], int], Iterator[Batch]]
"""Yields batches of rows, of so many tokens at most."""


def score(
    rows: Sequence[Row],
    num_texts: int,
    forward: Forward,
    *,
    device: str,
    cores: Cores,
    batching: Batching = batches,
) -> NDArray[np.float64]:
    """Return the sum of the log-probabilities that count for each text, (texts,), in nats."""
    if device != "cpu":  # an accelerator is one, and its memory is for one batch at a time
        cores = Cores()
    totals = np.zeros(num_texts)
    max_tokens = MAX_TOKENS[device]
    while True:
        try:
            made = list(batching(rows, max_tokens))
            found = list(cores.map(lambda batch: _log_probabilities(forward, batch), made))
            break
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or max_tokens < 2:
                raise
            max_tokens //= 2
    for batch, values in zip(made, found, strict=True):
        np.add.at(totals, batch.uses[:, 1], values[batch.uses[:, 0]])
    return totals


@torch.inference_mode()
def _log_probabilities(forward: Forward, batch: Batch) -> NDArray[np.float64]:
    """Return the log-probability of each edge, (E,)."""
    logits = forward(batch).float()  # (S, V)
    logarithms = functional.log_softmax(logits, dim=1)
    states, targets = batch.states.to(logits.device), batch.targets.to(logits.device)
    values: NDArray[np.float64] = logarithms[states, targets].double().cpu().numpy()
    return values


class AskedStates:
    """Runs a model of transformers whose head is given the states that are asked, and no others.

    Its own code makes logits of them, so scaling, capping and hidden layers of a head are as they are.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._asked: dict[int, tuple[Tensor, Tensor]] = {}
        body: nn.Module = model.base_model
        self._is_apart = body is not model
        if self._is_apart:
            body.register_forward_hook(self._select)

    def logits(self, batch: Batch, **arguments: Any) -> Tensor:
        """Return the logits, (S, V)."""
        device, thread = self._model.device, threading.get_ident()
        rows, places = batch.rows.to(device), batch.places.to(device)
        self._asked[thread] = (rows, places)
        try:
            logits: Tensor = self._model(input_ids=batch.ids.to(device), **arguments).logits
        finally:
            del self._asked[thread]
        return logits[0] if self._is_apart else logits[rows, places]

    def _select(self, _module: nn.Module, _inputs: Any, output: Any) -> Any:
        rows, places = self._asked[threading.get_ident()]
        output[next(iter(output.keys()))] = output[0][rows, places][None]  # (B, L, D) to (1, S, D)
        return output
