"""How probable answers are after prompts: :class:`AnswerScorer`, which computes what is shared once.

What all questions begin with is read once, and its keys and values serve every batch; a prompt is read once for all of
its answers, which branch off after it where they have several tokens. Rows go with others of about their length, padded
at their end, where a causal model sees nothing of it.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers.cache_utils import DynamicCache, DynamicLayer

from baselines.networks.causal import PROBE, TOLERANCE, CausalNetwork
from baselines.networks.prefix import Prefix, forward_after, read_prefix
from baselines.networks.questions import Question
from baselines.networks.scoring import Batch, Row, batch_of, score
from harness.system.cores import Cores
from harness.training.linear import cast_weights
from harness.training.tensors import autocast

LEAST_SHARED = 16
"""So few tokens are as quickly read again with each question."""


@dataclass(kw_only=True)
class AnswerScorer:
    """A causal network that weighs answers; its products are of ``precision``, but for the head's, in float32."""

    network: CausalNetwork
    device: str
    precision: str
    cores: Cores = field(default_factory=Cores)
    branches: bool = field(init=False)
    """Whether answers of several tokens branch off from one prompt; not where attention has a window of its own."""
    keeps: bool = field(init=False)
    """Whether the keys and values of what is shared can be kept."""
    _prefixes: dict[tuple[int, ...], Prefix] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        layers = DynamicCache(config=self.network.model.config).layers
        self.branches = self.network.shares and all(type(layer) is DynamicLayer for layer in layers)
        self.keeps = _can_keep(self.network, self.device)
        use_precision(self.network.model, self.precision)

    def log_likelihoods(self, questions: Sequence[Question], shared: Sequence[int]) -> NDArray[np.float64]:
        """Return the log-probability of each answer to each question, (N, A); the questions begin with ``shared``."""
        prefix = self._prefix(shared)
        start = len(prefix.ids) if prefix else 0
        num_answers = len(questions[0].answers)
        rows = [
            row
            for number, question in enumerate(questions)
            for row in (self._branched if self.branches else _apart)(question, start, number * num_answers)
        ]

        def forward(batch: Batch) -> Tensor:
            with autocast(self.device, self.precision):
                return forward_after(self.network, prefix, batch)

        totals = score(
            rows,
            len(questions) * num_answers,
            forward,
            device=self.device,
            cores=self.cores,
            batching=padded_batches,
        )
        return totals.reshape(-1, num_answers)

    @staticmethod
    def _branched(question: Question, start: int, first_text: int) -> list[Row]:
        """Return a prompt without what is shared, off which its answers branch."""
        row = Row(ids=question.context[start:])
        parents, children = [*range(-1, len(row.ids) - 1)], dict[tuple[int, int], int]()
        for number, answer in enumerate(question.answers, first_text):
            place = len(question.context) - start - 1
            for token, is_last in zip(answer, [*[False] * (len(answer) - 1), True], strict=True):
                row.ask(place, token, number)
                if is_last:
                    break
                if (place, token) not in children:
                    children[place, token] = len(row.ids)
                    row.ids.append(token)
                    parents.append(place)
                place = children[place, token]
        row.parents = None if parents == [*range(-1, len(row.ids) - 1)] else parents
        return [row]

    def _prefix(self, shared: Sequence[int]) -> Prefix | None:
        if not self.keeps or len(shared) < LEAST_SHARED:
            return None
        if (key := tuple(shared)) not in self._prefixes:
            with autocast(self.device, self.precision):
                self._prefixes[key] = read_prefix(self.network, shared)
        return self._prefixes[key]


def _apart(question: Question, start: int, first_text: int) -> list[Row]:
    """Return a row for each answer, or for several where they have one token."""
    rows: dict[tuple[int, ...], Row] = {}
    for number, answer in enumerate(question.answers, first_text):
        row = rows.setdefault(tuple(answer[:-1]), Row(ids=[*question.context[start:], *answer[:-1]]))
        for place, token in enumerate(answer, len(question.context) - start - 1):
            row.ask(place, token, number)
    return list(rows.values())


def padded_batches(rows: Sequence[Row], max_tokens: int) -> Iterator[Batch]:
    """Yield batches of so many tokens at most, longest rows first: the same ones in whatever order rows are given."""
    for members in ([row for row in rows if row.parents is None], [row for row in rows if row.parents is not None]):
        ordered = sorted(members, key=lambda row: (-len(row.ids), row.ids))
        start = 0
        while start < len(ordered):
            end = start + max(1, max_tokens // len(ordered[start].ids))
            yield batch_of(ordered[start:end])
            start = end


class Float32Linear(nn.Linear):
    """A layer that multiplies in float32, under autocast too."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__(layer.in_features, layer.out_features, layer.bias is not None, device="meta")
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in) to (..., out)."""
        with torch.autocast(x.device.type, enabled=False):
            return functional.linear(x.float(), self.weight, self.bias)


def use_precision(model: Any, precision: str) -> None:
    """Have a language model multiply in ``precision``, but for its head.

    A head's logits in bfloat16 would be a sixteenth apart at least, and answers often equally probable.
    """
    head = model.get_output_embeddings()
    if precision == "float32" or not isinstance(head, nn.Linear):
        return
    cast_weights(model.base_model, precision)
    model.set_output_embeddings(Float32Linear(head))


def _can_keep(network: CausalNetwork, device: str) -> bool:
    """Return whether a text goes on from the kept keys and values of its beginning as it does from the beginning."""
    context, answer, *_ = network.encode(PROBE)
    found = []
    for start in (0, len(context) // 2):
        try:
            prefix = read_prefix(network, context[:start]) if start else None
            rows = _apart(Question(context=context, answers=[answer], asked=0, num_shots=0), start, 0)
            forward = functools.partial(forward_after, network, prefix)
            values = score(rows, 1, forward, device=device, cores=Cores())
        except Exception:  # a model may keep nothing, or in another way
            if not start:
                raise
            return False
        found.append(values)
    return bool(abs(found[0] - found[1]).max() < TOLERANCE)
