import hashlib

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from baselines.networks import tokens
from baselines.networks.tokens import MAX_QUESTION_TOKENS, encode, encoding_key
from harness.api.encoding import Encoded
from harness.api.example import Example, Span
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.recipe import Encoding
from harness.errors import UsageError
from tests.fakes.checkpoints import byte_level_tokenizer, unigram_tokenizer, wordpiece_tokenizer

LABELS = Classification(labels=("no", "yes"))
SPAN = Extraction(unanswerable=True)
TOKENIZERS = {"wordpiece": wordpiece_tokenizer(), "byte-level": byte_level_tokenizer(), "unigram": unigram_tokenizer()}
PASSAGE = "Ada wrote  the first program in 1843,\n for an engine that nobody had built."
QUESTION = Example(id="0", text="who wrote it?", pair=PASSAGE, target=(Span("first program", 15), Span("Ada", 0)))

words = st.lists(st.sampled_from(["Ada", "wrote", "  the", "é", "engine,", "\n1843", "漢字"]), max_size=40).map(
    " ".join
)


@pytest.fixture(params=TOKENIZERS)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return TOKENIZERS[request.param]


def sequences(encoded: Encoded) -> list[list[int]]:
    return [part.tolist() for part in np.split(encoded.ids, encoded.offsets[1:-1])]


def answers(encoded: Encoded, examples: list[Example]) -> list[str]:
    """Return the text that each sequence's label stands for; ``""`` for (0, 0)."""
    assert encoded.labels is not None
    assert encoded.spans is not None
    texts = []
    for sequence, (first, last) in enumerate(encoded.labels):
        start = encoded.spans[encoded.offsets[sequence] + first, 0]
        end = encoded.spans[encoded.offsets[sequence] + last, 1]
        passage = examples[encoded.examples[sequence]].pair or ""
        texts.append(passage[start:end] if first else "")
    return texts


def test_whole_examples_are_what_the_tokenizer_gives_cut_longest_first(tokenizer: Tokenizer) -> None:
    examples = [
        Example(id="0", text="a good film", target=1),
        Example(id="1", text="a bad film", pair="not good " * 19, target=0),
    ]
    encoded = encode(tokenizer, examples, output=LABELS, encoding=Encoding(max_length=32))
    tokenizer.no_truncation()
    single, pair = tokenizer.encode("a good film"), tokenizer.encode("a bad film", "not good " * 19)
    pair_ids = sequences(encoded)[1]
    assert sequences(encoded)[0] == single.ids
    assert len(pair_ids) == 32
    assert pair_ids[:-1] == pair.ids[:31]  # the longer text alone is cut
    assert pair_ids[-1] == pair.ids[-1]
    assert encoded.types.tolist()[len(single) :] == [*pair.type_ids[:31], pair.type_ids[-1]]
    assert encoded.labels is not None
    assert encoded.labels.tolist() == [1, 0]
    assert encoded.spans is None


def test_arrays_have_the_declared_types(tokenizer: Tokenizer) -> None:
    example = Example(id="0", text="a", target=2.5)
    encoded = encode(tokenizer, [example], output=Regression(low=0, high=5), encoding=Encoding())
    arrays = [encoded.ids, encoded.types, encoded.offsets, encoded.examples, encoded.labels]
    assert [str(array.dtype) for array in arrays if array is not None] == ["int32", "int8", "int64", "int32", "float32"]
    encoded = encode(tokenizer, [QUESTION], output=SPAN, encoding=Encoding())
    assert encoded.labels is not None
    assert encoded.spans is not None
    assert (str(encoded.labels.dtype), str(encoded.spans.dtype)) == ("int64", "int32")
    assert encoded.spans.shape == (len(encoded.ids), 2)


@pytest.mark.parametrize("output", [LABELS, SPAN])
def test_an_unknown_target_means_no_labels_and_no_examples_mean_no_sequences(
    tokenizer: Tokenizer, output: Classification | Extraction
) -> None:
    unknown = Example(id="1", text="a", pair="b")
    assert encode(tokenizer, [QUESTION, unknown], output=output, encoding=Encoding()).labels is None
    empty = encode(tokenizer, [], output=output, encoding=Encoding())
    assert len(empty) == 0
    assert len(empty.ids) == 0


