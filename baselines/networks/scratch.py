"""A network that knows nothing but the training text: its tokenizer is trained on it, its module begins at random."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer
from torch import nn

from baselines.networks.tokens import encode, encoding_key, locate
from baselines.networks.vocabulary import PAD_ID
from harness.api.encoding import Encoded, Located
from harness.api.example import Example
from harness.api.recipe import Encoding
from harness.training.network import OutputNetwork


@dataclass(kw_only=True)
class ScratchNetwork(OutputNetwork):
    """A module with the tokenizer that was trained for it, and its table of that tokenizer's tokens."""

    token_table: nn.Module
    tokenizer: Tokenizer
    encoding: Encoding
    pad_id: int = PAD_ID

    @property
    def encoder(self) -> nn.Module:
        """All of the module but its head."""
        return self.module.get_submodule("encoder")

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """Return the examples as token sequences."""
        return encode(self.tokenizer, examples, output=self.output, encoding=self.encoding)

    def encoding_key(self) -> str:
        """Return what stands for all that shapes ``encode``."""
        return encoding_key(self.tokenizer, output=self.output, encoding=self.encoding)

    def locate(self, examples: Sequence[Example]) -> Located:
        """Return where each token stands in the texts."""
        return locate(self.tokenizer, examples, output=self.output, encoding=self.encoding)
