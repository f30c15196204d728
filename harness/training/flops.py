"""How much arithmetic a network does, counted, and how much the machine can do: model FLOPs and the matmul peak.

Counted are the operations of matrix products, two a multiplication with its addition, in real passes over single
sequences. So padding is not counted, nor is what a fused kernel computes twice: it is the work that is of use
("model FLOPs" in PaLM, Chowdhery et al. 2022, appendix B). What cannot be counted exactly is ``None``.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from harness.api.encoding import Encoded
from harness.api.network import Batch, Network
from harness.system.stopwatch import WARM_UPS, Budget, repeat
from harness.training.tensors import autocast

PEAK = Budget(seconds=0.2, min_samples=3)
PEAK_SHAPE = {"cpu": (2048, 1024, 1024), "cuda": (8192, 8192, 8192), "mps": (4096, 4096, 4096)}
"""Rows, inner and columns of the product that is timed: large enough that a larger one is no faster."""

PRODUCT = re.compile(r"mm|mv|dot|matmul|linear|conv|rnn|lstm$|lstm_mps|gru$|attention|encoder_layer|cdist|ger$|addr")
"""What the name of an operator of torch's own has in it if it multiplies matrices."""


def _mkldnn_rnn(inputs: Tensor, from_input: Tensor, from_hidden: Tensor, *_: Any, **__: Any) -> int:
    """Each token, (..., features), meets each weight of the layer's two matrices once."""
    return 2 * inputs.shape[:-1].numel() * (from_input.numel() + from_hidden.numel())


def _cudnn_rnn(inputs: Tensor, weights: list[Tensor], *_: Any, **__: Any) -> int:
    """The same for all layers and directions; ``weights`` has their biases too."""
    return 2 * inputs.shape[:-1].numel() * sum(weight.numel() for weight in weights if weight.ndim == 2)


def _mkldnn_linear(inputs: Tensor, weight: Tensor, *_: Any, **__: Any) -> int:
    """Each row, (..., in), meets each row of the weights, (out, in)."""
    return 2 * inputs.numel() * len(weight)


aten = torch.ops.aten
FORMULAS: dict[Any, Callable[..., int]] = {
    **flop_registry,
    aten.mkldnn_rnn_layer: _mkldnn_rnn,
    aten.mkldnn_rnn_layer_backward: lambda *tensors, **rest: 2 * _mkldnn_rnn(*tensors, **rest),
    aten._cudnn_rnn: _cudnn_rnn,
    aten._cudnn_rnn_backward: lambda *tensors, **rest: 2 * _cudnn_rnn(*tensors, **rest),
}
if torch._C._has_mkldnn:
    FORMULAS[torch.ops.mkldnn._linear_pointwise] = _mkldnn_linear
"""What an operator's operations are, from its arguments: torch's own formulas, and those of what it has none for."""


def training_flops(network: Network, encoded: Encoded, *, device: str, precision: str) -> float | None:
    """Return the operations of learning once from an example, forward and backward: the mean over examples.

    The module is left as it was, but without gradients.
    """
    module = network.module
    was_training = module.training

    def learn(batch: Batch) -> None:
        with autocast(device, precision):
            logits = network.predict(batch)
        logits.float().sum().backward()  # type: ignore[no-untyped-call]

    module.train()
    try:
        with torch.random.fork_rng(devices=[device] if device == "cuda" else []):
            return _per_example(learn, encoded, device)
    finally:
        module.zero_grad(set_to_none=True)
        module.train(was_training)


def inference_flops(network: Network, encoded: Encoded, *, device: str, precision: str) -> float | None:
    """Return the operations of answering an example: the mean over examples."""
    network.module.eval()

    def predict(batch: Batch) -> None:
        # Not inference mode, in which operators come to the counter before they fall into their parts.
        with torch.no_grad(), autocast(device, precision):
            network.predict(batch)

    return _per_example(predict, encoded, device)


