"""What has to be there before anything is measured: checkpoints, and what the device is."""

from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from baselines.networks.vocabulary import train_tokenizer
from harness import Example
from harness.data.loading import load
from harness.data.source import open_source
from harness.system.devices import device_name, resolve_precision
from harness.training.flops import matmul_peak
from tests.bench.against_trainer.assignment import TASKS
from tests.bench.on_gpu.size import Encoder, Size

DRIVER = Path("/proc/driver/nvidia/version")
NAMES = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}


def make_checkpoint(folder: Path, encoder: Encoder, examples: list[Example]) -> None:
    """Write an encoder of BERT's kind with random weights, and a tokenizer trained on the examples' text."""
    tokenizer = train_tokenizer(examples, vocabulary_size=encoder.vocabulary_size)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **NAMES).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=encoder.vocabulary_size,
        hidden_size=encoder.width,
        num_hidden_layers=encoder.num_layers,
        num_attention_heads=encoder.num_heads,
        intermediate_size=4 * encoder.width,
        pad_token_id=0,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)


def describe(device: str) -> dict[str, Any]:
    """Return what the device is, and the limits that others are set against: memory in bytes, operations a second."""
    precision = resolve_precision("auto", device)
    peak = matmul_peak(device, precision)
    found = {
        "name": device_name(device),
        "driver": DRIVER.read_text(encoding="utf-8").splitlines()[0] if DRIVER.is_file() else None,
        "cuda": torch.version.cuda,
        "precision": precision,
        "peak_flops_per_second": peak,
    }
    if device == "cuda":
        free, total = torch.cuda.mem_get_info()
        held = torch.cuda.memory_reserved()
        found |= {"memory_bytes": total, "free_memory_bytes": free + held, "context_bytes": total - free - held}
    return found


def prepare(*, size: Size, data: str, device: str, folder: Path) -> dict[str, Any]:
    """Make the checkpoints in ``folder``, and return what the device is."""
    source = open_source(data)
    examples = [example for task in size.against_tasks for example in load(TASKS[task], source, size.against).train]
    for name, encoder in size.encoders.items():
        make_checkpoint(folder / name, encoder, examples)
    return describe(device)
