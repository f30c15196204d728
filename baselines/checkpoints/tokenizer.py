"""Whether a checkpoint has a tokenizer, and whether it is that of its embedding table."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from baselines.checkpoints.files import TOKENIZERS, brief, check_content, read_object
from harness.errors import UsageError

LEAST_FRACTION = 0.5
"""Of the rows of an embedding table, that a tokenizer has tokens for; tables are padded by a per cent or two."""

Token = tuple[str, int]


def check_listed_tokenizer(name: str, files: set[str]) -> None:
    """Raise a UsageError where none of a checkpoint's files holds a tokenizer."""
    has_pairs = {"vocab.json", "merges.txt"} <= files
    if not has_pairs and not any(Path(file).match(p) for file in files for p in TOKENIZERS if p != "vocab.json"):
        raise UsageError(
            f"{name} has no tokenizer: none of tokenizer.json, vocab.txt, vocab.json with merges.txt, or a *.model of "
            "SentencePiece; save it beside the model with tokenizer.save_pretrained()."
        )


def check_tokenizer(folder: Path, rows: int | None) -> None:
    """Check a folder's tokenizer as far as its files tell; ``rows`` are those of the embedding table.

    Raises:
        UsageError: there is none, or it is damaged, or it is not one for a table of so many rows.
    """
    check_listed_tokenizer(str(folder), {file.name for file in folder.iterdir() if file.is_file()})
    for file in (file for pattern in (*TOKENIZERS, "merges.txt") for file in folder.glob(pattern)):
        check_content(file)
    stored = read_object(folder / "tokenizer.json") if (folder / "tokenizer.json").is_file() else None
    try:
        own, added = dict(_own(folder, stored)), dict(_added(folder, stored))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{folder}: its tokenizer's files are damaged ({brief(error)}).") from error
    tokens = own | added
    if rows is None or not own:
        return
    last = max(tokens, key=tokens.__getitem__)
    if tokens[last] >= rows:
        raise UsageError(
            f"{folder}: the tokenizer has {tokens[last] + 1:,} tokens, the embedding table {rows:,} rows: none for "
            f"{brief(repr(last))}; resize the model's embeddings, or take the tokenizer that it was trained with."
        )
    if len(tokens) < LEAST_FRACTION * rows:
        raise UsageError(
            f"{folder}: the tokenizer has {len(tokens):,} tokens, the embedding table {rows:,} rows; it is not the "
            "tokenizer that this model was trained with."
        )


def _own(folder: Path, stored: Mapping[str, Any] | None) -> Iterator[Token]:
    """Yield the vocabulary's tokens with their ids, from the file that is read first; none of a SentencePiece model."""
    if stored is not None:
        vocabulary = stored["model"]["vocab"]
        if isinstance(vocabulary, list):
            yield from ((_text(piece), number) for number, (piece, _) in enumerate(vocabulary))
        else:
            yield from ((token, _id(number)) for token, number in vocabulary.items())
    elif (folder / "vocab.txt").is_file():
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
        yield from ((token, number) for number, token in enumerate(lines))
    elif (folder / "vocab.json").is_file():
        yield from ((token, _id(number)) for token, number in read_object(folder / "vocab.json").items())


def _added(folder: Path, stored: Mapping[str, Any] | None) -> Iterator[Token]:
    """Yield the tokens that were added to the vocabulary, from every file that may name them."""
    for added in (stored or {}).get("added_tokens") or ():
        yield _text(added["content"]), _id(added["id"])
    settings, older = folder / "tokenizer_config.json", folder / "added_tokens.json"
    if settings.is_file():
        decoder = read_object(settings).get("added_tokens_decoder") or {}
        yield from ((_text(token["content"]), _id(int(number))) for number, token in decoder.items())
    if older.is_file():
        yield from ((token, _id(number)) for token, number in read_object(older).items())
    if (folder / "special_tokens_map.json").is_file():
        read_object(folder / "special_tokens_map.json")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a token is a text, not {value!r}")
    return value


def _id(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"a token's id is a natural number, not {value!r}")
    return value
