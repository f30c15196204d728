"""Fast dropout is dropout: the same distribution as torch's, from (seed, step) alone."""

import pytest
import torch
from torch import nn

from harness.training.dropout import FastDropout, MaskSource, use_fast_dropout

SHAPE = torch.Size((400, 501))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_masks_drop_as_often_as_torch_does(p: float, dtype: torch.dtype) -> None:
    source = MaskSource()
    source.seed(1, 2)
    mask = source.mask(SHAPE, p, dtype)
    assert mask.dtype == dtype
    assert mask.shape == SHAPE
    torch.manual_seed(0)
    theirs = nn.functional.dropout(torch.ones(SHAPE, dtype=dtype), p)
    assert set(mask.unique().tolist()) == {0.0, mask.max().item()}
    assert mask.max().item() == pytest.approx(theirs.max().item(), rel=1e-2 if dtype == torch.bfloat16 else 1e-4)
    deviation = (p * (1 - p) / mask.numel()) ** 0.5
    for kept in (mask, theirs):
        assert abs((kept == 0).float().mean().item() - p) < 5 * deviation
    # and evenly: in each row and column of elements, and next to a dropped one as often as elsewhere
    rows = (mask == 0).float()
    assert rows.mean(0).std().item() == pytest.approx((p * (1 - p) / SHAPE[0]) ** 0.5, rel=0.15)
    together = (rows[:, 1:] * rows[:, :-1]).mean().item()
    assert together == pytest.approx(p * p, abs=6 * deviation)


def test_masks_follow_from_the_key() -> None:
    source = MaskSource()
    drawn = []
    for key in ((0, 1), (0, 2), (0, 1)):
        source.seed(*key)
        drawn.append([source.mask(torch.Size((7, 3)), 0.5, torch.float32) for _ in range(2)])
    assert torch.equal(drawn[0][0], drawn[2][0])
    assert torch.equal(drawn[0][1], drawn[2][1])
    assert not torch.equal(drawn[0][0], drawn[0][1])
    assert not torch.equal(drawn[0][0], drawn[1][0])


def test_gradients_go_where_values_went() -> None:
    dropout = FastDropout(0.5, MaskSource())
    x = torch.ones(100, requires_grad=True)
    y = dropout(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y.detach())
    assert torch.equal(dropout.eval()(x), x)


def test_every_dropout_below_a_module_is_replaced() -> None:
    module = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.2), nn.Sequential(nn.Dropout(0.3), nn.AlphaDropout(0.1)))
    module[2].eval()
    use_fast_dropout(module)
    fast = [child for child in module.modules() if isinstance(child, FastDropout)]
    assert [child.p for child in fast] == [0.2, 0.3]
    assert [child.training for child in fast] == [True, False]
    assert isinstance(module[2][1], nn.AlphaDropout)
