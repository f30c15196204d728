"""The whole of a pretraining: :func:`pretrain` takes a corpus and a folder, and leaves a checkpoint in it."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch

from harness.api.identity import keyed
from harness.api.model import FitSession, History, ModelSpec
from harness.api.pretraining import Pretrainable, PretrainingNetwork
from harness.data.corpus import Corpus
from harness.errors import HarnessError, UsageError
from harness.pretraining.checkpoint_files import checkpoint_texts, save_weights
from harness.pretraining.cost import Cost, cost_of
from harness.pretraining.folder import Folder
from harness.pretraining.held_out import HeldOut
from harness.pretraining.options import PretrainingOptions
from harness.pretraining.preparation import Prepared, count_documents, prepare
from harness.pretraining.record import Evaluated, PretrainingRecord
from harness.pretraining.windows import WindowFeed, Windows
from harness.system.cores import Cores
from harness.system.devices import resolve_precision
from harness.system.energy import EnergyMeter
from harness.system.environment import num_cores, versions
from harness.system.locks import claim
from harness.system.sealed import DamagedError
from harness.training.checkpoint import read_progress
from harness.training.determinism import NoDeterministicKernelError, deterministic_kernels
from harness.training.loop import finetune
from harness.training.step import Evaluation, TrainingContext
from harness.training.tensors import seed_torch

MOST_EVALUATIONS = 20
"""In a pretraining, evenly over its steps."""


class Listener(Protocol):
    """Who is told how far a pretraining is."""

    def stage(self, text: str) -> None:
        """Hear what is done now."""

    def step(self, step: int, num_steps: int, *, tokens: int) -> None:
        """Hear that so many steps are done, and how many tokens a step learns from."""

    def evaluated(self, loss: float, bits_per_byte: float) -> None:
        """Hear the loss on held-out text, in nats a predicted token, and in bits a byte."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What is to be pretrained, on what, how, and where it goes."""

    spec: ModelSpec
    corpus: Corpus
    options: PretrainingOptions
    folder: Folder
    device: str
    checkpoint_seconds: float = 60.0

    def identity(self) -> dict[str, Any]:
        """Return all that the weights follow from."""
        model = {name: value for name, value in keyed(self.spec).items() if name not in {"vocabulary_size", "dropout"}}
        return {"model": model, "corpus": self.corpus.fingerprint(), **self.options.identity()}


def pretrain(asked: Assignment, listener: Listener) -> PretrainingRecord:
    """Pretrain, going on from where an earlier call was interrupted; return at once what is there already.

    Raises:
        UsageError: the folder holds something else, the model cannot be pretrained, or another process does it.
        DataError: the corpus cannot be read, or is too small.
        TrainingError: the loss became infinite or not a number.
    """
    if not isinstance(asked.spec, Pretrainable):
        raise UsageError(f"--model {asked.spec.name}: has no architecture of ours to pretrain.")
    listener.stage(f"reading {asked.corpus.note}")
    number, identity, folder = count_documents(asked.corpus), asked.identity(), asked.folder
    if found := folder.finished(identity):
        return found
    folder.begin(identity)
    with claim(folder.lock) as held:
        if not held:
            raise UsageError(f"--out {folder.path}: another process pretrains there.")
        listener.stage(f"tokenizing {number:,} documents")
        prepared = _prepare(asked, asked.spec, number)
        return _train(asked, asked.spec, prepared, identity, listener)


def _prepare(asked: Assignment, spec: Pretrainable, number: int) -> Prepared:
    try:
        return prepare(asked.corpus, number, spec, asked.options, asked.folder)
    except HarnessError:
        asked.folder.withdraw()
        raise


def _train(
    asked: Assignment, spec: Pretrainable, prepared: Prepared, identity: Mapping[str, Any], listener: Listener
) -> PretrainingRecord:
    with _one_thread_a_core(asked.device) as cores:
        training = Training(asked, spec, prepared, listener, cores)
        history, seconds, joules = _run(training, asked.device)
        cost = cost_of(training.feed, history, seconds, precision=training.precision, num_cores=training.num_cores)
    listener.stage("writing the checkpoint")
    record = training.record(history, identity, cost, joules)
    texts = checkpoint_texts(training.network.config(), prepared.tokenizer, record)
    asked.folder.finish(texts, partial(save_weights, training.network.tensors()), record)
    return record


def _run(training: "Training", device: str) -> tuple[History, float, float | None]:
    """Train with kernels that give the same bits each time, or with what there is where CUDA has none, with a note."""
    try:
        with deterministic_kernels(device):
            return training.run()
    except NoDeterministicKernelError as error:  # in the first step, before a weight has changed
        history, seconds, joules = training.run()
        note = f"another pretraining may differ in its last bits: {error}"
        return replace(history, notes=(*history.notes, note)), seconds, joules


