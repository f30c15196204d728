"""Documents that describe invented people, towns and companies, and reviews of films that were never made."""

from random import Random

from tasks.sample.grammar import sentence
from tasks.sample.passages import squad
from tasks.sample.sentences import sst2


def article(random: Random) -> str:
    """Draw an article of two to six paragraphs."""
    return "\n\n".join(squad(random)[0]["context"] for _ in range(random.randint(2, 6))) + "\n"


def review(random: Random) -> str:
    """Draw a review of four to twelve sentences."""
    return " ".join(sentence(sst2(random)[0]["sentence"]) for _ in range(random.randint(4, 12))) + "\n"
