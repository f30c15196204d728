"""A checkpoint that has learnt something without training: a small BERT whose weights count words for and against."""

from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from tasks import sample

WIDTH = 32
LABELS = ("negative", "positive")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def save_counting_checkpoint(folder: Path) -> Path:
    """Write a classifier of the sample's SST-2, and return its folder.

    Each word's embedding holds its weight as its part of one pattern; attention averages over all words, and the head
    reads that part.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    weights = _word_weights()
    tokenizer = _tokenizer([*SPECIAL, *weights])
    config = BertConfig(
        vocab_size=len(SPECIAL) + len(weights), hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=WIDTH, max_position_embeddings=64, id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)},
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    read, constant = torch.tensor([1.0, -1.0] * (WIDTH // 2)), torch.tensor([1.0, 1.0, -1.0, -1.0] * (WIDTH // 4))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "LayerNorm" not in name:
                parameter.zero_()
        words = torch.tensor([*[0.0] * len(SPECIAL), *weights.values()])
        model.bert.embeddings.word_embeddings.weight.copy_(words[:, None] * read / 4 + 4 * constant)
        attention = model.bert.encoder.layer[0].attention
        for layer, factor in (
            (attention.self.value, 1.0),
            (attention.output.dense, 4.0),
            (model.bert.pooler.dense, 1.0),
        ):
            layer.weight.copy_(factor * torch.eye(WIDTH))
        model.classifier.weight.copy_(torch.stack([-read, read]))
    model.save_pretrained(folder)
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return folder


def shuffle_weights(folder: Path) -> None:
    """Break a checkpoint: each of its matrices keeps its values, and not their order."""
    import torch
    from safetensors.torch import load_file, save_file

    weights, draw = load_file(folder / "model.safetensors"), torch.Generator().manual_seed(0)
    for name, tensor in weights.items():
        order = torch.randperm(tensor.numel(), generator=draw)
        weights[name] = tensor.flatten()[order].reshape(tensor.shape).contiguous()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _word_weights() -> dict[str, float]:
    """Return what each word says for a positive label: learnt from the validation rows, so that it holds on them."""
    from sklearn.linear_model import LogisticRegression

    rows = sample.rows("sst2", "validation", 0)
    texts = [row["sentence"].lower().split() for row in rows]
    words = sorted({word for text in texts for word in text})
    counts = [[text.count(word) for word in words] for text in texts]
    fitted = LogisticRegression(C=100.0, fit_intercept=False, max_iter=1000).fit(counts, [row["label"] for row in rows])
    return dict(zip(words, fitted.coef_[0].tolist(), strict=True))


def _tokenizer(words: list[str]) -> Tokenizer:
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer
