"""The log-probabilities of answers: those of a plain pass over each text, whatever is shared or computed beside."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM

from baselines.networks import answers as weighing
from baselines.networks.answers import LEAST_SHARED, AnswerScorer
from baselines.networks.causal import CausalNetwork, load_causal
from baselines.networks.prefix import Prefix, read_prefix
from baselines.networks.questions import Question

generator = np.random.default_rng(0)


def tokens(count: int) -> list[int]:
    return [int(token) for token in generator.integers(5, 300, count)]


SHARED = tokens(LEAST_SHARED + 9)
ONE_TOKEN = [[7], [8], [9]]
BRANCHING = [[7, 8, 9], [7, 8, 10], [11], [7, 12, 13, 14]]


def asked(answers: list[list[int]], beginning: list[int]) -> list[Question]:
    lengths = (3, 17, 3, 1, 40)
    contexts = [beginning + tokens(length) for length in lengths]
    return [Question(context=context, answers=answers, asked=0, num_shots=0) for context in contexts]


def scorer(folder: Path, precision: str = "float32") -> AnswerScorer:
    network = load_causal(folder, device="cpu", window=None, stride=None)
    return AnswerScorer(network=network, device="cpu", precision=precision)


def plain(folder: Path, questions: list[Question]) -> NDArray[np.float64]:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    found = []
    for question in questions:
        for answer in question.answers:
            ids = torch.tensor([question.context + answer])
            with torch.no_grad():
                logarithms = model(ids).logits[0].double().log_softmax(1)
            places = range(len(question.context) - 1, ids.shape[1] - 1)
            found.append(sum(float(logarithms[place, ids[0, place + 1]]) for place in places))
    return np.array(found).reshape(len(questions), -1)


@pytest.mark.parametrize("model_type", ["llama", "gpt2", "mamba"])
@pytest.mark.parametrize("answers", [ONE_TOKEN, BRANCHING], ids=["one token", "branching"])
def test_the_same_as_a_plain_pass_over_each_text(
    model_type: str, answers: list[list[int]], causal_folders: dict[str, Path]
) -> None:
    used = scorer(causal_folders[model_type])
    assert (used.branches, used.keeps) == ((model_type != "mamba",) * 2)
    for beginning in ([], SHARED):
        questions = asked(answers, beginning)
        found = used.log_likelihoods(questions, beginning)
        np.testing.assert_allclose(found, plain(causal_folders[model_type], questions), atol=1e-3)


def test_order_changes_nothing_and_company_no_more_than_rounding(causal_folders: dict[str, Path]) -> None:
    used, questions = scorer(causal_folders["llama"]), asked(BRANCHING, SHARED) + asked(BRANCHING, SHARED)
    together = used.log_likelihoods(questions, SHARED)
    np.testing.assert_array_equal(used.log_likelihoods(questions[::-1], SHARED)[::-1], together)
    alone = [used.log_likelihoods([question], SHARED)[0] for question in questions]
    np.testing.assert_allclose(alone, together, atol=1e-4)
    np.testing.assert_allclose(used.log_likelihoods(questions, []), together, atol=1e-4)


def test_what_is_shared_is_read_once(causal_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    used, read = scorer(causal_folders["llama"]), list[int]()

    def reading(network: CausalNetwork, ids: list[int]) -> Prefix:
        read.append(len(ids))
        return read_prefix(network, ids)

    monkeypatch.setattr(weighing, "read_prefix", reading)
    for _ in range(3):
        used.log_likelihoods(asked(BRANCHING, SHARED), SHARED)
    assert read == [len(SHARED)]


def test_answers_of_one_token_are_one_row_without_a_mask() -> None:
    (row,) = AnswerScorer._branched(Question(context=[5, 6], answers=ONE_TOKEN, asked=0, num_shots=0), 0, 0)
    assert (row.ids, row.parents, len(row.edges)) == ([5, 6], None, 3)
    (row,) = AnswerScorer._branched(Question(context=[5, 6], answers=BRANCHING, asked=0, num_shots=0), 1, 0)
    assert (row.ids, row.parents) == ([6, 7, 8, 12, 13], [-1, 0, 1, 1, 3])


def test_bfloat16_is_near_float32_and_its_head_is_exact(causal_folders: dict[str, Path]) -> None:
    questions = asked(ONE_TOKEN, SHARED)
    exact, near = (
        scorer(causal_folders["llama"], precision).log_likelihoods(questions, SHARED)
        for precision in ("float32", "bfloat16")
    )
    assert 0 < abs(exact - near).max() < 0.3
    assert len(np.unique(near)) == near.size, "logits in bfloat16 are so coarse that some would be equal"
