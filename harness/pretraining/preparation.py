"""From a corpus to token files: looked through first, then its tokenizer trained, then tokenized; each step once."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from tokenizers import Tokenizer

from harness.api.pretraining import Pretrainable
from harness.data.corpus import Corpus
from harness.errors import DataError
from harness.pretraining.folder import Folder
from harness.pretraining.held_out import part_of
from harness.pretraining.options import MIN_LENGTH, PretrainingOptions
from harness.pretraining.token_file import Counted, Ids, read_tokens, write_tokens
from harness.system.files import replacing, write_text

TOKENIZER_BYTES = 200_000_000
"""Of text that a tokenizer is trained on, from the first document on: its counts of words are held in memory."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A corpus as tokens."""

    tokenizer: Tokenizer
    train: Ids
    held_out: Ids
    documents: int
    held_out_bytes: int
    held_out_tokens: int
    """Those that a loss is of: of each document all and its end."""


def count_documents(corpus: Corpus) -> int:
    """Return how many documents there are, after a look at each.

    Raises:
        DataError: there is none or but one, or one cannot be read.
    """
    number = sum(1 for _ in corpus.documents())
    if number < 2:
        what = "one document" if number else "no text"
        raise DataError(
            f"{corpus.note}: {what} in it; expected at least two documents, as one is held out: blank lines, lines of "
            "<|endoftext|> or WikiText's headings part those of a file."
        )
    return number


def prepare(corpus: Corpus, number: int, spec: Pretrainable, options: PretrainingOptions, folder: Folder) -> Prepared:
    """Return the corpus as tokens, of which some may be there already.

    Raises:
        DataError: there are fewer tokens than fill a window.
    """

    def texts() -> Iterator[str]:
        return _first_bytes(part_of(corpus.documents(), number, held_out=False))

    if not folder.tokenizer.is_file():
        trained = spec.train_tokenizer(options.tokenizer, texts, vocabulary_size=options.vocabulary_size)
        write_text(folder.tokenizer, trained.to_str())
    tokenizer = Tokenizer.from_file(str(folder.tokenizer))
    if not folder.counts.is_file():
        _tokenize(corpus, number, tokenizer, options, folder)
    counts = {part: Counted(**held) for part, held in json.loads(folder.counts.read_text(encoding="utf-8")).items()}
    size, held_out = tokenizer.get_vocab_size(), counts["held_out"]
    return Prepared(
        tokenizer=tokenizer,
        train=read_tokens(folder.tokens("train"), size),
        held_out=read_tokens(folder.tokens("held_out"), size),
        documents=number,
        held_out_bytes=held_out.bytes,
        held_out_tokens=held_out.tokens + held_out.documents,
    )


def _tokenize(corpus: Corpus, number: int, tokenizer: Tokenizer, options: PretrainingOptions, folder: Folder) -> None:
    least = {"train": options.length, "held_out": MIN_LENGTH}
    counts = {}
    with ExitStack() as stack:
        for part, fewest in least.items():
            temporary = stack.enter_context(replacing(folder.tokens(part)))
            with temporary.open("wb") as file:
                documents = part_of(corpus.documents(), number, held_out=part == "held_out")
                counted = counts[part] = write_tokens(documents, tokenizer, file)
            total = counted.tokens + 2 * counted.documents
            if total < fewest:
                where = "to train on" if part == "train" else "held out"
                raise DataError(
                    f"{corpus.note}: {total:,} tokens {where}; expected at least {fewest:,}: a larger corpus, or a "
                    "smaller --length."
                )
    write_text(folder.counts, json.dumps({part: asdict(counted) for part, counted in counts.items()}))


def _first_bytes(documents: Iterator[str]) -> Iterator[str]:
    size = 0
    for text in documents:
        yield text
        size += len(text)
        if size >= TOKENIZER_BYTES:
            return
