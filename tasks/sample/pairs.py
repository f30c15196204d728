"""Two sentences or questions: the same meaning or not (MRPC, QQP), or how much of it (STS-B)."""

from collections.abc import Callable
from random import Random
from typing import Any

from tasks.sample.claims import comparison, handling, role, succession, told, transfer, two
from tasks.sample.grammar import a, participle, passive, past, progressive, question
from tasks.sample.lexicon import (
    AIMS,
    HANDLING_VERBS,
    OBJECTS,
    PEOPLE,
    PLACES,
    SOCIAL_VERBS,
    TIMES,
    TOWN,
    Word,
    phrases,
    with_synonyms,
)

_CLAIMS = (role, role, handling, handling, handling, transfer, comparison, succession)

_NEGATION = {"nobody", "not"}  # a paraphrase has none, so that it would give the answer away


def mrpc(random: Random) -> list[dict[str, Any]]:
    """Draw two sentences; 62 of 100 pairs say the same."""
    claim = random.choice(_CLAIMS)(random, TOWN)
    label = int(random.random() < 0.62)
    different = [other for other in claim.others(1) + claim.others(2) if not _NEGATION & set(other.lower().split())]
    second = random.choice(claim.others(0) if label else different)
    return [{"sentence1": claim.text, "sentence2": second, "label": label}]


CITIES = phrases("Lisbon, Oslo, Prague, Athens, Dublin, Vienna, Naples, Cairo, Lima, Quito, Osaka, Bergen")
SKILLS = phrases("chess, Greek, algebra, juggling, pottery, Arabic, sailing, the piano, fencing, Latin, the cello")
HABITS = phrases("eat, swim, sleep, run, drink coffee, take a bath, stretch, drive, study, take aspirin, sing")
GROUPS = phrases("vegetarians, smokers, teachers, cyclists, twins, chess players, homeowners, pilots, immigrants")
Asked = tuple[str, tuple[str, ...], tuple[str, ...]]
"""A question, others that ask the same, and others that do not."""


def qqp(random: Random) -> list[dict[str, Any]]:
    """Draw two questions; 40 of 100 pairs ask the same."""
    text, same, different = random.choice(_QUESTIONS)(random)
    label = int(random.random() < 0.4)
    second = random.choice(same if label else different)
    return [{"question1": question(text), "question2": question(second), "label": label}]


def _journey(random: Random) -> Asked:
    start, end = random.sample(CITIES, 2)

    def ways(start: str, end: str) -> tuple[str, ...]:
        return (
            f"how do I get from {start} to {end}",
            f"what is the best way to reach {end} from {start}",
            f"how can I travel to {end} if I am in {start}",
        )

    text, *same = random.sample(ways(start, end), 3)
    return text, tuple(same), (*ways(end, start), f"how far is it from {start} to {end}")


def _reason(random: Random) -> Asked:
    (agent, patient), verb = two(random, PEOPLE), random.choice(SOCIAL_VERBS).text

    def whys(agent: str, patient: str) -> tuple[str, ...]:
        return (
            f"why did the {agent} {verb} the {patient}",
            f"what made the {agent} {verb} the {patient}",
            f"for what reason {_fronted(passive(agent, verb, patient))}",
        )

    text, *same = random.sample(whys(agent, patient), 3)
    return text, tuple(same), (*whys(patient, agent), f"where did the {agent} {verb} the {patient}")


def _fronted(clause: str) -> str:
    """Return ``the judge was called by the poet`` as a question has it: ``was the judge called by the poet``."""
    subject, rest = clause.split(" was ", 1)
    return f"was {subject} {rest}"


def _difficulty(random: Random) -> Asked:
    first, second = random.sample(SKILLS, 2)
    more, less = random.choice((("harder", "easier"), ("easier", "harder")))
    same = (f"is {second} {less} to learn than {first}", f"is it {more} to learn {first} than to learn {second}")
    different = (
        f"is {second} {more} to learn than {first}",
        f"is {first} {less} to learn than {second}",
        f"is it {less} to learn {first} than to learn {second}",
    )
    return f"is {first} {more} to learn than {second}", same, different


