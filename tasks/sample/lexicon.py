"""The words of the sample: what things are called, what they are kinds of, what means the same and what the opposite.

Tables are read by :func:`words`: lines of ``kind: word, word=synonym, word!opposite``.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Word:
    """A word or short phrase. ``kind`` is its hypernym, ``opposite`` excludes it; empty where there is none."""

    text: str
    kind: str = ""
    synonym: str = ""
    opposite: str = ""

    def reworded(self, random: Random) -> str:
        """Return the word or its synonym."""
        return random.choice((self.text, self.synonym or self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Genre:
    """The words of one topic. ``verbs`` take an agent and a patient out of ``nouns``."""

    nouns: tuple[Word, ...]
    verbs: tuple[Word, ...]
    deeds: tuple[str, ...]
    states: tuple[Word, ...]
    modifiers: tuple[str, ...]
    places: tuple[Word, ...]
    events: tuple[str, ...]
    scales: tuple[tuple[str, str], ...]


def words(table: str) -> tuple[Word, ...]:
    """Parse a table."""
    made = []
    for line in table.strip().splitlines():
        kind, _, members = line.strip().partition(": ")
        for member in members.split(", "):
            head, _, opposite = member.partition("!")
            text, _, synonym = head.partition("=")
            made.append(Word(text, "" if kind == "-" else kind, synonym, opposite))
    return tuple(made)


def with_synonyms(table: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words that can be put in other words."""
    return tuple(word for word in table if word.synonym)


def phrases(text: str) -> tuple[str, ...]:
    """Parse phrases that commas separate."""
    return tuple(" ".join(text.split()).split(", "))


