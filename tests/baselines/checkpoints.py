"""Builders of tiny tokenizers and randomly initialised checkpoints."""

import string

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXT = [
    "Ada wrote the first program in 1843, for an engine that nobody had built.",
    "The engine was to be driven by steam; who wrote of it, and when?",
    "a good film, a bad film, not good, not bad, very dull and yet so very fine",
]


def wordpiece_tokenizer() -> Tokenizer:
    """Return a lower-casing WordPiece tokenizer that joins texts as BERT does: ``[CLS] text [SEP] pair [SEP]``."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = sorted({"the", "engine", "film", "good", "bad", "not"} | set(string.ascii_lowercase + string.digits))
    pieces = [*special, *words, *(f"##{character}" for character in string.ascii_lowercase + string.digits), "?", "."]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def byte_level_tokenizer() -> Tokenizer:
    """Return a byte-level BPE tokenizer that joins texts as RoBERTa does: ``<s> text </s></s> pair </s>``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=special,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False)
    return tokenizer
