"""Language models from the command line: what a run of them leaves, and what is refused in one line."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from harness.cli import app
from harness.store.run import Run
from tests.fakes.checkpoints import save_checkpoint, save_language_model


def call(*arguments: object) -> tuple[int, str]:
    """Return how a command ends, and all that it says."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.setattr(sys, "argv", ["harness", *map(str, arguments)])
        patch.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(SystemExit) as end:
            app.main()
    return int(end.value.code or 0), said.getvalue()


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_language_model(tmp_path_factory.mktemp("causal") / "tiny-llama", "llama")


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_language_model(tmp_path_factory.mktemp("masked") / "tiny-bert", "bert")


def test_decoders_encoders_and_floors_in_one_table_of_pairs(causal: Path, masked: Path, tmp_path: Path) -> None:
    out, limited = tmp_path / "run", ["--limit", 40, "--data", "sample"]
    models = ["--model", causal, "--model", masked, "--model", "uniform", "--model", "bag", "--model", "minilm"]
    code, output = call("run", "--suite", "blimp", *models, *limited, "--workers", 2, "--out", out)
    assert code == 0, output
    assert "tiny-bert on BLiMP: by pseudo-log-likelihood (Salazar et al. 2020)" in output
    assert "minilm: the checkpoint has no head that predicts masked tokens" in output
    code, output = call(
        "run", "--suite", "blimp", "--model", causal, *limited, "--workers", 1, "--out", tmp_path / "one"
    )
    assert code == 0, output
    (again,) = Run(tmp_path / "one").results()
    (first,) = (result for result in Run(out).results() if result.model.name == "tiny-llama")
    assert Run(out).predictions(first, "test") == Run(tmp_path / "one").predictions(again, "test")


def test_bits_per_byte_read_as_such(causal: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    models = ["--model", causal, "--model", "ngram", "--model", "uniform"]
    code, output = call("run", "--task", "text", *models, "--limit", 6, "--data", "sample", "--out", out)
    assert code == 0, output
    assert "A task's score, in bits" in output
    lines = [line.split() for line in output.splitlines()]
    first = next(words[1] for words in lines if words[:1] == ["1"])
    assert first == "ngram", "the lowest is the best"
    page = (out / "report" / "index.html").read_text()
    assert "Scores in bits" in page
    assert "points" not in page.split("Each pair: the first minus the second, in ")[1][:20]


def test_exact_and_pseudo_probabilities_share_no_table(causal: Path, masked: Path, tmp_path: Path) -> None:
    code, output = call(
        *("run", "--task", "text", "--task", "text-pll", "--model", causal, "--model", masked),
        *("--limit", 2, "--data", "sample", "--out", tmp_path / "run"),
    )
    assert code == 0, output
    assert "pseudo" in output
    rows = {result.model.name: set(result.scores["test"]) for result in Run(tmp_path / "run").results()}
    assert rows["tiny-llama"].isdisjoint(rows["tiny-bert"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"", "is empty; expected a text"), (b"good\nb\xff", "line 2 (byte 6 of the file): 0xff is no UTF-8")],
)
def test_a_text_that_cannot_be_read_is_one_line(content: bytes, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes(content)
    code, output = call("run", "--task", "text", "--model", "uniform", "--data", file, "--out", tmp_path / "run")
    assert code == 2, output
    assert complaint in output.replace("\n", " ")
    assert not (tmp_path / "run" / "trials").exists()


def test_what_a_checkpoint_cannot_do_is_one_line(causal: Path, masked: Path, tmp_path: Path) -> None:
    bare = save_checkpoint(tmp_path / "bare", "bert")
    for task, model, complaint in (
        ("wikitext-2", masked, "--suite lm-pll has its pseudo-log-likelihood"),
        ("wikitext-2-pll", causal, "gives exact log-probabilities: --suite lm"),
        ("blimp", bare, "the checkpoint has no head that predicts masked tokens"),
    ):
        code, output = call("run", "--task", task, "--model", model, "--data", "sample", "--out", tmp_path / "run")
        assert code == 2, output
        assert complaint in " ".join(output.split())
