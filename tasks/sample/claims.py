"""Claims: a sentence, others that it implies, leaves open or denies, made of the same words.

They are what the paraphrase tasks and the inference tasks have in common.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tasks.sample.grammar import active, participle, passive, past, sentence
from tasks.sample.lexicon import HANDLING_VERBS, OBJECTS, PLACES, TIMES, Genre, Word, with_synonyms


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence and what it says of others. ``same`` it implies and is implied by."""

    text: str
    same: tuple[str, ...]
    neutral: tuple[str, ...]
    contrary: tuple[str, ...]

    def others(self, label: int) -> list[str]:
        """Return the sentences that it implies (0), leaves open (1) or denies (2), but for itself."""
        return [other for other in (self.same, self.neutral, self.contrary)[label] if other != self.text]


def two(random: Random, table: tuple[Word, ...]) -> tuple[str, str]:
    """Draw two different words."""
    first, second = random.sample(table, 2)
    return first.text, second.text


def told(random: Random, clause: str, *adjuncts: str) -> str:
    """Return the clause with its adjuncts behind it, or the last of them in front."""
    *inner, last = adjuncts
    if random.random() < 0.4:
        return sentence(f"{last}, {' '.join([clause, *inner])}")
    return sentence(" ".join([clause, *adjuncts]))


def role(random: Random, genre: Genre) -> Claim:
    """Who did something to whom, where and when."""
    agent, patient = two(random, genre.nouns)
    verb, place, time = random.choice(genre.verbs), random.choice(genre.places), random.choice(TIMES)

    def retold(clause: str) -> str:
        return told(random, clause, place.reworded(random), time.reworded(random))

    later = random.choice([other for other in TIMES if other.kind != time.kind]).text
    elsewhere = random.choice([other for other in genre.places if other.kind != place.kind]).text
    did = random.choice([other for other in genre.verbs if other != verb]).text
    return Claim(
        text=told(random, active(agent, verb.text, patient), place.text, time.text),
        same=(
            retold(passive(agent, verb.reworded(random), patient)),
            retold(passive(agent, verb.text, patient)),
            retold(active(agent, verb.reworded(random), patient)),
            retold(f"it was the {agent} that {past(verb.text)} the {patient}"),
        ),
        neutral=(
            retold(active(patient, verb.text, agent)),
            retold(passive(patient, verb.reworded(random), agent)),
            told(random, passive(agent, verb.text, patient), place.text, later),
            told(random, active(agent, verb.text, patient), elsewhere, time.text),
            retold(active(agent, did, patient)),
            retold(f"it was the {patient} that {past(verb.text)} the {agent}"),
            retold(f"the {agent} did not {did} the {patient}"),
            retold(f"nobody {past(did)} the {patient}"),
        ),
        contrary=(
            retold(f"the {agent} did not {verb.text} the {patient}"),
            retold(f"the {patient} was not {participle(verb.text)} by anyone"),
            retold(f"nobody {past(verb.reworded(random))} the {patient}"),
        ),
    )


def handling(random: Random, genre: Genre) -> Claim:
    """What someone did with a thing, and where: the same in other words, or with one word for another."""
    who, tables = random.choice(genre.nouns).text, [with_synonyms(table) for table in (HANDLING_VERBS, OBJECTS, PLACES)]
    told_words = [random.choice(table) for table in tables]

    def retold(*changed: int) -> str:
        heard = list(told_words)
        for slot in changed:
            heard[slot] = random.choice([word for word in tables[slot] if word != told_words[slot]])
        verb, thing, place = (word.reworded(random) for word in heard)
        return told(random, random.choice((active, passive))(who, verb, thing), place)

    verb, thing, place = (word.text for word in told_words)
    return Claim(
        text=told(random, active(who, verb, thing), place),
        same=(retold(), retold(), retold()),
        neutral=(retold(0), retold(1), retold(0, 1), retold(0, 2), retold(1, 2)),
        contrary=(),
    )


_CONVERSES = (
    ("sold {x} to {b}", "bought {x} from {a}"),
    ("lent {x} to {b}", "borrowed {x} from {a}"),
    ("gave {x} to {b}", "got {x} from {a}"),
    ("handed {x} over to {b}", "received {x} from {a}"),
)


def transfer(random: Random, genre: Genre) -> Claim:
    """A thing that changes hands, told from either side."""
    names = [f"the {name}" for name in two(random, genre.nouns)]
    thing, when = f"the {random.choice(OBJECTS).text}", random.choice(TIMES)

    def retold(giver: str, taker: str, side: int, negation: str = "") -> str:
        subject = (giver, taker)[side]
        deed = _CONVERSES[kind][side].format(x=thing, a=giver, b=taker)
        return told(random, f"{negation or subject} {deed}", when.reworded(random))

    kind, side = random.randrange(len(_CONVERSES)), random.randrange(2)
    giver, taker = names
    return Claim(
        text=retold(giver, taker, side),
        same=(retold(giver, taker, 1 - side), retold(giver, taker, 1 - side), retold(giver, taker, side)),
        neutral=(retold(taker, giver, 1 - side), retold(taker, giver, side)),
        contrary=(retold(giver, taker, side, "nobody"), retold(giver, taker, 1 - side, "nobody")),
    )


def comparison(random: Random, genre: Genre) -> Claim:
    """Which of two has more of a quality."""
    first, second = (f"the {name}" for name in two(random, genre.nouns))
    more, less = random.sample(random.choice(genre.scales), 2)
    off, _ = random.choice([scale for scale in genre.scales if more not in scale])
    much = random.choice(("", "much ", "a little "))
    return Claim(
        text=sentence(f"{first} is {much}{more} than {second}"),
        same=(
            sentence(f"{second} is {much}{less} than {first}"),
            sentence(f"compared with {first}, {second} is {much}{less}"),
        ),
        neutral=(
            sentence(f"{second} is {much}{off} than {first}"),
            sentence(f"compared with {first}, {second} is {much}{off}"),
        ),
        contrary=(
            sentence(f"{second} is {much}{more} than {first}"),
            sentence(f"{first} is {much}{less} than {second}"),
            sentence(f"compared with {first}, {second} is {much}{more}"),
        ),
    )


def succession(random: Random, genre: Genre) -> Claim:
    """Which of two events came first."""
    (first, second), (deed, next_deed) = two(random, genre.nouns), random.sample(genre.events, 2)
    early, late = f"the {first} {past(deed)}", f"the {second} {past(next_deed)}"
    swapped_early, swapped_late = f"the {second} {past(deed)}", f"the {first} {past(next_deed)}"
    return Claim(
        text=random.choice((sentence(f"{early} before {late}"), sentence(f"after {early}, {late}"))),
        same=(
            sentence(f"{late} after {early}"),
            sentence(f"before {late}, {early}"),
            sentence(f"first {early}, and then {late}"),
        ),
        neutral=(
            sentence(f"{swapped_late} after {swapped_early}"),
            sentence(f"before {swapped_late}, {swapped_early}"),
        ),
        contrary=(
            sentence(f"{early} after {late}"),
            sentence(f"before {early}, {late}"),
            sentence(f"first {late}, and then {early}"),
        ),
    )


Build = Callable[[Random, Genre], Claim]
