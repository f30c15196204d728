"""Tiny causal checkpoints with room for a prompt, made once."""

from pathlib import Path

import pytest

from tests.fakes.checkpoints import save_language_model

POSITIONS = {"llama": "max_position_embeddings", "gpt2": "n_positions"}
CHAT_TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>\n{% endif %}"
)


@pytest.fixture(scope="session")
def causal_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return folders by model type; none of them is to be changed."""
    root = tmp_path_factory.mktemp("causal")
    return {
        model_type: save_language_model(
            root / f"tiny-{model_type}", model_type, **{POSITIONS[model_type]: 700} if model_type in POSITIONS else {}
        )
        for model_type in ("llama", "gpt2", "mamba")
    }


@pytest.fixture(scope="session")
def chat_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a checkpoint with a chat template."""
    folder = save_language_model(tmp_path_factory.mktemp("chat") / "tiny", "llama", max_position_embeddings=700)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    return folder