@settings(max_examples=60, deadline=None)
@given(question=words, passage=words, name=st.sampled_from(sorted(TOKENIZERS)), overlap=st.integers(0, 9))
def test_windows_are_those_of_the_tokenizers_own_truncation(
    question: str, passage: str, name: str, overlap: int
) -> None:
    tokenizer = TOKENIZERS[name]
    question = question.lstrip()[:12]
    example = Example(id="0", text=question, pair=passage, target=())
    encoded = encode(tokenizer, [example], output=SPAN, encoding=Encoding(max_length=64, doc_stride=overlap))
    tokenizer.enable_truncation(64, strategy="only_second", stride=overlap)
    first = tokenizer.encode(question, passage)
    expected = [first, *first.overflowing]
    assert sequences(encoded) == [window.ids for window in expected]
    assert encoded.types.tolist() == [t for window in expected for t in window.type_ids]


@settings(max_examples=100, deadline=None)
@given(passage=words, name=st.sampled_from(sorted(TOKENIZERS)), data=st.data())
def test_an_answer_of_whole_words_is_found_again_in_each_window_that_holds_it(
    passage: str, name: str, data: st.DataObject
) -> None:
    pieces = passage.split()
    if not pieces:
        return
    count = data.draw(st.integers(1, len(pieces)))
    text = passage[: len(passage) - len(passage.lstrip())] + passage.strip()
    answer = text[text.index(pieces[0]) : text.index(pieces[count - 1]) + len(pieces[count - 1])]
    example = Example(id="0", text="when?", pair=passage, target=(Span(answer, passage.index(answer)),))
    encoded = encode(TOKENIZERS[name], [example], output=SPAN, encoding=Encoding(max_length=512))
    assert answers(encoded, [example]) == [answer]


def test_a_window_without_the_whole_answer_is_labelled_no_answer(tokenizer: Tokenizer) -> None:
    long = "the engine " * 30
    examples = [Example(id="0", text="who?", pair=f"{long}Ada wrote {long}", target=(Span("Ada wrote", len(long)),))]
    encoded = encode(tokenizer, examples, output=SPAN, encoding=Encoding(max_length=40, doc_stride=10))
    found = answers(encoded, examples)
    assert len(found) > 4
    assert set(found) == {"", "Ada wrote"}
    assert encoded.examples.tolist() == [0] * len(found)


def test_the_first_accepted_span_is_learnt_and_an_unanswerable_question_points_at_the_first_token(
    tokenizer: Tokenizer,
) -> None:
    examples = [QUESTION, Example(id="1", text="who?", pair=PASSAGE, target=())]
    encoded = encode(tokenizer, examples, output=SPAN, encoding=Encoding(max_length=512))
    assert answers(encoded, examples) == ["first program", ""]
    assert encoded.labels is not None
    assert encoded.labels[1].tolist() == [0, 0]


def test_spans_cover_the_passage_without_white_space_and_nothing_else(tokenizer: Tokenizer) -> None:
    encoded = encode(tokenizer, [QUESTION], output=SPAN, encoding=Encoding(max_length=512))
    assert encoded.spans is not None
    pieces = [PASSAGE[start:end] for start, end in encoded.spans if start >= 0]
    assert "".join(pieces) == "".join(PASSAGE.split())
    assert all(piece == piece.strip() for piece in pieces)
    question_length = len(tokenizer.encode(QUESTION.text))
    assert (encoded.spans[:question_length] == -1).all()
    assert (encoded.spans[-1] == -1).all()


def test_a_question_is_stripped_on_the_left_and_cut_to_64_tokens(tokenizer: Tokenizer) -> None:
    example = Example(id="0", text="   " + "film " * 99, pair="Ada", target=())
    encoded = encode(tokenizer, [example], output=SPAN, encoding=Encoding(max_length=384))
    tokenizer.no_truncation()
    question = tokenizer.encode("film " * 99, add_special_tokens=False).ids[:MAX_QUESTION_TOKENS]
    assert encoded.ids.tolist()[1:65] == question
    assert len(encoded.ids) < 80


def test_overlap_beyond_the_window_still_moves_on(tokenizer: Tokenizer) -> None:
    example = Example(id="0", text="who? " * 20, pair=PASSAGE * 3, target=())
    encoded = encode(tokenizer, [example], output=SPAN, encoding=Encoding(max_length=20, doc_stride=128))
    assert (encoded.lengths <= 20).all()
    assert encoded.spans is not None
    assert set(encoded.spans[:, 1].tolist()) >= {len(PASSAGE), 3 * len(PASSAGE)}


def test_the_tokenizers_own_truncation_and_padding_neither_count_nor_leak() -> None:
    encoding = Encoding(max_length=64)
    fresh = encode(wordpiece_tokenizer(), [QUESTION], output=SPAN, encoding=encoding)
    used = wordpiece_tokenizer()
    used.enable_truncation(8)
    used.enable_padding(length=100)
    encode(used, [Example(id="0", text="a " * 80, target=0)], output=LABELS, encoding=Encoding(max_length=9))
    again = encode(used, [QUESTION], output=SPAN, encoding=encoding)
    np.testing.assert_array_equal(fresh.ids, again.ids)


