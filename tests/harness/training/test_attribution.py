"""Gradient times input, on a network that is linear in its token vectors: there it is known in closed form."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from harness.api.attribution import Attribution
from harness.api.encoding import Encoded, Located
from harness.api.example import Example
from harness.api.network import Batch, Network, TracedNetwork
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.recipe import Decoding
from harness.training import attribution
from harness.training.inference import predict_logits
from harness.training.linear import cast_weights

WORDS = ("[begin]", "red", "green", "blue", "round")
COLOURS = Classification(labels=("a", "b", "c"))
NUMBER = Regression(low=0, high=5)
SPAN = Extraction(unanswerable=True)
EXAMPLES = [
    Example(id="1", text="red  blue", pair="green round"),
    Example(id="2", text="blue", pair=" round red"),
    Example(id="3", text="round", pair=""),
]


class Linear(nn.Module):
    """Logits are a linear map of the sum of the token vectors, or for extraction of each and the sum."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.table = nn.Embedding(len(WORDS), 4)
        self.each = isinstance(output, Extraction)
        self.head = nn.Linear(4, {COLOURS: 3, NUMBER: 1, SPAN: 2}[output])
        self.head.requires_grad_(False)
        self.fails = False

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        vectors = self.table(ids) * mask[:, :, None]  # (B, L, D)
        if self.fails:
            raise ZeroDivisionError
        if self.each:
            return self.head(vectors) + self.head(vectors.sum(1, keepdim=True)).detach()  # type: ignore[no-any-return]
        return self.head(vectors.sum(1))  # type: ignore[no-any-return]


class Untraced:
    """[begin], then a token a word."""

    pad_id = 0

    def __init__(self, output: Output) -> None:
        self.module = Linear(output)
        self.output = output

    def predict(self, batch: Batch) -> Tensor:
        return self.module(batch.ids, batch.types, batch.mask)

    def losses(self, batch: Batch) -> tuple[Tensor, float]:
        raise NotImplementedError

    def encode(self, examples: Sequence[Example]) -> Encoded:
        located = self.locate(examples)
        texts = [(example.text, example.pair or "") for example in examples]
        lengths = [1 + len(" ".join(pair).split()) for pair in texts]
        ids = [i for pair in texts for i in (0, *(WORDS.index(word) for word in " ".join(pair).split()))]
        spans = np.where(located.sides[:, None] == 1, located.spans, -1)
        return Encoded(
            ids=np.array(ids, np.int32),
            types=np.zeros(len(ids), np.int8),
            offsets=np.cumsum([0, *lengths]),
            examples=np.arange(len(examples), dtype=np.int32),
            spans=spans if isinstance(self.output, Extraction) else None,
        )

    def locate(self, examples: Sequence[Example]) -> Located:
        found = []
        for example in examples:
            found.append((-1, (0, 0)))
            for side, text in enumerate((example.text, example.pair or "")):
                end = 0
                for word in text.split():
                    start = text.index(word, end)
                    end = start + len(word)
                    found.append((side, (start, end)))
        return Located(
            sides=np.array([side for side, _ in found], np.int8), spans=np.array([s for _, s in found], np.int32)
        )


class Traced(Untraced):
    @property
    def token_table(self) -> nn.Module:
        return self.module.table


TWO_WORDS = Decoding(max_answer_length=2)


def explain(network: Network, output: Output, precision: str = "float32") -> list[Attribution]:
    return attribution.explain(
        network, EXAMPLES, output=output, device="cpu", precision=precision, decoding=Decoding(max_answer_length=2)
    )


def logits(network: Network, output: Output) -> np.ndarray:
    return predict_logits(network, network.encode(EXAMPLES), output=output, device="cpu", precision="float32")


def expected(network: Traced, text: str, coefficients: np.ndarray) -> list[float]:
    """Return the coefficients' sum of the head's rows times each word's vector."""
    row = torch.from_numpy(coefficients.astype(np.float32)) @ network.module.head.weight  # (D,)
    return [float(row @ network.module.table.weight[WORDS.index(word)].detach()) for word in text.split()]


def test_of_a_label_it_is_its_row_less_the_mean_of_the_others() -> None:
    network = Traced(COLOURS)
    chosen = logits(network, COLOURS).argmax(1)
    assert len(set(chosen.tolist())) > 1
    for example, label, found in zip(EXAMPLES, chosen, explain(network, COLOURS), strict=True):
        coefficients = np.full(3, -0.5)
        coefficients[label] = 1.0
        assert (found.id, found.towards) == (example.id, COLOURS.labels[label])
        assert found.text == pytest.approx(expected(network, example.text, coefficients), abs=1e-6)
        assert found.pair == pytest.approx(expected(network, example.pair or "", coefficients), abs=1e-6)


def test_of_a_number_words_and_the_added_tokens_sum_to_it() -> None:
    network = Traced(NUMBER)
    added = expected(network, "[begin]", np.ones(1))[0] + float(network.module.head.bias[0])
    for found, number in zip(explain(network, NUMBER), logits(network, NUMBER)[:, 0], strict=True):
        assert found.towards == "a higher number"
        assert sum(found.text) + sum(found.pair) + added == pytest.approx(number, abs=1e-5)


def test_of_a_span_its_two_ends_alone_count() -> None:
    network = Traced(SPAN)
    network.module.head.weight.copy_(torch.randn(2, 4, generator=torch.Generator().manual_seed(3)))
    spans = explain(network, SPAN)
    assert {found.towards for found in spans} > {"no answer"}
    for example, found in zip(EXAMPLES, spans, strict=True):
        assert all(weight == 0.0 for weight in found.text)
        passage = (example.pair or "").split()
        answer = [] if found.towards == "no answer" else found.towards.split()
        for word, weight in zip(passage, found.pair, strict=True):
            ends = np.array([float(answer[:1] == [word]), float(answer[-1:] == [word])])
            assert weight == pytest.approx(expected(network, word, ends)[0], abs=1e-6)


def test_it_is_the_same_each_time_and_leaves_no_trace() -> None:
    network = Traced(COLOURS)
    before = logits(network, COLOURS)
    with torch.inference_mode(False), torch.no_grad():
        first = explain(network, COLOURS)
    assert explain(network, COLOURS) == first
    assert all(parameter.grad is None for parameter in network.module.parameters())
    assert not network.module.table._forward_hooks
    assert not network.module.table._forward_pre_hooks
    assert np.array_equal(logits(network, COLOURS), before)


def test_a_failure_leaves_no_trace_either(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Traced(COLOURS)
    monkeypatch.setattr(attribution, "predict_logits", lambda *_, **__: np.zeros((3, 3), np.float32))
    network.module.fails = True
    with pytest.raises(ZeroDivisionError):
        explain(network, COLOURS)
    assert not network.module.table._forward_hooks
    assert not network.module.table._forward_pre_hooks


def test_bfloat16_weights_explain_as_float32_ones_do() -> None:
    network = Traced(NUMBER)
    exact = explain(network, NUMBER)
    cast_weights(network.module, "bfloat16")
    for one, other in zip(explain(network, NUMBER, "bfloat16"), exact, strict=True):
        assert one.text == pytest.approx(other.text, rel=0.02, abs=0.02)


def test_a_network_that_cannot_tell_gives_none() -> None:
    assert isinstance(Traced(COLOURS), TracedNetwork)
    assert explain(Untraced(COLOURS), COLOURS) == []
    assert (
        attribution.explain(
            Traced(COLOURS),
            [],
            output=COLOURS,
            device="cpu",
            precision="float32",
            decoding=Decoding(max_answer_length=2),
        )
        == []
    )
