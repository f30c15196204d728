"""Linear layers without autocast's casts: its very bits, in training and in answering."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from harness.training.dropout import use_fast_dropout
from harness.training.linear import CopiedLinear, PackedLinear, bfloat16_copies, cast_weights
from harness.training.loop import make_optimizer
from harness.training.step import Stepper
from harness.training.tensors import autocast
from tests.harness.training.test_loop import make_context


class Net(nn.Module):
    """Linear layers of several kinds: without a bias, frozen, used twice, read for its weights alone."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.bare = nn.Linear(96, 64), nn.Linear(64, 64, bias=False)
        self.frozen, self.read = nn.Linear(64, 64).requires_grad_(requires_grad=False), nn.Linear(64, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x).relu()
        for layer in (self.bare, self.bare, self.frozen):
            x = layer(x).relu()
        result: Tensor = x @ self.read.weight.T
        return result


X = torch.randn(33, 96, generator=torch.Generator().manual_seed(1))


def gradients(module: nn.Module, leaves: list[Tensor]) -> tuple[Tensor | None, ...]:
    with autocast("cpu", "bfloat16"):
        loss = module(X).float().square().sum()
    return torch.autograd.grad(loss, leaves, allow_unused=True)


def test_copies_give_the_gradients_of_autocast() -> None:
    module = Net()
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    expected = gradients(module, trained)
    with bfloat16_copies(module, device="cpu", precision="bfloat16") as copies:
        assert isinstance(module.first, CopiedLinear)
        places = [next(i for i, p in enumerate(trained) if p is parameter) for parameter, _ in copies]
        of_parameters, of_copies = gradients(module, trained), gradients(module, [leaf for _, leaf in copies])
        state = module.state_dict()
    found = list(of_parameters)
    for place, gradient in zip(places, of_copies, strict=True):
        assert found[place] is None or gradient is None, "one leaf or the other"
        if gradient is not None:
            assert gradient.dtype == torch.bfloat16
            found[place] = gradient.float()
    assert places == [0, 1, 2, 3, 4]
    assert [gradient is None for gradient in expected] == [False, False, False, False, True]
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours is None and theirs is None) or torch.equal(ours, theirs)
    assert type(module.first) is nn.Linear
    assert list(state) == list(module.state_dict()), "a checkpoint made meanwhile has the same names"
    assert {value.dtype for value in state.values()} == {torch.float32}


@pytest.mark.parametrize(("device", "precision"), [("cpu", "float32"), ("cuda", "bfloat16")])
def test_nothing_is_copied_elsewhere(device: str, precision: str) -> None:
    module = Net()
    with bfloat16_copies(module, device=device, precision=precision) as copies:
        assert type(module.first) is nn.Linear
        assert copies == []


def test_layers_come_back_after_an_interrupt() -> None:
    module = Net()
    with pytest.raises(KeyboardInterrupt), bfloat16_copies(module, device="cpu", precision="bfloat16"):
        raise KeyboardInterrupt
    assert type(module.first) is nn.Linear


@pytest.mark.parametrize("num_parts", [1, 3])
def test_steps_with_copies_change_no_bit(num_parts: int) -> None:
    trained = []
    for precision in ("float32", "bfloat16"):  # of the copies: none, and all
        context = replace(make_context(), precision="bfloat16")
        module = context.module
        optimizer = make_optimizer(module, context.optimisation, "cpu")
        masks = use_fast_dropout(module)
        with bfloat16_copies(module, device="cpu", precision=precision) as copies:
            stepper = Stepper(context, optimizer, masks=masks, copies=copies)
            stepper.micro_batches = num_parts
            losses = [stepper.step(step).item() for step in range(5)]
        assert bool(copies) == (precision == "bfloat16")
        trained.append((losses, [parameter.detach() for parameter in module.parameters()]))
    assert trained[0][0] == trained[1][0]
    assert all(map(torch.equal, trained[0][1], trained[1][1]))


@pytest.mark.parametrize("rows", [1, 7, 64, 865])
def test_packed_weights_change_no_bit(rows: int) -> None:
    module, x = Net(), torch.randn(rows, 96, generator=torch.Generator().manual_seed(2))
    plain = copy.deepcopy(module)
    cast_weights(module, "bfloat16")
    if torch._C._has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        assert isinstance(module.bare, PackedLinear)
    with autocast("cpu", "bfloat16"), torch.inference_mode():
        assert torch.equal(module(x), plain(x))
        assert torch.equal(module(x[None]), plain(x[None]))


def test_the_input_of_packed_weights_has_a_gradient() -> None:
    module, x = Net(), X.clone().requires_grad_()
    plain = copy.deepcopy(module)
    cast_weights(module, "bfloat16")
    found, expected = (gradients(lambda _, net=net: net(x), [x]) for net in (module, plain))  # type: ignore[arg-type]
    assert torch.equal(found[0], expected[0])  # type: ignore[arg-type]
