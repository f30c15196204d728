import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from baselines.bilstm import BILSTM
from baselines.networks.bilstm import BiLSTMConfig, BiLSTMEncoder, make_module
from harness.api.model import FitSession, Start
from harness.api.output import Classification, Extraction, Regression
from harness.api.recipe import Encoding, Optimisation, Recipe
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

CONFIG = BiLSTMConfig(vocabulary_size=50, embedding_width=8, width=6, classifier_width=7, dropout=0.2)
LENGTHS = ((5, 4), (2, 2), (3, 7))
OUTPUTS = (Classification(labels=("a", "b", "c")), Regression(low=0, high=5), Extraction(unanswerable=True))
SPEC = replace(
    BILSTM,
    embedding_width=16,
    width=32,
    classifier_width=32,
    dropout=0.0,
    recipes={},
    recipe=Recipe(
        optimisation=Optimisation(epochs=20, learning_rate=1e-2, precision="float32"), encoding=Encoding(max_length=32)
    ),
)


def network(output, *, paired=True):
    torch.manual_seed(0)
    return make_module(CONFIG, output, paired=paired)


def batch(lengths=LENGTHS):
    """Return random ids, types and mask of pairs, whose lengths are given."""
    generator = torch.Generator().manual_seed(0)
    first = torch.tensor([length for length, _ in lengths])[:, None]  # (B, 1)
    whole = torch.tensor([sum(pair) for pair in lengths])[:, None]  # (B, 1)
    places = torch.arange(int(whole.max()))[None]  # (1, L)
    mask = places < whole
    ids = torch.randint(4, 50, mask.shape, generator=generator) * mask
    return ids, (mask & (places >= first)).long(), mask


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_padding_changes_nothing(output):
    model = network(output).eval()
    ids, types, mask = batch()
    with torch.inference_mode():
        together = model(ids, types, mask)
        for row, length in enumerate(mask.sum(dim=1).tolist()):
            alone = model(*(tensor[row : row + 1, :length] for tensor in (ids, types, mask)))[0]
            padded = together[row, :length] if isinstance(output, Extraction) else together[row]
            torch.testing.assert_close(padded, alone, rtol=0, atol=1e-6)


def test_each_text_is_read_on_its_own():
    model = network(OUTPUTS[0]).eval()
    ids, types, mask = batch()
    vectors = []
    model.head.register_forward_pre_hook(lambda _, inputs: vectors.append(inputs[0]))
    with torch.inference_mode():
        model(ids, types, mask)
        for row, (text, pair) in enumerate(LENGTHS):
            u, v = (
                model.encoder(part, torch.ones_like(part, dtype=torch.bool)).amax(dim=1)[0]
                for part in (ids[row : row + 1, :text], ids[row : row + 1, text : text + pair])
            )
            torch.testing.assert_close(vectors[0][row], torch.cat([u, v, (u - v).abs(), u * v]))


def test_reads_as_a_packed_bidirectional_lstm_does():
    encoder = BiLSTMEncoder(CONFIG).eval()
    lstm = torch.nn.LSTM(CONFIG.embedding_width, CONFIG.width, batch_first=True, bidirectional=True)
    ahead, back = encoder.forwards.state_dict(), encoder.backwards.state_dict()
    lstm.load_state_dict({**ahead, **{f"{name}_reverse": weight for name, weight in back.items()}})
    ids, _, mask = batch()
    packed = pack_padded_sequence(encoder.embeddings(ids), mask.sum(dim=1), batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True)
    torch.testing.assert_close(encoder(ids, mask)[mask], expected[mask])


@pytest.mark.parametrize("paired", [True, False])
def test_a_missing_pair_is_answered(paired):
    model = network(OUTPUTS[0], paired=paired).eval()
    ids, mask = torch.tensor([[5, 6, 7]]), torch.ones(1, 3, dtype=torch.bool)
    assert model(ids, torch.zeros_like(ids), mask).isfinite().all()


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_every_parameter_gets_a_gradient(output):
    model = network(output)
    logits = model(*batch())
    assert (
        logits.shape
        == {"Classification": (3, 3), "Regression": (3, 1), "Extraction": (3, 10, 2)}[type(output).__name__]
    )
    logits.square().sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


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


def test_spec():
    assert all(BILSTM.supports(output) for output in OUTPUTS)
    assert json.loads(json.dumps(BILSTM.identity(), allow_nan=False)) == BILSTM.identity()
    assert replace(BILSTM, width=512).operations_per_word() > BILSTM.operations_per_word() > 0


def test_conforms():
    check_model(replace(SPEC, recipe=SPEC.recipe.having(epochs=3)), RTE)


def test_a_task_starts_from_the_encoder_of_another(tmp_path):
    first, second, weights = same_word(16), how_many(16), tmp_path / "weights.safetensors"
    spec = replace(SPEC, recipe=SPEC.recipe.having(epochs=1))
    spec.build(PAIRS, seed=0, device="cpu").fit(first, FitSession(weights=weights))
    fresh, following = (spec.build(NUMBERS, seed=0, device="cpu") for _ in range(2))
    losses = following.fit(second, FitSession(start=Start(weights=weights, train=first))).losses
    assert losses != fresh.fit(second, FitSession()).losses
    assert (spec.shares_encoder, spec.learns_vocabulary) == (True, True)
