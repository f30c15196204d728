"""One sentence: grammatical or not (CoLA), in favour or against (SST-2).

Both are made of minimal pairs, so that a word rarely says which label it stands with.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tasks.sample.grammar import a, participle, past, plural, progressive, sentence, third
from tasks.sample.lexicon import HANDLING_VERBS, OBJECTS, PEOPLE, PLACES, SOCIAL_VERBS, Word, phrases

Minimal = tuple[str, str, str]
"""A frame with a hole ``{}``, what rightly fills it, and what wrongly does."""

MEN = phrases("man, boy, king, uncle, brother, prince, father")
WOMEN = phrases("woman, girl, queen, aunt, sister, princess, mother")
QUALITIES = phrases("old, new, heavy, expensive, dirty, broken, famous, ugly")
COLOURS = phrases("red, green, black, white, yellow, brown")
IDLE = phrases("sleep, laugh, smile, cough, arrive, wait, fall, sneeze, yawn, shiver")
HUNGRY_VERBS = phrases("devour, lock, avoid, enjoy, need, admire, mention, discuss")
LOCATIONS = phrases("near, behind, beside, next to, under")


def cola(random: Random) -> list[dict[str, Any]]:
    """Draw a sentence; 60 of 100 are acceptable."""
    frame, right, wrong = random.choice(_GRAMMAR)(random)
    label = int(random.random() < 0.6)
    return [{"sentence": sentence(frame.format(right if label else wrong)), "label": label}]


def _texts(random: Random, table: tuple[Word, ...], count: int) -> list[str]:
    return [word.text for word in random.sample(table, count)]


def _copula(random: Random, one: bool) -> tuple[str, str]:
    """Return the form of *to be* that agrees, and the one that does not."""
    forms = random.choice((("is", "are"), ("was", "were"), ("has been", "have been")))
    return forms if one else (forms[1], forms[0])


def _number(random: Random, noun: str) -> tuple[str, bool]:
    """Return the noun in one number, and whether that is the singular."""
    return random.choice(((noun, True), (plural(noun), False)))


def _subject_verb(random: Random) -> Minimal:
    (noun,), verb = _texts(random, PEOPLE, 1), random.choice(IDLE)
    subject, one = _number(random, noun)
    forms = (third(verb), verb) if one else (verb, third(verb))
    often = random.choice(("often ", "always ", "rarely ", ""))
    return f"{random.choice(('the', 'our'))} {subject} {often}{{}} {random.choice(PLACES).text}", *forms


def _attractor(random: Random) -> Minimal:
    head, other = _texts(random, OBJECTS, 2)
    subject, one = _number(random, head)
    near, _ = _number(random, other)
    where = f"{random.choice(LOCATIONS)} the {near}"
    return f"the {subject} {where} {{}} {random.choice(QUALITIES)}", *_copula(random, one)


def _relative_clause(random: Random) -> Minimal:
    head, other = _texts(random, PEOPLE, 2)
    (subject, one), (rival, _) = _number(random, head), _number(random, other)
    clause = f"who the {rival} {past(random.choice(SOCIAL_VERBS).text)}"
    return f"the {subject} {clause} {{}} {random.choice(('late', 'tired', 'rich', 'angry', 'ill'))}", *_copula(
        random, one
    )


def _coordination(random: Random) -> Minimal:
    first, second = _texts(random, PEOPLE, 2)
    both = random.random() < 0.5
    subject = f"the {first} and the {second}" if both else f"the {first}, not the {second},"
    return f"{subject} {{}} {random.choice(('late', 'tired', 'here', 'angry'))}", *_copula(random, not both)


def _existential(random: Random) -> Minimal:
    thing, other = _texts(random, OBJECTS, 2)
    subject, one = _number(random, thing)
    first = a(thing) if one else f"{random.choice(('two', 'three', 'many'))} {subject}"
    return f"there {{}} {first} {random.choice(LOCATIONS)} the {random.choice((other, plural(other)))}", *_copula(
        random, one
    )


def _determiner(random: Random) -> Minimal:
    (noun,), (person,) = _texts(random, OBJECTS, 1), _texts(random, PEOPLE, 1)
    one = random.random() < 0.5
    word = random.choice(("this", "each", "that", "every") if one else ("these", "several", "those", "many"))
    verb = past(random.choice(HANDLING_VERBS).text)
    forms = (noun, plural(noun)) if one else (plural(noun), noun)
    return f"the {person} {verb} {word} {random.choice(COLOURS)} {{}}", *forms


def _reflexive(random: Random) -> Minimal:
    own, strange = random.choice(((MEN, WOMEN), (WOMEN, MEN)))
    himself, herself = ("himself", "herself") if own is MEN else ("herself", "himself")
    subject, one = _number(random, random.choice(own))
    other, _ = _number(random, random.choice(strange))
    right, wrong = (himself, random.choice((herself, "themselves"))) if one else ("themselves", himself)
    verb = past(random.choice(("blame", "help", "hurt", "hide", "praise", "see")))
    return f"the {subject} {random.choice(LOCATIONS)} the {other} {verb} {{}}", right, wrong


def _auxiliary(random: Random) -> Minimal:
    (who,), (what,), (verb,) = _texts(random, PEOPLE, 1), _texts(random, OBJECTS, 1), _texts(random, HANDLING_VERBS, 1)
    auxiliary, right = random.choice(
        (("will", verb), ("has", participle(verb)), ("is", progressive(verb)), ("did not", verb), ("must", verb))
    )
    forms = {verb, participle(verb), progressive(verb), third(verb)} - {right}
    return f"the {who} {auxiliary} {{}} the {what}", right, random.choice(sorted(forms))


def _missing_object(random: Random) -> Minimal:
    (who,), (what,), verb = _texts(random, PEOPLE, 1), _texts(random, OBJECTS, 1), random.choice(HUNGRY_VERBS)
    when = random.choice(("yesterday", "last night", "this morning"))
    return f"the {who} {past(verb)} {{}}{when}", f"the {what} ", ""


def _extra_object(random: Random) -> Minimal:
    (who,), (what,), verb = _texts(random, PEOPLE, 1), _texts(random, OBJECTS, 1), past(random.choice(IDLE))
    return f"the {who} {verb} {{}}the {what}", f"{random.choice(LOCATIONS)} ", ""


def _word_order(random: Random) -> Minimal:
    (who,), (what,), colour = _texts(random, PEOPLE, 1), _texts(random, OBJECTS, 1), random.choice(COLOURS)
    base = random.choice(HANDLING_VERBS).text
    verb = past(base)
    right, wrong = random.choice(
        (
            (f"the {who} {verb} the {colour} {what}", f"the {who} {verb} the {what} {colour}"),
            (f"the {who} {verb} the {colour} {what}", f"the {who} the {colour} {what} {verb}"),
            (f"the {who} quickly {verb} the {what}", f"the {who} {verb} quickly the {what}"),
            (f"I know what the {who} {verb}", f"I know what did the {who} {base}"),
            (f"the {what} that the {who} {verb} was {colour}", f"the {what} the {who} that {verb} was {colour}"),
        )
    )
    return "{}", right, wrong


def _gap(random: Random) -> Minimal:
    (who,), (what,), verb = (
        _texts(random, PEOPLE, 1),
        _texts(random, OBJECTS, 1),
        past(random.choice(HANDLING_VERBS).text),
    )
    rest = f"was {random.choice(QUALITIES)}"
    return f"the {what} that the {who} {verb} {{}}{rest}", "", "it "


def _polarity_item(random: Random) -> Minimal:
    (who,), (verb,), (other,) = _texts(random, PEOPLE, 1), _texts(random, SOCIAL_VERBS, 1), _texts(random, PEOPLE, 1)
    deed = f"ever {participle(verb)} the {other}"
    right, wrong = random.choice((("no", "some"), ("no", "the"), ("hardly any", "every")))
    return f"{{}} {who} has {deed}", right, wrong


def _tense(random: Random) -> Minimal:
    (who,), verb = _texts(random, PEOPLE, 1), random.choice(IDLE)
    day, right, wrong = random.choice(
        (("yesterday", past(verb), f"will {verb}"), ("tomorrow", f"will {verb}", past(verb)))
    )
    return f"{day} the {who} {{}} {random.choice(PLACES).text}", right, wrong


_GRAMMAR: tuple[Callable[[Random], Minimal], ...] = (
    _subject_verb, _attractor, _relative_clause, _coordination, _existential, _determiner, _reflexive, _gap,
    _auxiliary, _auxiliary, _word_order, _word_order, _missing_object, _extra_object, _polarity_item, _tense, _tense,
)  # fmt: skip

PARADIGMS = {draw.__name__.removeprefix("_"): draw for draw in _GRAMMAR}
"""What draws a minimal pair, by the name of what its sentences differ in."""

THINGS = phrases("plot, ending, script, first half, cast, score, opening, second act, lead, finale, soundtrack, sequel")
PARTS = (*THINGS, *phrases("acting, dialogue, camera work, pacing, editing"))
GOOD = phrases("""
    brilliant, charming, gripping, moving, funny, clever, elegant, delightful, inspired, fresh, witty, superb,
    tender, thrilling, wonderful, sharp, graceful, enchanting, rich, original, absorbing, warm, lively, memorable,
    engaging, masterful, hilarious, compelling, beautiful, stylish
