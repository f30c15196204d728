"""A checkpoint's model and tokenizer as transformers loads them, each of its errors made one line.

Only the files that are hashed can be read. What is wrong with the weights is found by what transformers reports.
"""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoModelForSequenceClassification, AutoTokenizer

from baselines.checkpoints.config import architecture_of, is_pretraining, may_have_head
from baselines.checkpoints.files import brief
from baselines.checkpoints.header import read_header
from baselines.checkpoints.labels import MOST_NAMED, labels_of, match_head
from harness.api.model import Head
from harness.api.output import Output
from harness.outputs import kind_of

AUTO_CLASSES = {"sequence": AutoModelForSequenceClassification, "span": AutoModelForQuestionAnswering}
Order = tuple[int, ...]
UNREAD = ("pooler", "position_ids")
"""Parts of an encoder that a head may not use, or that hold nothing learnt."""
PROBE = "Who wrote the first program in 1843? ß 漢字 \u200b🤖"
NOT_LEARNT = ("rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias")
"""Tensors that hold nothing learnt, which some checkpoints have and others have not."""
CASED_SAMPLE, CASED_FRACTION = 1_000, 0.05


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A model of transformers, and what became of its head, in a sentence where that needs one."""

    model: Any
    notes: tuple[str, ...]


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer in a folder, as transformers has it."""
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, **gguf_file(folder)
    )
    if not tokenizer.is_fast:
        raise ValueError("it has no fast tokenizer; expected a tokenizer.json in it")
    return tokenizer


def gguf_file(folder: Path) -> dict[str, str]:
    """Return what else transformers is to be told of a folder that holds a file of GGUF: its name."""
    found = next(folder.glob("*.gguf"), None)
    return {"gguf_file": found.name} if found else {}


def first_token(tokenizer: Any) -> int:
    """Return the token that begins a text for a causal model: its own for that, or else the one that ends texts.

    Raises:
        ValueError: its tokenizer has neither.
    """
    found = next((i for i in (tokenizer.bos_token_id, tokenizer.eos_token_id) if i is not None), None)
    if found is None:
        raise ValueError("its tokenizer has no token that begins or ends a text, so nothing stands before its first")
    return int(found)


def load_model(folder: Path, output: Output, *, weights: Sequence[Path], head: Head) -> Loaded:
    """Return a folder's model with a head for ``output``: a fresh one, or its own; ``weights`` are its tensors' files.

    A head is all that lies outside of the encoder, so its hidden layers are fresh where its output is; but what a class
    of pre-training shares with a classifier is kept, as ``run_glue.py`` does, and so is a pooler, which is part of the
    encoder.

    Raises:
        ValueError: weights of the encoder are missing, are of another size, or are left over.
        UsageError: the head is to be kept, and it is none for ``output``.
    """
    kind = kind_of(output)
    stored = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    order = match_head("the checkpoint", stored, output) if head == "keep" else None
    own = brief(", ".join(labels_of(stored)[:MOST_NAMED]))
    config = AutoConfig.from_pretrained(
        folder, num_labels=kind.num_logits, local_files_only=True, trust_remote_code=False
    )
    model_class = AUTO_CLASSES[kind.logits]._model_mapping[type(config)]
    prefix = f"{model_class.base_model_prefix}."
    in_encoder = [name.startswith(prefix) for file in weights for name in read_header(file)]
    drops = any(in_encoder) and not all(in_encoder) and not is_pretraining(architecture_of(stored))
    if drops and head == "fresh":
        encoder = {
            name: tensor for file in weights for name, tensor in load_file(file).items() if name.startswith(prefix)
        }
        note = f"its trained head ({own}) gave way to a fresh one; --head keep would keep it"
        model = _load(model_class, None, config, {name: tensor.clone() for name, tensor in encoder.items()})
        return Loaded(model=model, notes=(note,) if may_have_head(stored) else ())
    model = _load(model_class, folder, config, None, order)
    note = f"its trained head is kept ({own}), the labels matched by name"
    return Loaded(model=model, notes=() if order is None else (note,))


def _load(
    model_class: Any, folder: Path | None, config: Any, tensors: dict[str, Tensor] | None, order: Order | None = None
) -> Any:
    """Return the model of a folder, or of tensors: its encoder checked, and its head in order where it is kept."""
    model, report = model_class.from_pretrained(
        folder,
        config=config,
        state_dict=tensors,
        dtype=torch.float32,
        use_safetensors=True,
        local_files_only=True,
        ignore_mismatched_sizes=True,  # reported, and refused below where it is not the head
        output_loading_info=True,
    )
    _check_encoder(model, report)
    if order is not None:
        _keep_head(model, report, order)
    return model


