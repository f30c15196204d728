"""The command `pretrain`: what it says, what it leaves, and that it survives being killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes.corpora import text
from tests.harness.cli.conftest import Call, document

SMALL = ("--model", "transformer-tiny", "--length", "16", "--batch-size", "8", "--vocabulary-size", "320")
ASKED = ("--objective", "clm", *SMALL, "--corpus", "corpus.txt", "--out", "out")


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command sets for its own process is not to outlive a test."""
    monkeypatch.setattr("harness.cli.pretraining.keep_freed_memory_here", lambda: None)
    for name in ("OMP_NUM_THREADS", "TOKENIZERS_PARALLELISM"):
        monkeypatch.setenv(name, "1")


def test_a_checkpoint_a_plot_and_a_document(call: Call, tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(text())
    done = call("pretrain", *ASKED, "--tokens", "1000", "--export", "transformers", "--json")
    assert done.code == 0, done.errors
    assert 900 < document(done.output)["tokens"] <= 1024
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        *("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "README.md"),
        *("pretraining.json", "loss.png", "loss.svg"),
    }
    assert "held-out loss" in done.errors


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--model": "minilm"}, "cannot be pretrained; expected one of our architectures"),
        ({"--model": "transformer-tinny"}, "Did you mean transformer-tiny"),
        ({"--model": "decoder", "--objective": "mlm"}, "is a decoder"),
        ({"--corpus": "none.txt"}, "no such file or folder"),
        ({"--corpus": "latin.txt"}, "latin.txt, line 3 (byte 8 of the file): 0xe9 is no UTF-8"),
        ({"--corpus": "empty.txt"}, "no text in it"),
        ({"--corpus": "one.txt"}, "one document in it"),
        ({"--corpus": "empty"}, "no texts to train on"),
        ({"--length": "200000"}, "tokens to train on; expected at least 200,000"),
        ({"--out": "corpus.txt"}, "is a file"),
        ({"--out": "decoder"}, "holds a checkpoint of another origin"),
        ({"--objective": "both"}, "mlm"),
        ({"--tokens": "0"}, "greater than or equal to 1"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    call: Call, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    (tmp_path / "corpus.txt").write_text(text())
    (tmp_path / "latin.txt").write_bytes(b"one\n\ncaf\xe9\n")
    (tmp_path / "one.txt").write_text("One document alone.")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "decoder").mkdir()
    (tmp_path / "decoder" / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    before = sorted(tmp_path.rglob("*"))
    arguments = dict(zip(ASKED[::2], ASKED[1::2], strict=True)) | {"--tokens": "1000"} | changed
    done = call("pretrain", *(part for pair in arguments.items() for part in pair))
    assert done.code == 2
    assert said in done.errors.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_killed_at_any_moment_it_goes_on_bit_for_bit(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(text(400))
    weights = []
    for folder in ("whole", "killed"):
        command = [sys.executable, "-m", "harness", "pretrain", "--objective", "mlm", *SMALL]
        command += ["--corpus", "corpus.txt", "--out", folder, "--tokens", "25000", "--checkpoint-seconds", "0.2"]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        if folder == "killed":
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
            checkpoint = tmp_path / folder / "unfinished" / "checkpoint.safetensors"
            while not checkpoint.exists():
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(0.5)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
            assert not (tmp_path / folder / "pretraining.json").exists()
        subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
        weights.append((tmp_path / folder / "model.safetensors").read_bytes())
        assert not (tmp_path / folder / "unfinished").exists()
    assert weights[0] == weights[1]
