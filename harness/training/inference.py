"""Answers without gradients, longest sequences first, a budget of tokens a batch: :func:`predict_logits`."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import numpy as np
import torch
from numpy.typing import NDArray

from harness.api.encoding import Encoded
from harness.api.network import Network
from harness.api.output import Output
from harness.outputs import kind_of
from harness.system.cores import Cores
from harness.training.batching import inference_batches, pad
from harness.training.tensors import autocast, is_out_of_memory, to_device

WithoutGradients = Callable[[], AbstractContextManager[None]]
MAX_TOKENS = {"cpu": 1536, "cuda": 65536, "mps": 16384}
MAX_SEQUENCES = {"cpu": 128, "cuda": 1024, "mps": 256}


def predict_logits(
    network: Network,
    encoded: Encoded,
    *,
    output: Output,
    device: str,
    precision: str,
    cores: Cores | None = None,
    without_gradients: WithoutGradients = torch.inference_mode,
) -> NDArray[np.float32]:
    """Return the network's logits: a row a sequence of ``encoded``, (S, labels), or of spans a row a token, (T, 2).

    Of a network that is trained on afterwards, ``without_gradients`` is ``torch.no_grad``: what a module keeps from a
    pass in inference mode cannot be used in training.
    """
    if cores is None or device != "cpu":  # an accelerator is one, and its memory is for one batch at a time
        cores = Cores()
    network.module.eval()

    def forward(batch: NDArray[np.int64]) -> torch.Tensor:
        with without_gradients(), autocast(device, precision):
            padded = pad(encoded, batch, pad_id=network.pad_id, multiple=8 if device == "cuda" else 1)
            return network.predict(to_device(padded, device))

    batches, parts = _within_memory(forward, encoded, device, cores)
    arrays = [part.float().cpu().numpy() for part in parts]
    match kind_of(output).logits:
        case "sequence":
            return _by_sequence(batches, arrays, len(encoded))
        case "span":
            return _by_token(batches, arrays, encoded.offsets)


def _within_memory(
    forward: Callable[[NDArray[np.int64]], torch.Tensor], encoded: Encoded, device: str, cores: Cores
) -> tuple[list[NDArray[np.int64]], list[torch.Tensor]]:
    """Return batches that memory suffices for, and the logits of each."""
    max_tokens = MAX_TOKENS[device]
    while True:
        batches = list(inference_batches(encoded.lengths, max_tokens=max_tokens, max_sequences=MAX_SEQUENCES[device]))
        try:
            return batches, list(cores.map(forward, batches))
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            # Longest first: if the budget is too large, the first batch says so.
            if not is_out_of_memory(error) or max_tokens <= int(encoded.lengths.max()):
                raise
            max_tokens //= 2


def _by_sequence(
    batches: Sequence[NDArray[np.int64]], parts: Sequence[NDArray[np.float32]], num_sequences: int
) -> NDArray[np.float32]:
    """Return (S, labels) from a batch's (B, labels) each."""
    logits = np.empty((num_sequences, parts[0].shape[-1]), dtype=np.float32)
    for batch, part in zip(batches, parts, strict=True):
        logits[batch] = part
    return logits


def _by_token(
    batches: Sequence[NDArray[np.int64]], parts: Sequence[NDArray[np.float32]], offsets: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return (T, 2) from a batch's (B, L, 2) each, without padding."""
    logits = np.empty((offsets[-1], parts[0].shape[-1]), dtype=np.float32)
    for batch, part in zip(batches, parts, strict=True):
        for sequence, row in zip(batch, part, strict=True):  # (L, 2)
            start, end = offsets[sequence], offsets[sequence + 1]
            logits[start:end] = row[: end - start]
    return logits
