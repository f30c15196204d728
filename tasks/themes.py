"""Which themes does a note touch on? Any number of five, on a generated sample: the task for sets of labels.

A note is made of two to four sentences, each about something that belongs to a theme. Some say that it was turned down,
and then the note does not touch on the theme: so words alone do not tell, but which sentence they stand in.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from harness import EXACT_MATCH, MICRO_F1, Example, MultiLabel, Prompt, SampleData, Task, macro_f1

THEMES = ("weather", "money", "music", "travel", "health")
THINGS = {
    "weather": ("the rain", "the storm", "the frost", "a cold wind", "the fog", "the heat"),
    "money": ("the loan", "the rent", "a new bank", "the price of bread", "the wages", "a bet"),
    "music": ("the piano", "the choir", "an old song", "the violin", "a concert", "the drums"),
    "travel": ("the train", "the ferry", "the road north", "a trip abroad", "the airport", "the map"),
    "health": ("the fever", "a new doctor", "the cough", "the hospital", "a broken wrist", "the nurse"),
}
TOUCHED = (
    "{who} talked about {thing} {when}",
    "{who} could think of nothing but {thing} {when}",
    "{thing} kept {who} busy {when}",
    "{who} wrote a page about {thing} {when}",
)
TURNED_DOWN = (
    "{who} would not hear of {thing} {when}",
    "{who} had no time for {thing} {when}",
    "{thing} was no matter for {who} {when}",
    "{who} wrote nothing about {thing} {when}",
)
WHO = ("Ada", "Bruno", "Carla", "Dmitri", "Esra", "Farid", "Greta", "Hugo")
WHEN = ("on Monday", "last week", "in spring", "before noon", "that evening", "a year ago")
SIZES = {"train": 1_000, "validation": 250, "test": 250}


def generate(split: str, seed: int) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a split: ``text``, and ``themes`` as a list of names."""
    chooser = random.Random(f"themes {split} {seed}")
    for _ in range(SIZES[split]):
        themes = chooser.sample(THEMES, chooser.randint(2, 4))
        touched = {theme for theme in themes if chooser.random() < 0.5}
        sentences = [
            chooser.choice(TOUCHED if theme in touched else TURNED_DOWN).format(
                who=chooser.choice(WHO), thing=chooser.choice(THINGS[theme]), when=chooser.choice(WHEN)
            )
            for theme in themes
        ]
        text = ". ".join(sentence[0].upper() + sentence[1:] for sentence in sentences) + "."
        yield {"text": text, "themes": sorted(touched)}


def read(row: Mapping[str, Any]) -> Example:
    """Return a row as an example."""
    return Example(
        id=str(row["idx"]),
        text=row["text"],
        target=frozenset(THEMES.index(theme) for theme in row["themes"]),
    )


THEMES_OF_NOTES = Task(
    name="themes",
    title="Themes",
    output=MultiLabel(labels=THEMES),
    read=read,
    metrics=(MICRO_F1, macro_f1(len(THEMES)), EXACT_MATCH),
    sample=SampleData(splits=tuple(SIZES), generate=generate, version=1),
    prompts=(Prompt(template="{text}\nQuestion: Is this note about {label}?\nAnswer:", answers=("no", "yes")),),
    licence="Apache-2.0",
)
