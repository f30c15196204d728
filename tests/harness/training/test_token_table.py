"""Training only the rows of tokens that occur gives what training the whole table gives."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from harness.api.encoding import Encoded
from harness.api.recipe import Optimisation
from harness.training.loop import make_optimizer
from harness.training.token_table import SelectedRows, selected_rows

TOKENS = np.array([7, 3, 3, 9, 5, 7], np.int32)
ENCODED = Encoded(
    ids=TOKENS, types=np.zeros(6, np.int8), offsets=np.array([0, 3, 6]), examples=np.arange(2, dtype=np.int32)
)


class Reader(nn.Module):
    def __init__(self, padding: int | None = 0) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.inner = nn.ModuleDict({"table": nn.Embedding(12, 4, padding_idx=padding)})
        self.head = nn.Linear(4, 1)

    def get_input_embeddings(self) -> nn.Module:
        return self.inner["table"]

    def forward(self, ids: Tensor) -> Tensor:
        result: Tensor = self.head(self.inner["table"](ids)).sum()
        return result


def train(module: nn.Module, steps: int) -> None:
    optimizer = make_optimizer(module, Optimisation(learning_rate=0.1), "cpu")
    for step in range(steps):
        optimizer.zero_grad()
        module(torch.from_numpy(TOKENS[step % 3 : step % 3 + 3].astype(np.int64))).backward()
        optimizer.step()


@pytest.mark.parametrize("padding", [None, 0, 3])
def test_training_selected_rows_is_training_the_table(padding: int | None) -> None:
    whole, selected = Reader(padding), Reader(padding)
    before = copy.deepcopy(whole.inner["table"].weight)
    with selected_rows(selected, ENCODED, pad_id=0, weight_decay=0.0):
        table = selected.inner["table"]
        assert isinstance(table, SelectedRows)
        assert table.weight.shape == (5, 4)  # the pad token, 3, 5, 7 and 9
        train(selected, 7)
    train(whole, 7)
    assert type(selected.get_input_embeddings()) is nn.Embedding
    for ours, theirs in zip(selected.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    untouched = [0, 1, 2, 4, 6, 8, 10, 11]
    assert torch.equal(selected.inner["table"].weight[untouched], before[untouched])
    assert not torch.equal(selected.inner["table"].weight[7], before[7])


def test_a_token_that_is_not_there_is_an_error() -> None:
    module = Reader()
    with selected_rows(module, ENCODED, pad_id=0, weight_decay=0.0), pytest.raises(IndexError):
        module(torch.tensor([4]))
    module(torch.tensor([4]))


def test_in_evaluation_every_token_has_its_row() -> None:
    module = Reader()
    tokens = torch.arange(12)
    with selected_rows(module, ENCODED, pad_id=0, weight_decay=0.0):
        train(module, 7)
        module.eval()
        meanwhile = module.inner["table"](tokens[None])
        module.train()
        train(module, 1)
    trained = module.inner["table"].weight
    assert meanwhile.shape == (1, 12, 4)
    assert torch.equal(meanwhile[0, [1, 2, 4]], trained[[1, 2, 4]]), "never trained"
    assert not torch.equal(meanwhile[0, 7], trained[7])
    with selected_rows(module, ENCODED, pad_id=0, weight_decay=0.0):
        module.eval()
        assert torch.equal(module.inner["table"](tokens), trained)


def tied() -> Reader:
    module = Reader()
    module.head = nn.Linear(4, 12)
    module.head.weight = module.inner["table"].weight  # type: ignore[assignment]
    return module


def frozen() -> Reader:
    module = Reader()
    module.inner["table"].weight.requires_grad_(False)
    return module


@pytest.mark.parametrize(
    ("module", "weight_decay"), [(Reader(), 0.01), (tied(), 0.0), (frozen(), 0.0), (nn.Linear(2, 2), 0.0)]
)
def test_otherwise_the_module_stays_as_it_is(module: nn.Module, weight_decay: float) -> None:
    parameters = list(module.parameters())
    with selected_rows(module, ENCODED, pad_id=0, weight_decay=weight_decay):
        assert all(one is other for one, other in zip(parameters, module.parameters(), strict=True))


def test_the_table_comes_back_after_an_error() -> None:
    module = Reader()
    with pytest.raises(KeyError), selected_rows(module, ENCODED, pad_id=0, weight_decay=0.0):
        raise KeyError
    assert type(module.get_input_embeddings()) is nn.Embedding
