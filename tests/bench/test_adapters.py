"""The comparison of LoRA with Trainer and peft, so small that it says nothing about speed: that both sides work."""

from pathlib import Path
from typing import Any

import pytest

from tests.bench.against_trainer import adapters, children
from tests.fakes.checkpoints import save_language_model


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")  # of peft and Trainer
def test_both_sides_take_the_same_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = str(save_language_model(tmp_path / "llama", "llama"))

    def call(_module: str, work: str, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = getattr(adapters, work)(**options)
        return {**found, "peak_memory_bytes": 2**21}

    monkeypatch.setattr(children, "call", call)
    rows = [line.split("|")[1:-1] for line in adapters.compare(model, steps=2, batch_size=2).splitlines()[2:]]
    assert [row[0].strip() for row in rows] == ["whole", "lora"]
    assert all(float(cell.replace(",", "")) > 0 for row in rows for cell in row[1:7])
