"""Pronouns that only knowledge of the world resolves (WNLI), in schemas of our own and not of the Winograd set.

A schema names two parties that could change places; one list of reasons holds of the first, the other of the second.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from tasks.sample.grammar import sentence
from tasks.sample.lexicon import phrases


@dataclass(frozen=True, slots=True)
class Schema:
    """A text with ``{a}``, ``{b}`` and ``{reason}``, who its parties may be, and the reasons of either."""

    text: str
    parties: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]


WOMEN = phrases("Agnes, Bettina, Clara, Dora, Edith, Frieda, Greta, Hanna, Ilse, Judith, Karin, Lotte, Mona, Nora")
MEN = phrases("Arno, Boris, Casper, Dieter, Emil, Fabian, Gustav, Hugo, Ivo, Jonas, Klaus, Leo, Marek, Nils")
THINGS = phrases("the crate, the trunk, the cabinet, the barrel, the bench, the statue, the desk, the piano, the stove")
TOOLS = phrases("the drill, the printer, the clock, the radio, the heater, the camera, the pump, the lamp, the fan")
ROOMS = phrases("the hall, the cellar, the attic, the studio, the chapel, the workshop, the library, the gallery")
ANIMALS = phrases("the fox, the goat, the cat, the monkey, the dog, the otter, the pony, the badger, the parrot")
_THING_SCHEMAS = (
    (
        "{a} would not slide under {b} because it was too {reason}",
        THINGS,
        "tall, high, bulky",
        "low, close to the floor",
    ),
    ("{a} sank long before {b} because it was so {reason}", THINGS, "heavy, dense", "light, buoyant"),
    ("{a} fell on {b} and crushed it, because it was so {reason}", THINGS, "heavy, massive", "fragile, flimsy"),
    ("{a} could not be seen behind {b} because it was so {reason}", THINGS, "small, flat", "large, wide"),
    ("{a} left a scratch on {b} because it was so {reason}", THINGS, "sharp, rough", "soft, delicate"),
    ("we bought {a} rather than {b} because it was {reason}", TOOLS, "cheaper, better made", "overpriced, badly made"),
    ("we replaced {a} by {b} because it was {reason}", TOOLS, "worn out, out of order", "brand new, more reliable"),
    (
        "the thief took {a} and left {b} because it was {reason}",
        TOOLS,
        "valuable, easy to sell",
        "worthless, screwed down",
    ),
    ("{a} drowned out {b} because it was so {reason}", TOOLS, "loud, noisy", "quiet, faint"),
    ("the choir moved from {a} to {b} because it was {reason}", ROOMS, "freezing, overcrowded", "cosy, large enough"),
    (
        "we swept {a} before {b} because it was {reason}",
        ROOMS,
        "the dirtier one, full of dust",
        "almost clean, hardly used",
    ),
    ("{a} ran away from {b} because it was {reason}", ANIMALS, "afraid, timid", "growling, about to bite"),
    ("{a} stole the food of {b} because it was {reason}", ANIMALS, "hungry, greedy", "asleep, not watching"),
    ("{a} could not catch {b} because it was too {reason}", ANIMALS, "slow, lame", "fast, nimble"),
)
_PERSON_SCHEMAS = (
    ("{a} borrowed money from {b} because {they} was {reason}", "poor, in debt", "rich, generous"),
    ("{a} asked {b} the way because {they} was {reason}", "lost, a stranger in town", "a local, standing by a map"),
    ("{a} apologised to {b} because {they} had been {reason}", "rude, unfair", "offended, kept waiting"),
    (
        "{a} lost the match against {b} because {they} was {reason}",
        "out of form, injured",
        "the better player, unbeatable",
    ),
    ("{a} carried {b} home because {they} was {reason}", "strong enough, fit and willing", "exhausted, unable to walk"),
    ("{a} envied {b} because {they} had {reason}", "never won a prize, failed again", "won the prize, succeeded again"),
    ("{a} forgave {b} because {they} was {reason}", "kind-hearted, forbearing", "sorry, full of remorse"),
    (
        "{a} took lessons from {b} because {they} was {reason}",
        "a beginner, eager to learn",
        "an expert, a good teacher",
    ),
    ("{a} gave {b} a coat because {they} had {reason}", "two of them, one to spare", "none, nothing warm to wear"),
    ("{a} overtook {b} because {they} was driving so {reason}", "fast, impatiently", "slowly, hesitantly"),
    ("{a} hired {b} because {they} needed {reason}", "a gardener, more staff", "a job, an income"),
    ("{a} went to see {b} in hospital because {they} was {reason}", "worried, a loyal friend", "ill, recovering there"),
    (
        "{a} punished {b} because {they} had been {reason}",
        "told to be strict, put in charge",
        "naughty, caught cheating",
    ),
    ("{a} hid from {b} because {they} was {reason}", "scared, guilty", "furious, hunting for revenge"),
    (
        "{a} interviewed {b} because {they} was {reason}",
        "a reporter, writing an article",
        "a celebrity, applying for the post",
    ),
    ("{a} bandaged {b} because {they} was {reason}", "a nurse, trained in first aid", "bleeding, wounded"),
    ("{a} sold {b} a boat because {they} {reason}", "had no more use for it", "had always wanted one"),
    (
        "{a} could not hear {b} because {they} was {reason}",
        "deaf, wearing earplugs",
        "whispering, too far from the microphone",
    ),
    (
        "{a} thanked {b} because {they} had {reason}",
        "received a present, been given help",
        "sent a present, given help",
    ),
    (
        "{a} paid {b} because {they} had {reason}",
        "received the goods, lost the bet",
        "delivered the goods, won the bet",
    ),
    ("{a} voted for {b} because {they} {reason}", "wanted a change", "promised a change"),
)
SCHEMAS = tuple(
    Schema(text, parties, phrases(first), phrases(second)) for text, parties, first, second in _THING_SCHEMAS
) + tuple(
    Schema(text.replace("{they}", pronoun), names, phrases(first), phrases(second))
    for text, first, second in _PERSON_SCHEMAS
    for pronoun, names in (("she", WOMEN), ("he", MEN))
)


def wnli(random: Random) -> list[dict[str, Any]]:
    """Draw a sentence with a pronoun, and the clause again with a name in its place; half the names are right."""
    schema, label = random.choice(SCHEMAS), random.randrange(2)
    names, side = random.sample(schema.parties, 2), random.randrange(2)
    text = schema.text.format(a=names[0], b=names[1], reason=random.choice((schema.first, schema.second)[side]))
    _, clause = text.split(" because ")
    name = names[side if label else 1 - side]
    return [{"sentence1": sentence(text), "sentence2": sentence(f"{name} {clause.split(' ', 1)[1]}"), "label": label}]
