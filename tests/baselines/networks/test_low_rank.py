"""LoRA: what is trained and kept, that peft reads it back, and that a killed training goes on bit for bit."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from baselines.pretrained import Pretrained, resolve
from harness.api.method import Method
from harness.api.model import FitSession
from harness.errors import UsageError
from harness.training.model import TorchModel
from tests.fakes.checkpoints import save_checkpoint, save_language_model
from tests.fakes.networks import LABELS, share_right, word_order

EXAMPLES = word_order(32)
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("tiny")
    causal = {name: save_language_model(root / name, name) for name in ("llama", "gpt2")}
    return causal | {"bert": save_checkpoint(root / "bert", "bert")}


def adapted(folder: Path, **settings: Any) -> Any:
    spec: Any = resolve(str(folder))
    spec = spec.with_method(Method(way="lora"))
    usual = {"epochs": 2, "learning_rate": 1e-2, "batch_size": 8, "precision": "float32"}
    return replace(spec, recipe=spec.recipe.having(**{**usual, **settings}), recipes={})


def fit(spec: Any, session: FitSession | None = None) -> TorchModel:
    model: TorchModel = spec.build(LABELS, seed=0, device="cpu")
    model.fit(EXAMPLES, session or FitSession())
    return model


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")  # peft's own
@pytest.mark.parametrize("family", ["llama", "gpt2", "bert"])
def test_peft_reads_what_is_kept_and_predicts_the_same(tiny: dict[str, Path], tmp_path: Path, family: str) -> None:
    from peft import AutoPeftModelForSequenceClassification

    model = fit(adapted(tiny[family]))
    folder = write(tmp_path / "adapter", model.adapter)
    theirs = AutoPeftModelForSequenceClassification.from_pretrained(folder, num_labels=2, dtype=torch.float32).eval()
    network = model._network
    assert network is not None
    encoded = network.encode(EXAMPLES)
    for index, prediction in enumerate(model.predict(EXAMPLES)[:4]):
        ids = torch.from_numpy(encoded.ids[encoded.offsets[index] : encoded.offsets[index + 1]]).long()[None]
        with torch.no_grad():
            probabilities = theirs(input_ids=ids).logits[0].softmax(0)
        torch.testing.assert_close(probabilities, torch.tensor(prediction.scores), rtol=1e-4, atol=1e-5)


def test_only_the_adapter_and_the_head_are_trained(tiny: dict[str, Path], tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    model = fit(adapted(tiny["llama"], epochs=8), FitSession(checkpoint=checkpoint))
    assert share_right(model.predict(EXAMPLES), EXAMPLES) > 0.9
    layers, rank, sizes = 2, 8, [(32, 32), (32, 16), (32, 16), (32, 32), (32, 64), (32, 64), (64, 32)]
    expected = layers * rank * sum(map(sum, sizes)) + 2 * 32
    assert model.num_trainable_parameters == expected
    assert model.num_parameters == sum(t.numel() for t in load_file(tiny["llama"] / "model.safetensors").values()) + 64
    with safe_open(checkpoint, framework="pt") as file:
        kept = [name for name in file.keys() if not name.startswith("optimizer")]  # noqa: SIM118
    assert all("lora_" in name or "head" in name for name in kept), "a checkpoint holds what is trained, no more"
    config = json.loads(model.adapter["adapter_config.json"])
    assert (config["peft_type"], config["task_type"], config["modules_to_save"]) == ("LORA", "SEQ_CLS", ["score"])
    assert config["base_model_name_or_path"] == str(tiny["llama"])


def test_a_pooler_is_trained_whole(tiny: dict[str, Path]) -> None:
    assert json.loads(fit(adapted(tiny["bert"])).adapter["adapter_config.json"])["modules_to_save"] == [
        "classifier",
        "pooler",
    ]


@pytest.mark.parametrize("settings", [{}, {"lora_dropout": 0.1, "precision": "bfloat16"}])
def test_a_killed_training_goes_on_bit_for_bit(
    tiny: dict[str, Path], tmp_path: Path, settings: dict[str, object]
) -> None:
    spec, checkpoint = adapted(tiny["llama"], **settings), tmp_path / "checkpoint.safetensors"
    whole = fit(spec)

    def stop(step: int, _steps: int) -> None:
        if step == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(spec, FitSession(checkpoint=checkpoint, checkpoint_seconds=0.0, on_step=stop))
    resumed = fit(spec, FitSession(checkpoint=checkpoint))
    assert resumed.adapter == whole.adapter
    assert resumed.predict(EXAMPLES) == whole.predict(EXAMPLES)


def test_targets_that_no_module_has_are_told_before_training(tiny: dict[str, Path]) -> None:
    spec = adapted(tiny["bert"], lora_targets=("q_proj", "v_proj"))
    reason = "LoRA: no module in a layer of it is called q_proj, v_proj; there are dense, key, query, value"
    assert spec.reason_against(LABELS.output) == reason
    assert not spec.supports(LABELS.output)
    with pytest.raises(UsageError, match=r"no module in a layer of .* is called q_proj, v_proj; there are dense"):
        fit(spec)
    assert adapted(tiny["bert"], lora_targets=("query", "value")).supports(LABELS.output)


def test_the_name_and_the_recipe_say_what_it_is(tiny: dict[str, Path]) -> None:
    spec: Any = resolve(str(tiny["bert"]))
    lora = spec.with_method(Method(way="lora"))
    assert (lora.name, lora.title) == ("bert+lora", f"the checkpoint in {tiny['bert']}, adapted by LoRA")
    assert lora.recipe.optimisation.learning_rate == pytest.approx(10 * spec.recipe.optimisation.learning_rate)
    assert isinstance(lora, Pretrained)
    with pytest.raises(UsageError, match="is an encoder, which cannot continue a text"):
        spec.with_method(Method(way="prompt"))


def test_peft_is_imported_in_one_place_which_nobody_imports_at_the_top() -> None:
    files = [*ROOT.glob("baselines/**/*.py"), *ROOT.glob("harness/**/*.py")]
    sources = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}
    assert [name for name, text in sources.items() if "from peft" in text or "import peft" in text] == [
        "baselines/networks/low_rank.py"
    ]
    importing = "from baselines.networks.low_rank"
    assert all(f"\n{importing}" not in text for text in sources.values()), "it is imported on use"