def _habit(random: Random) -> Asked:
    first, second = random.sample(HABITS, 2)
    one, other = progressive(first), progressive(second)
    same = (f"is {one} before {other} harmful", f"does it do harm to {first} before {other}")
    different = (
        f"is {other} before {one} harmful",
        f"is it bad to {first} after {other}",
        f"does it do harm to {second} before {one}",
    )
    return f"is it bad to {first} before {other}", same, different


def _share(random: Random) -> Asked:
    first, second = random.sample(GROUPS, 2)
    same = (f"what share of {first} are {second}", f"how many {first} in a hundred are {second}")
    different = (f"what share of {second} are {first}", f"how many {second} in a hundred are {first}")
    return f"what percentage of {first} are {second}", same, different


def _aim(random: Random) -> Asked:
    aim = random.choice(AIMS)

    def ways(deed: str) -> tuple[str, ...]:
        return (
            f"how can I {deed}",
            f"what is the best way to {deed}",
            f"what should I do to {deed}",
            f"what helps one {deed}",
        )

    text, *same = random.sample(ways(aim.text), 4)
    different = (
        *ways(aim.opposite),
        *ways(random.choice(AIMS).opposite),
        f"how long does it take to {aim.text}",
        f"why do people {aim.synonym.replace('my', 'their')}",
        f"is it legal to {aim.text}",
        f"who would want to {aim.synonym}",
    )
    return text, (*same, *ways(aim.synonym)), different


_QUESTIONS: tuple[Callable[[Random], Asked], ...] = (_aim, _aim, _aim, _journey, _reason, _difficulty, _habit, _share)


_SETTING = (with_synonyms(PLACES), with_synonyms(TIMES))
_SOCIAL_SCENE = (PEOPLE, with_synonyms(SOCIAL_VERBS), PEOPLE, *_SETTING)
_HANDLING_SCENE = (PEOPLE, with_synonyms(HANDLING_VERBS), with_synonyms(OBJECTS), *_SETTING)


def stsb(random: Random) -> list[dict[str, Any]]:
    """Draw two captions. Agent, action, object, place and time each count a point where they agree."""
    social = random.random() < 0.4
    tables = _SOCIAL_SCENE if social else _HANDLING_SCENE
    first = [random.choice(table) for table in tables]
    changed = set(random.sample(range(len(tables)), random.choice((0, 1, 1, 2, 2, 3, 3, 4, 4, 5))))
    second, points = [], []
    for index, (word, table) in enumerate(zip(first, tables, strict=True)):
        text, agreement = _unlike(random, word, table) if index in changed else _like(random, word)
        second.append(text)
        points.append(agreement)
    if social and random.random() < 0.4:  # who did it to whom: the same words, but neither agrees
        second[0], second[2] = second[2], second[0]
        points[0] = points[2] = 0.0
    captions = _caption(random, [word.text for word in first]), _caption(random, second)
    return [{"sentence1": captions[0], "sentence2": captions[1], "label": sum(points)}]


def _like(random: Random, word: Word) -> tuple[str, float]:
    """Return the word or, three times as often, its synonym, and that it agrees in full."""
    return random.choice((word.text, *[word.synonym or word.text] * 3)), 1.0


def _unlike(random: Random, word: Word, table: tuple[Word, ...]) -> tuple[str, float]:
    """Return another word for the slot, and how far it agrees: a hypernym by half."""
    if word.kind and random.random() < 0.4:
        return word.kind, 0.5
    others = [other for other in table if other.text != word.text and not (word.kind and other.kind == word.kind)]
    return random.choice(others).text, 0.0


def _caption(random: Random, parts: list[str]) -> str:
    who, verb, what, place, time = parts
    clauses = (f"{a(who)} {past(verb)} {a(what)}", f"{a(what)} was {participle(verb)} by {a(who)}")
    return told(random, random.choice(clauses), place, time)
