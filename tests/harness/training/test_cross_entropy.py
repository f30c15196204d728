"""The fast cross-entropy beside torch's: the same sum and gradient, however sure the logits are."""

import pytest
import torch
from torch.nn import functional

from harness.training import cross_entropy
from harness.training.cross_entropy import summed_cross_entropy


@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0, 300.0])
@pytest.mark.parametrize("num_rows", [1, 7, 64])
def test_equals_torchs(monkeypatch: pytest.MonkeyPatch, scale: float, num_rows: int) -> None:
    monkeypatch.setattr(cross_entropy, "CACHED", 5 * 100)
    random = torch.Generator().manual_seed(0)
    logits = (scale * torch.randn(num_rows, 100, generator=random)).bfloat16()
    targets = torch.randint(100, (num_rows,), generator=random)
    readable = logits.float().requires_grad_()
    expected = functional.cross_entropy(readable, targets, reduction="sum")
    (expected / 3).backward()
    leaf = logits.clone().requires_grad_()
    found = summed_cross_entropy(leaf * 1.0, targets)
    (found / 3).backward()
    torch.testing.assert_close(found, expected.detach(), rtol=1e-5, atol=1e-5)
    assert leaf.grad is not None
    assert readable.grad is not None
    torch.testing.assert_close(leaf.grad.float(), readable.grad, rtol=2e-2, atol=2e-3)


def test_in_float32_it_is_torchs() -> None:
    logits, targets = torch.randn(4, 9, requires_grad=True), torch.tensor([0, 3, 8, 1])
    before = logits.detach().clone()
    assert torch.equal(
        summed_cross_entropy(logits, targets), functional.cross_entropy(logits, targets, reduction="sum")
    )
    assert torch.equal(logits.detach(), before)
