"""A premise and a hypothesis: implied, left open or denied (MNLI, AX), implied or not (RTE)."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tasks.sample.claims import Build, Claim, comparison, role, succession, two
from tasks.sample.grammar import past, plural, sentence
from tasks.sample.lexicon import TOWN, WILD, Genre, Word

_SIGNS: dict[str, tuple[int, int]] = {
    "all": (-1, 1),
    "some": (1, 1),
    "most": (0, 1),
    "no": (-1, -1),
    "not all": (1, -1),
    "few": (0, -1),
}
"""Monotonicity in the restrictor and in the scope: 1 where a more general word keeps the sentence true, -1 where a
more special one does, 0 where neither does (van Benthem, 1986; MacCartney and Manning, 2009)."""
_IMPLIED = {
    "all": ("some", "most"),
    "most": ("some",),
    "no": ("not all",),
    "few": ("not all",),
}
_DENIED = {
    "all": ("no", "not all", "few"),
    "most": ("no", "few"),
    "some": ("no",),
    "no": ("some", "all", "most"),
    "not all": ("all",),
    "few": ("all", "most"),
}
_OPEN = {
    "most": ("all", "not all"),
    "some": ("all", "most", "not all"),
    "not all": ("some", "no", "most"),
    "few": ("no",),
}
"""Which quantifiers a quantifier implies, denies and leaves open; ``all`` implies that there are some."""


@dataclass(frozen=True, kw_only=True)
class Quantified:
    """``Most young poets are running in the park``."""

    quantifier: str
    modifier: str
    noun: str
    state: str
    place: str

    def __str__(self) -> str:
        parts = (self.quantifier, self.modifier, plural(self.noun), "are", self.state, self.place)
        return sentence(" ".join(part for part in parts if part))


def quantified(random: Random, genre: Genre) -> Claim:
    """A quantifier, and hypotheses that change it, or make its restrictor or its scope more general or more special."""
    noun, state, place = random.choice(genre.nouns), random.choice(genre.states), random.choice(genre.places).text
    quantifier, modifier = random.choice(list(_SIGNS)), random.choice(genre.modifiers)
    narrow = Quantified(quantifier=quantifier, modifier=modifier, noun=noun.text, state=state.text, place=place)
    position = random.randrange(2)  # the restrictor or the scope
    wide = _widened(random, narrow, position, noun, state)
    premise, widened = random.choice(((narrow, wide), (wide, narrow)))
    keeps = _SIGNS[quantifier][position] == (1 if premise is narrow else -1)
    reworded = {
        table_name: tuple(str(replace(premise, quantifier=other)) for other in table.get(quantifier, ()))
        for table_name, table in (("implied", _IMPLIED), ("open", _OPEN), ("denied", _DENIED))
    }
    moved = (str(widened),) * 2
    excluded = (str(replace(premise, state=state.opposite)),)
    return Claim(
        text=str(premise),
        same=reworded["implied"] + (moved if keeps else ()),
        neutral=reworded["open"] + (() if keeps else moved) + (() if quantifier in ("all", "most") else excluded),
        contrary=reworded["denied"] + (excluded if quantifier in ("all", "most") else ()),
    )


def _widened(random: Random, narrow: Quantified, position: int, noun: Word, state: Word) -> Quantified:
    """Return the statement with a more general restrictor (0) or scope (1)."""
    if position == 0:
        return random.choice((replace(narrow, modifier=""), replace(narrow, noun=noun.kind)))
    return random.choice((replace(narrow, place=""), replace(narrow, state=state.kind)))


def portrait(random: Random, genre: Genre) -> Claim:
    """Who is in what state where, and hypotheses in more general words that fit, might fit, or cannot."""
    noun, state, (place, added) = (
        random.choice(genre.nouns),
        random.choice(genre.states),
        random.sample(genre.places, 2),
    )
    other = random.choice([word for word in genre.nouns if word.kind != noun.kind])
    elsewhere = random.choice([word for word in genre.places if word.kind != place.kind])
    doing, instead = random.sample((state.text, state.opposite), 2)
    modifier, unsaid = random.sample(genre.modifiers, 2)

    def seen(who: str, doing: str, where: str) -> str:
        return sentence(f"the {who} is {doing} {where}".rstrip())

    def wide(word: Word) -> str:
        return random.choice((word.reworded(random), word.kind))

    where = random.choice((place.text, ""))
    whereabouts = ("", wide(place), wide(place)) if where else ("",)
    action = random.choice((doing, state.kind)) if doing == state.text else doing
    return Claim(
        text=seen(f"{modifier} {noun.text}", doing, where),
        same=tuple(seen(wide(noun), action, about) for about in whereabouts),
        neutral=(
            seen(f"{unsaid} {wide(noun)}", action, where),
            seen(wide(other), action, where),
            *(() if where else (seen(wide(noun), action, wide(added)),)),
        ),
        contrary=(
            seen(wide(noun), instead, random.choice(whereabouts)),
            *((seen(wide(noun), action, wide(elsewhere)),) if where else ()),
        ),
    )


_DID = ("managed to", "was able to", "did not fail to", "did not forget to", "was forced to")
_DID_NOT = ("failed to", "refused to", "did not manage to", "was unable to", "forgot to", "was kept from trying to")
_MAY_HAVE = ("wanted to", "did not want to", "tried to", "was expected to", "was not afraid to", "was told to")
_BOTH = ("{a} and {b}", "both {b} and {a}", "{a}, like {b},", "not only {b} but also {a}", "{a} as well as {b}")
_OTHER = ("neither {a} nor {b}", "{b} but not {a}", "not {a} but {b}", "only {b}, not {a},", "{b} instead of {a}")
_EITHER = (
    "{a} or {b}",
    "either {b} or {a}",
    "{b} and perhaps {a}",
    "one of the two, {a} or {b},",
    "if not {b} then {a}",
)


def _decided(random: Random, yes: str, no: str, premises: tuple[str, str, str]) -> Claim:
    """Return a premise that implies ``yes``, or ``no``, or leaves both open, with hypotheses that are alike for all."""
    truth = random.randrange(3)
    sure = ((yes,), (no,)) if truth == 0 else ((no,), (yes,))
    same, contrary = sure if truth < 2 else ((), ())
    neutral = (yes, no) if truth == 2 else ()
    return Claim(text=sentence(premises[truth]), same=same, neutral=neutral, contrary=contrary)


def implicative(random: Random, genre: Genre) -> Claim:
    """A verb that says whether the deed it takes was done, or does not."""
    who, deed = f"the {random.choice(genre.nouns).text}", random.choice(genre.deeds)
    yes, no = sentence(f"{who} {past(deed)}"), sentence(f"{who} did not {deed}")
    did, did_not, may_have = (f"{who} {random.choice(verbs)} {deed}" for verbs in (_DID, _DID_NOT, _MAY_HAVE))
    return _decided(random, yes, no, (did, did_not, may_have))


def coordination(random: Random, genre: Genre) -> Claim:
    """Two who may both, either or not have done something."""
    (first, second), deed = (f"the {name}" for name in two(random, genre.nouns)), random.choice(genre.deeds)
    yes, no = sentence(f"{first} {past(deed)}"), sentence(f"{first} did not {deed}")
    both, other, either = (
        f"{random.choice(frames).format(a=first, b=second)} {past(deed)}" for frames in (_BOTH, _OTHER, _EITHER)
    )
    return _decided(random, yes, no, (both, other, either))


_PHENOMENA: tuple[Build, ...] = (
    portrait, portrait, portrait, portrait, quantified, quantified, quantified, role, implicative, coordination,
    comparison, succession,
)  # fmt: skip
_NAMES: dict[Build, str] = {
    portrait: "Lexical Semantics: More general words",
    implicative: "Lexical Semantics: Implicative verbs",
    role: "Predicate-Argument Structure: Who did what to whom",
    coordination: "Logic: Conjunction and disjunction",
    quantified: "Logic: Quantifiers",
    comparison: "Logic: Comparison",
    succession: "Logic: Order in time",
}
"""As AX's tags read: its families, and phenomena of ours."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A premise, a hypothesis, the label (0 implied, 1 open, 2 denied), and what decides it."""

    premise: str
    hypothesis: str
    label: int
    phenomenon: str

    @property
    def row(self) -> dict[str, Any]:
        """The row of MNLI."""
        return {"premise": self.premise, "hypothesis": self.hypothesis, "label": self.label}


