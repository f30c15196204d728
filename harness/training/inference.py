"""Answers without gradients, longest sequences first, a budget of tokens a batch: :func:`predict_logits`."""

import numpy as np
import torch
from numpy.typing import NDArray

from harness.api.encoding import Encoded
from harness.api.network import Network
from harness.api.output import Extraction, Output
from harness.system.cores import Cores
from harness.training.batching import inference_batches, pad
from harness.training.tensors import autocast, is_out_of_memory, to_device

MAX_TOKENS = {"cpu": 1536, "cuda": 65536, "mps": 16384}
MAX_SEQUENCES = {"cpu": 128, "cuda": 1024, "mps": 256}


def predict_logits(
    network: Network, encoded: Encoded, *, output: Output, device: str, precision: str, cores: Cores | None = None
) -> NDArray[np.float32]:
    """Return the module's logits: (S, labels), (S, 1), or for extraction one row a token of ``encoded``, (T, 2)."""
    if cores is None or device != "cpu":  # an accelerator is one, and its memory is for one batch at a time
        cores = Cores()
    network.module.eval()
    max_tokens = MAX_TOKENS[device]
    while True:
        batches = list(inference_batches(encoded.lengths, max_tokens=max_tokens, max_sequences=MAX_SEQUENCES[device]))
        try:
            parts = list(cores.map(lambda batch: _forward(network, encoded, batch, device, precision), batches))
            break
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            # Longest first: if the budget is too large, the first batch says so.
            if not is_out_of_memory(error) or max_tokens <= int(encoded.lengths.max()):
                raise
            max_tokens //= 2
    width = 2 if isinstance(output, Extraction) else parts[0].shape[-1]
    rows = len(encoded.ids) if isinstance(output, Extraction) else len(encoded)
    logits = np.empty((rows, width), dtype=np.float32)
    for batch, part in zip(batches, parts, strict=True):
        values = part.float().cpu().numpy()
        if not isinstance(output, Extraction):
            logits[batch] = values
            continue
        for sequence, row in zip(batch, values, strict=True):  # (L, 2)
            start, end = encoded.offsets[sequence], encoded.offsets[sequence + 1]
            logits[start:end] = row[: end - start]
    return logits


@torch.inference_mode()
def _forward(network: Network, encoded: Encoded, batch: NDArray[np.int64], device: str, precision: str) -> torch.Tensor:
    padded = pad(encoded, batch, pad_id=network.pad_id, multiple=8 if device == "cuda" else 1)
    ids, types, mask = to_device(padded, device)
    with autocast(device, precision):
        logits: torch.Tensor = network.module(ids, types, mask)
    return logits
