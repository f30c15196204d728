"""Token sequences on disk: the same as new ones, under a key of all that shapes them, whoever writes them."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from harness import Example, FitSession, Model, Output, Prediction, Task
from harness.api.encoding import Encoded
from harness.api.example import Span
from harness.api.limits import Limits
from harness.data.source import open_source
from harness.engine import speed
from harness.engine.context import Context
from harness.engine.execution import run_trial
from harness.engine.speed import NUM_TIMED_EXAMPLES, measure_speed
from harness.engine.timing import measure
from harness.plan.trial import Trial
from harness.store.run import Run
from harness.system.cores import Cores
from harness.system.stopwatch import WARM_UPS, Budget
from harness.training import encoding_cache
from harness.training.encoding_cache import MIN_EXAMPLES, encode, key, read, write
from harness.training.model import TorchModel
from tests.fakes.toy import RECIPE, TOY, WordsNetwork, WordsSpec, rows
from tests.fakes.toy import read as read_row

TRAIN = [read_row({**row, "idx": i}) for i, row in enumerate(rows("train", 0))]
VALIDATION = [read_row({**row, "idx": i}) for i, row in enumerate(rows("validation", 0))]


class KeyedWords(WordsNetwork):
    """The toy network with a key; ``calls`` counts the examples of each call of any such network's ``encode``."""

    calls: list[int] = []  # noqa: RUF012

    def __init__(self, output: Output = TOY.output, *, name: str = "words") -> None:
        super().__init__(output, 0.0)
        self.name = name

    def encode(self, examples: Sequence[Example]) -> Encoded:
        self.calls.append(len(examples))
        return super().encode(examples)

    def encoding_key(self) -> str:
        return self.name


class OtherWords(KeyedWords):
    pass


@pytest.fixture(autouse=True)
def fresh_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeyedWords, "calls", [])


@pytest.fixture
def every_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep sets of any size."""
    monkeypatch.setattr(encoding_cache, "MIN_EXAMPLES", 1)


def check_same(one: Encoded | None, other: Encoded) -> None:
    assert one is not None
    for name, expected in vars(other).items():
        found = getattr(one, name)
        if expected is None:
            assert found is None, name
        else:
            assert (found.dtype, found.shape) == (expected.dtype, expected.shape), name
            assert found.tobytes() == expected.tobytes(), name


LENGTHS = st.lists(st.integers(0, 5), max_size=4)
LABELS = st.sampled_from([None, np.int64, np.float32, "spans"])


@given(lengths=LENGTHS, kind=LABELS, seed=st.integers(0, 9))
def test_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], kind: Any, seed: int
) -> None:
    random = np.random.default_rng(seed)
    num_tokens, num_sequences = sum(lengths), len(lengths)
    labels: Any = None
    if kind == "spans":
        labels = random.integers(0, 2**40, (2, num_sequences)).T  # not contiguous
    elif kind is not None:
        labels = random.normal(size=num_sequences).astype(kind)
    encoded = Encoded(
        ids=random.integers(-(2**31), 2**31, num_tokens, dtype=np.int32),
        types=random.integers(-128, 128, num_tokens, dtype=np.int8),
        offsets=np.cumsum([0, *lengths], dtype=np.int64),
        examples=np.arange(num_sequences, dtype=np.int32),
        labels=labels,
        spans=random.integers(-1, 9, (num_tokens, 2), dtype=np.int32) if kind == "spans" else None,
    )
    path = tmp_path_factory.getbasetemp() / "encoded.safetensors"
    write(path, encoded)
    check_same(read(path), encoded)


SPANS = (Span("Ada", 0), Span("1843", 9))
EXAMPLE = Example(id="0", text="who?", pair="Ada, in 1843", target=SPANS)
OTHER = Example(id="1", text="when?", target=1)
CHANGES: dict[str, list[Example]] = {
    "nothing": [EXAMPLE, OTHER],
    "order": [OTHER, EXAMPLE],
    "one more": [EXAMPLE, OTHER, OTHER],
    "one less": [EXAMPLE],
    "none": [],
    "text": [replace(EXAMPLE, text="who"), OTHER],
    "pair": [replace(EXAMPLE, pair="Ada, in 1842"), OTHER],
    "no pair": [replace(EXAMPLE, pair=None), OTHER],
    "empty pair": [replace(EXAMPLE, pair=""), OTHER],
    "pair that says None": [replace(EXAMPLE, pair="None"), OTHER],
    "pair in the text": [replace(EXAMPLE, text="who?', 'Ada, in 1843", pair=None), OTHER],
    "no target": [replace(EXAMPLE, target=None), OTHER],
    "no spans": [replace(EXAMPLE, target=()), OTHER],
    "order of spans": [replace(EXAMPLE, target=SPANS[::-1]), OTHER],
    "place of a span": [replace(EXAMPLE, target=(Span("Ada", 1),)), OTHER],
    "label": [EXAMPLE, replace(OTHER, target=0)],
    "number": [EXAMPLE, replace(OTHER, target=1.0)],
    "number close by": [EXAMPLE, replace(OTHER, target=float(np.nextafter(1.0, 2.0)))],
    "half a character": [EXAMPLE, replace(OTHER, text="\ud800")],
}


def test_the_key_has_all_of_an_example_but_its_id() -> None:
    network = KeyedWords()
    keys = [key(network, examples) for examples in CHANGES.values()]
    keys += [key(OtherWords(), [EXAMPLE, OTHER]), key(KeyedWords(name="other"), [EXAMPLE, OTHER])]
    assert len(set(keys)) == len(keys)
    assert key(network, [replace(EXAMPLE, id="7"), OTHER]) == keys[0]


TEXTS = st.text(alphabet="a'\"\\,() N", max_size=4)
EXAMPLES = st.lists(st.builds(Example, id=st.just("0"), text=TEXTS, pair=st.none() | TEXTS), max_size=3)


@given(one=EXAMPLES, other=EXAMPLES)
def test_no_two_lists_of_examples_have_one_key(one: list[Example], other: list[Example]) -> None:
    network = KeyedWords()
    assert (key(network, one) == key(network, other)) == (one == other)


@pytest.mark.usefixtures("every_set")
def test_the_same_examples_are_tokenised_once(tmp_path: Path) -> None:
    new = encode(KeyedWords(), TRAIN, folder=tmp_path / "cache")
    check_same(encode(KeyedWords(), TRAIN, folder=tmp_path / "cache"), new)
    assert KeyedWords.calls == [len(TRAIN)]
    check_same(encode(KeyedWords(), TRAIN[::-1], folder=tmp_path / "cache"), KeyedWords().encode(TRAIN[::-1]))


def test_what_is_not_kept(tmp_path: Path) -> None:
    many = [TRAIN[i % len(TRAIN)] for i in range(MIN_EXAMPLES)]
    encode(KeyedWords(), many[:-1], folder=tmp_path)
    encode(WordsNetwork(TOY.output, 0.0), many, folder=tmp_path)
    assert not list(tmp_path.iterdir())
    encode(KeyedWords(), many, folder=None)
    encode(KeyedWords(), many, folder=tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".safetensors"]


@pytest.mark.usefixtures("every_set")
@pytest.mark.parametrize("damage", ["empty", "header", "data", "one byte", "text", "other"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: str) -> None:
    new = encode(KeyedWords(), TRAIN, folder=tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    if damage == "other":
        save_file({"ids": new.ids}, path, metadata={"format": "pt"})
    else:
        cuts = {"empty": b"", "header": whole[:50], "data": whole[:-100], "one byte": whole[:-1], "text": b"no" * 999}
        path.write_bytes(cuts[damage])
    assert read(path) is None
    check_same(encode(KeyedWords(), TRAIN, folder=tmp_path), new)
    assert KeyedWords.calls == [len(TRAIN)] * 2
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == whole


WORKER = """
import sys
from pathlib import Path
import numpy as np
from harness import Example
from harness.training import encoding_cache
from harness.api.encoding import Encoded