def _judged(random: Random, genre: Genre) -> Judged:
    """Draw a pair, each label as often."""
    build, label = random.choice(_PHENOMENA), random.randrange(3)
    while True:
        claim = build(random, genre)
        if hypotheses := claim.others(label):
            hypothesis = random.choice(hypotheses)
            return Judged(premise=claim.text, hypothesis=hypothesis, label=label, phenomenon=_NAMES[build])


def mnli(random: Random) -> list[dict[str, Any]]:
    """Draw a pair about people in a town."""
    return [_judged(random, TOWN).row]


def mnli_mismatched(random: Random) -> list[dict[str, Any]]:
    """Draw a pair about animals: nearly all its words are new to whoever was trained on :func:`mnli`."""
    return [_judged(random, WILD).row]


def ax(random: Random) -> list[dict[str, Any]]:
    """Draw a pair of either genre, with its ``tags``."""
    genre = random.choice((TOWN, WILD))
    judged = _judged(random, genre)
    return [{**judged.row, "tags": [judged.phenomenon, f"Domain: {'Town' if genre is TOWN else 'Animals'}"]}]


def rte(random: Random) -> list[dict[str, Any]]:
    """Draw a premise of three sentences, one of which decides the hypothesis; half of those are implied."""
    judged = _judged(random, TOWN)
    while random.random() < 0.5 and judged.label:  # two of three hypotheses are not implied
        judged = _judged(random, TOWN)
    others = [random.choice((role, comparison, succession))(random, TOWN).text for _ in range(2)]
    told = [judged.premise, *others]
    random.shuffle(told)
    return [{"sentence1": " ".join(told), "sentence2": judged.hypothesis, "label": int(judged.label > 0)}]
