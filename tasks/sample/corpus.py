"""A corpus of articles about invented people and things, to pretrain on where there is no real one."""

from collections.abc import Iterator
from random import Random

from tasks.sample.grammar import sentence
from tasks.sample.passages import squad
from tasks.sample.sentences import sst2

VERSION = 1
NUM_ARTICLES = 2_000


def articles() -> Iterator[str]:
    """Yield articles of one to four passages, each with a few sentences of opinion; always the same ones."""
    random = Random(0)
    for _ in range(NUM_ARTICLES):
        yield "\n\n".join(_passage(random) for _ in range(random.randint(1, 4)))


def _passage(random: Random) -> str:
    context: str = squad(random)[0]["context"]
    opinions = (sentence(sst2(random)[0]["sentence"]) for _ in range(random.randint(0, 3)))
    return " ".join((context, *opinions))
