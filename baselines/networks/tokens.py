"""Text to tokens with a ``tokenizers`` tokenizer: one sequence an example, or for extraction windows over its passage.

A tokenizer carries truncation and padding as state, and a stored one may bring some along: each call here sets its own.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from tokenizers import Tokenizer

from harness.api.encoding import Encoded, Located
from harness.api.example import Example, Target
from harness.api.output import Output
from harness.api.recipe import Encoding
from harness.errors import UsageError
from harness.outputs import kind_of
from harness.training.outputs import head_of

VERSION = 2
"""Raised with every change of what :func:`encode` gives: what is kept of it is kept under this number."""

MAX_QUESTION_TOKENS = 64  # as BERT's run_squad.py
UNKNOWN = ("<unk>", "[UNK]", "<UNK>")
CHUNK_EXAMPLES = 1_000  # tokenized at a time: a tokenizer's own objects weigh far more than the numbers kept of them

Ids = NDArray[np.int32]
Types = NDArray[np.int8]
Spans = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sequence:
    example: int
    ids: Ids  # (L,)
    types: Types  # (L,)
    spans: Spans | None = None  # (L, 2)
    answer: tuple[int, int] = (0, 0)
    truncated: bool = False


def encode(tokenizer: Tokenizer, examples: Sequence[Example], *, output: Output, encoding: Encoding) -> Encoded:
    """Return ``examples`` as token sequences of at most ``encoding.max_length``, labelled where all targets are known.

    For extraction, a sequence is a question (its first 64 tokens) and a window over its passage. Windows overlap by
    ``encoding.doc_stride`` tokens, or by half a window where that is less. The label is the first accepted span.

    Raises:
        UsageError: ``max_length`` has no room for two tokens of text; or the output is extraction, and the tokenizer
            does not begin a sequence with a special token.
    """
    if encoding.max_length < (least := tokenizer.num_special_tokens_to_add(is_pair=True) + 2):
        raise UsageError(f"max_length {encoding.max_length} leaves no room for two texts; expected at least {least}.")
    tokenizer.no_padding()
    targets: list[Any] = [example.target for example in examples]
    spans: Spans | None = None
    match kind_of(output).logits:
        case "sequence":
            tokenizer.enable_truncation(encoding.max_length, strategy="longest_first")
            sequences = list(_whole(tokenizer, examples, encoding.max_length))
            to_learn = targets
        case "span":
            tokenizer.no_truncation()
            sequences = list(_windows(tokenizer, examples, encoding))
            to_learn = [sequence.answer for sequence in sequences]
            spans = np.concatenate([np.empty((0, 2), np.int32), *(s.spans for s in sequences if s.spans is not None)])
    encoded = Encoded(
        ids=np.concatenate([np.empty(0, np.int32), *(sequence.ids for sequence in sequences)]),
        types=np.concatenate([np.empty(0, np.int8), *(sequence.types for sequence in sequences)]),
        offsets=np.cumsum([0, *(len(sequence.ids) for sequence in sequences)], dtype=np.int64),
        examples=np.array([sequence.example for sequence in sequences], np.int32),
        labels=None if None in targets else head_of(output).labels(to_learn),
        spans=spans,
        truncated=np.array([sequence.truncated for sequence in sequences], bool),
    )
    return _counted(encoded, tokenizer, examples)


def _counted(encoded: Encoded, tokenizer: Tokenizer, examples: Sequence[Example]) -> Encoded:
    """Return the sequences with the numbers of their texts' tokens, and of those that are unknown.

    Where nothing is left of a text, as byte-level tokenizers leave out what they do not know, that is one such token.
    """
    single, pair = (tokenizer.num_special_tokens_to_add(is_pair=is_pair) for is_pair in (False, True))
    special = np.array([single if example.pair is None else pair for example in examples], np.int64)
    tokens = encoded.lengths - special[encoded.examples]
    unknown_id = _unknown_id(tokenizer)
    before = np.concatenate([[0], np.cumsum(encoded.ids == unknown_id)])  # (T + 1,)
    unknown = np.diff(before[encoded.offsets])
    holds_text = np.array([bool(example.text.strip()) for example in examples], bool)
    vanished = (tokens <= 0) & holds_text[encoded.examples]
    return replace(
        encoded,
        text_tokens=np.where(vanished, 1, tokens).astype(np.int32),
        unknown_tokens=np.where(vanished, 1, unknown).astype(np.int32),
    )


def _unknown_id(tokenizer: Tokenizer) -> int:
    """Return the id of what is not in the vocabulary, or -1; that of a Unigram model, which does not tell, by name."""
    own = getattr(tokenizer.model, "unk_token", None)
    found = (tokenizer.token_to_id(token) for token in ([own] if own else UNKNOWN))
    return next((number for number in found if number is not None), -1)


def locate(tokenizer: Tokenizer, examples: Sequence[Example], *, output: Output, encoding: Encoding) -> Located:
    """Return where each token of :func:`encode` stands in its example's texts."""
    encoded = encode(tokenizer, examples, output=output, encoding=encoding)
    if encoded.spans is not None:
        return _locate_windows(tokenizer, examples, encoded, encoding)
    # The tokenizer still truncates as `encode` had it.
    found = tokenizer.encode_batch([_texts(example) for example in examples])
    sides = [-1 if side is None else side for encoding in found for side in encoding.sequence_ids]
    spans = [span for encoding in found for span in encoding.offsets]
    return Located(sides=np.array(sides, np.int8), spans=np.array(spans, np.int32).reshape(-1, 2))


