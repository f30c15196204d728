"""Passages about invented people and things, and questions on them (SQuAD, QNLI).

A passage tells the same kinds of facts of several entities, so that finding an answer of the right type is not enough.
A question that a passage leaves open asks for a fact that it gives of another entity only.
"""

import hashlib
from dataclasses import dataclass
from random import Random
from typing import Any

from tasks.sample.grammar import sentence
from tasks.sample.lexicon import phrases
from tasks.sample.topics import TOPICS, Relation

FORENAMES = {
    "she": phrases("Adela, Brigit, Cosima, Delia, Elvira, Flora, Gerda, Henrike, Ines, Johanna, Leonie, Mathilde"),
    "he": phrases("Albin, Bruno, Conrad, Desmond, Edgar, Felix, Gregor, Henrik, Ignaz, Julius, Lorenz, Magnus"),
}
ONSETS = phrases("Bar, Cor, Dal, Fen, Gar, Hol, Kel, Lan, Mar, Nor, Pel, Ros, Sel, Tor, Var, Wil, Yar, Zan")
SURNAME_ENDS = phrases("beck, dane, gard, holt, lin, mond, nick, row, sen, tner, vik, wen")
TOWN_ENDS = phrases("borough, bridge, field, ford, ham, haven, mouth, stead, ton, vale, wick, worth")
TRADES = phrases("Foods, Glass, Instruments, Motors, Paper, Shoes, Textiles, Tools, Toys")
COLOURS = phrases("Amber, Black, Crimson, Golden, Grey, Scarlet, Silver, White")
BIRDS = phrases("Falcon, Gull, Heron, Kestrel, Petrel, Raven, Swan, Tern")
FILLERS = phrases("""
    little else is on record, letters from that time have not survived, visitors still ask about it today,
    the newspapers hardly took notice, opinions differ on what came of it, a short film has been made about it,
    the archives were lost in a fire, some of this was only found out much later
""")


@dataclass(frozen=True, slots=True)
class Fact:
    """What holds of one entity."""

    name: str
    relation: Relation
    value: str

    def told(self, random: Random, subject: str) -> str:
        """Return a clause with the place of the value left open."""
        return random.choice(self.relation.told).replace("{it}", subject)

    def asked(self, random: Random) -> str:
        """Return a question."""
        return random.choice(self.relation.asked).format(name=self.name)


class _Inventor:
    """Invents names and numbers, none of them twice."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.taken: set[str] = set()

    def __call__(self, kind: str) -> str:
        """Return a value of the type ``kind``."""
        while (value := self._draw(kind)) in self.taken:
            pass
        self.taken.add(value)
        return value

    def _draw(self, kind: str) -> str:
        choice, number = self.random.choice, self.random.randrange
        if kind == "person":
            kind = choice(("she", "he"))
        match kind:
            case "she" | "he":
                parts: tuple[str, ...] = (choice(FORENAMES[kind]), " ", choice(ONSETS), choice(SURNAME_ENDS))
            case "city":
                parts = (choice(ONSETS), choice(TOWN_ENDS))
            case "company":
                parts = (choice(ONSETS), choice(SURNAME_ENDS), " ", choice(TRADES))
            case "ship":
                parts = ("the ", choice(COLOURS), " ", choice(BIRDS))
            case "year":
                parts = (str(number(1780, 1990)),)
            case _:
                parts = (str(number(110, 980)),)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that facts hold of: all its facts, of which a passage tells the first ``num_told``."""

    name: str
    pronoun: str
    facts: tuple[Fact, ...]
    num_told: int


