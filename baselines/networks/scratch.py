"""A network that knows nothing but the training text: its tokenizer is trained on it, its module begins at random."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer
from torch import nn

from baselines.networks.tokens import encode, encoding_key
from baselines.networks.vocabulary import PAD_ID
from harness.encoding import Encoded
from harness.examples import Example
from harness.outputs import Output
from harness.recipe import Recipe


@dataclass(kw_only=True)
class ScratchNetwork:
    """A module with the tokenizer that was trained for it; see :class:`~harness.network.KeyedNetwork`."""

    module: nn.Module
    tokenizer: Tokenizer
    output: Output
    recipe: Recipe
    pad_id: int = PAD_ID

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """Return the examples as token sequences."""
        return encode(self.tokenizer, examples, output=self.output, recipe=self.recipe)

    def encoding_key(self) -> str:
        """Return what stands for all that shapes ``encode``."""
        return encoding_key(self.tokenizer, output=self.output, recipe=self.recipe)
