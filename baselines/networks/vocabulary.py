"""Tokenizers trained on a task's own text, or on a corpus: the same text always gives the same vocabulary.

``tokenizers`` alone does not promise that of WordPiece: its trainer numbers the pieces inside words in the order of a
randomly seeded hash map, and breaks ties between merges by those numbers. Here they are numbered first.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from harness.api.example import Example

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")  # ids 0, 1, 2, 3
MASKING_TOKENS = (*SPECIAL_TOKENS, "[MASK]")
BYTE_LEVEL_TOKENS = ("<pad>", "<unk>", "<s>", "</s>", "<mask>")
PAD_ID = 0
CONTINUATION = "##"


def train_tokenizer(examples: Sequence[Example], *, vocabulary_size: int) -> Tokenizer:
    """Return a lower-casing BERT tokenizer of at most ``vocabulary_size`` pieces, or as many as there are characters.

    Each distinct text counts once, so a passage with many questions weighs as much as any other. A sequence is
    ``[CLS] text [SEP]`` or ``[CLS] text [SEP] pair [SEP]``, the pair and its ``[SEP]`` of type 1.
    """
    texts = list(dict.fromkeys(text for example in examples for text in (example.text, example.pair) if text))
    return train_wordpiece(lambda: texts, vocabulary_size=vocabulary_size, special_tokens=SPECIAL_TOKENS)


def train_wordpiece(
    texts: Callable[[], Iterable[str]], *, vocabulary_size: int, special_tokens: Sequence[str] = MASKING_TOKENS
) -> Tokenizer:
    """Return such a tokenizer of texts that are gone through twice, with these special tokens first."""
    trained = _bert_tokenizer(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=CONTINUATION))
    # The trainer numbers "special" tokens first and in the order given: that settles the ids that ties depend on.
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary_size,
        special_tokens=[*special_tokens, *_continuations(texts(), trained)],
        continuing_subword_prefix=CONTINUATION,
        show_progress=False,
    )
    trained.train_from_iterator(texts(), trainer)

    # A fresh tokenizer from the vocabulary: a "##s" or a "[SEP]" that stands in a text is plain text to it.
    vocabulary = trained.get_vocab()
    model = models.WordPiece(vocab=vocabulary, unk_token="[UNK]", continuing_subword_prefix=CONTINUATION)
    tokenizer = _bert_tokenizer(model)
    tokenizer.decoder = decoders.WordPiece(prefix=CONTINUATION)
    tokenizer.post_processor = _joining("[CLS]", "[SEP]", vocabulary)
    return tokenizer


def train_byte_level(texts: Callable[[], Iterable[str]], *, vocabulary_size: int) -> Tokenizer:
    """Return a byte-level BPE tokenizer, as GPT-2's: every text is had back from its tokens.

    A sequence is ``<s> text </s>`` or ``<s> text </s> pair </s>``.
    """
    trained = _byte_level_tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=list(BYTE_LEVEL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    trained.train_from_iterator(texts(), trainer)
    state = json.loads(trained.to_str())["model"]
    vocabulary, merges = state["vocab"], [tuple(merge) for merge in state["merges"]]
    tokenizer = _byte_level_tokenizer(models.BPE(vocab=vocabulary, merges=merges))  # a "<s>" in a text is plain text
    tokenizer.post_processor = _joining("<s>", "</s>", vocabulary)
    return tokenizer


def _joining(start: str, end: str, vocabulary: Mapping[str, int]) -> processors.TemplateProcessing:
    return processors.TemplateProcessing(
        single=f"{start}:0 $A:0 {end}:0",
        pair=f"{start}:0 $A:0 {end}:0 $B:1 {end}:1",
        special_tokens=[(token, vocabulary[token]) for token in (start, end)],
    )


def _byte_level_tokenizer(model: models.Model) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _bert_tokenizer(model: models.Model) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def _continuations(texts: Iterable[str], tokenizer: Tokenizer) -> list[str]:
    """Return, sorted, the one-character pieces that can stand inside a word of ``texts``."""
    normalize, split = tokenizer.normalizer.normalize_str, tokenizer.pre_tokenizer.pre_tokenize_str
    characters = sorted({character for text in texts for character in normalize(text)})
    return [CONTINUATION + c for c in characters if [word for word, _ in split(normalize("a" + c))] == ["a" + c]]