def _locate_windows(tokenizer: Tokenizer, examples: Sequence[Example], encoded: Encoded, encoding: Encoding) -> Located:
    assert encoded.spans is not None
    layout = _Layout.of(tokenizer)
    spans = encoded.spans.copy()
    sides = np.where(spans[:, 0] >= 0, 1, -1).astype(np.int8)
    questions = tokenizer.encode_batch([example.text.lstrip() for example in examples], add_special_tokens=False)
    for start, index in zip(encoded.offsets[:-1] + len(layout.before), encoded.examples, strict=True):
        text, offsets = examples[index].text, questions[index].offsets[: layout.question_size(encoding)]
        spans[start : start + len(offsets)] = np.array(offsets).reshape(-1, 2) + len(text) - len(text.lstrip())
        sides[start : start + len(offsets)] = 0
    return Located(sides=sides, spans=spans)


def encoding_key(tokenizer: Tokenizer, *, output: Output, encoding: Encoding) -> str:
    """Return a hash of all that shapes what :func:`encode` gives, beside the examples."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    shape = [type(output).__name__, encoding.max_length, encoding.doc_stride]
    # A stored tokenizer does not say whether special tokens in a text are plain text to it.
    state = [VERSION, tokenizers.__version__, tokenizer.to_str(), tokenizer.encode_special_tokens, *shape]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def _chunks(examples: Sequence[Example]) -> Iterator[tuple[int, Sequence[Example]]]:
    for start in range(0, len(examples), CHUNK_EXAMPLES):
        yield start, examples[start : start + CHUNK_EXAMPLES]


def _texts(example: Example) -> str | tuple[str, str]:
    return example.text if example.pair is None else (example.text, example.pair)


def _whole(tokenizer: Tokenizer, examples: Sequence[Example], max_length: int) -> Iterator[_Sequence]:
    for start, chunk in _chunks(examples):
        texts = [_texts(example) for example in chunk]
        for index, encoding in enumerate(tokenizer.encode_batch_fast(texts), start):
            ids, types = np.array(encoding.ids, np.int32), np.array(encoding.type_ids, np.int8)
            # Reading what overflows makes objects of it, so only where something can.
            truncated = len(ids) >= max_length and len(encoding.overflowing) > 0
            yield _Sequence(example=index, ids=ids, types=types, truncated=truncated)


def _windows(tokenizer: Tokenizer, examples: Sequence[Example], encoding: Encoding) -> Iterator[_Sequence]:
    layout = _Layout.of(tokenizer)
    size = encoding.max_length - layout.num_special
    for start, chunk in _chunks(examples):
        passages = _passages(tokenizer, chunk)
        questions = tokenizer.encode_batch_fast([e.text.lstrip() for e in chunk], add_special_tokens=False)
        for index, (example, question) in enumerate(zip(chunk, questions, strict=True), start):
            ids = np.array(question.ids[: layout.question_size(encoding)], np.int32)
            passage = passages[example.pair or ""]
            answer = passage.locate(example.target)
            for window in _ranges(len(passage.ids), size=size - len(ids), overlap=encoding.doc_stride):
                sequence = layout.sequence(ids, passage, window, answer=answer, example=index)
                yield replace(sequence, truncated=True) if len(ids) < len(question.ids) else sequence


def _ranges(num_tokens: int, *, size: int, overlap: int) -> Iterator[range]:
    """Yield windows of at most ``size`` tokens, each going back over ``overlap`` tokens of the one before."""
    window = range(min(size, num_tokens))
    yield window
    while window.stop < num_tokens:
        start = window.stop - min(overlap, size // 2)
        window = range(start, min(start + size, num_tokens))
        yield window


@dataclass(frozen=True, slots=True)
class _Passage:
    ids: Ids  # (P,)
    spans: Spans  # (P, 2), without white space at either end; (-1, -1) for a token of white space alone

    def locate(self, target: Target) -> range:
        """Return the tokens of the first accepted span; none where there is no such span."""
        if not isinstance(target, tuple) or not target:
            return range(0)
        start = target[0].start
        inside = (self.spans[:, 0] < start + len(target[0].text)) & (self.spans[:, 1] > start)
        tokens = np.flatnonzero(inside)
        return range(tokens[0], tokens[-1] + 1) if len(tokens) else range(0)


def _passages(tokenizer: Tokenizer, examples: Sequence[Example]) -> dict[str, _Passage]:
    """Return the passages of some examples, each tokenized once: neighbours ask about the same one."""
    texts = list(dict.fromkeys(example.pair or "" for example in examples))
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    return {
        text: _Passage(
            np.array(encoding.ids, np.int32),
            np.array([_trim(text, *span) for span in encoding.offsets], np.int32).reshape(-1, 2),
        )
        for text, encoding in zip(texts, encodings, strict=True)
    }


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the characters [start, end) without white space around them: byte-level tokens begin with a space."""
    piece = text[start:end].lstrip()
    return (end - len(piece), end - len(piece) + len(piece.rstrip())) if piece else (-1, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How a tokenizer joins a question and a passage: the special tokens before, between and after them.

    ``types`` has one token type for each special token, one for the question and one for the passage.
    """

    before: Ids
    between: Ids
    after: Ids
    types: Types

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "_Layout":
        probe = tokenizer.encode("1", "1")
        ids, types = np.array(probe.ids, np.int32), np.array(probe.type_ids, np.int8)
        question, passage = (np.flatnonzero([i == side for i in probe.sequence_ids]) for side in (0, 1))
        if not len(question) or not len(passage) or question[0] == 0:
            raise UsageError(
                "this tokenizer does not begin a sequence with a special token, which stands for 'no answer' in "
                "extraction; expected one that does, as those of BERT and RoBERTa."
            )
        kept = np.ones(len(ids), bool)
        kept[[*question[1:], *passage[1:]]] = False
        return cls(
            before=ids[: question[0]],
            between=ids[question[-1] + 1 : passage[0]],
            after=ids[passage[-1] + 1 :],
            types=types[kept],
        )

    @property
    def num_special(self) -> int:
        return len(self.types) - 2

    def question_size(self, encoding: Encoding) -> int:
        return min(MAX_QUESTION_TOKENS, (encoding.max_length - self.num_special) // 2)

    def sequence(self, question: Ids, passage: _Passage, window: range, *, answer: range, example: int) -> _Sequence:
        ids = np.concatenate([self.before, question, self.between, passage.ids[window.start : window.stop], self.after])
        repeats = np.ones(len(self.types), int)
        repeats[len(self.before)] = len(question)
        repeats[-len(self.after) - 1] = len(window)
        shift = len(ids) - len(self.after) - window.stop  # from a token's place in the passage to that in the sequence
        spans = np.full((len(ids), 2), -1, np.int32)
        spans[window.start + shift : window.stop + shift] = passage.spans[window.start : window.stop]
        holds = answer and window.start <= answer.start and answer.stop <= window.stop
        return _Sequence(
            example=example,
            ids=ids,
            types=np.repeat(self.types, repeats),
            spans=spans,
            answer=(answer.start + shift, answer.stop - 1 + shift) if holds else (0, 0),
        )
