"""A name is found however it is typed, as long as it can be one alone."""

import pytest

from harness.api.spelling import spelled

TITLES = {"mrpc": "MRPC", "sst2": "SST-2", "squad": "SQuAD 1.1", "squad_v2": "SQuAD 2.0", "a-b": "", "ab": "", "π": ""}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("mrpc", "mrpc"),
        ("MRPC", "mrpc"),
        ("SST-2", "sst2"),
        ("sst 2", "sst2"),
        ("SQuAD 1.1", "squad"),
        ("SQuAD", "squad"),
        ("SQuAD 2.0", "squad_v2"),
        ("squad-v2", "squad_v2"),
        ("a-b", "a-b"),
        ("AB", "AB"),
        ("mrp", "mrp"),
        ("", ""),
        ("-", "-"),
        ("Π", "π"),
    ],
)
def test_what_is_typed_is_a_name_or_reads_like_one_alone(typed: str, name: str) -> None:
    assert spelled(typed, TITLES, TITLES) == name