""")
BAD = phrases("""
    dull, clumsy, boring, tedious, bland, silly, shallow, dreary, lifeless, stale, awkward, awful, tiresome,
    pretentious, predictable, flat, sloppy, hollow, forgettable, messy, annoying, dismal, contrived, ugly, lazy,
    incoherent, insipid, cheap, ponderous, wooden
""")
OPINIONS = """
    the {part} is {very} {same}
    {a_same} film with {a_same2} {thing}
    the {part} feels {same} and the {part2} is {very} {same2}
    {very} {same}, {same2} cinema
    simply {same} from the {part} to the {part2}
    what {a_same} {thing}
    the {part} is {same}, {same2} even
    {a_same} {thing} and {a_same2} {thing2}
    {same} and {very} {same2}
    the {part} and the {part2} are {very} {same}
    {a_same}, {very} {same2} film
    there is nothing {other} about the {part}
    anything but {other}
    the {part} is far from {other}
    hardly {a_other} film
    the {part} is never {other}
    not {a_other} moment in the {part}
    neither {other} nor {other2}
    without one {other} scene
    the {part} is not in the least {other}
    nobody could call the {part} {other}
    the {part} is {other}, but the film as a whole is {very} {same}
    the {part} is {very} {same}, whereas the last one was {other}
    starts out {other} but ends up {same}
    despite its {other} {part}, the film is {same}
    however {other} the {part} may be, it is {very} {same} in the end
    {other} at first, then {very} {same}
    critics called the {part} {other}, and they were wrong
    critics called it {other}, but i found it {same}
    i expected something {other} and got something {same}
    although the {part} looks {other}, the {part2} makes it {same}
    it is {same} even when the {part} gets {other}
    more {same} than {other}
    the {part} is less {other} than {same}
    {same} rather than {other}
    too {same} to be {other}
    as {same} as the last one was {other}
    no longer {other} but {very} {same}
    so {same} that the {other} {part} does not matter
    everyone expected the {part} to be {other}, but it is not
    nobody expected the {part} to be {same}, but it is
    i doubt that anyone will find the {part} {other}
    is the {part} {other}? not at all
    is the {part} {same}? very much so
    the {part}, though {other}, is part of {a_same} whole
    it is hard to find anything {other} in the {part}
    {very} {same}, the {other} {part} aside
"""
"""Frames of a judgement: ``same`` adjectives agree with it, ``other`` ones are of the opposite polarity."""
INTENSIFIERS = phrases("very, truly, utterly, rather, quite, really, so, consistently")
_FRAMES = [line.strip() for line in OPINIONS.strip().splitlines()]


def sst2(random: Random) -> list[dict[str, Any]]:
    """Draw an opinion of a film; half are in favour."""
    label = random.randrange(2)
    same, same2 = random.sample(GOOD if label else BAD, 2)
    other, other2 = random.sample(BAD if label else GOOD, 2)
    (part, part2), (thing, thing2) = random.sample(PARTS, 2), random.sample(THINGS, 2)
    text = random.choice(_FRAMES).format(
        same=same, same2=same2, other=other, other2=other2, part=part, part2=part2, thing=thing, thing2=thing2,
        a_same=a(same), a_same2=a(same2), a_other=a(other), very=random.choice(INTENSIFIERS),
    )  # fmt: skip
    return [{"sentence": text, "label": label}]
