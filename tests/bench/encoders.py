"""Each type of encoder: whether its logits through the harness are those of transformers, and heed padding or not.

``python -m tests.bench.encoders [TYPE ...]`` makes a tiny checkpoint of each type from random weights. It takes about a
minute; the types are those of :data:`baselines.checkpoints.config.ENCODERS`.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers.processors import TemplateProcessing
from torch import Tensor
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast
from transformers.models.auto.auto_factory import _BaseAutoModelClass
from transformers.models.auto.modeling_auto import AutoModelForQuestionAnswering, AutoModelForSequenceClassification

from baselines.checkpoints.config import ENCODERS, WITHOUT_SPANS
from baselines.networks.pretrained import PADDING_MATTERS, PretrainedModule, PretrainedNetwork, load_network
from harness.api.example import Example
from harness.api.output import Classification, Extraction, Output
from harness.api.recipe import Encoding
from tests.fakes.checkpoints import POSITIONS, QUICK, TINY, wordpiece_tokenizer

TOLERANCE = 1e-4
TEXTS = [
    Example(id="0", text="who wrote it?", pair="Ada wrote the first program, for an engine."),
    Example(id="1", text="when?", pair="in 1843"),
    Example(id="2", text="what drove the engine? red green red green red", pair="steam"),
]
SIX_LAYERS = {"emb_dim": 32, "n_layers": 2, "n_heads": 2}
NARROW_TABLE = {"embedding_size": 16}
ONE_GROUP = ("q_groups", "k_groups", "v_groups", "post_attention_groups", "intermediate_groups", "output_groups")
SPECIAL = {"cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
OWN: dict[str, dict[str, Any]] = {
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64},
    "xlm": SIX_LAYERS,
    "flaubert": SIX_LAYERS,
    "electra": NARROW_TABLE,
    "albert": NARROW_TABLE,
    "funnel": {"d_model": 32, "n_head": 2, "d_head": 16, "d_inner": 64, "block_sizes": [1, 1]},
    "mobilebert": {
        **{"embedding_size": 32, "intra_bottleneck_size": 16, "num_feedforward_networks": 1},
        "true_hidden_size": 16,
    },
    "squeezebert": {"embedding_size": 32, **dict.fromkeys(ONE_GROUP, 1)},
    "longformer": {"attention_window": [8, 8]},
    "convbert": {"embedding_size": 32, "num_groups": 1, "head_ratio": 2},
    "rembert": {"input_embedding_size": 16, "output_embedding_size": 16},
    "xmod": {"default_language": "en_XX"},
    "modernbert": {**SPECIAL, "local_attention": 8, "global_attn_every_n_layers": 2},
    "eurobert": {"num_key_value_heads": 2, "head_dim": 16},
    "mra": {"num_block": 1, "block_per_row": 1},
    "fnet": {"tpu_short_seq_length": 64},
    "yoso": {"use_expectation": True, "lsh_backward": False},
}
"""What a tiny configuration of a type has beside, or in place of, ``TINY``."""


def save(folder: Path, model_type: str) -> None:
    """Write a tiny encoder of a type with a WordPiece tokenizer."""
    words = wordpiece_tokenizer()
    if model_type == "longformer":  # it counts three separators around a question and its passage, as RoBERTa's
        special = [(token, words.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
        words.post_processor = TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] [SEP] $B [SEP]", special_tokens=special
        )
    settings = {**TINY, **POSITIONS, **OWN.get(model_type, {})}
    if model_type == "funnel":
        del settings["num_hidden_layers"]  # it follows from the blocks
    sizes = {"vocab_size": words.get_vocab_size(), "pad_token_id": 0, "sep_token_id": words.token_to_id("[SEP]")}
    try:
        config = AutoConfig.for_model(model_type, **{**sizes, **QUICK, **settings})
    except (TypeError, ValueError, AttributeError):  # it has other names for dropout
        config = AutoConfig.for_model(model_type, **{**sizes, **settings})
    config.architectures = []  # funnel has two, and looks here
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=words, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)


def logits(module: PretrainedModule, network: PretrainedNetwork, rows: Sequence[int]) -> list[Tensor]:
    """Return the logits of some texts in one batch, each without its padding."""
    encoded = network.encode(TEXTS)
    lengths = [int(encoded.lengths[row]) for row in rows]
    size = (len(rows), max(lengths))
    ids, types, mask = torch.full(size, network.pad_id), torch.zeros(size, dtype=torch.long), torch.zeros(size).bool()
    for place, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        tokens = slice(int(encoded.offsets[row]), int(encoded.offsets[row + 1]))
        ids[place, :length] = torch.from_numpy(encoded.ids[tokens]).long()
        types[place, :length] = torch.from_numpy(encoded.types[tokens]).long()
        mask[place, :length] = True
    with torch.no_grad():
        found = module(ids, types, mask)
    spans = found.ndim == 3
    return [row[:length] if spans else row for row, length in zip(found, lengths, strict=True)]


def differences(model_type: str, output: Output, head: type[_BaseAutoModelClass]) -> tuple[float, float]:
    """Return how far logits are from transformers', and how far those in a batch are from those of a text alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(folder, model_type)
        torch.manual_seed(0)
        network = load_network(folder, output=output, encoding=Encoding())
        torch.manual_seed(0)
        labels = {"num_labels": len(output.labels)} if isinstance(output, Classification) else {}
        theirs = PretrainedModule(head.from_pretrained(folder, dtype=torch.float32, **labels).eval())
        network.module.eval()
        rows = range(len(TEXTS))
        together = logits(network.module, network, rows)
        alone = [logits(network.module, network, [row])[0] for row in rows]
        other = logits(theirs, network, rows)
    return tuple(  # type: ignore[return-value]
        max(float((ours - those).abs().max()) for ours, those in zip(together, side, strict=True))
        for side in (other, alone)
    )


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)  # noqa: T201 (a script's output)


def main(model_types: Sequence[str]) -> int:
    """Print a line for each type and kind of answer; return 1 if one is not as it should be."""
    failed = 0
    for model_type in model_types:
        sides: list[tuple[Output, Any]] = [(Classification(labels=("a", "b", "c")), AutoModelForSequenceClassification)]
        if model_type not in WITHOUT_SPANS:
            sides.append((Extraction(unanswerable=True), AutoModelForQuestionAnswering))
        for output, head in sides:
            try:
                theirs, padding = differences(model_type, output, head)
            except Exception as error:  # noqa: BLE001 (a row like any other)
                failed += 1
                say(f"{model_type}, {type(output).__name__}: {type(error).__name__}: {error}")
                continue
            as_expected = theirs <= TOLERANCE and (padding <= TOLERANCE or model_type in PADDING_MATTERS)
            failed += not as_expected
            verdict = "as expected" if as_expected else "NOT as expected"
            say(f"{model_type}, {type(output).__name__}: {theirs:.1e}, with padding {padding:.1e}: {verdict}")
    say(f"{len(model_types)} types, {failed} differences that were not expected")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or sorted(ENCODERS)))
