"""An adapter's folder as a model: its base is named and found, or one line says what is wrong."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from baselines.checkpoints.adapted import Adapted, is_adapter, open_adapter
from baselines.pretrained import resolve
from harness.errors import UsageError
from tests.fakes.checkpoints import change_json, save_checkpoint

MODULE = "base_model.model.bert.encoder.layer.0.attention.self.query"
CONFIG = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "task_type": "SEQ_CLS", "target_modules": ["query"]}


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """An adapter beside its base, which it names by a path relative to its own folder."""
    save_checkpoint(tmp_path / "base", "bert")
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG | {"base_model_name_or_path": "../base"}))
    matrices = {f"{MODULE}.lora_A.weight": torch.ones(2, 32), f"{MODULE}.lora_B.weight": torch.ones(32, 2)}
    save_file(matrices, folder / "adapter_model.safetensors")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(UsageError) as raised:
        resolve(str(folder))
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_its_base_is_found_and_both_are_its_identity(adapter: Path, tmp_path: Path) -> None:
    spec = resolve(str(adapter))
    assert spec is not None
    assert isinstance(spec.checkpoint, Adapted)
    assert (spec.name, spec.title) == ("adapter", f"the adapter in {adapter} and its base")
    identity = spec.checkpoint.identity()
    bare = resolve(str(tmp_path / "base"))
    assert bare is not None
    assert identity.startswith(bare.checkpoint.identity())
    assert spec.checkpoint.folder() == (tmp_path / "base").resolve()
    change_json(adapter / "adapter_config.json", lora_alpha=8)
    with pytest.raises(UsageError, match="has changed since the run began"):
        spec.checkpoint.folder()
    assert open_adapter(adapter).identity() != identity


@pytest.mark.parametrize("named", ["nowhere/at-all", "../gone", None])
def test_an_adapter_without_its_base_is_one_line(
    adapter: Path, named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    change_json(adapter / "adapter_config.json", base_model_name_or_path=named)
    said = refused(adapter)
    assert ("is an adapter without its base" if named else "names no base_model_name_or_path") in said


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"peft_type": "IA3"}, "its peft_type is IA3; expected LORA"),
        ({"use_dora": True}, "use_dora is not supported"),
        ({"rank_pattern": {"query": 4}}, "rank_pattern is not supported"),
        ({"bias": "all"}, "no bias that is trained"),
        ({"r": 0}, "expected positive numbers r and lora_alpha"),
    ],
)
def test_what_cannot_be_merged_is_refused(adapter: Path, changes: dict[str, object], told: str) -> None:
    change_json(adapter / "adapter_config.json", **changes)
    assert told in refused(adapter)


def test_files_that_lack_or_hold_nothing_are_refused(adapter: Path) -> None:
    save_file({"a": torch.ones(1)}, adapter / "adapter_model.safetensors")
    assert "holds no low-rank matrices" in refused(adapter)
    (adapter / "adapter_model.safetensors").unlink()
    assert "has no adapter_model.safetensors beside its adapter_config.json" in refused(adapter)


def test_an_adapter_in_the_folder_of_a_checkpoint_is_refused(adapter: Path, tmp_path: Path) -> None:
    both = Path(shutil.copytree(tmp_path / "base", tmp_path / "both"))
    shutil.copy(adapter / "adapter_config.json", both)
    assert not is_adapter(both)
    assert "give a folder that holds nothing but adapter_config.json and adapter_model.safetensors" in refused(both)