def _entities(random: Random, count: int) -> list[Entity]:
    """Invent entities of one topic."""
    topic = random.choice(list(TOPICS))
    invent, made = _Inventor(random), []
    for _ in range(count):
        pronoun = random.choice(("she", "he")) if topic == "person" else "it"
        name = invent({"person": pronoun, "town": "city"}.get(topic, topic))
        relations = random.sample(TOPICS[topic], len(TOPICS[topic]))
        facts = tuple(Fact(name, relation, invent(relation.kind)) for relation in relations)
        made.append(Entity(name, pronoun, facts, random.randint(3, 5)))
    return made


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, and where it gives the value of each fact that it tells."""

    text: str
    starts: dict[Fact, int]
    entities: tuple[Entity, ...]


def _passage(random: Random) -> Passage:
    """Draw a passage of about 40 to 250 words."""
    entities = _entities(random, random.choice((2, 2, 3, 3, 4, 7)))
    text, starts = "", dict[Fact, int]()
    for entity in entities:
        told = list(entity.facts[: entity.num_told])
        subject = entity.name
        while told:
            facts, told = told[: (size := random.randint(1, 2))], told[size:]
            begun = f"{text} " if text else ""
            text, places = _told(random, begun, facts, subject, entity.pronoun)
            starts |= places
            subject = random.choice((entity.name, entity.pronoun, entity.pronoun))
        if random.random() < 0.4:
            text += f" {sentence(random.choice(FILLERS))}"
    return Passage(text, starts, tuple(entities))


def _told(random: Random, begun: str, facts: list[Fact], subject: str, pronoun: str) -> tuple[str, dict[Fact, int]]:
    """Return the text with one more sentence, and where the values of its facts start."""
    text, starts = begun, {}
    for position, fact in enumerate(facts):
        before, after = fact.told(random, pronoun if position else subject).split("{value}")
        text += f", and {before}" if position else sentence(before, "")
        starts[fact] = len(text)
        text += fact.value + after
    return f"{text}.", starts


def squad(random: Random) -> list[dict[str, Any]]:
    """Draw a passage and up to five questions that it answers."""
    return _questions(random, share_open=0.0)


def squad_v2(random: Random) -> list[dict[str, Any]]:
    """Draw a passage and up to five questions, a third of which it leaves open."""
    return _questions(random, share_open=1 / 3)


def _questions(random: Random, *, share_open: float) -> list[dict[str, Any]]:
    passage = _passage(random)
    given, tempting = list(passage.starts), _tempting(passage)
    rows = []
    for _ in range(5):
        source = tempting if tempting and random.random() < share_open else given
        fact = source.pop(random.randrange(len(source)))
        start = passage.starts.get(fact)
        asked = fact.asked(random)
        rows.append({
            "id": hashlib.sha256(f"{passage.text}\n{asked}".encode()).hexdigest()[:24],
            "title": sentence(passage.entities[0].name, ""),
            "context": passage.text,
            "question": asked,
            "answers": {
                "text": [] if start is None else [fact.value],
                "answer_start": [] if start is None else [start],
            },
        })  # fmt: skip
    return rows


def _tempting(passage: Passage) -> list[Fact]:
    """Return the facts that the passage leaves out of one entity and tells of another."""
    told = {fact.relation for fact in passage.starts}
    facts = (fact for entity in passage.entities for fact in entity.facts[entity.num_told :])
    return [fact for fact in facts if fact.relation in told]


def qnli(random: Random) -> list[dict[str, Any]]:
    """Draw a question, and a sentence on two facts, one of which answers it or nearly does."""
    asked, other = _entities(random, 2)
    fact, aside = random.sample(asked.facts, 2)
    twin, far = (_of(other, relation) for relation in (fact.relation, aside.relation))
    label = random.randrange(2)
    told = random.choice(((aside, twin), (twin, far)) if label else ((fact, far), (fact, aside), (fact, twin)))
    clauses = [each.told(random, each.name).format(value=each.value) for each in random.sample(told, 2)]
    text = sentence(random.choice((" and ", ", while ")).join(clauses))
    return [{"question": fact.asked(random), "sentence": text, "label": label}]


def _of(entity: Entity, relation: Relation) -> Fact:
    return next(fact for fact in entity.facts if fact.relation == relation)
