"""A causal language model that is asked in words and not trained: ``NAME+prompt``, ``NAME+prompt5``."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from baselines.checkpoints.chat import chat_template
from baselines.checkpoints.location import Checkpoint
from harness.api.asking import AskedExamples, ShownPrompt
from harness.api.identity import UNKEYED
from harness.api.method import Method
from harness.api.model import Model, ModelSpec
from harness.api.output import Output
from harness.api.prompt import Prompt
from harness.api.task import Task
from harness.errors import UsageError
from harness.outputs import WITH_PROMPT, kind_of
from harness.system.devices import resolve_precision

if TYPE_CHECKING:
    from baselines.networks.questions import Questions


@dataclass(frozen=True, kw_only=True)
class Prompted(ModelSpec):
    """A checkpoint that weighs the answers of a task's prompt; ``method`` says how it is asked.

    ``chat_template`` is the text of the template that it is asked in, where there is one and it is to be used.
    """

    preload = ("baselines.networks.prompted",)
    outputs = WITH_PROMPT

    checkpoint: Checkpoint
    method: Method
    model_type: str = field(metadata=UNKEYED)
    multiplications: int = field(metadata=UNKEYED)
    chat_template: str | None = field(default=None, metadata=UNKEYED)

    @property
    def needs_training_split(self) -> bool:
        """Whether examples are drawn from it."""
        return self.method.shots > 0

    def reason_against(self, output: Output) -> str:
        """Return which kinds of answer it can be asked for."""
        if self.supports(output):
            return ""
        return "a prompt asks for labels or a number; leave out +prompt for texts as they are"

    def identity(self) -> Mapping[str, Any]:
        """Return its identity, of which the chat template is a part."""
        template = self.chat_template and hashlib.sha256(self.chat_template.encode()).hexdigest()
        return {**super().identity(), **({"chat_template": template} if template else {})}

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return a model whose examples in prompts follow from the seed; nothing else in it is random."""
        from baselines.networks.causal import load_causal
        from baselines.networks.prompted import PromptedModel

        folder = self.checkpoint.folder()
        return PromptedModel(
            lambda: load_causal(folder, device=device, window=None, stride=None, adapter=self.checkpoint.adapter),
            lambda tokenizer, config: self._questions(task, tokenizer, config),
            method=self.method,
            seed=seed,
            device=device,
            precision=resolve_precision(self.recipe_for(task).optimisation.precision, device),
        )

    def prompt_for(self, task: Task) -> Prompt | None:
        """Return the task's first prompt, or the wording that is asked for."""
        return dict(enumerate(task.prompts, 1)).get(self.method.wording)

    def check_prompts(self, task: Task, asked: AskedExamples) -> None:
        """See to it that the task's answers are apart, and that each prompt fits."""
        from baselines.networks.prompt_checks import check

        with self._reader(task, asked) as questions:
            check(questions, asked.examples, whole="whole" in self.method.options)

    def show_prompts(self, task: Task, asked: AskedExamples) -> list[ShownPrompt]:
        """Return what the model sees of each example."""
        from baselines.networks.prompt_checks import shown

        with self._reader(task, asked) as questions:
            return shown(questions, asked.examples)

    def operations_per_word(self) -> float:
        """Return 6 operations a weight and a token, of which predicting takes a third; each word is one or two."""
        return 6.0 * self.multiplications * 1.5 * (1 + self.method.shots / 4)

    @contextmanager
    def _reader(self, task: Task, asked: AskedExamples) -> Iterator["Questions"]:
        """Lend what puts examples into tokens, without the weights; what is wrong is told of this model and task."""
        from baselines.networks.causal import open_tokenizer
        from baselines.networks.questions import draw

        with open_tokenizer(self.checkpoint.folder()) as (tokenizer, config):
            try:
                questions = self._questions(task, tokenizer, config)
                yield replace(questions, shots=draw(asked.train, self.method.shots, seed=asked.seed))
            except UsageError as error:
                raise UsageError(f"--model {self.name}, task {task.name!r}: {error}") from error

    def _questions(self, task: Task, tokenizer: Any, config: Any) -> "Questions":
        from baselines.networks.causal import num_positions
        from baselines.networks.questions import Questions

        prompt = self.prompt_for(task)
        assert prompt is not None, "a plan has no such pair"
        return Questions(
            prompt=prompt,
            kind=kind_of(task.output),
            tokenizer=tokenizer,
            window=num_positions(config),
            chat_template=self.chat_template,
        )


def prompted(
    model: ModelSpec, method: Method, *, checkpoint: Checkpoint, model_type: str, multiplications: int
) -> Prompted:
    """Return a causal checkpoint that is asked, in its chat template where it has one and ``+plain`` is not asked for.

    Raises:
        UsageError: ``+chat`` is asked for and it has none.
    """
    template = chat_template(checkpoint.folder())
    if template is None and "chat" in method.options:
        raise UsageError(f"--model {model.name}+{method}: the checkpoint has no chat template; leave out +chat.")
    shots = f" with {method.shots} training examples" if method.shots else ""
    said = f"prompted{shots}, not trained{', calibrated' if 'calibrated' in method.options else ''}"
    return Prompted(
        name=f"{model.name}+{method}",
        title=f"{model.title}, {said}",
        method=method,
        checkpoint=checkpoint,
        model_type=model_type,
        multiplications=multiplications,
        chat_template=None if "plain" in method.options else template,
    )
