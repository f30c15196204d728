"""A batch in parts: the gradient of the whole, and the same bits whoever computes them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from harness import FitSession
from harness.system.cores import Cores
from harness.training import step as stepping
from harness.training.dropout import use_fast_dropout
from harness.training.loop import make_optimizer
from harness.training.model import TorchModel
from harness.training.step import Stepper, num_parts_of
from tests.fakes.toy import RECIPE, TOY, WordsNetwork
from tests.harness.training.test_loop import TRAIN, VALIDATION, make_context


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "MIN_TOKENS", 8)
    monkeypatch.setattr(stepping, "MAX_TOKENS", 16)


@pytest.mark.parametrize(
    ("lengths", "num_parts"), [([3] * 5, 1), ([4] * 4, 2), ([8] * 4, 2), ([9] * 4, 4), ([1, 9, 9, 9], 4), ([16] * 8, 8)]
)
def test_parts_follow_from_lengths(lengths: list[int], num_parts: int) -> None:
    assert num_parts_of(np.array(lengths), "cpu") == num_parts
    assert num_parts_of(np.array(lengths), "cuda") == 1


class TorchDrawing(WordsNetwork):
    """Draws its noise from torch's own generator, of which there is one for all threads."""

    def __init__(self) -> None:
        super().__init__(TOY.output, 0.0)
        forward = self.module.forward

        def noisy(ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
            noise = torch.rand(len(ids), 1) if self.module.training else 1.0
            result: Tensor = forward(ids, types, mask) * noise
            return result

        self.module.forward = noisy


@pytest.mark.parametrize("network", [lambda: WordsNetwork(TOY.output, 0.0), TorchDrawing])
def test_who_computes_a_part_does_not_show(tmp_path: Path, network: type[WordsNetwork]) -> None:
    found = []
    for cores in (Cores(), Cores(tmp_path, 2), Cores(tmp_path, 5)):
        model = TorchModel(lambda _: network(), output=TOY.output, recipe=RECIPE, seed=0, device="cpu")
        with cores.one():
            losses = model.fit(TRAIN, FitSession(cores=cores)).losses
            found.append((losses, model.predict(VALIDATION)))
    assert found[0] == found[1] == found[2]
    assert found[0][0][0] != found[0][0][1]


def test_idle_cores_do_take_part(tmp_path: Path) -> None:
    context, cores = make_context(), Cores(tmp_path, 2)
    masks = use_fast_dropout(context.module)
    optimizer = make_optimizer(context.module, context.optimisation, "cpu")
    stepper = Stepper(context, optimizer, masks=masks, cores=cores)
    with cores.one():
        stepper.step(0)
        assert cores.borrowed_seconds == 0, "the first part tells whether torch's generator is drawn from"
        stepper.step(1)
        assert cores.borrowed_seconds > 0


def test_parts_give_the_whole_batchs_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    gradients = []
    for least in (8, 10**6):
        monkeypatch.setattr(stepping, "MIN_TOKENS", least)
        context = make_context(dropout=False)
        Stepper(context, make_optimizer(context.module, context.optimisation, "cpu")).step(0)
        gradients.append([parameter.grad for parameter in context.module.parameters()])
    for parted, whole in zip(*gradients, strict=True):
        torch.testing.assert_close(parted, whole, rtol=1e-4, atol=1e-6)


class TwoOffsets(WordsNetwork):
    """Adds two vectors in one place: autograd hands out one tensor as the gradient of both."""

    def __init__(self) -> None:
        super().__init__(TOY.output, 0.0)
        module = self.module
        module.first, module.second = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
        forward = module.forward

        def moved(ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
            offset = module.first + module.second
            result: Tensor = forward(ids, types, mask) + offset
            return result

        module.forward = moved


def test_gradients_that_share_memory_are_parted() -> None:
    network = TwoOffsets()
    context = make_context()
    feed = replace(context.feed, network=network, encoded=network.encode(TRAIN))
    context = replace(context, module=network.module, feed=feed)
    Stepper(context, make_optimizer(network.module, context.optimisation, "cpu")).step(0)
    first, second = network.module.first.grad, network.module.second.grad
    assert torch.equal(first, second)
    assert first.data_ptr() != second.data_ptr()


def test_gradients_keep_their_memory() -> None:
    context = make_context()
    stepper = Stepper(context, make_optimizer(context.module, context.optimisation, "cpu"))
    places = []
    for step in range(3):
        stepper.step(step)
        places.append([parameter.grad.data_ptr() for parameter in context.module.parameters()])
    assert places[0] == places[1] == places[2]
    assert len(set(places[0])) == len(places[0])
