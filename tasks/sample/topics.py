"""What passages tell: kinds of entities, and the kinds of facts that hold of each.

In every kind of entity, several relations have values of one type, so that a question's type does not give its answer.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """A kind of fact: the type of its values, how it is told of ``{it}``, and how it is asked of ``{name}``."""

    kind: str
    told: tuple[str, ...]
    asked: tuple[str, ...]


def _relations(table: str) -> tuple[Relation, ...]:
    """Parse pairs of lines: ``kind: told / told``, then ``asked / asked``."""
    lines = [line.strip() for line in table.strip().splitlines()]
    made = []
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        kind, told = first.split(": ")
        made.append(Relation(kind, tuple(told.split(" / ")), tuple(second.split(" / "))))
    return tuple(made)


TOPICS = {
    "company": _relations("""
        person: {it} was founded by {value} / {it} was the idea of {value}, who set it up
            Who founded {name}? / Which person started {name}?
        person: {it} is run by {value} / {it} has {value} as its director
            Who runs {name}? / Who is in charge of {name}?
        person: {it} was rescued by a loan from {value} / {it} owed its survival to money from {value}
            Who saved {name}? / Whose loan did {name} receive?
        city: {it} has its head office in {value} / {it} is managed from {value}
            Where is the head office of {name}? / From which town is {name} managed?
        city: {it} makes its goods in {value} / {it} has its only factory in {value}
            Where does {name} produce its goods? / In which town does {name} have a factory?
        year: {it} began work in {value} / {it} opened for business in {value}
            When did {name} start its business? / In which year did {name} open?
        number: {it} employs {value} people / {it} has a staff of {value}
            How many people work for {name}? / How large is the staff of {name}?
        number: {it} sells to {value} shops / {it} supplies {value} shops
            How many shops does {name} supply? / To how many shops does {name} sell?
    """),
    "person": _relations("""
        city: {it} was born in {value} / {it} came into the world in {value}
            Where was {name} born? / What is the birthplace of {name}?
        city: {it} went to university in {value} / {it} was a student in {value}
            Where did {name} study? / In which town was {name} a student?
        city: {it} died in {value} / {it} lived in {value} until the end
            Where did {name} die? / In which town did the life of {name} end?
        person: {it} was taught by {value} / {it} learned the trade from {value}
            Who was the teacher of {name}? / From whom did {name} learn?
        person: {it} married {value} / {it} was married to {value}
            Who was the spouse of {name}? / Whom did {name} marry?
        person: {it} quarrelled for years with {value} / {it} had a bitter rival in {value}
            Who was the rival of {name}? / With whom did {name} quarrel?
        year: {it} won the Harlan Medal in {value} / {it} was given the Harlan Medal in {value}
            When did {name} receive the Harlan Medal? / In which year was {name} honoured with the Harlan Medal?
        number: {it} left {value} paintings / {it} painted {value} pictures
            How many pictures did {name} paint? / How many paintings are there by {name}?
    """),
    "town": _relations("""
        person: {it} has {value} as its mayor / {it} is governed by {value}
            Who is the mayor of {name}? / Who governs {name}?
        person: {it} was laid out by the architect {value} / {it} was planned by {value}
            Who planned {name}? / Which architect designed the layout of {name}?
        person: {it} has a statue of {value} / {it} honours {value} with a statue
            Whose statue stands in {name}? / Who has a statue in {name}?
        year: {it} was granted a market in {value} / {it} has held a market since {value}
            When was {name} first allowed to hold a market? / Since which year has there been a market in {name}?
        year: {it} was flooded in {value} / {it} stood under water in {value}
            When was there a flood in {name}? / In which year was {name} under water?
        number: {it} has {value} inhabitants / {it} is home to {value} people
            How many people live in {name}? / What is the population of {name}?
        number: {it} sends {value} children to its school / {it} has a school with {value} pupils
            How many pupils are there in {name}? / How many children go to school in {name}?
        city: {it} is linked by rail to {value} / {it} has a railway to {value}
            To which town does the railway from {name} lead? / Where can one go by train from {name}?
    """),
    "ship": _relations("""
        person: {it} was designed by {value} / {it} was drawn up by the engineer {value}
            Who designed {name}? / Which engineer planned {name}?
        person: {it} sailed under Captain {value} / {it} was commanded by {value}
            Who was the captain of {name}? / Who was in command of {name}?
        person: {it} belonged to {value} / {it} was the property of {value}
            Who owned {name}? / To whom did {name} belong?
        city: {it} was built in {value} / {it} came from a yard in {value}
            Where was {name} built? / In which town was the yard that made {name}?
        city: {it} sank off {value} / {it} was lost near {value}
            Near which town did {name} sink? / Where was {name} lost?
        year: {it} was launched in {value} / {it} first put to sea in {value}
            When was {name} launched? / In which year did {name} first sail?
        number: {it} had a crew of {value} / {it} was worked by {value} sailors
            How many sailors were there on {name}? / How large was the crew of {name}?
        number: {it} had room for {value} passengers / {it} could take {value} passengers
            How many passengers could {name} carry? / For how many passengers was there room on {name}?
    """),
}
