"""Counts against closed formulas and against direct counts at other lengths; what cannot be counted has no figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from baselines.networks.bilstm import BiLSTMConfig
from baselines.networks.bilstm import make_module as make_bilstm
from baselines.networks.pretrained import load_network
from baselines.networks.transformer import TransformerConfig, TransformerModel
from harness import Classification, Encoding, Extraction, FitSession
from harness.api.encoding import Encoded
from harness.api.limits import Limits
from harness.api.model import CountsFlops
from harness.api.network import Batch
from harness.data.source import open_source
from harness.engine.context import Context
from harness.engine.execution import run_trial
from harness.engine.speed import measure_speed
from harness.engine.timing import measure
from harness.plan.trial import Trial
from harness.store.run import Run
from harness.system.cores import Cores
from harness.system.devices import resolve_precision
from harness.system.stopwatch import Budget
from harness.training import flops
from harness.training.dropout import use_fast_dropout
from harness.training.flops import inference_flops, matmul_peak, training_flops
from harness.training.linear import cast_weights
from harness.training.model import TorchModel
from tests.fakes.checkpoints import save_checkpoint
from tests.fakes.toy import RECIPE, TOY, WORDS_MODEL, WordsNetwork, read, rows

LABELS, SPANS = Classification(labels=("no", "yes")), Extraction(unanswerable=False)
LAYERS, WIDTH, FEATURES = 2, 16, 8
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")),
]


@dataclass
class Bare:
    """A module without a tokenizer."""

    module: nn.Module
    pad_id: int = 0

    def encode(self, examples: Sequence[object]) -> Encoded:
        raise NotImplementedError

    def predict(self, batch: Batch) -> Tensor:
        return self.module(batch.ids, batch.types, batch.mask)


def encoded(*lengths: int, num_examples: int | None = None) -> Encoded:
    """Return sequences of two texts each, one an example or shared out among fewer."""
    types = [np.arange(length) >= length - length // 2 for length in lengths]
    return Encoded(
        ids=np.random.default_rng(0).integers(5, 30, sum(lengths)).astype(np.int32),
        types=np.concatenate(types).astype(np.int8),
        offsets=np.cumsum([0, *lengths]),
        examples=np.linspace(0, (num_examples or len(lengths)) - 1, len(lengths)).astype(np.int32),
    )


def transformer(output: Classification | Extraction = SPANS) -> Bare:
    config = TransformerConfig(vocabulary_size=30, max_length=64, num_layers=LAYERS, width=WIDTH, num_heads=2)
    return Bare(TransformerModel(config, output))


def expected(length: int) -> int:
    """Return two operations a multiplication: 12 D^2 weights a layer and 2 D a pair of tokens, then the head."""
    return 2 * (LAYERS * (12 * WIDTH**2 * length + 2 * WIDTH * length**2) + 2 * WIDTH * length)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_transformer_takes_what_the_formula_says(device: str, precision: str) -> None:
    network, lengths = transformer(), (5, 17, 33, 64)
    network.module.to(device)
    found = inference_flops(network, encoded(*lengths), device=device, precision=precision)
    assert found == sum(map(expected, lengths)) / 4
    # A matrix product has two in its backward pass, of the same size.
    assert training_flops(network, encoded(*lengths), device=device, precision=precision) == 3 * found


def test_packed_weights_are_counted() -> None:
    network = transformer()
    before = inference_flops(network, encoded(5, 17), device="cpu", precision="bfloat16")
    cast_weights(network.module, "bfloat16")
    assert inference_flops(network, encoded(5, 17), device="cpu", precision="bfloat16") == before


def test_an_example_counts_with_all_its_sequences() -> None:
    found = inference_flops(transformer(), encoded(10, 20, 30, num_examples=2), device="cpu", precision="float32")
    assert found == (expected(10) + expected(20) + expected(30)) / 2


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_recurrent_layers_are_counted(device: str, precision: str) -> None:
    if (device, precision) == ("cpu", "bfloat16") != ("cpu", resolve_precision("auto", "cpu")):
        pytest.skip("this processor has no bfloat16, without which torch has no such LSTM")
    config = BiLSTMConfig(vocabulary_size=30, embedding_width=FEATURES, width=WIDTH, classifier_width=4, dropout=0.1)
    reader = Bare(make_bilstm(config, SPANS, paired=True).to(device))
    weights = 2 * 4 * WIDTH * (FEATURES + WIDTH) + 2 * 2 * WIDTH
    found = inference_flops(reader, encoded(9, 12), device=device, precision=precision)
    assert found == 2 * weights * 21 / 2
    assert training_flops(reader, encoded(9, 12), device=device, precision=precision) == 3 * found
    pairs = Bare(make_bilstm(config, LABELS, paired=True).to(device))  # two texts, of which the shorter one is padded
    slope = [inference_flops(pairs, encoded(*two), device=device, precision=precision) for two in ((9, 20), (9, 10))]
    assert slope[0] - slope[1] == 2 * 2 * 4 * WIDTH * (FEATURES + WIDTH) * 10 / 2  # type: ignore[operator]


@pytest.mark.parametrize("family", ["bert", "deberta-v2", "modernbert"])
@pytest.mark.parametrize("output", [LABELS, SPANS])
def test_other_lengths_agree_with_direct_counts(
    family: str, output: Classification | Extraction, tmp_path: Path
) -> None:
    network = load_network(save_checkpoint(tmp_path, family), output=output, encoding=Encoding(max_length=64))
    counts = {
        length: flops.count_operations(partial(network.predict, flops._sequence(encoded(64), length, "cpu")))
        for length in (7, 12, 31)
    }
    assert all(counts.values())
    with torch.no_grad():
        found = inference_flops(network, encoded(7, 12, 31, 40), device="cpu", precision="float32")
        alone = inference_flops(network, encoded(40), device="cpu", precision="float32")
    assert found is not None
    assert 4 * found - (alone or 0) == sum(count or 0 for count in counts.values())
    learning = training_flops(network, encoded(7, 12, 31, 40), device="cpu", precision="bfloat16")
    assert learning is not None
    assert 2.5 * found < learning <= 3 * found


def test_counting_leaves_everything_as_it_was() -> None:
    network = transformer()
    use_fast_dropout(network.module)
    network.module.eval()
    before = {name: tensor.clone() for name, tensor in network.module.state_dict().items()}
    state = torch.get_rng_state()
    training_flops(network, encoded(9, 12), device="cpu", precision="bfloat16")
    assert torch.equal(state, torch.get_rng_state())
    assert not any(module.training for module in network.module.modules())
    assert all(parameter.grad is None for parameter in network.module.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in network.module.state_dict().items())


class Doubled(torch.autograd.Function):
    """A product of its own, with a backward pass of one more."""

    @staticmethod
    def forward(context: object, x: Tensor, weight: Tensor) -> Tensor:
        context.save_for_backward(weight)  # type: ignore[attr-defined]
        return x @ weight

    @staticmethod
    def backward(context: object, gradient: Tensor) -> tuple[Tensor, None]:
        (weight,) = context.saved_tensors  # type: ignore[attr-defined]
        return gradient @ weight.T, None


class Around(nn.Module):
    """Embeddings and a function of them."""

    def __init__(self, act: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(30, WIDTH)
        self.weight = nn.Parameter(torch.zeros(WIDTH, WIDTH))
        self.act = act

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        return self.act(self.embeddings(ids))


def test_functions_with_their_own_backward_pass_are_counted() -> None:
    weight = torch.zeros(WIDTH, WIDTH)
    network = Bare(Around(lambda x: Doubled.apply(x[0], weight)))  # type: ignore[no-untyped-call]
    assert training_flops(network, encoded(8), device="cpu", precision="float32") == 2 * 2 * 8 * WIDTH**2


@torch.library.custom_op("harness_test::product", mutates_args=())
def product(x: Tensor, weight: Tensor) -> Tensor:
    return x @ weight


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda x: product(x[0], torch.zeros(WIDTH, WIDTH)), id="an operator of another library"),
        pytest.param(lambda x: x[0] @ torch.zeros(WIDTH), id="a product without a formula"),
        pytest.param(lambda x: x[:, :10] @ x[:, :10].mT, id="not a quadratic of the length"),
        pytest.param(lambda x: torch.conv1d(x.mT, torch.zeros(1, WIDTH, 5)), id="more tokens needed"),
    ],
)
def test_what_cannot_be_counted_has_no_figure(act: Callable[[Tensor], Tensor]) -> None:
    assert inference_flops(Bare(Around(act)), encoded(20), device="cpu", precision="float32") is None
    assert inference_flops(transformer(), encoded(2), device="cpu", precision="float32") is None


def test_a_torch_model_tells_both_and_its_training_time(tmp_path: Path) -> None:
    train = [read({**row, "idx": i}) for i, row in enumerate(rows("train", 0))]
    recipe = RECIPE.having(precision="float32")
    model = TorchModel(lambda _: WordsNetwork(TOY.output, 0.0), output=TOY.output, recipe=recipe, seed=0, device="cpu")
    assert isinstance(model, CountsFlops)
    session = FitSession(checkpoint=tmp_path / "checkpoint")
    history = model.fit(train, session)
    tokens = sum(len(example.text.split()) for example in train) / len(train)
    assert model.flops_per_example(train) == pytest.approx(2 * (16 * 32 * tokens + 32 * 2))
    assert history.flops_per_example == pytest.approx(3 * 2 * (16 * 32 * tokens + 32 * 2))
    assert (history.precision, model.precision) == ("float32", "float32")
    assert history.core_seconds is not None
    loaded = model.fit(train, session)  # all its steps are done, and it says how long they took
    assert loaded.core_seconds is not None
    assert loaded.core_seconds >= loaded.seconds_before > 0


def test_a_run_keeps_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = Budget(seconds=0, min_samples=1)
    monkeypatch.setattr("harness.engine.speed.measure", partial(measure, latency=short, throughput=short))
    monkeypatch.setattr(flops, "matmul_peak", lambda device, precision: {("cpu", "float32"): 1e9}[device, precision])
    model = replace(WORDS_MODEL, recipe=RECIPE.having(precision="float32"))
    trial = Trial(task=TOY, model=model, seed=0, limits=Limits(), source=open_source("sample", [TOY]))
    context = Context(run=Run(tmp_path), device="cpu", num_threads=1, cores=Cores())
    run_trial(trial, context, keep_checkpoint=True)
    measure_speed(trial, context)
    (result,), (speed,) = context.run.results(), context.run.speeds()
    history = result.history
    assert history.flops_per_example is not None
    assert history.core_seconds is not None
    assert result.training_flops_per_second == pytest.approx(
        history.flops_per_example * 96 * RECIPE.optimisation.epochs / history.core_seconds
    )
    assert 0 < history.core_seconds < result.timings.fit_seconds
    assert (speed.precision, speed.peak_flops_per_second) == ("float32", 1e9)
    assert speed.flops_per_example == pytest.approx(history.flops_per_example / 3, rel=0.1)  # lengths vary by split
    assert speed.training_fraction_of_peak(result) == pytest.approx((result.training_flops_per_second or 0) / 1e9)
    assert speed.fraction_of_peak.keys() == speed.examples_per_second.keys()


def test_the_peak_is_the_best_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(flops.PEAK_SHAPE, "cpu", (8, 4, 2))
    monkeypatch.setattr(flops, "repeat", lambda act, budget: [act(0), 0.5, 0.25, 1.0][1:])
    assert matmul_peak("cpu", "bfloat16") == 2 * 8 * 4 * 2 / 0.25


@pytest.mark.parametrize("device", DEVICES)
def test_the_peak_is_a_figure_of_this_world(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flops, "PEAK", Budget(seconds=0.02, min_samples=2))
    monkeypatch.setitem(flops.PEAK_SHAPE, "cpu", (256, 256, 256))
    assert 1e8 < matmul_peak(device, "float32") < 1e16