PEOPLE = words("""
    doctor: surgeon, dentist, vet
    musician: violinist, drummer, pianist
    artist: painter, sculptor, photographer
    athlete: swimmer, goalkeeper, sprinter
    writer: poet, novelist=fiction writer
    journalist: reporter, columnist
    scientist: chemist, astronomer, biologist
    worker: plumber, carpenter, welder
    lawyer: prosecutor, solicitor
    cook: chef, baker
    soldier: sergeant, sniper
    sailor: captain=skipper, helmsman
""")
SOCIAL_VERBS = words("""
    -: call=phone, help=assist, praise=commend, hire=employ, warn=alert, thank, visit
    -: follow=trail, greet=welcome, hug=embrace, question=interrogate, rescue=save, trick=deceive, watch=observe
    -: annoy=irritate, scare=frighten, push=shove, blame, invite, teach=instruct, hurt=injure, insult
""")
OBJECTS = words("""
    vehicle: car=automobile, truck=lorry, bicycle=bike, tractor
    instrument: guitar, violin, flute, drum
    tool: hammer, saw, wrench=spanner, drill
    garment: coat, jumper=sweater, shirt, scarf
    container: basket, bucket=pail, jar, trunk
    seat: sofa=couch, chair, bench, stool
    boat: canoe, dinghy, raft
    book: novel, dictionary, atlas
    weapon: sword, rifle, dagger
    toy: doll, kite, puzzle
""")
HANDLING_VERBS = words("""
    -: buy=purchase, fix=repair, find=discover, hide=conceal, choose=select, steal, carry
    -: clean=wash, build=construct, inspect=examine, pack, paint, weigh, damage=harm, borrow, photograph
""")
PLACES = words("""
    outdoors: in the park, in the woods=in the forest, near the harbour=near the port, on the bridge, on the beach
    outdoors: on the street=on the road, in the garden=in the yard, by the river=beside the river
    indoors: in the library, in the kitchen, in the cellar=in the basement, at the shop=at the store, at the museum
    indoors: in the gym, at the hospital, in the hotel
""")
TIMES = words("""
    on Monday: on Monday morning, on Monday night
    on Friday: on Friday morning, on Friday afternoon
    on Sunday: on Sunday evening, on Sunday afternoon
    in the summer: in July, in August
    in the winter: in January, in December
    in the nineties: in 1993, in 1998
    in the evening: at dusk=at sunset, at nine in the evening=at nine p.m.
    during the day: at noon=at midday
    at night: at midnight=at twelve at night
    in the morning: at dawn=at sunrise, at seven in the morning=at seven a.m.
""")
SCALES = (
    ("taller", "shorter"),
    ("older", "younger"),
    ("faster", "slower"),
    ("stronger", "weaker"),
    ("heavier", "lighter"),
    ("louder", "quieter"),
    ("cleverer", "sillier"),
)
TOWN = Genre(
    nouns=PEOPLE,
    verbs=SOCIAL_VERBS,
    deeds=phrases("""open the gate, win the race, repair the roof, catch the train, finish the report, lift the stone,
        sell the house, cross the river, solve the riddle, park the car, answer the letter, bake the bread"""),
    states=words("""
        moving: running!standing still, dancing!lying down, jogging!sitting down
        making music: playing the violin!sleeping, singing a hymn!whispering, playing the drums!writing
        working: painting a fence!resting, digging a trench!dozing
        reading: reading a novel!writing a letter, reading a newspaper!swimming
        wearing a coat: wearing a red coat!wearing no coat, wearing a leather coat!wearing only a shirt
        eating: eating soup!fasting, eating an apple!sleeping
    """),
    modifiers=phrases("blond, old, tall, tired, angry, famous, married, hungry, foreign, bearded"),
    places=PLACES,
    events=phrases("arrive, leave, fall asleep, call, wake up, start to sing, laugh, sit down, pay"),
    scales=SCALES,
)
WILD = Genre(
    nouns=words("""
        bird: eagle, owl, pigeon
        fish: trout, salmon, shark
        dog: terrier, spaniel, poodle
        reptile: lizard, crocodile, tortoise
        insect: beetle, wasp, grasshopper
        rodent: hamster, squirrel, mouse
    """),
    verbs=words("""
        -: chase=pursue, bite, scratch, carry, lick, avoid=shun, feed, push=shove, watch=observe, free=release
    """),
    deeds=phrases("""escape from the cage, reach the water, steal the egg, build a nest, climb the wall, eat the bait,
        cross the road, find the nest, break the branch, leave the tank"""),
    states=words("""
        moving: crawling!standing still, racing!lying down, climbing!sleeping
        eating: eating a worm!drinking, eating seeds!bathing
        resting: dozing!fighting, lying in the sun!hunting
    """),
    modifiers=phrases("thirsty, sick, large, spotted, female, grey, wounded, trained, rare"),
    places=words("""
        outdoors: in the swamp=in the marsh, near the waterfall, on the cliff, in the desert, on the island
        indoors: in the zoo's main hall, in the barn, in the laboratory, in the greenhouse=in the glasshouse
    """),
    events=phrases("escape, appear, fall asleep, wake up, jump, drink, vanish, eat"),
    scales=SCALES,
)
AIMS = words("""
    -: lose weight=slim down!put on weight, save money=cut my spending!spend more money
    -: fall asleep=drift off!stay awake, stop smoking=give up cigarettes!start smoking
    -: find a job=get hired!quit a job, sell a house=find a buyer for a house!buy a house
    -: get rid of mice=drive mice away!keep mice, become a doctor=work in medicine!avoid doctors
    -: remember names=keep names in mind!forget names, grow tomatoes=raise tomatoes!cook tomatoes
    -: write a novel=be a fiction writer!publish a novel, fix a bike=repair a bicycle!ride a bike
    -: make friends=get to know people!lose friends, improve my eyesight=see better!test my eyesight
    -: calm a baby=soothe an infant!wake a baby, borrow money=get a loan!lend money
    -: cool a room=bring down the heat indoors!heat a room, earn more=get higher pay!pay less tax
""")
"""What people ask about: a deed, the same in other words, and one that shares words with it but is another."""
