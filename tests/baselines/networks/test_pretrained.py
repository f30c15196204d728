"""Whatever is wrong with a checkpoint's files, there is a network or one line: nothing else is raised."""

import json
import random
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from baselines.networks.pretrained import load_network
from baselines.pretrained import resolve
from harness.api.example import Example
from harness.api.output import Classification
from harness.api.recipe import Encoding
from harness.errors import HarnessError
from tests.fakes.checkpoints import save_checkpoint

FAMILIES = ("bert", "roberta", "albert", "deberta-v3", "modernbert")
VALUES: tuple[Any, ...] = (None, True, -1, 0, 1, 7, 10**9, 10**30, 1.5, "", "x", "\x1b[2J", [], [0], {}, {"a": 1})
NUM_MUTATIONS = 12


def mutated(text: str, random_: random.Random) -> str:
    """Return JSON with one value, key or character changed."""
    if random_.random() < 0.2:
        at = random_.randrange(len(text))
        return text[:at] + chr(random_.randrange(1, 256)) + text[at + random_.randrange(3) :]
    document = json.loads(text)
    places: list[tuple[Any, Any]] = []
    pending = [document]
    while pending:
        held = pending.pop()
        items = list(held.items() if isinstance(held, dict) else enumerate(held))
        places += [(held, key) for key, _ in random_.sample(items, min(len(items), 12))]
        pending += [value for _, value in items if isinstance(value, dict | list)][:40]
    holder, key = random_.choice(places)
    if random_.random() < 0.25:
        del holder[key]
    else:
        holder[key] = random_.choice(VALUES)
    return json.dumps(document)


def mutate(folder: Path, random_: random.Random) -> str:
    """Damage one file of a checkpoint, and return its name."""
    name = random_.choice(("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"))
    path = folder / name
    if name == "model.safetensors":
        raw = path.read_bytes()
        length = struct.unpack("<Q", raw[:8])[0]
        header = mutated(raw[8 : 8 + length].decode(), random_).encode()
        path.write_bytes(struct.pack("<Q", len(header)) + header + raw[8 + length :])
    else:
        path.write_text(mutated(path.read_text(), random_), encoding="utf-8")
    return name


def outcome(folder: Path) -> str:
    """Return what is said of a checkpoint; empty where it can be used."""
    try:
        spec = resolve(str(folder))
        assert spec is not None
        network = load_network(spec.checkpoint.folder(), output=Classification(labels=("a", "b")), encoding=Encoding())
        assert len(network.encode([Example(id="0", text="the red engine", pair="ß 漢")])) == 1
    except HarnessError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("family", FAMILIES)
def test_a_damaged_checkpoint_is_a_network_or_one_line(tmp_path: Path, family: str) -> None:
    check(tmp_path, family, seeds=range(NUM_MUTATIONS))


def test_what_only_a_forward_pass_looks_up_is_said_when_loading(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "model", "deberta-v3")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"pooler_hidden_act": "wavy"}))
    assert outcome(folder) == f"the checkpoint {folder} cannot be loaded: KeyError: 'wavy'."


def check(root: Path, family: str, *, seeds: range, tell: Callable[[str], object] = len) -> None:
    whole = save_checkpoint(root / "whole", family)
    assert outcome(whole) == ""
    for seed in seeds:
        folder = Path(shutil.copytree(whole, root / f"damaged-{seed}"))
        name = mutate(folder, random.Random(f"{family} {seed}"))
        said = outcome(folder)
        assert said.isprintable(), (seed, name)
        assert len(said.replace(str(root), "")) < 1_000, (seed, name)
        tell(f"{family} {seed} {name}: {said or 'works'}")
        shutil.rmtree(folder)
