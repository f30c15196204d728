"""The network of most adapters: a module whose logits stand for the task's kind of answer."""

from dataclasses import dataclass

from torch import Tensor, nn

from harness.api.network import Batch
from harness.api.output import Output
from harness.training.outputs import head_of


@dataclass(kw_only=True)
class OutputNetwork:
    """Subclass it as a dataclass and add ``encode``.

    The module is called as ``module(ids, types, mask)``, each (B, L): int64 token ids, int64 token types, and a bool
    mask that is true on real tokens. It returns the float logits of the output's kind of answer: (B, labels), (B, 1)
    for a number, or (B, L, 2) for the start and the end of a span, where token 0 stands for "no answer".
    """

    module: nn.Module
    output: Output
    pad_id: int

    def losses(self, batch: Batch) -> tuple[Tensor, float]:
        """Return the sum of the batch's losses, a scalar, and the number of its sequences."""
        assert batch.labels is not None, "training examples have targets"
        return head_of(self.output).loss(self.predict(batch), batch.labels, batch.mask)

    def predict(self, batch: Batch) -> Tensor:
        """Return the module's logits."""
        logits: Tensor = self.module(batch.ids, batch.types, batch.mask)
        return logits
