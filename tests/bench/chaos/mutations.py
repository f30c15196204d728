"""Damage: one random change of a file's bytes, or of what its JSON or its lines say. All of it follows from a seed."""

import json
import random
from collections.abc import Callable
from typing import Any

Mutation = Callable[[bytes, random.Random], bytes]

HOSTILE: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2**63, 2**70, 1e308, -0.0, "", "\0", "\u2028", "\ud800", "a\nb", "\x1b[31m", "nan",
    [], {}, [None], {"": None}, [[[]]], "x" * 5_000,
)  # fmt: skip
"""What may stand in a JSON file in another value's place."""
WORDS = (
    b"NaN",
    b"Infinity",
    b"-1",
    b"1e999",
    b"null",
    b"\t",
    b"\t\t",
    b"\r",
    b"\r\n",
    b"\n",
    b"\n\n",
    b'"',
    b"\0",
    b"\xff",
)
WORDS += (
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xed\xa0\x80",
    b"[" * 3_000,
    b'{"a":' * 3_000,
    b"9" * 5_000,
    b"label",
    b"=1+1",
)


def _at(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = _at(content, chance)
    return start, min(len(content), start + chance.choice((1, 2, 8, 64, 512)))


def flip_bit(content: bytes, chance: random.Random) -> bytes:
    """Return the content with one bit the other way."""
    changed = bytearray(content)
    if changed:
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def replace_byte(content: bytes, chance: random.Random) -> bytes:
    """Return the content with one byte another; a digit becomes a digit, so that numbers stay numbers."""
    changed = bytearray(content)
    if changed:
        at = chance.randrange(len(changed))
        digits = [place for place, byte in enumerate(changed) if 48 <= byte < 58] if chance.random() < 0.5 else []
        changed[chance.choice(digits) if digits else at] = chance.randrange(48, 58) if digits else chance.randrange(256)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    """Return the beginning of the content."""
    return content[: _at(content, chance)]


def remove(content: bytes, chance: random.Random) -> bytes:
    """Return the content without some bytes."""
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def repeat(content: bytes, chance: random.Random) -> bytes:
    """Return the content with some bytes twice."""
    start, end = _span(content, chance)
    return content[:end] + content[start:end] + content[end:]


def zero(content: bytes, chance: random.Random) -> bytes:
    """Return the content with some bytes zero, as a disk may leave a block."""
    start, end = _span(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


def insert(content: bytes, chance: random.Random) -> bytes:
    """Return the content with a hostile word somewhere."""
    at = _at(content, chance)
    return content[:at] + chance.choice(WORDS) + content[at:]


def empty(_content: bytes, _chance: random.Random) -> bytes:
    """Return nothing."""
    return b""


def lines(content: bytes, chance: random.Random) -> bytes:
    """Return the content with a line gone, twice, or in another's place, or with other line ends."""
    parts = content.split(b"\n")
    at, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    match chance.randrange(4):
        case 0:
            del parts[at]
        case 1:
            parts.insert(other, parts[at])
        case 2:
            parts[at], parts[other] = parts[other], parts[at]
        case _:
            return chance.choice((b"\r\n", b"\r", b"\r\r\n")).join(parts)
    return b"\n".join(parts)


def cells(content: bytes, chance: random.Random) -> bytes:
    """Return the content with one tab-separated cell gone, twice, or another."""
    parts = content.split(b"\n")
    at = chance.randrange(len(parts))
    row = parts[at].split(b"\t")
    column = chance.randrange(len(row))
    match chance.randrange(3):
        case 0:
            del row[column]
        case 1:
            row.insert(column, row[column])
        case _:
            row[column] = chance.choice((b"", b"-1", b"nan", b"2", b"Label", b"x" * 3_000, b"\x1b[2J", b"1.0", b" 1"))
    parts[at] = b"\t".join(row)
    return b"\n".join(parts)


def encoding(content: bytes, chance: random.Random) -> bytes:
    """Return the text in another encoding, or with a byte-order mark."""
    text = content.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-8-sig", "utf-32")), "surrogatepass")


def node(content: bytes, chance: random.Random) -> bytes:
    """Return a JSON document with one of its values gone, or another; a file that is no JSON with a bit flipped."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return flip_bit(content, chance)
    places = list(_places(document))
    if not places:
        return json.dumps(chance.choice(HOSTILE)).encode()
    holder, key = chance.choice(places)
    if chance.random() < 0.3:
        del holder[key]
    else:
        holder[key] = chance.choice(HOSTILE)
    return json.dumps(document).encode()


def _places(document: Any) -> Any:
    keys = document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    for key in list(keys):
        yield document, key
        yield from _places(document[key])


ANYWHERE: tuple[Mutation, ...] = (flip_bit, replace_byte, cut, remove, repeat, zero, insert, empty)
MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    ".json": (*ANYWHERE, encoding, lines, node, node, node, node),
    ".tsv": (*ANYWHERE, encoding, lines, lines, cells, cells, cells, cells),
    ".txt": (*ANYWHERE, encoding, lines, lines),
}
"""By the ending of a file's name; anything else gets those of any bytes."""


def mutated(name: str, content: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Return what was done to a file of that name, and its content after it."""
    ending = name[name.rfind(".") :] if "." in name else ""
    mutation = chance.choice(MUTATIONS.get(ending, ANYWHERE))
    return mutation.__name__, mutation(content, chance)
