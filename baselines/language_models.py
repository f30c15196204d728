"""Causal language models as they are: any such checkpoint, which predicts texts without being trained."""

from dataclasses import dataclass, field

from baselines.checkpoints.location import Checkpoint
from harness.api.identity import UNKEYED
from harness.api.model import Model, ModelSpec
from harness.api.output import LanguageModelling, Output
from harness.api.task import Task
from harness.outputs import OF_TEXTS


@dataclass(frozen=True, kw_only=True)
class CausalLanguageModel(ModelSpec):
    """A checkpoint that gives texts their exact log-probability.

    ``window`` is how many tokens it reads at once, by default as many as it has positions for and 2,048 at most;
    ``stride`` how many of them are new in each window but the first, by default half.
    """

    preload = ("baselines.networks.causal", "baselines.networks.text_scorer")
    outputs = OF_TEXTS

    checkpoint: Checkpoint
    model_type: str = field(metadata=UNKEYED)
    multiplications: int = field(metadata=UNKEYED)
    window: int | None = None
    stride: int | None = None

    def supports(self, output: Output) -> bool:
        """Return whether it is a probability that is asked for."""
        return super().supports(output) and output != LanguageModelling(pseudo=True)

    def reason_against(self, output: Output) -> str:
        """Return why it is not fine-tuned, and has no pseudo-log-likelihood."""
        if self.supports(output):
            return ""
        if type(output) in OF_TEXTS:
            return f"{self.model_type} is a causal language model, which gives exact log-probabilities: --suite lm"
        return f"{self.model_type} is a causal language model; only encoders can be fine-tuned so far"

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the checkpoint; nothing in it is random."""
        from baselines.networks.causal import load_causal
        from baselines.networks.text_scorer import TextScorer

        folder = self.checkpoint.folder()
        return TextScorer(
            lambda: load_causal(folder, device=device, window=self.window, stride=self.stride),
            output=task.output,
            device=device,
        )

    def operations_per_word(self) -> float:
        """Return 6 operations a weight and a token, as of any model: predicting costs a third of learning."""
        return 6.0 * self.multiplications * 1.5
