"""English inflection and sentence making, for the words of :mod:`tasks.sample.lexicon` and little more.

Words are plain strings. A verb phrase is inflected at its first word, a noun phrase at its last.
"""

import re

_IRREGULAR_NOUNS = {"fish": "fish", "mouse": "mice", "salmon": "salmon", "scarf": "scarves", "trout": "trout"}
_IRREGULAR_VERBS = {  # past, participle
    "bite": ("bit", "bitten"),
    "break": ("broke", "broken"),
    "build": ("built", "built"),
    "buy": ("bought", "bought"),
    "catch": ("caught", "caught"),
    "choose": ("chose", "chosen"),
    "drink": ("drank", "drunk"),
    "drive": ("drove", "driven"),
    "eat": ("ate", "eaten"),
    "fall": ("fell", "fallen"),
    "feed": ("fed", "fed"),
    "find": ("found", "found"),
    "hide": ("hid", "hidden"),
    "leave": ("left", "left"),
    "hurt": ("hurt", "hurt"),
    "pay": ("paid", "paid"),
    "run": ("ran", "run"),
    "see": ("saw", "seen"),
    "sell": ("sold", "sold"),
    "sing": ("sang", "sung"),
    "sit": ("sat", "sat"),
    "sleep": ("slept", "slept"),
    "steal": ("stole", "stolen"),
    "swim": ("swam", "swum"),
    "take": ("took", "taken"),
    "teach": ("taught", "taught"),
    "wake": ("woke", "woken"),
    "win": ("won", "won"),
}


def plural(noun: str) -> str:
    """Return the plural: ``old women``."""
    *before, head = noun.split(" ")
    head = head[:-3] + "men" if head.endswith("man") else _IRREGULAR_NOUNS.get(head) or _add_s(head)
    return " ".join([*before, head])


def third(verb: str) -> str:
    """Return the third person singular: ``plays chess``."""
    head, space, rest = verb.partition(" ")
    return _add_s(head) + space + rest


def past(verb: str) -> str:
    """Return the past tense: ``played chess``."""
    head, space, rest = verb.partition(" ")
    return (_IRREGULAR_VERBS[head][0] if head in _IRREGULAR_VERBS else _add_ed(head)) + space + rest


def participle(verb: str) -> str:
    """Return the past participle: ``eaten the soup``."""
    head, space, rest = verb.partition(" ")
    return (_IRREGULAR_VERBS[head][1] if head in _IRREGULAR_VERBS else _add_ed(head)) + space + rest


def progressive(verb: str) -> str:
    """Return the present participle: ``playing chess``."""
    head, space, rest = verb.partition(" ")
    stem = head[:-1] if re.search("[^eoy]e$", head) else _doubled(head)
    return f"{stem}ing{space}{rest}"


def a(noun: str) -> str:
    """Return the noun phrase after its indefinite article: ``an old car``."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def sentence(text: str, mark: str = ".") -> str:
    """Return the text with a capital and a full stop, unless an abbreviation has brought one."""
    return text[0].upper() + text[1:] + ("" if mark and text.endswith(mark) else mark)


def question(text: str) -> str:
    """Return the text with a capital and a question mark."""
    return sentence(text, "?")


def active(agent: str, verb: str, patient: str) -> str:
    """Return ``the poet called the judge``."""
    return f"the {agent} {past(verb)} the {patient}"


def passive(agent: str, verb: str, patient: str) -> str:
    """Return ``the judge was called by the poet``."""
    return f"the {patient} was {participle(verb)} by the {agent}"


def _add_s(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search("(s|x|z|ch|sh)$", word) else "s")


def _add_ed(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ied"
    return word + "d" if word.endswith("e") else _doubled(word) + "ed"


def _doubled(word: str) -> str:
    """Return a word of one short syllable with its last letter doubled: ``hugg``; any other as it is."""
    return word + word[-1] if re.fullmatch("[^aeiou]+[aeiou][bdgmnprt]", word) else word
