"""Linear layers in bfloat16, without the casts that autocast makes in each pass.

Autocast casts a layer's weights for each part of a step, and their gradients back. :func:`bfloat16_copies` casts the
weights once a step, and gradients where they are added up. :func:`cast_weights` casts the weights for good, once
training is over, and on a CPU lays them out as oneDNN multiplies them. Both give the bits of autocast, which is the
version to be read.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

New = TypeVar("New", bound=nn.Linear)


class CopiedLinear(nn.Linear):
    """A layer with float32 parameters that multiplies by bfloat16 copies of them.

    The parameters are the master weights of Micikevicius et al. 2018, section 3.1; the copies take their place as
    leaves of the graph, but not in checkpoints.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__(layer.in_features, layer.out_features, layer.bias is not None, device="meta")
        self.weight, self.bias = layer.weight, layer.bias
        self._copies = [None if parameter is None else _copy(parameter) for parameter in (self.weight, self.bias)]

    def pairs(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each parameter that is trained, and its copy."""
        for parameter, copy in zip((self.weight, self.bias), self._copies, strict=True):
            if copy is not None and copy.requires_grad:
                yield parameter, copy

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in) to (..., out), under autocast."""
        weight, bias = self._copies
        assert weight is not None
        return functional.linear(x, weight, bias)


class PackedLinear(nn.Linear):
    """A layer with bfloat16 weights, not to be trained any more, and packed for the products of oneDNN."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__(layer.in_features, layer.out_features, layer.bias is not None, device="meta")
        self.weight, self.bias = layer.weight, layer.bias
        self._packed = torch.ops.mkldnn._reorder_linear_weight(self.weight.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in) to (..., out), under autocast where gradients are asked for."""
        if torch.is_grad_enabled():
            return super().forward(x)
        result: Tensor = torch.ops.mkldnn._linear_pointwise(x.bfloat16(), self._packed, self.bias, "none", [], "")
        return result


@contextmanager
def bfloat16_copies(module: nn.Module, *, device: str, precision: str) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Put a :class:`CopiedLinear` in place of each linear layer below ``module``, for as long as the context lasts.

    Given are the parameters with their copies, to be brought up to date by whoever changes a parameter. Nothing happens
    on other devices than a CPU, or in float32.
    """
    if device != "cpu" or precision != "bfloat16":
        yield []
        return
    originals = _replace(module, nn.Linear, CopiedLinear)
    try:
        yield [pair for copied in originals for pair in copied.pairs()]
    finally:
        _replace(module, CopiedLinear, originals.__getitem__)


def cast_weights(module: nn.Module, precision: str) -> None:
    """Cast the weights of linear layers below ``module`` to ``precision`` for good, and pack them where that is of use.

    Training is over for this module.
    """
    if precision != "bfloat16":
        return
    for layer in module.modules():
        if type(layer) is nn.Linear:
            for name, parameter in layer.named_parameters(recurse=False):
                setattr(layer, name, nn.Parameter(parameter.detach().bfloat16(), requires_grad=False))
    if _can_pack():
        _replace(module, nn.Linear, lambda layer: PackedLinear(layer) if layer.weight.device.type == "cpu" else layer)


def _can_pack() -> bool:
    """Return whether oneDNN is in this torch, and multiplies bfloat16 on this processor."""
    return bool(torch._C._has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _copy(parameter: Tensor) -> Tensor:
    return parameter.detach().bfloat16().requires_grad_(parameter.requires_grad)


def _replace(module: nn.Module, kind: type[nn.Linear], make: Callable[[Any], New]) -> dict[New, nn.Linear]:
    """Put what ``make`` gives in place of each layer of exactly this kind; return the old layers by the new ones."""
    replaced = {}
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is kind:
                new = make(child)
                replaced[new] = child
                setattr(parent, name, new)
    return replaced