class Network:
    pad_id, module = 0, None

    def encode(self, examples):
        print("missed", flush=True)
        sys.stdin.readline()
        offsets = np.arange(len(examples) + 1)
        ids = offsets[1:].astype(np.int32)
        return Encoded(ids=ids, types=ids.astype(np.int8), offsets=offsets, examples=ids)

    def encoding_key(self):
        return "same"

    def losses(self, batch): ...

    def predict(self, batch): ...

examples = [Example(id=str(i), text=str(i)) for i in range(encoding_cache.MIN_EXAMPLES)]
print(len(encoding_cache.encode(Network(), examples, folder=Path(sys.argv[1]))), flush=True)
"""


def test_two_processes_that_miss_at_once_write_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    workers = [subprocess.Popen(command, stdin=-1, stdout=-1, text=True) for _ in range(2)]
    try:
        files = []
        assert [worker.stdout and worker.stdout.readline() for worker in workers] == ["missed\n"] * 2
        for worker in workers:
            assert worker.communicate("\n")[0] == f"{MIN_EXAMPLES}\n"
            files.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    finally:
        for worker in workers:
            worker.kill()
    assert len(files[0]) == 1
    assert files[0] == files[1]
    assert read(next(tmp_path.iterdir())) is not None


@dataclass(frozen=True, kw_only=True)
class KeyedSpec(WordsSpec):
    def build(self, task: Task, *, seed: int, device: str) -> Model:
        recipe = self.recipe_for(task)
        return TorchModel(lambda _: KeyedWords(), output=task.output, recipe=recipe, seed=seed, device=device)


KEYED = KeyedSpec(name="keyed", recipe=RECIPE)


@pytest.mark.usefixtures("every_set")
def test_predictions_do_not_depend_on_the_cache(tmp_path: Path) -> None:
    def answers(cache: Path | None) -> list[Prediction]:
        model = KEYED.build(TOY, seed=0, device="cpu")
        model.fit(TRAIN, FitSession(cache=cache))
        return model.predict(VALIDATION)

    expected = answers(None)
    KeyedWords.calls.clear()
    assert answers(tmp_path) == expected, "written"
    assert answers(tmp_path) == expected, "read"
    assert KeyedWords.calls == [len(TRAIN), len(VALIDATION)]


def test_a_run_keeps_its_training_set_and_times_tokenisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert NUM_TIMED_EXAMPLES < MIN_EXAMPLES
    monkeypatch.setattr(encoding_cache, "MIN_EXAMPLES", len(TRAIN))
    trial = Trial(task=TOY, model=KEYED, seed=0, limits=Limits(), source=open_source("sample", [TOY]))
    context = Context(run=Run(tmp_path), device="cpu", num_threads=1, cores=Cores())
    run_trial(trial, context, keep_checkpoint=True)
    assert KeyedWords.calls == [len(TRAIN), len(VALIDATION), 8]
    assert len(list(context.run.cache_folder.glob("*.safetensors"))) == 1

    KeyedWords.calls.clear()
    short = Budget(seconds=0, min_samples=5)
    monkeypatch.setattr(speed, "measure", partial(measure, latency=short, throughput=short))
    measure_speed(trial, context)
    calls = 5 + WARM_UPS
    counted = [len(VALIDATION)]  # their operations are, once they are timed
    assert KeyedWords.calls == [1] * calls + [8] * calls + [32] * calls + counted
    assert (len(context.run.results()), len(context.run.speeds()), len(context.run.failures())) == (1, 1, 0)
