import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import BertConfig, BertModel

from baselines.networks.heads import max_over_time
from baselines.networks.transformer import Encoder, MultiHeadSelfAttention, TransformerConfig, TransformerModel
from baselines.transformer import MINI, SMALL, TINY, TransformerSpec
from harness.api.example import Example
from harness.api.model import FitSession, Start
from harness.api.output import Classification, Extraction, Regression
from harness.api.recipe import Encoding, Optimisation, Recipe
from harness.outputs import kind_of
from harness.testing import check_model
from tasks.glue import RTE
from tests.fakes.networks import (
    LABELS,
    NUMBERS,
    PAIRS,
    SPANS,
    how_many,
    learn,
    same_word,
    share_right,
    word_after,
    word_order,
)

CONFIG = TransformerConfig(vocabulary_size=50, max_length=16, num_layers=2, width=24, num_heads=3)
OUTPUTS = (Classification(labels=("a", "b", "c")), Regression(low=0, high=5), Extraction(unanswerable=True))
SPEC = TransformerSpec(
    name="toy",
    num_layers=2,
    width=32,
    num_heads=2,
    dropout=0.0,
    vocabulary_size=100,
    recipes={},
    recipe=Recipe(
        optimisation=Optimisation(epochs=30, batch_size=16, learning_rate=3e-3, warmup_ratio=0.1, precision="float32"),
        encoding=Encoding(max_length=32),
    ),
)


