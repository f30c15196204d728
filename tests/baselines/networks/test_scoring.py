"""Rows of tokens: trees hold each text once, and a head sees what is asked."""

from collections.abc import Sequence

import torch
from hypothesis import given
from hypothesis import strategies as st

from baselines.networks.scoring import TREE_TOKENS, Batch, Row, batches, score, trees
from harness.system.cores import Cores

FIRST = 9
texts_of_tokens = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=12), min_size=1, max_size=60)


def asked_in(row: Row) -> dict[int, list[tuple[list[int], int]]]:
    """Return what is asked for each text: the tokens that are seen, and the token after them."""
    assert row.parents is not None
    edges, found = list(row.edges), dict[int, list[tuple[list[int], int]]]()
    for edge, text in row.uses:
        place, target = edges[edge]
        seen: list[int] = []
        while place >= 0:
            seen.insert(0, row.ids[place])
            place = row.parents[place]
        found.setdefault(text, []).append((seen, target))
    return found


@given(texts_of_tokens)
def test_trees_ask_for_each_token_of_each_text_after_those_before_it(texts: list[list[int]]) -> None:
    numbers = [10 * index for index in range(len(texts))]
    rows = list(trees(texts, FIRST, numbers))
    found: dict[int, list[tuple[list[int], int]]] = {}
    for row in rows:
        assert len(row.ids) <= TREE_TOKENS
        for text, asked in asked_in(row).items():
            assert text not in found
            found[text] = asked
    for number, text in zip(numbers, texts, strict=True):
        assert found[number] == [([FIRST, *text[:i]], target) for i, target in enumerate(text)]


def test_what_texts_begin_with_is_read_once() -> None:
    (row,) = trees([[1, 2, 3, 0], [1, 2, 0, 0], [1, 2, 3]], FIRST, [0, 1, 2])
    assert row.ids == [FIRST, 1, 2, 0, 3]
    assert len(row.edges) == 6  # 1, then 2, then 0 or 3, and 0 after either


def next_is_larger(batch: Batch) -> torch.Tensor:
    """Return logits for which token t is followed by t + 1 with a probability of one half."""
    tokens = batch.ids[batch.rows, batch.places]
    logits = torch.zeros(len(tokens), 11)
    logits[torch.arange(len(tokens)), (tokens + 1) % 11] = torch.log(torch.tensor(10.0))
    return logits


def line(ids: Sequence[int], text: int) -> Row:
    row = Row(ids=list(ids[:-1]))
    for place, target in enumerate(ids[1:]):
        row.ask(place, target, text)
    return row


def test_log_probabilities_are_summed_by_text() -> None:
    rows = [line([3, 4, 5], 0), line([3, 4, 4, 5], 1), line([0, 1], 0), *trees([[10, 1], [10, 0]], FIRST, [2, 3])]
    found = score(rows, 4, next_is_larger, device="cpu", cores=Cores())
    half, other = torch.log(torch.tensor([0.5, 0.05])).tolist()
    expected = torch.tensor([3 * half, 2 * half + other, half + other, 2 * half]).double()
    torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-5, atol=1e-5)


def test_rows_in_line_go_with_others_of_their_length() -> None:
    rows = [line(range(length + 1), 0) for length in (2, 3, 2, 3, 3)]
    found = list(batches(rows, max_tokens=6))
    assert [tuple(batch.ids.shape) for batch in found] == [(2, 3), (1, 3), (2, 2)]
    assert all(batch.visible is None for batch in found)
