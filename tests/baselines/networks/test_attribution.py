"""Word attributions of every network, against the gradient of its table of tokens, and of the bag, against its sums."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from baselines.bag import BAG
from baselines.bilstm import BILSTM
from baselines.networks.pretrained import load_network
from baselines.networks.tokens import encode, locate
from baselines.transformer import TINY
from harness.api.attribution import Attribution, find_fault, words
from harness.api.example import Example, Span
from harness.api.model import Explains, FitSession, ModelSpec
from harness.api.network import TracedNetwork
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.recipe import Decoding, Encoding, Optimisation, Recipe
from harness.training import attribution as explaining
from harness.training.batching import pad
from harness.training.inference import predict_logits
from harness.training.linear import cast_weights
from harness.training.model import TorchModel
from harness.training.outputs import head_of
from harness.training.outputs.head import Explained
from harness.training.tensors import to_device
from tests.baselines.networks.test_tokens import TOKENIZERS
from tests.fakes.checkpoints import FAMILIES, save_checkpoint
from tests.fakes.networks import LABELS, NUMBERS, PAIRS, SPANS, how_many, same_word, toy_task, word_after, word_order

OUTPUTS: dict[str, Output] = {
    "classification": Classification(labels=("a", "b", "c")),
    "regression": Regression(low=0, high=5),
    "extraction": Extraction(unanswerable=True),
}
TEXTS = [
    Example(id="0", text="who  wrote it?", pair="Ada wrote the first program, for an engine."),
    Example(id="1", text=" when?", pair="in\n1843"),
    Example(id="2", text="what drove the engine?", pair="steam"),
]
WORDPIECE = TOKENIZERS["wordpiece"]
RECIPE = Recipe(encoding=Encoding(max_length=32), optimisation=Optimisation(max_steps=2, precision="float32"))


def by_table(network: TracedNetwork, answer: Explained) -> np.ndarray:
    """Return, by token id, the dot product of the table's row and its gradient: what its tokens' weights sum to."""
    encoded = network.encode(TEXTS)
    padded = pad(encoded, np.array([answer.sequence]), pad_id=network.pad_id)
    logits = network.predict(to_device(padded, "cpu"))[0]
    table = network.token_table.weight
    (gradient,) = torch.autograd.grad((logits * torch.from_numpy(answer.coefficients)).sum(), table)
    return (table * gradient).sum(1).detach().numpy()


def check_against_the_table(network: TracedNetwork, output: Output) -> None:
    encoded = network.encode(TEXTS)
    logits = predict_logits(network, encoded, output=output, device="cpu", precision="float32")
    for answer in head_of(output).explained(logits, encoded, TEXTS, Decoding(max_answer_length=8)):
        ids = encoded.ids[encoded.offsets[answer.sequence] : encoded.offsets[answer.sequence + 1]]
        weights = explaining._token_weights(network, encoded, answer, "cpu", "float32")
        expected = by_table(network, answer)
        assert np.abs(weights).max() > 0
        for token in set(ids.tolist()) - {network.pad_id}:
            assert weights[ids == token].sum() == pytest.approx(expected[token], rel=1e-3, abs=1e-6)


def explained(network: TracedNetwork, output: Output, precision: str = "float32") -> list[Attribution]:
    return explaining.explain(
        network, TEXTS, output=output, device="cpu", precision=precision, decoding=Decoding(max_answer_length=8)
    )


def check_explained(network: TracedNetwork, output: Output) -> None:
    found = explained(network, output)
    assert len(found) == len(TEXTS)
    assert find_fault(found, TEXTS) == ""


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("name", FAMILIES)
def test_pretrained_networks(tmp_path: Path, name: str, kind: str) -> None:
    torch.manual_seed(0)
    network = load_network(save_checkpoint(tmp_path / name, name), output=OUTPUTS[kind], encoding=RECIPE.encoding)
    check_against_the_table(network, OUTPUTS[kind])
    check_explained(network, OUTPUTS[kind])


@pytest.mark.parametrize("name", ["bert", "roberta", "modernbert", "deberta-v2"])
def test_weights_cast_for_answering_explain_as_exact_ones_do(tmp_path: Path, name: str) -> None:
    torch.manual_seed(0)
    network = load_network(
        save_checkpoint(tmp_path / name, name), output=OUTPUTS["regression"], encoding=RECIPE.encoding
    )
    exact = explained(network, OUTPUTS["regression"])
    cast_weights(network.module, "bfloat16")
    for one, other in zip(explained(network, OUTPUTS["regression"], "bfloat16"), exact, strict=True):
        scale = max(map(abs, (*other.text, *other.pair)))
        assert (*one.text, *one.pair) == pytest.approx((*other.text, *other.pair), abs=0.1 * scale)


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("spec", [replace(BILSTM, width=16, embedding_width=8), TINY], ids=lambda spec: spec.name)
def test_networks_from_scratch(spec: ModelSpec, kind: str) -> None:
    output = OUTPUTS[kind]
    targets = {"classification": 1, "regression": 1.0, "extraction": (Span("Ada", 0),)}
    train = [replace(example, target=targets[kind]) for example in TEXTS]
    model = replace(spec, recipe=RECIPE, recipes={}).build(toy_task("t", output), seed=0, device="cpu")
    assert isinstance(model, TorchModel)
    model.fit(train, FitSession())
    before = model.predict(TEXTS)
    network = model._network
    assert isinstance(network, TracedNetwork)
    check_against_the_table(network, output)
    assert isinstance(model, Explains)
    assert find_fault(model.explain(TEXTS), TEXTS) == ""
    assert model.predict(TEXTS) == before


def covered(examples: Sequence[Example], tokenizer: Tokenizer, output: Output) -> list[list[str]]:
    """Return what the tokens of each sequence cover, as `side:text`."""
    located = locate(tokenizer, examples, output=output, encoding=RECIPE.encoding)
    encoded = encode(tokenizer, examples, output=output, encoding=RECIPE.encoding)
    assert len(located.sides) == len(located.spans) == len(encoded.ids)
    texts = [(example.text, example.pair or "") for example in examples]
    return [
        [
            f"{side}:{texts[example][side][start:end].strip()}" if side >= 0 else "-"
            for side, (start, end) in zip(located.sides[tokens], located.spans[tokens], strict=True)
        ]
        for example, tokens in zip(encoded.examples, map(slice, encoded.offsets[:-1], encoded.offsets[1:]), strict=True)
    ]


@pytest.mark.parametrize("kind", OUTPUTS)
def test_tokens_are_found_in_their_texts(kind: str) -> None:
    (found,) = covered([Example(id="0", text=" a film", pair="Ada  wrote")], WORDPIECE, OUTPUTS[kind])
    assert "".join(found) == "-0:a0:f0:i0:l0:m-1:A1:d1:a1:w1:r1:o1:t1:e-"


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("name", TOKENIZERS)
def test_every_word_has_its_tokens_in_each_kind_of_question(name: str, kind: str) -> None:
    located = locate(TOKENIZERS[name], TEXTS, output=OUTPUTS[kind], encoding=RECIPE.having(max_length=128).encoding)
    encoded = encode(TOKENIZERS[name], TEXTS, output=OUTPUTS[kind], encoding=RECIPE.having(max_length=128).encoding)
    for example, start, end in zip(TEXTS, encoded.offsets, encoded.offsets[1:], strict=False):
        for side, text in enumerate((example.text, example.pair or "")):
            spans = located.spans[start:end][located.sides[start:end] == side]
            reached = {place for first, last in spans for place in range(first, last)}
            assert all(reached >= set(range(*word)) for word in words(text))


def test_windows_of_a_long_passage_are_found_too() -> None:
    passage = " ".join(["Ada", "wrote", "the", "first", "program"] * 12)
    found = covered([Example(id="0", text="who wrote it?", pair=passage)], WORDPIECE, SPANS.output)
    assert len(found) > 2
    assert all({"0", "1", "-"} == {token[0] for token in tokens} for tokens in found)
    assert len({"".join(t for t in tokens if t[0] == "0") for tokens in found}) == 1


@pytest.mark.parametrize(("task", "make"), [(LABELS, word_order), (PAIRS, same_word), (NUMBERS, how_many)])
def test_the_bag_sums_to_what_it_decides_by(task: object, make: object) -> None:
    train = make(60)  # type: ignore[operator]
    model = BAG.build(task, seed=0, device="cpu")  # type: ignore[arg-type]
    model.fit(train, FitSession())
    examples = [*train[:20], Example(id="new", text="RED,red  green-İ", pair="zebra" if train[0].pair else None)]
    found = model.explain(examples)  # type: ignore[attr-defined]
    assert find_fault(found, examples) == ""
    linear, features = model._solver._linear, model._features(examples)  # type: ignore[attr-defined]
    likeness = 6 if train[0].pair else 0
    num_ngrams = features.shape[1] - likeness
    decided = linear.predict(features) if task is NUMBERS else linear.decision_function(features)
    rest = linear.intercept_ + features[:, num_ngrams:] @ np.ravel(linear.coef_)[num_ngrams:]
    for attribution, prediction, total in zip(found, model.predict(examples), decided - rest, strict=True):
        sign = 1.0 if task is NUMBERS or prediction.value == 1 else -1.0
        assert sum(attribution.text) + sum(attribution.pair) == pytest.approx(sign * total, abs=1e-9)


def test_the_bag_of_three_labels_weighs_one_against_the_mean_of_the_others() -> None:
    texts = ["red", "green", "blue"] * 5
    train = [Example(id=str(i), text=text, target=i % 3) for i, text in enumerate(texts)]
    task = toy_task("three", Classification(labels=("r", "g", "b")))
    model = BAG.build(task, seed=0, device="cpu")
    model.fit(train, FitSession())
    question = [Example(id="0", text="blue red blue")]
    (found,) = model.explain(question)  # type: ignore[attr-defined]
    linear, features = model._solver._linear, model._features(question)  # type: ignore[attr-defined]
    decision = (linear.decision_function(features) - linear.intercept_)[0]
    assert found.towards == "b"
    assert sum(found.text) == pytest.approx(decision[2] - decision[:2].mean())
    assert found.text[0] == pytest.approx(found.text[2])
    assert found.text[1] < 0 < found.text[0]


def test_a_bag_that_saw_one_label_or_no_pairs_still_explains() -> None:
    model = BAG.build(LABELS, seed=0, device="cpu")
    model.fit([Example(id="1", text="red", target=1)], FitSession())
    (found,) = model.explain([Example(id="2", text="red blue", pair="a b c")])  # type: ignore[attr-defined]
    assert (found.towards, found.text, found.pair) == ("green first", (0.0, 0.0), (0.0, 0.0, 0.0))


def test_extraction_marks_the_passage_most() -> None:
    train = word_after(60)
    spec = replace(BILSTM, width=16, embedding_width=16, dropout=0.0)
    spec = replace(
        spec,
        recipes={},
        recipe=Recipe(
            optimisation=Optimisation(epochs=12, learning_rate=1e-2, precision="float32"),
            encoding=Encoding(max_length=32),
        ),
    )
    model = spec.build(SPANS, seed=0, device="cpu")
    model.fit(train, FitSession())
    found = model.explain(train)  # type: ignore[attr-defined]
    answers = model.predict(train)
    assert [a.towards for a in found] == [answer.value or "no answer" for answer in answers]
    spoken = [a for a in found if a.towards != "no answer"]
    assert spoken
    assert np.mean([sum(map(abs, a.pair)) > sum(map(abs, a.text)) for a in spoken]) > 0.8
