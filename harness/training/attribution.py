"""Why a network answered as it did: :func:`explain` gives gradient times input at the token vectors, word by word.

A token's weight is the sum over its vector x of x times the gradient of what the answer rests on (Simonyan, Vedaldi and
Zisserman 2014; Shrikumar et al. 2016; among the best of the cheap methods for texts in Atanasova et al. 2020). It is
exact for a network that is linear in its token vectors, and elsewhere what the answer would lose to first order if the
vector shrank. Integrated gradients would add up to the difference from a baseline, at some fifty times the passes and
with a baseline to be chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harness.api.attribution import Attribution, word_weights
from harness.api.encoding import Encoded
from harness.api.example import Example
from harness.api.network import Network, TracedNetwork
from harness.api.output import Classification, Extraction, Output, Regression
from harness.training.batching import pad
from harness.training.decoding import choose
from harness.training.inference import predict_logits
from harness.training.tensors import autocast, to_device

FIRST_PLACE = 1 << 30
"""Stands for a sequence's token 0, and so on: more than any token id, so none is taken for padding."""


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What is to be explained: the sum of one sequence's logits times ``coefficients``, which have their shape."""

    sequence: int
    towards: str
    coefficients: NDArray[np.float32]


def explain(
    network: Network,
    examples: Sequence[Example],
    *,
    output: Output,
    device: str,
    precision: str,
    max_answer_length: int,
) -> list[Attribution]:
    """Return why each example is answered as it is, in order; nothing where the network is no ``TracedNetwork``.

    What is explained is the predicted label's logit less the mean of the others, the number, or the start and the end
    logit of the predicted span (of "no answer": those of token 0), in the one window that it was found in.
    """
    if not examples or not isinstance(network, TracedNetwork):
        return []
    encoded, located = network.encode(examples), network.locate(examples)
    logits = predict_logits(network, encoded, output=output, device=device, precision=precision)
    attributions = []
    for example, answer in zip(examples, _answers(output, logits, encoded, examples, max_answer_length), strict=True):
        tokens = slice(encoded.offsets[answer.sequence], encoded.offsets[answer.sequence + 1])
        weights = _token_weights(network, encoded, answer, device, precision)  # (L,)
        sides, spans = located.sides[tokens], located.spans[tokens]
        text, pair = (
            word_weights(content, spans[sides == side].tolist(), weights[sides == side].tolist())
            for side, content in enumerate((example.text, example.pair or ""))
        )
        attributions.append(Attribution(id=example.id, towards=answer.towards, text=text, pair=pair))
    return attributions


def _answers(
    output: Output, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], max_answer_length: int
) -> list[_Answer]:
    match output:
        case Classification(labels=labels):
            coefficients = np.full_like(logits, -1 / max(1, len(labels) - 1))  # (S, labels)
            chosen = logits.argmax(axis=1)
            coefficients[np.arange(len(chosen)), chosen] = 1.0
            return [
                _Answer(sequence=sequence, towards=labels[label], coefficients=coefficients[sequence])
                for sequence, label in enumerate(chosen.tolist())
            ]
        case Regression():
            one = np.ones(1, np.float32)
            return [_Answer(sequence=s, towards="a higher number", coefficients=one) for s in range(len(logits))]
        case Extraction():
            spans, answers = encoded.spans, []
            assert spans is not None, "extraction needs the characters that each token covers"
            choices = choose(output, logits.astype(np.float64), encoded, len(examples), max_answer_length)
            for example, choice in zip(examples, choices, strict=True):
                sequence = int(np.searchsorted(encoded.offsets, choice.first, side="right")) - 1
                coefficients = np.zeros((encoded.lengths[sequence], 2), np.float32)  # (L, 2)
                coefficients[choice.first - encoded.offsets[sequence], 0] = 1.0
                coefficients[choice.last - encoded.offsets[sequence], 1] = 1.0
                text = (example.pair or "")[spans[choice.first, 0] : spans[choice.last, 1]]
                answers.append(_Answer(sequence=sequence, towards=text or "no answer", coefficients=coefficients))
            return answers


def _token_weights(
    network: TracedNetwork, encoded: Encoded, answer: _Answer, device: str, precision: str
) -> NDArray[np.float64]:
    """Return gradient times input of each token of one sequence, (L,); the module is left as it was.

    The module is given places in the sequence instead of token ids, and its table looks up the tokens that stand there:
    so a module may turn round or repeat a sequence before it reads it.
    """
    ids, types, mask = to_device(pad(encoded, np.array([answer.sequence]), pad_id=network.pad_id), device)  # (1, L)
    places: list[Tensor] = []
    vectors: list[Tensor] = []

    def look_up(_table: nn.Module, arguments: tuple[Any, ...]) -> tuple[Tensor]:
        places.append(arguments[0] - FIRST_PLACE)
        return (ids[0][places[-1]],)

    def keep(_table: nn.Module, _arguments: tuple[Any, ...], found: Tensor) -> Tensor:
        vectors.append(found.detach().requires_grad_())
        return vectors[-1]

    table = network.token_table
    hooks = (table.register_forward_pre_hook(look_up), table.register_forward_hook(keep))
    try:
        # cuDNN has no gradients of an LSTM outside of training.
        with torch.enable_grad(), autocast(device, precision), torch.backends.cudnn.flags(enabled=False):
            logits = network.module(FIRST_PLACE + torch.arange(ids.shape[1], device=device)[None], types, mask)
            explained = (logits[0].float() * torch.from_numpy(answer.coefficients).to(device)).sum()
            gradients = torch.autograd.grad(explained, vectors)
    finally:
        for hook in hooks:
            hook.remove()
    weights = np.zeros(ids.shape[1])  # (L,)
    for place, vector, gradient in zip(places, vectors, gradients, strict=True):
        np.add.at(weights, place.cpu().numpy(), (vector.detach() * gradient).sum(-1).double().cpu().numpy())
    return weights
