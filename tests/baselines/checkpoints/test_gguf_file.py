"""A file of GGUF as a model: its weights as they were but for rounding, its name and title, and what is refused."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from baselines.checkpoints.gguf_file import Gguf, describe
from baselines.networks.causal_head import load_causal_head
from baselines.pretrained import resolve
from harness import Classification, LanguageModelling
from harness.api.example import Example
from harness.api.model import FitSession
from harness.api.recipe import Encoding
from harness.errors import UsageError
from harness.outputs import kind_of
from tasks.language_modelling import TEXT
from tests.fakes.checkpoints import save_gguf, save_language_model

TWO = Classification(labels=("no", "yes"))


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_language_model(tmp_path_factory.mktemp("plain") / "llama", "llama")


@pytest.fixture(scope="module")
def file(llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_gguf(tmp_path_factory.mktemp("gguf") / "tiny.Q8_0.gguf", llama)


def test_a_file_and_the_folder_that_holds_it_alone_are_the_same_model(file: Path) -> None:
    one, other = resolve(str(file)), resolve(str(file.parent))
    assert one is not None
    assert one == other
    assert isinstance(one.checkpoint, Gguf)
    assert (one.name, one.title) == ("tiny.Q8_0", f"tiny.Q8_0.gguf in {file.parent}, dequantised from Q8_0")
    assert one.identity()["checkpoint"].startswith("sha256:")
    assert one.supports(TWO)
    assert one.supports(LanguageModelling())


def test_its_weights_are_those_that_were_quantised(file: Path, llama: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole, rounded = (load_causal_head(path, output=TWO, encoding=Encoding()) for path in (llama, file))
    assert "de-quantizing" not in capfd.readouterr().err, "no progress bar"
    expected: Any = dict(whole.module.model.named_parameters())
    for name, parameter in rounded.module.model.named_parameters():
        assert parameter.dtype == torch.float32
        torch.testing.assert_close(parameter, expected[name], rtol=0.02, atol=0.02)
    example = [Example(id="0", text="Ada wrote the first program", pair="red")]
    assert rounded.encode(example).ids.tolist() == whole.encode(example).ids.tolist()


def test_texts_are_scored_as_by_the_whole_weights(file: Path, llama: Path) -> None:
    examples = [Example(id="0", text="the red engine was built in 1843", target="")]
    assert kind_of(TEXT.output)
    values = []
    for place in (file, llama):
        spec: Any = resolve(str(place))
        model = spec.build(TEXT, seed=0, device="cpu")
        model.fit([], FitSession())
        values.append(model.predict(examples)[0].value)
    assert values[0] == pytest.approx(values[1], rel=0.02)
    assert values[0] != values[1]


def test_what_is_no_such_file_is_one_line(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for content, told in (
        (b"GGML", "is no file of GGUF"),
        (b"", "is empty"),
        (file.read_bytes()[:300], "is a damaged file"),
    ):
        damaged = tmp_path / "damaged.gguf"
        damaged.write_bytes(content)
        describe.cache_clear()
        with pytest.raises(UsageError, match=told):
            resolve(str(damaged))
    shutil.copy(file, tmp_path / "other.gguf")
    with pytest.raises(UsageError, match="holds 2 files of GGUF; give one of them"):
        resolve(str(tmp_path))
    describe.cache_clear()
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "gguf" else find(name))
    with pytest.raises(UsageError, match=r"is not installed; pip install 'harness\[gguf\]'"):
        resolve(str(file))