def batch(lengths=(9, 4, 12)):
    """Return random ids, types and mask; each sequence's second half is of type 1."""
    generator = torch.Generator().manual_seed(0)
    places = torch.arange(max(lengths))[None]  # (1, L)
    ends = torch.tensor(lengths)[:, None]  # (B, 1)
    ids = torch.randint(4, 50, (len(lengths), max(lengths)), generator=generator)
    mask = places < ends
    return ids * mask, (mask & (places >= ends // 2)).long(), mask


def copy_weights(bert: BertModel, encoder: Encoder) -> None:
    """Copy a ``BertModel``'s weights into our encoder; strict, so that none is left over on either side."""
    names = {
        "embeddings.word_embeddings": "embeddings.tokens",
        "embeddings.position_embeddings": "embeddings.positions",
        "embeddings.token_type_embeddings": "embeddings.types",
        "embeddings.LayerNorm": "embeddings.norm",
        "attention.self.": "attention.",
        "attention.output.dense": "attention.output",
        "attention.output.LayerNorm": "attention_norm",
        "intermediate.dense": "expand",
        "output.dense": "contract",
        "output.LayerNorm": "feed_forward_norm",
        "encoder.layer": "layers",
    }
    weights = {}
    for name, weight in bert.state_dict().items():
        for theirs, ours in names.items():
            name = name.replace(theirs, ours)  # noqa: PLW2901
        weights[name] = weight
    encoder.load_state_dict(weights)


def test_equals_bert():
    config = BertConfig(
        vocab_size=50,
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=96,
        max_position_embeddings=16,
        initializer_range=0.5,  # large, so that a wrong formula shows
    )
    torch.manual_seed(0)
    bert, encoder = BertModel(config, add_pooling_layer=False).eval(), Encoder(CONFIG).eval()
    for name, parameter in bert.named_parameters():  # biases and layer norms begin at 0 and 1, which would hide errors
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=float("LayerNorm.weight" in name), std=0.3)
    copy_weights(bert, encoder)
    ids, types, mask = batch()
    with torch.inference_mode():
        theirs = bert(input_ids=ids, token_type_ids=types, attention_mask=mask.long()).last_hidden_state
        ours = encoder(ids, types, mask)
    torch.testing.assert_close(ours[mask], theirs[mask], rtol=0, atol=1e-5)


def test_attention_is_equation_one():
    attention = MultiHeadSelfAttention(6, num_heads=2, dropout=0.0)
    x = torch.randn(1, 4, 6, generator=torch.Generator().manual_seed(0))
    q, k, v = attention.query(x)[0], attention.key(x)[0], attention.value(x)[0]  # (L, D)
    heads = [
        functional.softmax(q[:, own] @ k[:, own].T / 3**0.5, dim=-1) @ v[:, own] for own in (slice(0, 3), slice(3, 6))
    ]
    expected = attention.output(torch.cat(heads, dim=-1))
    torch.testing.assert_close(attention(x, torch.ones(1, 4, dtype=torch.bool))[0], expected)


def test_documents_packed_into_one_row_are_as_if_each_were_alone():
    torch.manual_seed(0)
    encoder, ids = Encoder(CONFIG).eval(), torch.randint(4, 50, (1, 12))
    documents = torch.tensor([0] * 5 + [1] * 7)
    positions = torch.cat([torch.arange(5), torch.arange(7)])[None]
    with torch.inference_mode():
        packed = encoder(ids, ids * 0, (documents[:, None] == documents)[None], positions)
        alone = [encoder(part, part * 0, torch.ones_like(part, dtype=torch.bool)) for part in ids.split((5, 7), dim=1)]
    torch.testing.assert_close(packed, torch.cat(alone, dim=1), rtol=0, atol=1e-5)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_padding_changes_nothing(output):
    torch.manual_seed(0)
    model = TransformerModel(CONFIG, output).eval()
    ids, types, mask = batch()
    with torch.inference_mode():
        together = model(ids, types, mask)
        for row, length in enumerate(mask.sum(dim=1).tolist()):
            alone = model(*(tensor[row : row + 1, :length] for tensor in (ids, types, mask)))[0]
            padded = together[row, :length] if isinstance(output, Extraction) else together[row]
            torch.testing.assert_close(padded, alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_every_parameter_gets_a_gradient(output):
    model = TransformerModel(CONFIG, output)
    ids, types, mask = batch(lengths=(16, 9))
    logits = model(ids, types, mask)
    assert logits.shape[-1] == kind_of(output).num_logits
    assert logits.shape[:-1] == ((2, 16) if isinstance(output, Extraction) else (2,))
    logits[mask if isinstance(output, Extraction) else slice(None)].square().sum().backward()
    # A key's bias adds the same to all that a query is compared with, and softmax takes it away again.
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert [name for name in without if not name.endswith("key.bias")] == []


def test_padding_is_never_the_maximum():
    hidden = torch.tensor([[[-1.0], [-3.0], [5.0]]])
    assert max_over_time(hidden, torch.tensor([[True, True, False]])).tolist() == [[-1.0]]


@pytest.mark.parametrize(("task", "train"), [(LABELS, word_order(96)), (PAIRS, same_word(96))], ids=["order", "pairs"])
def test_learns_a_rule(task, train):
    assert share_right(learn(SPEC, task, train), train) >= 0.98


def test_learns_numbers():
    train = how_many(96)
    predicted = [prediction.value for prediction in learn(SPEC, NUMBERS, train)]
    assert np.corrcoef(predicted, [example.target for example in train])[0, 1] > 0.95


def test_learns_spans():
    train = word_after(128)
    assert share_right(learn(SPEC, SPANS, train), train) >= 0.9


def test_the_seed_decides():
    train = word_order(16)
    one, again, other = (learn(SPEC, LABELS, train, seed=seed) for seed in (0, 0, 1))
    assert one == again != other


def test_a_task_starts_from_the_encoder_and_the_vocabulary_of_another(tmp_path):
    first, second, weights = same_word(16), how_many(16), tmp_path / "weights.safetensors"
    spec = replace(SPEC, recipe=SPEC.recipe.having(epochs=1))
    starting, alone, following = (spec.build(task, seed=0, device="cpu") for task in (PAIRS, NUMBERS, NUMBERS))
    starting.fit(first, FitSession(weights=weights))
    other = alone.fit(second, FitSession())
    assert following.fit(second, FitSession(start=Start(weights=weights, train=first))).losses != other.losses
    of_one_label = SPEC.width + 1
    assert following.num_parameters == starting.num_parameters - of_one_label != alone.num_parameters
    assert (spec.shares_encoder, spec.learns_vocabulary) == (True, True)


def test_answers_a_text_longer_than_any_it_has_seen():
    model = SPEC.build(LABELS, seed=0, device="cpu")
    model.fit(word_order(8), FitSession())
    assert len(model.predict([Example(id="1", text="red " * 100)])) == 1


@pytest.mark.parametrize("spec", [TINY, MINI, SMALL], ids=lambda spec: spec.name)
def test_specs(spec):
    assert all(spec.supports(output) for output in OUTPUTS)
    assert spec.width % spec.num_heads == 0
    assert json.loads(json.dumps(spec.identity(), allow_nan=False)) == spec.identity()
    assert replace(spec, num_layers=2 * spec.num_layers).operations_per_word() == 2 * spec.operations_per_word() > 0


def test_conforms():
    check_model(replace(SPEC, recipe=SPEC.recipe.having(epochs=3)), RTE)
