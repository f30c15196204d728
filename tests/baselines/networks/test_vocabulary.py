import os
import subprocess
import sys

import pytest

from baselines.networks.vocabulary import SPECIAL_TOKENS, train_tokenizer
from harness.api.example import Example
from tests.fakes.networks import same_word

LETTERS = "".join(a + b for a in "abcdefgh" for b in "ijklmnop")
# Words in which every pair of letters is equally frequent: what is merged first is a matter of ties alone.
TIES = [Example(id=str(at), text=LETTERS[at : at + 8], pair=LETTERS[::-1][at : at + 8]) for at in range(0, 120, 4)]
PRINT_VOCABULARY = """
from baselines.networks.vocabulary import train_tokenizer
from tests.baselines.networks.test_vocabulary import TIES
print(sorted(train_tokenizer(TIES, vocabulary_size=60).get_vocab().items()))
"""


def test_the_same_text_gives_the_same_vocabulary():
    first = train_tokenizer(TIES, vocabulary_size=60)
    for _ in range(10):
        assert train_tokenizer(TIES, vocabulary_size=60).to_str() == first.to_str()


def test_another_process_gives_the_same_vocabulary():
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", PRINT_VOCABULARY]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    assert printed.strip() == str(sorted(train_tokenizer(TIES, vocabulary_size=60).get_vocab().items()))


def test_ids_are_dense_and_begin_with_the_special_tokens():
    vocabulary = train_tokenizer(TIES, vocabulary_size=60).get_vocab()
    assert sorted(vocabulary.values()) == list(range(60))
    assert [vocabulary[token] for token in SPECIAL_TOKENS] == [0, 1, 2, 3]


def test_a_pair_has_its_own_type_and_separator():
    encoding = train_tokenizer(same_word(50), vocabulary_size=200).encode("A RED thing", "small blue")
    assert encoding.tokens == ["[CLS]", "a", "red", "thing", "[SEP]", "small", "blue", "[SEP]"]
    assert encoding.type_ids == [0, 0, 0, 0, 0, 1, 1, 1]
    assert encoding.offsets[1:4] == [(0, 1), (2, 5), (6, 11)]


def test_marks_of_the_format_are_plain_text_where_a_text_has_them():
    example = Example(id="1", text="cats ##s [SEP]")
    assert train_tokenizer([example], vocabulary_size=100).encode("##s [SEP]").tokens == [
        *("[CLS]", "#", "#", "s", "[", "sep", "]", "[SEP]")
    ]


@pytest.mark.parametrize("text", ["", "  ", "¿"])
def test_unknown_and_empty_text_is_encoded(text):
    tokenizer = train_tokenizer([Example(id="1", text="a")], vocabulary_size=10)
    assert set(tokenizer.encode(text).ids) <= {1, 2, 3}