def _per_example(run: Callable[[Batch], None], encoded: Encoded, device: str) -> float | None:
    """Return the mean operations of an example, from counts at four lengths; ``None`` if it does not follow from them.

    Linear layers take so many a token, attention so many a pair of tokens: a quadratic function of a sequence's length.
    Three lengths give it, and the longest must agree with it exactly.
    """
    longest = int(encoded.lengths.max())
    if longest < 3:
        return None
    unit = 2 if longest >= 8 else 1  # even, so that two texts can be equally long
    longest //= unit
    batches = [_sequence(encoded, unit * length, device) for length in (1, 2, 3, longest)]
    counts = [count_operations(partial(run, batch)) for batch in batches]
    if None in counts:
        return None
    first, second, third, last = (count for count in counts if count is not None)
    slope, bend = second - first, third - 2 * second + first  # Newton's forward differences
    if last != first + slope * (longest - 1) + bend * (longest - 1) * (longest - 2) // 2:
        return None
    lengths = encoded.lengths / unit
    total = (first + slope * (lengths - 1) + bend * (lengths - 1) * (lengths - 2) / 2).sum()
    return float(total) / (int(encoded.examples[-1]) + 1)


def _sequence(encoded: Encoded, length: int, device: str) -> Batch:
    """Return the first tokens of the longest sequence as a batch, (1, L); half of them are the pair's."""
    start = encoded.offsets[encoded.lengths.argmax()]
    ids = torch.from_numpy(encoded.ids[start : start + length].astype(np.int64))
    types = torch.zeros_like(ids)
    types[(length + 1) // 2 :] = int(encoded.types.any())
    mask = torch.ones_like(ids, dtype=torch.bool)
    return Batch(ids=ids[None].to(device), types=types[None].to(device), mask=mask[None].to(device))


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the operations of what is carried out, in autograd and within custom functions too.

    It is ``torch.utils.flop_counter.FlopCounterMode`` without its breakdown by module, and it remembers what it has no
    formula for.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations = 0
        self.uncounted: set[str] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return ``False``: else torch imports its compiler here, which takes each trial two seconds."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out an operator."""
        formula, kwargs = FORMULAS.get(func.overloadpacket), kwargs or {}
        result = func(*args, **kwargs)
        if formula:
            self.operations += formula(*args, **kwargs, out_val=result)
        elif _may_multiply(func):
            self.uncounted.add(str(func))
        return result


def count_operations(run: Callable[[], None]) -> int | None:
    """Return the operations of one call; ``None`` if some may have gone uncounted, or the call is not possible."""
    # SDPA's plain backend is made of products; the fused ones, where counted at all, count what they compute twice.
    with sdpa_kernel(SDPBackend.MATH), _Counter() as counter:
        try:
            run()
        except RuntimeError:  # such as a convolution wider than the text: no reason to lose a trial
            return None
    return None if counter.uncounted else counter.operations


def _may_multiply(func: Any) -> bool:
    """Return whether an operator may be a matrix product; those of other libraries may do anything."""
    return func.namespace not in {"aten", "prim"} or PRODUCT.search(func.overloadpacket.__name__) is not None


def matmul_peak(device: str, precision: str) -> float:
    """Return the operations a second of a large matrix product, with the threads and settings in force.

    It is the best sample, since it stands for a limit: what slows down the others is no part of it. The numbers are
    random, as a GPU multiplies ones faster than it could any data.
    """
    rows, inner, columns = PEAK_SHAPE[device]
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    random = torch.Generator(device).manual_seed(0)
    left = torch.randn(rows, inner, generator=random, device=device).to(dtype)
    right = torch.randn(inner, columns, generator=random, device=device).to(dtype)

    def multiply(_turn: int) -> None:
        left @ right
        if device != "cpu":
            getattr(torch, device).synchronize()

    for turn in range(WARM_UPS):
        multiply(turn)
    return 2.0 * rows * inner * columns / min(repeat(multiply, PEAK))
