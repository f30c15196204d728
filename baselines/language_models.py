"""Causal language models: any such checkpoint, which tells as it is how probable texts are, or is fine-tuned.

No torch or transformers here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from baselines.adaptation import adapted, reason_against_targets, with_low_rank
from baselines.checkpoints.location import Checkpoint
from baselines.probe import probe_of
from baselines.prompted import prompted
from harness.api.example import Example
from harness.api.identity import UNKEYED
from harness.api.method import Method
from harness.api.model import Model, ModelSpec
from harness.api.network import Network
from harness.api.output import LanguageModelling, Output
from harness.api.task import Task
from harness.errors import UsageError
from harness.outputs import OF_TEXTS, WITH_LOGITS


@dataclass(frozen=True, kw_only=True)
class CausalLanguageModel(ModelSpec):
    """A checkpoint that gives texts their exact log-probability, and is fine-tuned whole, with a fresh head.

    Where texts are scored, ``window`` is how many tokens it reads at once, by default as many as it has positions for
    and 2,048 at most; ``stride`` how many of them are new in each window but the first, by default half.
    """

    preload = ("baselines.networks.causal_head", "baselines.networks.text_scorer", "harness.training.model")
    outputs = (*WITH_LOGITS, *OF_TEXTS)

    checkpoint: Checkpoint
    model_type: str = field(metadata=UNKEYED)
    multiplications: int = field(metadata=UNKEYED)
    window: int | None = None
    stride: int | None = None
    generates: bool = field(default=True, metadata=UNKEYED)
    """Whether it has the head that predicts the next token."""

    def supports(self, output: Output) -> bool:
        """Return whether the kind of answer is one of logits, or a probability that it tells."""
        return super().supports(output) and not self.reason_against(output)

    @property
    def shares_encoder(self) -> bool:
        """Whether it is fine-tuned whole: then all below its head is the same for every task."""
        return self.method is None

    def reason_against(self, output: Output) -> str:
        """Return why it cannot say how probable a text is, or gives no pseudo-log-likelihood."""
        if output == LanguageModelling(pseudo=True):
            return f"{self.model_type} is a causal language model, which gives exact log-probabilities: --suite lm"
        if type(output) in OF_TEXTS and self.method:
            return f"texts are scored by the checkpoint as it is; leave out +{self.method}"
        if type(output) in OF_TEXTS and not self.generates:
            return "the checkpoint has no head that predicts the next token"
        return reason_against_targets(self, self.checkpoint)

    def with_method(self, method: Method) -> ModelSpec:
        """Return it adapted by LoRA, as a probe, or asked in words.

        Raises:
            UsageError: it is to be asked, and cannot continue a text.
        """
        if method.way == "lora":
            return with_low_rank(self, method)
        if method.way == "probe":
            return probe_of(self, method, is_causal=True)
        if not self.generates:
            raise UsageError(
                f"--model {self.name}+{method}: the checkpoint has no head that predicts the next token, of which "
                "prompts ask; leave out +prompt."
            )
        return prompted(
            self,
            method,
            checkpoint=self.checkpoint,
            model_type=self.model_type,
            multiplications=self.multiplications,
        )

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the checkpoint as it is, or with a head for the task's output."""
        folder, adapter = self.checkpoint.folder(), self.checkpoint.adapter
        if type(task.output) in OF_TEXTS:
            from baselines.networks.causal import load_causal
            from baselines.networks.text_scorer import TextScorer

            return TextScorer(
                lambda: load_causal(folder, device=device, window=self.window, stride=self.stride, adapter=adapter),
                output=task.output,
                device=device,
            )
        from baselines.networks.causal_head import load_causal_head
        from harness.training.model import TorchModel

        recipe = self.recipe_for(task)

        def make_network(_train: Sequence[Example]) -> Network:
            network = load_causal_head(folder, output=task.output, encoding=recipe.encoding, adapter=adapter)
            return adapted(network, self, self.checkpoint, recipe)

        return TorchModel(make_network, output=task.output, recipe=recipe, seed=seed, device=device)

    def operations_per_word(self) -> float:
        """Return 6 operations a weight and a token, as of any model: predicting costs a third of learning."""
        return 6.0 * self.multiplications * 1.5
