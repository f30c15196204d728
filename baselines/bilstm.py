"""GLUE's own baseline, a BiLSTM with max pooling (Wang et al. 2018), from random weights.

It differs from the paper's single-task variant: word pieces with vectors learnt from the task's own text, where the
paper has words with 300-dimensional GloVe vectors, which are not to be had here; and one layer of 256 features a
direction, not two of 1500. Single texts, too, are classified through a hidden layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.api.example import Example
from harness.api.model import Model, ModelSpec
from harness.api.network import Network
from harness.api.output import Extraction
from harness.api.recipe import Optimisation, Recipe
from harness.api.task import Task
from harness.outputs import WITH_LOGITS


@dataclass(frozen=True, kw_only=True)
class BiLSTMSpec(ModelSpec):
    """The size of a BiLSTM (``width`` features a direction), of its classifier and of its vocabulary."""

    preload = ("baselines.networks.bilstm", "baselines.networks.scratch", "harness.training.model")
    outputs = WITH_LOGITS
    learns_vocabulary = True

    embedding_width: int = 256
    width: int = 256
    classifier_width: int = 512
    dropout: float = 0.2
    vocabulary_size: int = 8_000

    @property
    def shares_encoder(self) -> bool:
        """Whether training can begin with its encoder: it is the same for every task, but for its vocabulary."""
        return True

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return a BiLSTM of this size with a head for the task's output."""
        from baselines.networks.bilstm import BiLSTMConfig, make_module
        from baselines.networks.scratch import ScratchNetwork
        from baselines.networks.vocabulary import train_tokenizer
        from harness.training.model import TorchModel

        recipe, output = self.recipe_for(task), task.output

        def make_network(train: Sequence[Example]) -> Network:
            tokenizer = train_tokenizer(train, vocabulary_size=self.vocabulary_size)
            config = BiLSTMConfig(
                vocabulary_size=tokenizer.get_vocab_size(),
                embedding_width=self.embedding_width,
                width=self.width,
                classifier_width=self.classifier_width,
                dropout=self.dropout,
            )
            paired = any(example.pair is not None for example in train)
            module = make_module(config, output, paired=paired)
            table = module.encoder.embeddings
            return ScratchNetwork(
                module=module, token_table=table, tokenizer=tokenizer, output=output, encoding=recipe.encoding
            )

        return TorchModel(make_network, output=output, recipe=recipe, seed=seed, device=device)

    def operations_per_word(self) -> float:
        """Return 6 operations a weight and a token: forward once, backward twice, a multiplication and an addition."""
        return 6.0 * 8 * self.width * (self.embedding_width + self.width)


RECIPE = Recipe(optimisation=Optimisation(epochs=10, max_steps=6_000, learning_rate=2e-3))
BILSTM = BiLSTMSpec(
    name="bilstm",
    title="a BiLSTM with max pooling, from scratch",
    recipe=RECIPE,
    recipes={Extraction: RECIPE.having(max_length=384)},
)