class Training:
    """A pretraining under way."""

    def __init__(
        self, asked: Assignment, spec: Pretrainable, prepared: Prepared, listener: Listener, cores: Cores
    ) -> None:
        self._asked, self._prepared, self._listener, self._cores = asked, prepared, listener, cores
        options = asked.options
        self.num_cores = num_cores() if asked.device == "cpu" else 1
        self.precision = resolve_precision("auto", asked.device)
        seed_torch(options.seed)
        size = prepared.tokenizer.get_vocab_size()
        self.network: PretrainingNetwork = spec.pretraining_network(
            options.objective, vocabulary_size=size, max_length=options.length, dropout=options.dropout
        )
        self.network.module.to(asked.device)
        make_feed = partial(
            WindowFeed,
            network=self.network,
            objective=options.objective,
            vocabulary_size=size,
            batch_size=options.batch_size,
            seed=options.seed,
            device=asked.device,
        )
        self.feed = make_feed(windows=Windows(ids=prepared.train, length=options.length))
        self._held_out = HeldOut(
            feed=make_feed(windows=Windows(ids=prepared.held_out, length=options.length)),
            tokens_a_byte=prepared.held_out_tokens / prepared.held_out_bytes,
            precision=self.precision,
            cores=cores,
        )
        self._optimisation = options.optimisation(len(self.feed.windows))
        self._num_steps = self._optimisation.num_steps(len(self.feed.windows))

    def run(self) -> tuple[History, float, float | None]:
        """Train to the end; return what happened, the seconds of all calls, and the joules of this one if it is all."""
        asked, every = self._asked, max(1, self._num_steps // self._num_evaluations())
        context = TrainingContext(
            module=self.network.module,
            feed=self.feed,
            optimisation=self._optimisation,
            seed=asked.options.seed,
            device=asked.device,
            precision=self.precision,
            evaluation=Evaluation(every_steps=every, measure=self._measure),
        )
        session = FitSession(
            checkpoint=asked.folder.checkpoint,
            cores=self._cores,
            checkpoint_seconds=asked.checkpoint_seconds,
            on_step=self._on_step,
        )
        self._discard_damaged()
        meter, started = EnergyMeter(asked.device), time.perf_counter()
        history = finetune(context, session)
        joules = meter.joules() if history.seconds_before == 0.0 else None
        return history, history.seconds_before + time.perf_counter() - started, joules

    def record(
        self, history: History, identity: Mapping[str, Any], cost: Cost, joules: float | None
    ) -> PretrainingRecord:
        """Return what is to be written down."""
        asked, prepared = self._asked, self._prepared
        return PretrainingRecord(
            model=asked.spec.name,
            objective=asked.options.objective,
            corpus=asked.corpus.note,
            identity=identity,
            documents=prepared.documents,
            corpus_tokens=len(prepared.train),
            held_out_tokens=len(prepared.held_out),
            vocabulary_size=prepared.tokenizer.get_vocab_size(),
            num_parameters=sum(parameter.numel() for parameter in self.network.module.parameters()),
            steps=len(history.losses),
            tokens=cost.tokens,
            losses=history.losses,
            evaluations=tuple(self._evaluated(step, loss) for step, loss in history.evaluations),
            precision=self.precision,
            device=asked.device,
            seconds=cost.seconds,
            flops=cost.flops,
            peak_fraction=cost.peak_fraction,
            joules=joules,
            notes=history.notes,
            versions=versions(),
        )

    def _num_evaluations(self) -> int:
        """Return how often the loss on held-out text is taken, so that a tenth of the time goes into it at most."""
        learnt = self._num_steps * self._asked.options.batch_size * self._asked.options.length
        return max(1, min(MOST_EVALUATIONS, int(0.3 * learnt / self._held_out.num_tokens)))

    def _measure(self) -> float:
        loss = self._held_out.loss()
        self._listener.evaluated(loss, self._held_out.bits_per_byte(loss))
        return loss

    def _on_step(self, step: int, num_steps: int) -> None:
        options = self._asked.options
        self._listener.step(step, num_steps, tokens=options.length * options.batch_size)

    def _evaluated(self, step: int, loss: float) -> Evaluated:
        return Evaluated(step=step, loss=loss, bits_per_byte=self._held_out.bits_per_byte(loss))

    def _discard_damaged(self) -> None:
        """Begin anew where the checkpoint is damaged, and say so."""
        path = self._asked.folder.checkpoint
        try:
            read_progress(path)
        except DamagedError as error:
            self._listener.stage(f"from the start, as the checkpoint could not be taken up: {error}")
            path.unlink(missing_ok=True)


@contextmanager
def _one_thread_a_core(device: str) -> Iterator[Cores]:
    """Give the cores that parts of a step are computed on, one thread each; the result does not depend on them."""
    if device != "cpu":
        yield Cores()
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory(prefix="harness-cores-") as locks:
            cores = Cores(Path(locks), num_cores())
            with cores.one():
                yield cores
    finally:
        torch.set_num_threads(before)
