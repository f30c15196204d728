"""The one training loop: it learns, it goes on bit for bit, and it gets by with little memory."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from harness import Classification, Extraction, FitSession, Optimisation, Recipe, Regression
from harness.api.network import Batch
from harness.errors import TrainingError
from harness.training.batching import pad
from harness.training.checkpoint import read_progress, save
from harness.training.feed import ExampleFeed
from harness.training.loop import NonFiniteLossError, finetune, make_optimizer
from harness.training.model import TorchModel
from harness.training.outputs import head_of
from harness.training.schedule import learning_rate
from harness.training.step import Stepper, TrainingContext
from harness.training.tensors import seed_torch
from tests.fakes.toy import RECIPE, TOY, WordsNetwork, read, rows

TRAIN = [read({**row, "idx": i}) for i, row in enumerate(rows("train", 0))]
VALIDATION = [read({**row, "idx": i}) for i, row in enumerate(rows("validation", 0))]


def make_model(recipe: Recipe = RECIPE, *, seed: int = 0) -> TorchModel:
    return TorchModel(
        lambda _: WordsNetwork(TOY.output, 0.0), output=TOY.output, recipe=recipe, seed=seed, device="cpu"
    )


def make_context(recipe: Recipe = RECIPE, *, dropout: bool = True) -> TrainingContext:
    seed_torch(0)
    network = WordsNetwork(TOY.output, 0.0)
    if not dropout:
        network.module.dropout.p = 0.0
    encoded = network.encode(TRAIN)
    batch_size = recipe.optimisation.batch_size
    feed = ExampleFeed(network=network, encoded=encoded, batch_size=batch_size, seed=0, device="cpu")
    return TrainingContext(
        module=network.module, feed=feed, optimisation=recipe.optimisation, seed=0, device="cpu", precision="float32"
    )


def test_learns_and_repeats() -> None:
    models = [make_model(RECIPE.having(epochs=10)) for _ in range(2)]
    histories = [model.fit(TRAIN, FitSession()) for model in models]
    assert histories[0] == histories[1]
    assert models[0].predict(VALIDATION) == models[1].predict(VALIDATION)
    right = sum(p.value == e.target for p, e in zip(models[0].predict(VALIDATION), VALIDATION, strict=True))
    assert right >= 24
    assert make_model(seed=1).fit(TRAIN, FitSession()).losses != histories[0].losses


class InterruptedTrainingError(Exception):
    pass


@pytest.mark.parametrize("at", [1, 7, 23])
def test_resumes_bit_for_bit(tmp_path: Path, at: int) -> None:
    whole = make_model()
    history = whole.fit(TRAIN, FitSession())

    def stop(step: int, steps: int) -> None:
        if step == at + 1:
            raise InterruptedTrainingError

    session = FitSession(checkpoint=tmp_path / "checkpoint", checkpoint_seconds=0.0, on_step=stop)
    with pytest.raises(InterruptedTrainingError):
        make_model().fit(TRAIN, session)
    steps = []
    resumed = make_model()
    going_on = replace(session, on_step=lambda step, _: steps.append(step))
    assert resumed.fit(TRAIN, going_on).losses == history.losses
    assert steps[0] == at + 1
    assert resumed.predict(VALIDATION) == whole.predict(VALIDATION)
    again = make_model()
    steps.clear()
    assert again.fit(TRAIN, going_on).losses == history.losses
    assert not steps, "a finished checkpoint is only loaded"
    assert again.predict(VALIDATION) == whole.predict(VALIDATION)


@pytest.mark.parametrize("of", ["a flipped bit", "another network"])
def test_a_damaged_checkpoint_means_from_the_start_and_a_note(tmp_path: Path, of: str) -> None:
    path = tmp_path / "checkpoint"

    def stop(step: int, steps: int) -> None:
        if step == 5:
            raise InterruptedTrainingError

    with pytest.raises(InterruptedTrainingError):
        make_model().fit(TRAIN, FitSession(checkpoint=path, checkpoint_seconds=0.0, on_step=stop))
    if of == "a flipped bit":
        content = bytearray(path.read_bytes())
        content[-5] ^= 4
        path.write_bytes(content)
    else:
        progress, other = read_progress(path), torch.nn.Linear(2, 2)
        assert progress is not None
        save(path, other, torch.optim.AdamW(other.parameters()), progress)
    history = make_model().fit(TRAIN, FitSession(checkpoint=path))
    assert history.losses == make_model().fit(TRAIN, FitSession()).losses
    assert history.seconds_before == 0.0
    (note,) = history.notes
    assert note.startswith("trained from the start, as its checkpoint could not be taken up: ")


def test_an_unreadable_checkpoint_means_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(b"cut short")
    history = make_model().fit(TRAIN, FitSession(checkpoint=tmp_path / "checkpoint"))
    assert history.losses == make_model().fit(TRAIN, FitSession()).losses


def test_accumulation_gives_the_whole_batches_gradient() -> None:
    gradients = []
    for passes in (1, 4):
        context = make_context(RECIPE.having(accumulation_steps=passes), dropout=False)
        stepper = Stepper(context, make_optimizer(context.module, context.optimisation, "cpu"))
        stepper.step(0)
        gradients.append([p.grad.clone() for p in context.module.parameters()])
    for one, four in zip(*gradients, strict=True):
        torch.testing.assert_close(one, four, rtol=1e-4, atol=1e-6)


def test_batches_are_halved_until_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = finetune(make_context(dropout=False), FitSession())
    context = make_context(dropout=False)
    forward, sizes = context.module.forward, []

    def short_of_memory(ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if len(ids) > 5:
            raise torch.OutOfMemoryError("planted")
        sizes.append(len(ids))
        return forward(ids, types, mask)

    monkeypatch.setattr(context.module, "forward", short_of_memory)
    history = finetune(context, FitSession())
    assert max(sizes) <= 5
    assert "4 passes" in history.notes[0]
    assert history.losses == pytest.approx(expected.losses, rel=1e-3)


def test_one_sequence_that_does_not_fit_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    context = make_context()

    def full(*_: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("planted")

    monkeypatch.setattr(context.module, "forward", full)
    with pytest.raises(TrainingError, match="max_length"):
        finetune(context, FitSession())


class Poisoned(WordsNetwork):
    """Gives NaN under autocast, or always."""

    def __init__(self, *, always: bool) -> None:
        super().__init__(TOY.output, 0.0)
        forward = self.module.forward

        def poisoned(ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            bad = always or torch.is_autocast_enabled("cpu")
            return forward(ids, types, mask) * (float("nan") if bad else 1.0)

        self.module.forward = poisoned


@pytest.mark.parametrize("always", [False, True])
def test_non_finite_loss(tmp_path: Path, always: bool) -> None:
    recipe = RECIPE.having(precision="bfloat16")
    model = TorchModel(lambda _: Poisoned(always=always), output=TOY.output, recipe=recipe, seed=0, device="cpu")
    session = FitSession(checkpoint=tmp_path / "checkpoint", checkpoint_seconds=0.0)
    if always:
        with pytest.raises(NonFiniteLossError, match="step 1 of 24 in float32"):
            model.fit(TRAIN, session)
    else:
        history = model.fit(TRAIN, session)
        assert "float32" in history.notes[0]
        assert history.losses == make_model(RECIPE.having(precision="float32")).fit(TRAIN, FitSession()).losses


def test_learning_rate() -> None:
    optimisation = Optimisation(learning_rate=1.0, warmup_ratio=0.1)
    rates = [learning_rate(optimisation, step, 100) for step in range(100)]
    assert rates[0] == 0.0
    assert rates[5] == pytest.approx(0.5)
    assert rates[10] == 1.0 == max(rates)
    assert rates[55] == pytest.approx(0.5)
    assert rates[99] == pytest.approx(1 / 90)


def test_vectors_are_not_decayed() -> None:
    context = make_context(RECIPE.having(weight_decay=0.1))
    decayed, spared = make_optimizer(context.module, context.optimisation, "cpu").param_groups
    assert decayed["weight_decay"] == 0.1
    assert spared["weight_decay"] == 0.0
    assert all(p.ndim >= 2 for p in decayed["params"])
    assert all(p.ndim == 1 for p in spared["params"])


def test_losses_by_hand() -> None:
    mask = torch.tensor([[True, True, False]])
    logits = torch.tensor([[[0.0, 1.0], [2.0, 0.0], [9.0, 9.0]]])  # the padding's logits must not count
    start, end = torch.tensor([0.0, 2.0]).log_softmax(0)[1], torch.tensor([1.0, 0.0]).log_softmax(0)[0]
    found = head_of(Extraction(unanswerable=True)).sequence_losses(logits, torch.tensor([[1, 0]]), mask)
    assert found.item() == pytest.approx(-(start + end).item() / 2)
    head = head_of(Regression(low=0, high=5))
    number = head.sequence_losses(torch.tensor([[1.5]]), torch.tensor([4.0]), mask)
    assert number.tolist() == [6.25]
    head = head_of(Classification(labels=("a", "b")))
    logits, labels = torch.tensor([[0.0, 0.0], [0.0, 0.0]]), torch.tensor([1, 0])
    assert head.sequence_losses(logits, labels, mask).tolist() == pytest.approx([0.6931472] * 2)
    total, weight = head.loss(logits, labels, mask)
    assert (total.item(), weight) == (pytest.approx(2 * 0.6931472), 2.0)


class WeighingTwice(WordsNetwork):
    """Its losses weigh two each, as those of sequences of two tokens would: a mean over tokens."""

    def losses(self, batch: Batch) -> tuple[torch.Tensor, float]:
        total, weight = super().losses(batch)
        return total, 2 * weight


def test_a_step_is_over_the_weight_of_its_losses() -> None:
    def gradients(kind: type[WordsNetwork], passes: int) -> tuple[float, list[torch.Tensor]]:
        seed_torch(0)
        network = kind(TOY.output, 0.0)
        network.module.dropout.p = 0.0
        recipe = RECIPE.having(accumulation_steps=passes, max_grad_norm=1e9)
        context = make_context(recipe)
        context = replace(context, module=network.module, feed=replace(context.feed, network=network))
        loss = Stepper(context, make_optimizer(network.module, context.optimisation, "cpu")).step(0)
        return float(loss), [parameter.grad.clone() for parameter in network.module.parameters()]

    loss, plain = gradients(WordsNetwork, 1)
    for passes in (1, 3):
        weighed, halved = gradients(WeighingTwice, passes)
        assert weighed == pytest.approx(loss / 2)
        for one, other in zip(plain, halved, strict=True):
            torch.testing.assert_close(other, one / 2)


def test_padding_is_outside_the_mask() -> None:
    context = make_context()
    padded = pad(context.feed.encoded, torch.arange(8).numpy(), pad_id=77, multiple=8)
    assert padded.ids.shape[1] % 8 == 0
    assert (padded.ids[~padded.mask] == 77).all()
    lengths = context.feed.encoded.lengths[:8]
    assert padded.mask.sum(1).tolist() == lengths.tolist()
    for row in range(8):
        start = context.feed.encoded.offsets[row]
        assert (
            padded.ids[row, : lengths[row]].tolist() == context.feed.encoded.ids[start : start + lengths[row]].tolist()
        )
