"""A live torch model: :class:`TorchModel` makes a :class:`~harness.api.model.Model` of any network."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import torch

from harness.api.attribution import Attribution
from harness.api.encoding import Coverage, Encoded
from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History, Validation
from harness.api.network import AdaptedNetwork, Network, NotedNetwork
from harness.api.output import Output
from harness.api.recipe import Recipe
from harness.errors import TrainingError
from harness.system.cores import Cores
from harness.system.devices import resolve_precision
from harness.system.sealed import DamagedError
from harness.training import checkpoint, encoding_cache
from harness.training.attribution import explain
from harness.training.determinism import NoDeterministicKernelError, deterministic_kernels
from harness.training.encoder import load_encoder, save_encoder
from harness.training.feed import ExampleFeed
from harness.training.flops import inference_flops, training_flops
from harness.training.inference import predict_logits
from harness.training.linear import cast_weights
from harness.training.loop import NonFiniteLossError, finetune, make_history
from harness.training.outputs import head_of
from harness.training.step import Evaluation, TrainingContext
from harness.training.tensors import seed_torch
from harness.training.token_table import selected_rows

MOST_UNKNOWN = 0.5
"""The fraction of the training texts' tokens that may be unknown."""


class TorchModel:
    """Fine-tunes a network and predicts with it.

    ``make_network(train)`` gives a fresh network; it draws its initial weights from torch's generator, which is seeded
    before the call, so the same seed gives the same network. Where training begins with another one's encoder,
    ``train`` are that one's examples, of which a vocabulary is made, and what was drawn for the encoder is replaced.
    """

    def __init__(
        self,
        make_network: Callable[[Sequence[Example]], Network],
        *,
        output: Output,
        recipe: Recipe,
        seed: int,
        device: str,
    ) -> None:
        self._make_network = make_network
        self._output = output
        self._recipe = recipe
        self._seed = seed
        self._device = device
        self._precision = resolve_precision(recipe.optimisation.precision, device)
        self._network: Network | None = None
        self._cache: Path | None = None
        self._cores = Cores()
        self._coverage: Coverage | None = None
        self.num_trainable_parameters = 0
        self.adapter: Mapping[str, bytes] = {}

    @property
    def coverage(self) -> Coverage | None:
        """How much of the texts was read in the last call of ``fit`` or ``predict``."""
        return self._coverage

    @property
    def num_parameters(self) -> int:
        """How many numbers the network has."""
        return sum(p.numel() for p in self._network.module.parameters()) if self._network else 0

    @property
    def precision(self) -> str:
        """The type of its matrix products."""
        return self._precision

    def flops_per_example(self, examples: Sequence[Example]) -> float | None:
        """Return the mean of what answering an example takes; see :mod:`harness.training.flops`."""
        assert self._network is not None, "fit before counting"
        encoded = encoding_cache.encode(self._network, examples, folder=self._cache)
        return inference_flops(self._network, encoded, device=self._device, precision=self._precision)

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Fine-tune; a non-finite loss in bfloat16 means one more attempt, from the start, in float32.

        A network with an operator that CUDA has no deterministic kernel for is trained with what there is, and a note.
        """
        self._cache, self._cores = session.cache, session.cores
        try:
            with deterministic_kernels(self._device):
                history = self._fit(train, session)
        except NoDeterministicKernelError as error:
            history = self._fit(train, session)
            history = replace(history, notes=(*history.notes, f"another training may differ in its last bits: {error}"))
        assert self._network is not None
        if isinstance(self._network, AdaptedNetwork):
            self.adapter = self._network.finish()
        cast_weights(self._network.module, self._precision)
        return history

    def _fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Train, going on from the checkpoint; from the start, with a note, where that is damaged."""
        try:
            return self._go_on(train, session)
        except DamagedError as error:
            assert session.checkpoint is not None, "nothing else is damaged"
            session.checkpoint.unlink(missing_ok=True)
            history = self._go_on(train, session)
            note = f"trained from the start, as its checkpoint could not be taken up: {error}"
            return replace(history, notes=(*history.notes, note))

    def _go_on(self, train: Sequence[Example], session: FitSession) -> History:
        progress = checkpoint.read_progress(session.checkpoint)
        precision = progress.precision if progress else self._precision
        try:
            return self._attempt(train, session, precision)
        except NonFiniteLossError as error:
            if precision == "float32":
                raise
            if session.checkpoint is not None:
                session.checkpoint.unlink(missing_ok=True)
            history = self._attempt(train, session, "float32")
            return replace(history, notes=(*history.notes, f"trained again in float32: {error}"))

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer each example, in order."""
        assert self._network is not None, "fit before predict"
        if not examples:
            return []
        encoded = encoding_cache.encode(self._network, examples, folder=self._cache)
        self._coverage = encoded.coverage
        logits = predict_logits(
            self._network,
            encoded,
            output=self._output,
            device=self._device,
            precision=self._precision,
            cores=self._cores,
        )
        return head_of(self._output).decode(logits, encoded, examples, self._recipe.decoding)

    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        """Return why the prediction on each example is what it is; see :mod:`harness.training.attribution`."""
        assert self._network is not None, "fit before explaining"
        return explain(
            self._network,
            examples,
            output=self._output,
            device=self._device,
            precision=self._precision,
            decoding=self._recipe.decoding,
        )

    def _attempt(self, train: Sequence[Example], session: FitSession, precision: str) -> History:
        self._precision = "float32" if precision == "float32" else "bfloat16"
        seed_torch(self._seed)
        start = session.start
        network = self._network = self._make_network(start.train if start and start.train else train)
        if start:
            load_encoder(start.weights, network)
        network.module.to(self._device)
        self.num_trainable_parameters = sum(p.numel() for p in network.module.parameters() if p.requires_grad)
        encoded = encoding_cache.encode(network, train, folder=self._cache)
        self._coverage = encoded.coverage
        if self._coverage and self._coverage.unknown_tokens > MOST_UNKNOWN:
            raise TrainingError(
                f"{self._coverage.unknown_tokens:.0%} of the training texts' tokens are unknown to the tokenizer; "
                "expected the one that the model was trained with, for texts of this language."
            )
        context = self._context(network, encoded, precision)
        context = replace(context, evaluation=self._evaluation(context, network, session.validation))
        decay = self._recipe.optimisation.weight_decay
        started, borrowed = time.perf_counter(), session.cores.borrowed_seconds
        with selected_rows(network.module, encoded, pad_id=network.pad_id, weight_decay=decay):
            history = self._train(context, session)
        if session.weights:
            save_encoder(session.weights, network)
        seconds = history.seconds_before + time.perf_counter() - started
        seconds += history.borrowed_before + session.cores.borrowed_seconds - borrowed - history.evaluation_seconds
        flops = training_flops(network, encoded, device=self._device, precision=precision)
        notes = (*network.notes, *history.notes) if isinstance(network, NotedNetwork) else history.notes
        return replace(history, precision=precision, core_seconds=seconds, flops_per_example=flops, notes=notes)

    def _context(self, network: Network, encoded: Encoded, precision: str) -> TrainingContext:
        optimisation = self._recipe.optimisation
        feed = ExampleFeed(
            network=network,
            encoded=encoded,
            batch_size=optimisation.batch_size,
            seed=self._seed,
            device=self._device,
        )
        return TrainingContext(
            module=network.module,
            feed=feed,
            optimisation=optimisation,
            seed=self._seed,
            device=self._device,
            precision=precision,
        )

    def _evaluation(
        self, context: TrainingContext, network: Network, validation: Validation | None
    ) -> Evaluation | None:
        """Return the scoring, after each epoch, of predictions as they would be if training ended then."""
        if validation is None:
            return None
        encode = cache(lambda: encoding_cache.encode(network, validation.examples, folder=self._cache))

        def measure() -> float | None:
            logits = predict_logits(
                network,
                encode(),
                output=self._output,
                device=self._device,
                precision=context.precision,
                without_gradients=torch.no_grad,
            )
            predictions = head_of(self._output).decode(logits, encode(), validation.examples, self._recipe.decoding)
            return validation.score(predictions)

        return Evaluation(every_steps=context.steps_an_epoch, measure=measure)

    def _train(self, context: TrainingContext, session: FitSession) -> History:
        progress = checkpoint.read_progress(session.checkpoint)
        if progress and progress.finished and session.checkpoint:
            checkpoint.restore(session.checkpoint, context.module, None)
            return make_history(context, progress, progress)
        return finetune(context, session)
