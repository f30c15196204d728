"""A corpus of articles and reviews, to pretrain on where there is no real one."""

from collections.abc import Iterator
from random import Random

from tasks.sample.documents import article, review

VERSION = 1
NUM_DOCUMENTS = 4_000


def documents() -> Iterator[str]:
    """Yield articles about invented people and things, and reviews in between; always the same ones."""
    random = Random(0)
    for number in range(NUM_DOCUMENTS):
        yield review(random) if number % 2 else article(random)
