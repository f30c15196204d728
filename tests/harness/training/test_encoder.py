"""An encoder on disk: what comes back is what was trained, into a head that stays fresh, or nothing and one line."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from harness import Classification, Example, FitSession, Recipe
from harness.api.model import Start
from harness.errors import TrainingError
from harness.training.encoder import load_encoder, save_encoder
from harness.training.model import TorchModel
from tests.fakes.toy import RECIPE, TOY, TOY_TOO, WordsNetwork, read, rows

THREE = Classification(labels=("no", "maybe", "yes"))


def network(seed: int, output: Classification = THREE) -> WordsNetwork:
    torch.manual_seed(seed)
    return WordsNetwork(output, 0.0)


def test_the_encoder_comes_back_and_the_head_stays(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_encoder(path, network(0))
    loaded, fresh = network(1, TOY.output), network(1, TOY.output)
    load_encoder(path, loaded)
    expected = {f"encoder.{name}": tensor for name, tensor in network(0).encoder.state_dict().items()}
    found = {f"encoder.{name}": tensor for name, tensor in loaded.encoder.state_dict().items()}
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)
    assert torch.equal(loaded.module.head.weight, fresh.module.head.weight)
    assert not any("head" in name for name in load_file(path))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def shrink(path: Path) -> None:
    other = network(0)
    other.encoder = torch.nn.ModuleList([other.module.words])
    save_encoder(path, other)


HARMS: dict[str, tuple[Callable[[Path], None], str]] = {
    "flipped": (flip, "its checksum does not fit"),
    "gone": (Path.unlink, "No such file"),
    "of another encoder": (shrink, "they are of another encoder"),
}


@pytest.mark.parametrize(("harm", "reason"), HARMS.values(), ids=HARMS)
def test_what_is_no_such_encoder_is_one_line(tmp_path: Path, harm: Callable[[Path], None], reason: str) -> None:
    path = tmp_path / "weights.safetensors"
    save_encoder(path, network(0))
    harm(path)
    loaded = network(1)
    with pytest.raises(TrainingError, match=f"the weights to begin with, .*, cannot be taken up: .*{reason}") as error:
        load_encoder(path, loaded)
    assert "\n" not in str(error.value)
    assert all(map(torch.equal, loaded.module.parameters(), network(1).module.parameters()))


EXAMPLES = [read({**row, "idx": idx}) for idx, row in enumerate(rows("train", 0))]
OTHERS = [read({**row, "idx": idx}) for idx, row in enumerate(rows("train", 1))]


def model(seen: list[Sequence[Example]] | None = None, recipe: Recipe = RECIPE) -> TorchModel:
    def make_network(train: Sequence[Example]) -> WordsNetwork:
        if seen is not None:
            seen.append(train)
        return WordsNetwork(TOY_TOO.output, 0.0)

    return TorchModel(make_network, output=TOY_TOO.output, recipe=recipe, seed=3, device="cpu")


class StoppedError(Exception):
    """Planted."""


def test_a_training_begins_with_it_and_resumes_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    model().fit(EXAMPLES, FitSession(weights=path))
    session = FitSession(start=Start(weights=path, train=EXAMPLES), checkpoint_seconds=0.0)
    seen: list[Sequence[Example]] = []
    whole, resumed = model(seen), model()
    expected = whole.fit(OTHERS, session)
    assert seen == [EXAMPLES], "a vocabulary is made of the texts that the encoder knows"
    assert expected.losses[0] != model().fit(OTHERS, FitSession()).losses[0]

    def stop(step: int, steps: int) -> None:
        if step == 5:
            raise StoppedError

    kept = replace(session, checkpoint=tmp_path / "checkpoint.safetensors")
    with pytest.raises(StoppedError):
        model().fit(OTHERS, replace(kept, on_step=stop))
    assert resumed.fit(OTHERS, kept).losses == expected.losses
    assert resumed.predict(EXAMPLES) == whole.predict(EXAMPLES)


def test_what_is_trained_in_bfloat16_is_kept_in_float32(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    model(recipe=RECIPE.having(precision="bfloat16")).fit(EXAMPLES, FitSession(weights=path))
    held = load_file(path)
    assert {tensor.dtype for tensor in held.values()} == {torch.float32}
    assert any(not torch.equal(tensor, tensor.bfloat16().float()) for tensor in held.values())
