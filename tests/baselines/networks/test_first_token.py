"""A last layer that computes the first token alone answers, and learns, as the whole layer does."""

import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification

from baselines.networks import attention
from baselines.networks.first_token import MODEL_TYPES, FirstTokenLayer, read_first_token_only

SIZE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 99}
DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
IDS = torch.arange(5, 26).view(3, 7)
MASK = (torch.arange(7) < torch.tensor([7, 3, 1])[:, None]).long()


def classifier(model_type: str) -> torch.nn.Module:
    config = AutoConfig.for_model(model_type, **SIZE, **DROPOUT)
    torch.manual_seed(0)
    model: torch.nn.Module = AutoModelForSequenceClassification.from_config(config)
    model.set_attn_implementation(attention.NAME)  # type: ignore[operator]
    return model


def answer(model: torch.nn.Module) -> tuple[Tensor, dict[str, Tensor]]:
    logits: Tensor = model(input_ids=IDS, attention_mask=MASK).logits
    logits.square().sum().backward()
    return logits, {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("model_type", sorted(MODEL_TYPES))
def test_answers_and_gradients_are_those_of_the_whole_layer(model_type: str, training: bool) -> None:
    whole, shortened = classifier(model_type).train(training), classifier(model_type)
    read_first_token_only(shortened)
    assert isinstance(shortened.base_model.encoder.layer[-1], FirstTokenLayer)  # type: ignore[union-attr, index]
    logits, gradients = answer(shortened.train(training))
    expected_logits, expected_gradients = answer(whole)
    torch.testing.assert_close(logits, expected_logits)
    assert gradients.keys() == expected_gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected_gradients[name], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("model_type", "settings"), [("mpnet", {}), ("bert", {"is_decoder": True})])
def test_other_layers_are_left_alone(model_type: str, settings: dict[str, bool]) -> None:
    config = AutoConfig.for_model(model_type, **SIZE, **settings)
    model = AutoModelForSequenceClassification.from_config(config)
    read_first_token_only(model)
    assert not any(isinstance(module, FirstTokenLayer) for module in model.modules())
