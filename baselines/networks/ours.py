"""Our encoder from a checkpoint that `pretrain` made: the network of transformer-*, but for where its weights begin."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from baselines.checkpoints.config import read_config
from baselines.checkpoints.files import weights_of
from baselines.networks.layouts import from_bert
from baselines.networks.scratch import ScratchNetwork
from baselines.networks.transformer import TransformerConfig, TransformerModel
from harness.api.output import Output
from harness.api.recipe import Encoding
from harness.errors import UsageError

POSITIONS = "embeddings.positions.weight"


def load_ours(folder: Path, *, output: Output, encoding: Encoding) -> ScratchNetwork:
    """Return the pretrained encoder with a fresh head, as one from random weights has it, and with its tokenizer.

    Where more tokens are read than it was pretrained on, the positions beyond are fresh, too.

    Raises:
        UsageError: its weights are not those that its configuration describes.
    """
    settings = read_config(folder / "config.json")
    config = TransformerConfig(
        vocabulary_size=settings["vocab_size"],
        max_length=encoding.max_length,
        num_layers=settings["num_hidden_layers"],
        width=settings["hidden_size"],
        num_heads=settings["num_attention_heads"],
        dropout=settings["hidden_dropout_prob"],
    )
    module = TransformerModel(config, output)
    held = {name: tensor for file in weights_of(folder) for name, tensor in load_file(file).items()}
    start = {name.removeprefix("bert."): tensor for name, tensor in held.items()}
    fresh = module.encoder.state_dict()
    try:
        weights = from_bert(start, fresh)
        known = weights[POSITIONS][: encoding.max_length]
        weights[POSITIONS] = torch.cat([known, fresh[POSITIONS][len(known) :]])
        module.encoder.load_state_dict(weights)
    except (KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"the checkpoint {folder} is not one that `pretrain` made: {reason}.") from error
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    table = module.encoder.embeddings.tokens
    return ScratchNetwork(module=module, token_table=table, tokenizer=tokenizer, output=output, encoding=encoding)