def load_language_model(folder: Path, kind: Any, *, may_leave: bool = False) -> Any:
    """Return a folder's model with its own head, in float32; ``kind`` is the class of transformers that makes it.

    Raises:
        ValueError: weights are missing, are of another size, or are left over where none may be.
    """
    with redirect_stderr(io.StringIO()):  # GGUF has a progress bar that cannot be disabled
        model, report = kind.from_pretrained(
            folder,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            **gguf_file(folder),
        )
    for name, found, expected in sorted(report["mismatched_keys"]):
        raise ValueError(f"{brief(name)} is {tuple(found)} in its weights, {tuple(expected)} by config.json")
    left = () if may_leave else report["unexpected_keys"]
    for held, said in ((report["missing_keys"], "are not in its weights"), (left, "of its weights are not used")):
        if names := sorted(name for name in held if not name.endswith(NOT_LEARNT) and not _is_unread(name)):
            raise ValueError(f"{len(names)} tensors {said}, such as {brief(names[0])}")
    return model


def _check_encoder(model: nn.Module, report: Mapping[str, Any]) -> None:
    """Raise a ValueError where the weights are not those of the encoder, whole and with nothing left over."""
    prefix = f"{model.base_model_prefix}."
    for name, found, expected in sorted(report["mismatched_keys"]):
        if name.startswith(prefix):
            sizes = f"{_shape(found)} in its weights, {_shape(expected)} by config.json"
            raise ValueError(f"{brief(name)} is {sizes}")
    if lost := sorted(name for name in report["missing_keys"] if name.startswith(prefix) and not _is_unread(name)):
        raise ValueError(f"{len(lost)} tensors of the encoder are not in its weights, such as {brief(lost[0])}")
    parts = {name.removeprefix(prefix).split(".")[0] for name in model.state_dict() if name.startswith(prefix)}
    left = sorted(
        name
        for name in report["unexpected_keys"]
        if (name.startswith(prefix) or name.split(".")[0] in parts) and not _is_unread(name)
    )
    if left:
        raise ValueError(f"{len(left)} tensors of its weights are not used by the encoder, such as {brief(left[0])}")


def _is_unread(name: str) -> bool:
    return any(part in name for part in UNREAD)


def _shape(shape: Iterable[int]) -> str:
    return " × ".join(f"{size:,}" for size in shape)


def _keep_head(model: nn.Module, report: Mapping[str, Any], order: Order) -> None:
    """Bring the rows of the head's last layer into the order of the task's labels."""
    outside = {name: module for name, module in model.named_modules() if not _in_encoder(model, name)}
    absent = {*report["missing_keys"], *(name for name, *_ in report["mismatched_keys"])}
    if lost := sorted(name for name in absent if not _in_encoder(model, name)):
        raise ValueError(
            f"--head keep, but {brief(lost[0])} of a trained head is not in its weights, or of another size"
        )
    last = [m for m in outside.values() if isinstance(m, nn.Linear) and m.out_features == len(order)][-1]
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.copy_(parameter[list(order)])


def _in_encoder(model: nn.Module, name: str) -> bool:
    return name == model.base_model_prefix or name.startswith(f"{model.base_model_prefix}.")


def check_tokenizer_of(model: Any, words: Tokenizer, *, pad_id: object) -> Iterator[str]:
    """Yield what a reader should know of a tokenizer that fits a model.

    Raises:
        ValueError: it gives ids that the table of tokens has no row for, or cannot read a text at all.
    """
    rows = len(model.get_input_embeddings().weight)
    if not isinstance(pad_id, int) or not 0 <= pad_id < rows:
        raise ValueError(f"the padding token has the id {brief(pad_id)}, the embedding table {rows:,} rows")
    words.no_padding()
    words.no_truncation()
    if not words.num_special_tokens_to_add(is_pair=False):
        raise ValueError("its tokenizer puts no special token around a text, as [CLS] and [SEP]; expected an encoder's")
    probe = words.encode(PROBE, PROBE)
    if max(probe.ids, default=rows) >= rows:
        raise ValueError(
            f"its tokenizer gives the id {max(probe.ids, default=0):,}, the embedding table has {rows:,} rows"
        )
    if _lowers(words) and _is_cased(words):
        yield "its tokenizer makes all letters small, though its vocabulary has capital ones (do_lower_case)"


def _lowers(words: Tokenizer) -> bool:
    return words.normalizer is not None and words.normalizer.normalize_str("A") == "a"


def _is_cased(words: Tokenizer) -> bool:
    """Return whether more than a few of a vocabulary's words have capital letters: of a sample, evenly spaced."""
    size = words.get_vocab_size(with_added_tokens=False)
    sample = [words.id_to_token(number) or "" for number in range(0, size, max(1, size // CASED_SAMPLE))]
    vocabulary = [token for token in sample if token.strip("#▁").isalpha()]
    return sum(token != token.lower() for token in vocabulary) > CASED_FRACTION * len(vocabulary)