def test_the_key_has_all_that_shapes_a_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(tokenizer: Tokenizer, output: Output = SPAN, **lengths: int) -> str:
        return encoding_key(tokenizer, output=output, encoding=Encoding(**lengths))

    plain, cased, told = wordpiece_tokenizer(), wordpiece_tokenizer(), wordpiece_tokenizer()
    cased.normalizer = None
    told.add_special_tokens(["[SEP]"])
    literal = Tokenizer.from_str(told.to_str())
    literal.encode_special_tokens = True
    found = [of(one) for one in [*TOKENIZERS.values(), cased, told, literal]]
    found += [
        of(plain, LABELS),
        of(plain, Regression(low=0, high=5)),
        of(plain, max_length=64),
        of(plain, doc_stride=8),
    ]
    for module, name in ((tokens, "VERSION"), (tokenizers, "__version__")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, "another")
            found.append(of(plain))
    assert len(set(found)) == len(found)
    assert of(plain) == found[0], "another tokenizer with the same content"
    assert of(plain, LABELS) == of(plain, Classification(labels=("a", "b", "c"))), "labels are numbers already"


@pytest.mark.parametrize("output", [LABELS, SPAN])
def test_the_key_is_the_same_before_and_after_encoding(
    tokenizer: Tokenizer, output: Classification | Extraction
) -> None:
    key = encoding_key(tokenizer, output=output, encoding=Encoding())
    encode(
        tokenizer,
        [Example(id="0", text="who?", pair=PASSAGE)],
        output=output,
        encoding=Encoding(max_length=20),
    )
    tokenizer.enable_padding()
    assert encoding_key(tokenizer, output=output, encoding=Encoding()) == key


def test_another_encoding_has_another_version() -> None:
    """Raise ``tokens.VERSION`` with what is here: runs keep what an earlier version made of their texts."""
    digest = hashlib.sha256()
    for output, target in ((LABELS, 1), (SPAN, QUESTION.target)):
        example = Example(id="0", text=QUESTION.text, pair=PASSAGE, target=target)
        encoded = encode(
            wordpiece_tokenizer(),
            [example],
            output=output,
            encoding=Encoding(max_length=32, doc_stride=4),
        )
        for name, array in vars(encoded).items():
            digest.update(repr((name, None if array is None else (str(array.dtype), array.tolist()))).encode())
    assert (tokens.VERSION, digest.hexdigest()[:16]) == (2, "cffb99fc2d7e54fb")


def test_a_sequence_that_begins_with_text_cannot_say_no_answer() -> None:
    bare = Tokenizer(models.WordLevel({"1": 0, "[UNK]": 1}, unk_token="[UNK]"))
    bare.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(UsageError, match="special token"):
        encode(bare, [QUESTION], output=SPAN, encoding=Encoding())


def test_a_length_without_room_for_text_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(UsageError, match="at least"):
        encode(tokenizer, [QUESTION], output=LABELS, encoding=Encoding(max_length=4))


def test_unknown_tokens_and_texts_cut_off_are_counted(tokenizer: Tokenizer) -> None:
    texts = ["the red engine", "漢字 漢字", "a " * 60]
    examples = [Example(id=str(index), text=text, target=0) for index, text in enumerate(texts)]
    encoded = encode(tokenizer, examples, output=LABELS, encoding=Encoding(max_length=32))
    assert encoded.truncated is not None
    assert encoded.unknown_tokens is not None
    assert encoded.text_tokens is not None
    assert encoded.truncated.tolist() == [False, False, True]
    assert encoded.text_tokens.tolist() == (encoded.lengths - 2).tolist()
    knows_bytes = tokenizer.token_to_id("Ġ") is not None
    assert (encoded.unknown_tokens > 0).tolist() == [False, not knows_bytes, False]
    assert encoded.coverage is not None
    assert encoded.coverage.truncated_examples == pytest.approx(1 / 3)

    question = Example(id="0", text="who " * 70, pair=PASSAGE, target=())
    spans = encode(tokenizer, [question, QUESTION], output=SPAN, encoding=Encoding(max_length=96))
    assert spans.coverage is not None
    assert spans.coverage.truncated_examples == 0.5


def test_texts_of_which_nothing_is_left_are_unknown() -> None:
    empty = Tokenizer(models.BPE())
    encoded = encode(empty, [Example(id="0", text="red", target=0)] * 2, output=LABELS, encoding=Encoding())
    assert encoded.coverage is not None
    assert encoded.coverage.unknown_tokens == 1.0
