import shutil
from pathlib import Path

import pytest

from tests.fakes.checkpoints import save_checkpoint


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT with its tokenizer, not to be changed."""
    return save_checkpoint(tmp_path_factory.mktemp("saved") / "bert", "bert")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(saved, tmp_path / "bert"))
