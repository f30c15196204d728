"""Why a network predicted as it did: :func:`explain` gives gradient times input at the token vectors, word by word.

A token's weight is the sum over its vector x of x times the gradient of what the prediction rests on (Simonyan, Vedaldi
and Zisserman 2014; Shrikumar et al. 2016; among the best of the cheap methods for texts in Atanasova et al. 2020). It
is exact for a network that is linear in its token vectors, and elsewhere what the prediction would lose to first order
if the vector shrank. Integrated gradients would add up to the difference from a baseline, at some fifty times the
passes and with a baseline to be chosen.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harness.api.attribution import Attribution, word_weights
from harness.api.encoding import Encoded
from harness.api.example import Example
from harness.api.network import Network, TracedNetwork
from harness.api.output import Output
from harness.api.recipe import Decoding
from harness.training.batching import pad
from harness.training.inference import predict_logits
from harness.training.outputs import head_of
from harness.training.outputs.head import Explained
from harness.training.tensors import autocast, to_device

FIRST_PLACE = 1 << 30
"""Stands for a sequence's token 0, and so on: more than any token id, so none is taken for padding."""


def explain(
    network: Network,
    examples: Sequence[Example],
    *,
    output: Output,
    device: str,
    precision: str,
    decoding: Decoding,
) -> list[Attribution]:
    """Return why each prediction is what it is, in order; nothing where the network is no ``TracedNetwork``.

    What is explained depends on the kind of answer: see :mod:`harness.training.outputs`.
    """
    if not examples or not isinstance(network, TracedNetwork):
        return []
    encoded, located = network.encode(examples), network.locate(examples)
    logits = predict_logits(network, encoded, output=output, device=device, precision=precision)
    attributions = []
    explained = head_of(output).explained(logits, encoded, examples, decoding)
    for example, one in zip(examples, explained, strict=True):
        tokens = slice(encoded.offsets[one.sequence], encoded.offsets[one.sequence + 1])
        weights = _token_weights(network, encoded, one, device, precision)  # (L,)
        sides, spans = located.sides[tokens], located.spans[tokens]
        text, pair = (
            word_weights(content, spans[sides == side].tolist(), weights[sides == side].tolist())
            for side, content in enumerate((example.text, example.pair or ""))
        )
        attributions.append(Attribution(id=example.id, towards=one.towards, text=text, pair=pair))
    return attributions


def _token_weights(
    network: TracedNetwork, encoded: Encoded, explained: Explained, device: str, precision: str
) -> NDArray[np.float64]:
    """Return gradient times input of each token of one sequence, (L,); the module is left as it was.

    The module is given places in the sequence instead of token ids, and its table looks up the tokens that stand there:
    so a module may turn round or repeat a sequence before it reads it.
    """
    batch = to_device(pad(encoded, np.array([explained.sequence]), pad_id=network.pad_id), device)  # (1, L)
    length = batch.ids.shape[1]
    places: list[Tensor] = []
    vectors: list[Tensor] = []

    def look_up(_table: nn.Module, arguments: tuple[Any, ...]) -> tuple[Tensor]:
        places.append(arguments[0] - FIRST_PLACE)
        return (batch.ids[0][places[-1]],)

    def keep(_table: nn.Module, _arguments: tuple[Any, ...], found: Tensor) -> Tensor:
        vectors.append(found.detach().requires_grad_())
        return vectors[-1]

    table = network.token_table
    hooks = (table.register_forward_pre_hook(look_up), table.register_forward_hook(keep))
    try:
        # cuDNN has no gradients of an LSTM outside of training.
        with torch.enable_grad(), autocast(device, precision), torch.backends.cudnn.flags(enabled=False):
            logits = network.predict(replace(batch, ids=FIRST_PLACE + torch.arange(length, device=device)[None]))
            total = (logits[0].float() * torch.from_numpy(explained.coefficients).to(device)).sum()
            gradients = torch.autograd.grad(total, vectors)
    finally:
        for hook in hooks:
            hook.remove()
    weights = np.zeros(length)  # (L,)
    for place, vector, gradient in zip(places, vectors, gradients, strict=True):
        np.add.at(weights, place.cpu().numpy(), (vector.detach() * gradient).sum(-1).double().cpu().numpy())
    return weights
