"""A checkpoint adapted by LoRA (Hu et al. 2021) through ``peft``: low-rank matrices and a head are trained, no more.

Adapted are the linear modules of its layers. What it has outside of them, such as tables, stays as it is; but the head
is trained whole, and so is a pooler, which an encoder may bring without having learnt it. What is kept of a training is
in peft's own format.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors.torch import save
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from baselines.checkpoints.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, names_in_layers, no_target, target_pattern
from baselines.networks.causal_head import CausalHead
from baselines.networks.loading import AUTO_CLASSES
from baselines.networks.pretrained import PretrainedNetwork
from harness.api.recipe import Adaptation
from harness.errors import UsageError
from harness.outputs import kind_of

NAME = "default"
POOLER = "pooler"
TASK_TYPES = {"sequence": "SEQ_CLS", "span": "QUESTION_ANS"}
HEADS = {"sequence": "score", "span": "qa_outputs"}
"""What transformers calls the head of a causal model."""


@dataclass(kw_only=True)
class LowRankNetwork(PretrainedNetwork):
    """A network of which an adapter is trained, and a head."""

    config: LoraConfig

    def finish(self) -> Mapping[str, bytes]:
        """Add the adapter to the weights, which it leaves as many as they were; return its files."""
        files = {ADAPTER_WEIGHTS: save(self._trained()), ADAPTER_CONFIG: self._config()}
        for parent in list(self.module.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, BaseTunerLayer):
                    child.merge()
                    setattr(parent, name, child.get_base_layer())
        return files

    def _trained(self) -> dict[str, Tensor]:
        """Return what was trained, under the names that peft gives it in a model of transformers for the task."""
        trained = ((self._public(name), p) for name, p in self.module.named_parameters() if p.requires_grad)
        return {f"base_model.model.{name.replace(f'.{NAME}.', '.')}": p.detach().contiguous() for name, p in trained}

    def _public(self, name: str) -> str:
        """Return what transformers calls a parameter."""
        if not isinstance(self.module, CausalHead):
            return name.removeprefix("model.")
        logits, model = kind_of(self.output).logits, self.module.model
        if name.startswith("head."):
            return f"{HEADS[logits]}.{name.removeprefix('head.')}"
        classes = AUTO_CLASSES[logits]._model_mapping
        whole = classes[type(model.config)] if type(model.config) in classes else type(model)
        return f"{whole.base_model_prefix}.{name.removeprefix('model.')}"

    def _config(self) -> bytes:
        parts = [self._public(name).split(".") for name, _ in _trained_whole(self)]
        whole = {next((part for part in each if POOLER in part), each[0]) for each in parts}
        more = {"task_type": TASK_TYPES[kind_of(self.output).logits], "modules_to_save": sorted(whole)}
        return json.dumps({**self.config.to_dict(), **more, "inference_mode": True}, indent=2, sort_keys=True).encode()


def adapt(network: PretrainedNetwork, adaptation: Adaptation, *, base: str, revision: str | None) -> LowRankNetwork:
    """Return the network with an adapter drawn from torch's generator; nothing but that and its head is trained then.

    Raises:
        UsageError: no module has the targets.
    """
    encoder: Any = network.encoder
    linear = {name: m for name, m in encoder.named_modules() if isinstance(m, nn.Linear | Conv1D)}
    pattern = target_pattern(adaptation.lora_targets or names_in_layers(linear))
    adapted = [m for name, m in linear.items() if re.fullmatch(pattern, name)]
    if not adapted:
        raise UsageError(f"{no_target(base, adaptation.lora_targets, names_in_layers(linear))}.")
    config = LoraConfig(
        r=adaptation.lora_rank,
        lora_alpha=adaptation.lora_alpha,
        lora_dropout=adaptation.lora_dropout,
        target_modules=pattern,
        fan_in_fan_out=isinstance(adapted[0], Conv1D),
        base_model_name_or_path=base,
        revision=revision,
    )
    inject_adapter_in_model(config, encoder, NAME)
    for layer in encoder.modules():
        if isinstance(layer, BaseTunerLayer):
            layer.cast_input_dtype_enabled = False  # autocast casts where it has to
    for _, parameter in _trained_whole(network):
        parameter.requires_grad_()
    return LowRankNetwork(**{each.name: getattr(network, each.name) for each in fields(network)}, config=config)


def _trained_whole(network: PretrainedNetwork) -> Iterator[tuple[str, nn.Parameter]]:
    """Yield the parameters of a head, and of a pooler, by name."""
    of_checkpoint = {id(parameter) for name, parameter in network.encoder.named_parameters() if POOLER not in name}
    yield from ((name, p) for name, p in network.module.named_parameters() if id(p) not in of_checkpoint)
