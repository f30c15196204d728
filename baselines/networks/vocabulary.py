"""A WordPiece tokenizer trained on a task's own text: the same text always gives the same vocabulary.

``tokenizers`` alone does not promise that: its trainer numbers the pieces inside words in the order of a randomly
seeded hash map, and breaks ties between merges by those numbers. :func:`train_tokenizer` numbers them itself.
"""

from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from harness.api.example import Example

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")  # ids 0, 1, 2, 3
PAD_ID = 0
CONTINUATION = "##"


def train_tokenizer(examples: Sequence[Example], *, vocabulary_size: int) -> Tokenizer:
    """Return a lower-casing BERT tokenizer of at most ``vocabulary_size`` pieces, or as many as there are characters.

    Each distinct text counts once, so a passage with many questions weighs as much as any other. A sequence is
    ``[CLS] text [SEP]`` or ``[CLS] text [SEP] pair [SEP]``, the pair and its ``[SEP]`` of type 1.
    """
    texts = list(dict.fromkeys(text for example in examples for text in (example.text, example.pair) if text))
    trained = _bert_tokenizer(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=CONTINUATION))
    # The trainer numbers "special" tokens first and in the order given: that settles the ids that ties depend on.
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary_size,
        special_tokens=[*SPECIAL_TOKENS, *_continuations(texts, trained)],
        continuing_subword_prefix=CONTINUATION,
        show_progress=False,
    )
    trained.train_from_iterator(texts, trainer)

    # A fresh tokenizer from the vocabulary: a "##s" or a "[SEP]" that stands in a text is plain text to it.
    vocabulary = trained.get_vocab()
    model = models.WordPiece(vocab=vocabulary, unk_token="[UNK]", continuing_subword_prefix=CONTINUATION)
    tokenizer = _bert_tokenizer(model)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")],
    )
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
