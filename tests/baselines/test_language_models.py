"""Checkpoints that score texts as they are: which do, which do not and why, and conformance."""

from dataclasses import replace
from pathlib import Path

import pytest

from baselines.language_models import CausalLanguageModel
from baselines.pretrained import MINILM, Pretrained, resolve
from harness import Classification, LanguageModelling, MinimalPairs
from harness.api.limits import Limits
from harness.data.source import Source
from harness.errors import UsageError
from harness.plan.plan import make_plan
from harness.testing.models import check_model
from tasks.blimp import BLIMP
from tasks.language_modelling import TEXT, TEXT_PLL
from tests.fakes.checkpoints import change_json, save_checkpoint, save_language_model
from tests.fakes.networks import LABELS as LABELS_TASK
from tests.fakes.networks import NUMBERS, SPANS, learn, share_right, word_after, word_order

LABELS = Classification(labels=("no", "yes"))
FEW = Limits(train=2, evaluation=3)


def test_a_causal_model_gives_exact_probabilities(tmp_path: Path) -> None:
    spec = resolve(str(save_language_model(tmp_path / "tiny", "llama")))
    assert isinstance(spec, CausalLanguageModel)
    assert [spec.supports(output) for output in (LanguageModelling(), MinimalPairs())] == [True, True]
    assert not spec.supports(LanguageModelling(pseudo=True))
    assert "exact log-probabilities" in spec.reason_against(LanguageModelling(pseudo=True))
    assert set(spec.identity()) == {"class", "name", "checkpoint"}
    check_model(spec, TEXT, limits=FEW)
    check_model(spec, BLIMP, limits=Limits(evaluation=12))


def test_a_causal_model_is_fine_tuned(tmp_path: Path) -> None:
    spec = resolve(str(save_language_model(tmp_path / "tiny", "qwen2")))
    assert spec is not None
    assert spec.recipe is not None
    recipe = spec.recipe.having(epochs=10, learning_rate=3e-3, batch_size=8)
    spec = replace(spec, recipe=recipe, recipes={})
    assert [spec.supports(task.output) for task in (LABELS_TASK, NUMBERS, SPANS)] == [True] * 3
    for task, examples in ((LABELS_TASK, word_order(48)), (SPANS, word_after(96))):
        assert share_right(learn(spec, task, examples), examples) > 0.9


def test_without_the_head_that_predicts_tokens_it_is_fine_tuned_alone(tmp_path: Path) -> None:
    folder = save_language_model(tmp_path / "tiny", "llama")
    change_json(folder / "config.json", architectures=["LlamaForSequenceClassification"])
    spec = resolve(str(folder))
    assert spec is not None
    assert spec.supports(LABELS)
    assert not spec.supports(MinimalPairs())
    assert spec.reason_against(MinimalPairs()) == "the checkpoint has no head that predicts the next token"


def test_a_masked_model_gives_pseudo_log_likelihoods_alone(tmp_path: Path) -> None:
    spec = resolve(str(save_language_model(tmp_path / "tiny", "bert")))
    assert isinstance(spec, Pretrained)
    assert [spec.supports(output) for output in (LABELS, LanguageModelling(pseudo=True), MinimalPairs())] == [True] * 3
    assert "--suite lm-pll" in spec.reason_against(LanguageModelling())
    check_model(spec, TEXT_PLL, limits=FEW)
    check_model(spec, BLIMP, limits=Limits(evaluation=12))


def test_an_encoder_without_a_head_says_so(tmp_path: Path) -> None:
    spec = resolve(str(save_checkpoint(tmp_path / "tiny", "bert")))
    assert spec is not None
    for one in (spec, MINILM):
        assert not one.supports(MinimalPairs())
        assert one.supports(LABELS)
        assert one.reason_against(MinimalPairs()) == "the checkpoint has no head that predicts masked tokens"


@pytest.mark.parametrize(
    ("model_type", "task", "expected"),
    [("llama", TEXT_PLL, "gives exact log-probabilities: --suite lm"), ("bert", TEXT, "--suite lm-pll has its pseudo")],
)
def test_what_no_model_can_do_is_told_at_once(model_type: str, task: object, expected: str, tmp_path: Path) -> None:
    spec = resolve(str(save_language_model(tmp_path / "tiny", model_type)))
    assert spec is not None
    with pytest.raises(UsageError, match=expected):
        make_plan(
            [task],
            [spec],
            seeds=(0,),
            limits=FEW,
            source=Source(kind="sample"),
            device="cpu",  # type: ignore[list-item]
        )


def test_a_fine_tuned_masked_model_is_keyed_as_before(tmp_path: Path) -> None:
    spec = resolve(str(save_language_model(tmp_path / "tiny", "bert")))
    assert spec is not None
    assert set(spec.identity()) == {"class", "name", "checkpoint"}
