"""Small corpora that tests make themselves, and a model as small as can be to pretrain on them."""

from pathlib import Path
from random import Random

from baselines.transformer import TransformerSpec
from harness.api.recipe import Optimisation, Recipe
from harness.data.corpus import Corpus
from harness.pretraining.options import PretrainingOptions

SPEC = TransformerSpec(
    name="toy", num_layers=2, width=32, num_heads=2, recipe=Recipe(optimisation=Optimisation(learning_rate=1e-2))
)
NAMES = ("the", "a", "red", "green", "old", "new", "cat", "dog", "bird", "fish")
VERBS, PLACES = ("sees", "hears", "likes"), ("near", "behind", "under")


class Quiet:
    """Hears how far a pretraining is; ``stop_at`` a step it raises what Ctrl-C would."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.stop_at = stop_at
        self.stages: list[str] = []
        self.steps: list[int] = []
        self.losses: list[float] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)

    def step(self, step: int, num_steps: int, *, tokens: int) -> None:
        self.steps.append(step)
        if step == self.stop_at:
            raise KeyboardInterrupt

    def evaluated(self, loss: float, bits_per_byte: float) -> None:
        self.losses.append(loss)


def text(num_documents: int = 120, seed: int = 0) -> str:
    """Return documents of a few sentences, in which words follow one another by rules, with blank lines between."""
    random = Random(seed)

    def sentence() -> str:
        first, second = (" ".join(random.choice(NAMES[at : at + 2]) for at in (0, 2, 6)) for _ in range(2))
        return f"{first} {random.choice(VERBS)} {second} {random.choice(PLACES)} it.".capitalize()

    return "\n\n".join(" ".join(sentence() for _ in range(random.randint(2, 8))) for _ in range(num_documents))


def corpus(folder: Path, content: str | None = None) -> Corpus:
    """Write a corpus of one file, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "corpus.txt"
    path.write_text(text() if content is None else content, encoding="utf-8")
    return Corpus(kind="files", files=(path,), note="the file corpus.txt")


def options(objective: str = "clm", **changes: object) -> PretrainingOptions:
    """Return options of a pretraining that takes a moment."""
    asked: dict[str, object] = {
        "objective": objective,
        "tokens": 12_000,
        "length": 32,
        "batch_size": 16,
        "learning_rate": 1e-2,
        "tokenizer": "wordpiece" if objective == "mlm" else "bpe",
        "vocabulary_size": 320,
    }
    return PretrainingOptions(**(asked | changes))  # type: ignore[arg-type]
