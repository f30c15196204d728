"""Names as people type them: ``MRPC``, ``SST-2`` and ``MiniLM`` for what is called mrpc, sst2 and minilm."""

from collections.abc import Iterable, Mapping


def spelled(typed: str, known: Iterable[str], titles: Mapping[str, str] | None = None) -> str:
    """Return the known name that is meant: that name itself, or the only one that reads the same, or whose title does.

    Case, spaces and punctuation do not count. What is no known name, or might be several, is returned as it is.
    """
    names = list(known)
    if typed in names:
        return typed
    sought = _letters(typed)
    meant = [name for name in names if sought and sought in {_letters(name), _letters((titles or {}).get(name, ""))}]
    return meant[0] if len(meant) == 1 else typed


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
