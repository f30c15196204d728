"""The floors of language modelling: conformance, what a text file does to a model's identity, and what is refused."""

import math
from pathlib import Path

import pytest

from baselines.ngrams import NGRAM, UNIFORM, resolve
from harness import LIKELIHOOD, Example, FitSession, LanguageModelling, MinimalPairs, ModelSpec, Regression
from harness.errors import TrainingError, UsageError
from harness.testing.models import check_model
from tasks.blimp import BLIMP
from tasks.language_modelling import TEXT


@pytest.mark.parametrize("spec", [NGRAM, UNIFORM], ids=lambda spec: spec.name)
def test_floors_conform_on_documents(spec: ModelSpec) -> None:
    check_model(spec, TEXT)


def test_floors_conform_on_pairs(tmp_path: Path) -> None:
    check_model(UNIFORM, BLIMP)
    (tmp_path / "corpus.txt").write_text("The cat sat. The cats sit.\n" * 3)
    spec = resolve(f"ngram:{tmp_path / 'corpus.txt'}")
    assert spec is not None
    check_model(spec, BLIMP)


def test_what_floors_support() -> None:
    for spec in (NGRAM, UNIFORM):
        assert spec.supports(LanguageModelling())
        assert spec.supports(MinimalPairs())
        assert not spec.supports(LanguageModelling(pseudo=True))
        assert not spec.supports(Regression(low=0.0, high=1.0))


def test_the_uniform_model_needs_eight_bits_a_byte() -> None:
    text = "Grüße\n"
    example = Example(id="1", text=text, target=len(text.encode()))
    model = UNIFORM.build(TEXT, seed=0, device="cpu")
    model.fit([], FitSession())
    found = LIKELIHOOD.compute(model.predict([example]), [example])
    assert found["bits_per_byte"] == pytest.approx(8.0)
    assert found["token_perplexity"] == pytest.approx(256.0)


def test_the_content_of_a_corpus_is_part_of_the_identity(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("one")
    first = resolve(f"ngram:{file}")
    file.write_text("two")
    second = resolve(f"ngram:{file}")
    assert first is not None
    assert second is not None
    assert first.name == "ngram-mine"
    assert not first.needs_training_split
    assert NGRAM.needs_training_split
    assert first.identity() != second.identity()
    with pytest.raises(UsageError, match="has changed since the run began"):
        first.build(TEXT, seed=0, device="cpu").fit([], FitSession())


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "no such file"), (b"good\nb\xffd", "line 2 is no UTF-8"), (b" \n", "the file is empty")],
)
def test_what_is_no_corpus_is_refused(content: bytes | None, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "corpus.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=expected):
        resolve(f"ngram:{file}")
    assert resolve(str(file)) is None


def test_without_a_text_there_is_nothing_to_learn() -> None:
    with pytest.raises(TrainingError, match="learns from a training split"):
        NGRAM.build(TEXT, seed=0, device="cpu").fit([], FitSession())


def test_an_ngram_model_predicts_what_it_has_read() -> None:
    train = [Example(id=str(i), text="the cat sat on the mat.\n", target=24) for i in range(3)]
    model = NGRAM.build(TEXT, seed=0, device="cpu")
    model.fit(train, FitSession())
    (found,) = model.predict(train[:1])
    assert math.exp(float(found.value) / found.scores[0]) > 0.4
