"""A pretraining from a text file to a checkpoint: it learns, goes on bit for bit, and refuses what it cannot do."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from harness.errors import DataError, UsageError
from harness.pretraining.folder import Folder
from harness.pretraining.pretrain import Assignment, pretrain
from harness.pretraining.record import read_record
from tests.fakes.corpora import SPEC, Quiet, corpus, options, text


def assignment(folder: Path, objective: str = "clm", content: str | None = None, **changes: object) -> Assignment:
    return Assignment(
        spec=SPEC,
        corpus=corpus(folder / "corpus", content),
        options=options(objective, **changes),
        folder=Folder(folder / "out"),
        device="cpu",
        checkpoint_seconds=0.0,
    )


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "out" / "model.safetensors").read_bytes()).hexdigest()


@pytest.mark.parametrize("objective", ["mlm", "clm"])
def test_learns_and_writes_it_down(tmp_path: Path, objective: str) -> None:
    asked = assignment(tmp_path, objective, tokens=60_000)
    record = pretrain(asked, Quiet())
    assert read_record(asked.folder.path) == record
    first, last = record.losses[0], record.held_out.loss
    assert last < 0.75 * first
    assert record.tokens == pytest.approx(record.steps * 16 * 32, rel=0.1), "an epoch's last batch may be smaller"
    assert record.flops
    assert record.corpus_tokens > record.held_out_tokens > 0
    assert not asked.folder.unfinished.exists()
    card = (asked.folder.path / "README.md").read_text()
    assert f"{record.tokens:,} tokens" in card
    assert record.identity["corpus"] in card


@pytest.mark.parametrize("objective", ["mlm", "clm"])
def test_transformers_reads_texts_as_they_were_learnt_from(tmp_path: Path, objective: str) -> None:
    folder = assignment(tmp_path, objective, tokens=600)
    pretrain(folder, Quiet())
    text = "a <unk> and a [UNK], a <s>, a </s>, a [SEP] and a <mask>"  # WikiText has its rare words as <unk>
    learnt = Tokenizer.from_file(str(folder.folder.path / "tokenizer.json")).encode(text).ids
    assert AutoTokenizer.from_pretrained(folder.folder.path)(text).input_ids == learnt


@pytest.mark.parametrize(("objective", "at"), [("mlm", 3), ("clm", 11), ("clm", 24)])
def test_goes_on_bit_for_bit(tmp_path: Path, objective: str, at: int) -> None:
    whole = pretrain(assignment(tmp_path / "whole", objective), Quiet())
    asked = assignment(tmp_path / "cut", objective)
    with pytest.raises(KeyboardInterrupt):
        pretrain(asked, Quiet(stop_at=at))
    listener = Quiet()
    found = pretrain(asked, listener)
    assert listener.steps[0] == at
    assert found.losses == whole.losses
    assert found.evaluations == whole.evaluations
    assert digest(tmp_path / "cut") == digest(tmp_path / "whole")


def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    asked, listener = assignment(tmp_path), Quiet()
    record = pretrain(asked, Quiet())
    assert pretrain(asked, listener) == record
    assert not listener.steps


def test_a_damaged_checkpoint_means_from_the_start(tmp_path: Path) -> None:
    asked = assignment(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        pretrain(asked, Quiet(stop_at=5))
    content = bytearray(asked.folder.checkpoint.read_bytes())
    content[-5] ^= 4
    asked.folder.checkpoint.write_bytes(content)
    listener = Quiet()
    pretrain(asked, listener)
    assert listener.steps[0] == 1
    assert any("from the start" in stage for stage in listener.stages)


@pytest.mark.parametrize("finished", [True, False])
def test_another_pretraining_is_left_as_it_is(tmp_path: Path, finished: bool) -> None:
    asked = assignment(tmp_path)
    if finished:
        pretrain(asked, Quiet())
    else:
        with pytest.raises(KeyboardInterrupt):
            pretrain(asked, Quiet(stop_at=5))
    before = {path: path.read_bytes() for path in asked.folder.path.rglob("*") if path.is_file()}
    other = replace(asked, options=options(seed=1))
    with pytest.raises(UsageError, match=r"another pretraining \(seed is 0 there, 1 here"):
        pretrain(other, Quiet())
    with pytest.raises(UsageError, match=r"another pretraining \(corpus is"):
        pretrain(replace(asked, corpus=corpus(tmp_path / "other", text(seed=1))), Quiet())
    assert {path: path.read_bytes() for path in asked.folder.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "notes.txt"])
def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path, name: str) -> None:
    asked = assignment(tmp_path)
    asked.folder.path.mkdir()
    (asked.folder.path / name).write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UsageError, match=name):
        pretrain(asked, Quiet())
    assert [path.name for path in asked.folder.path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "no text"), ("\n \n", "no text"), ("one document alone", "one document"),
     ("Too few.\n\nTo fill a window.", "tokens to train on; expected at least 32"),
     (text(40) + "\n\nshort", "tokens held out; expected at least 8")],
)  # fmt: skip
def test_too_small_a_corpus_leaves_nothing(tmp_path: Path, content: str, said: str) -> None:
    asked = assignment(tmp_path, content=content)
    with pytest.raises(DataError, match=said):
        pretrain(asked, Quiet())
    assert not asked.folder.path.exists()


def test_either_tokens_or_epochs() -> None:
    for amounts in ({"tokens": None}, {"epochs": 2.0}):
        with pytest.raises(UsageError, match="either --tokens N or --epochs E"):
            options(**amounts)
