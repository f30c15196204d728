"""Our Transformer encoder, from random weights, in three sizes; its tokenizer is trained on the task's own text.

The sizes are those of BERT's miniatures (Turc et al. 2019). Without pretraining it learns what the training rows can
teach, and no more: it shows what pretraining is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.api.example import Example
from harness.api.model import Model, ModelSpec
from harness.api.network import Network
from harness.api.output import Extraction
from harness.api.pretraining import Objective, PretrainingNetwork, Texts, TokenizerKind
from harness.api.recipe import Optimisation, Recipe
from harness.api.task import Task
from harness.outputs import WITH_LOGITS

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True, kw_only=True)
class TransformerSpec(ModelSpec):
    """The size of an encoder and of its vocabulary."""

    preload = ("baselines.networks.transformer", "baselines.networks.scratch", "harness.training.model")
    outputs = WITH_LOGITS
    learns_vocabulary = True

    num_layers: int
    width: int
    num_heads: int
    dropout: float = 0.1
    vocabulary_size: int = 8_000

    @property
    def shares_encoder(self) -> bool:
        """Whether training can begin with its encoder: it is the same for every task, but for its vocabulary."""
        return True

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return an encoder of this size with a head for the task's output."""
        from baselines.networks.scratch import ScratchNetwork
        from baselines.networks.transformer import TransformerConfig, TransformerModel
        from baselines.networks.vocabulary import train_tokenizer
        from harness.training.model import TorchModel

        recipe = self.recipe_for(task)

        def make_network(train: Sequence[Example]) -> Network:
            tokenizer = train_tokenizer(train, vocabulary_size=self.vocabulary_size)
            config = TransformerConfig(
                vocabulary_size=tokenizer.get_vocab_size(),
                max_length=recipe.encoding.max_length,
                num_layers=self.num_layers,
                width=self.width,
                num_heads=self.num_heads,
                dropout=self.dropout,
            )
            module = TransformerModel(config, task.output)
            table = module.encoder.embeddings.tokens
            return ScratchNetwork(
                module=module, token_table=table, tokenizer=tokenizer, output=task.output, encoding=recipe.encoding
            )

        return TorchModel(make_network, output=task.output, recipe=recipe, seed=seed, device=device)

    def train_tokenizer(self, kind: TokenizerKind, texts: Texts, *, vocabulary_size: int) -> "Tokenizer":
        """Return a tokenizer of a corpus; WordPiece is the one that a task's text would get, with ``[MASK]``."""
        from baselines.networks import vocabulary

        train = vocabulary.train_wordpiece if kind == "wordpiece" else vocabulary.train_byte_level
        return train(texts, vocabulary_size=vocabulary_size)

    def pretraining_network(
        self, objective: Objective, *, vocabulary_size: int, max_length: int, dropout: float
    ) -> PretrainingNetwork:
        """Return the encoder with BERT's masked head, or a decoder of the same size."""
        from baselines.networks.language_models import CausalLanguageModel, MaskedLanguageModel
        from baselines.networks.transformer import TransformerConfig

        config = TransformerConfig(
            vocabulary_size=vocabulary_size,
            max_length=max_length,
            num_layers=self.num_layers,
            width=self.width,
            num_heads=self.num_heads,
            dropout=dropout,
        )
        return MaskedLanguageModel(config) if objective == "mlm" else CausalLanguageModel(config)

    def pretraining_rate(self, objective: Objective) -> float:
        """Return the learning rate that suits its size: a decoder, which is normalised before, takes larger steps."""
        rate = (self.recipe or Recipe()).optimisation.learning_rate
        return 2 * rate if objective == "clm" else rate

    def operations_per_word(self) -> float:
        """Return 6 operations a weight and a token: forward once, backward twice, a multiplication and an addition."""
        return 6.0 * 12 * self.num_layers * self.width**2


def _sized(name: str, *, num_layers: int, width: int, num_heads: int, learning_rate: float) -> TransformerSpec:
    """Return a size with what random weights need: far larger steps than pretrained ones, and more of them.

    At such rates a training now and then never left the start; a shorter memory of squared gradients, as in Vaswani et
    al. 2017 (section 5.3), seemed to help. The limit on steps is for large sets: SST-2 is seen about three times.
    """
    recipe = Recipe(
        optimisation=Optimisation(
            epochs=8, max_steps=6_000, learning_rate=learning_rate, warmup_ratio=0.1, weight_decay=0.01, adam_beta2=0.98
        )
    )
    return TransformerSpec(
        name=name,
        title=f"our Transformer encoder, from scratch: {num_layers} layers, {width} wide",
        num_layers=num_layers,
        width=width,
        num_heads=num_heads,
        recipe=recipe,
        recipes={Extraction: recipe.having(max_length=384)},
    )


TINY = _sized("transformer-tiny", num_layers=2, width=128, num_heads=2, learning_rate=1e-3)
MINI = _sized("transformer-mini", num_layers=4, width=256, num_heads=4, learning_rate=5e-4)
SMALL = _sized("transformer-small", num_layers=4, width=512, num_heads=8, learning_rate=3e-4)
