"""The chat template of a checkpoint: how the turns of a conversation were put into text when it was trained."""

from pathlib import Path

from baselines.checkpoints.files import CHAT_TEMPLATE, read_object

SETTINGS = "tokenizer_config.json"


def chat_template(folder: Path) -> str | None:
    """Return the template in a checkpoint's folder: a file of its own, or a part of the tokenizer's settings.

    Of several that the settings name it is the one called ``default``; ``None`` where there is none.
    """
    if (folder / CHAT_TEMPLATE).is_file():
        return (folder / CHAT_TEMPLATE).read_text(encoding="utf-8")
    held = read_object(folder / SETTINGS).get("chat_template") if (folder / SETTINGS).is_file() else None
    if isinstance(held, list):
        held = {each.get("name"): each.get("template") for each in held if isinstance(each, dict)}.get("default")
    return held if isinstance(held, str) else None
