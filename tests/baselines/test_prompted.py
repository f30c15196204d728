"""``NAME+prompt``: which checkpoints can be asked, how that is said and keyed, and what comes of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baselines.pretrained import MINILM, resolve
from baselines.prompted import Prompted
from harness import Example, MinimalPairs, MultiLabel, Prompt
from harness.api.asking import AskedExamples, ReadsPrompts
from harness.api.limits import Limits
from harness.api.method import Method
from harness.api.model import FitSession
from harness.data.source import Source
from harness.errors import UsageError
from harness.plan.trial import Trial
from harness.testing.models import check_model
from tasks.glue import RTE, STSB
from tasks.themes import THEMES_OF_NOTES

SAMPLE = Source(kind="sample")
FEW = Limits(train=12, evaluation=8)


def asked(folder: Path, shots: int = 0, *options: Any) -> Prompted:
    spec = resolve(str(folder))
    assert spec is not None
    found = spec.with_method(Method(way="prompt", shots=shots, options=options))
    assert isinstance(found, Prompted)
    assert isinstance(found, ReadsPrompts)
    return found


def test_it_is_called_what_it_was_asked_for_and_says_that_it_is_not_trained(causal_folders: dict[str, Path]) -> None:
    spec = asked(causal_folders["llama"], 5, "calibrated")
    assert spec.name == "tiny-llama+prompt5+calibrated"
    assert spec.title.endswith("prompted with 5 training examples, not trained, calibrated")
    assert spec.recipe is None
    assert [spec.supports(output) for output in (RTE.output, STSB.output, THEMES_OF_NOTES.output)] == [True] * 3
    assert not spec.supports(MinimalPairs())
    assert "leave out +prompt" in spec.reason_against(MinimalPairs())


def test_examples_need_a_training_split(causal_folders: dict[str, Path]) -> None:
    assert not asked(causal_folders["llama"]).needs_training_split
    assert asked(causal_folders["llama"], 1).needs_training_split


@pytest.mark.parametrize(
    ("task", "shots", "options"),
    [(RTE, 0, ()), (RTE, 2, ("calibrated",)), (STSB, 0, ()), (THEMES_OF_NOTES, 1, ())],
    ids=["zero-shot", "calibrated", "grades", "labels"],
)
def test_it_conforms(task: Any, shots: int, options: Any, causal_folders: dict[str, Path]) -> None:
    check_model(asked(causal_folders["llama"], shots, *options), task, limits=FEW)


def test_chat_templates_are_used_where_there_is_one_and_are_part_of_the_identity(
    chat_folder: Path, causal_folders: dict[str, Path]
) -> None:
    chat, plain = asked(chat_folder), asked(chat_folder, 0, "plain")
    assert (chat.chat_template is None, plain.chat_template) == (False, None)
    assert "chat_template" in chat.identity()
    assert "chat_template" not in plain.identity()
    assert chat.identity() != replace(chat, chat_template="another").identity()
    with pytest.raises(UsageError, match=r"tiny-llama\+prompt\+chat: the checkpoint has no chat template"):
        asked(causal_folders["llama"], 0, "chat")


def test_an_encoder_cannot_be_asked() -> None:
    with pytest.raises(UsageError, match=r"minilm\+prompt: bert is an encoder"):
        MINILM.with_method(Method(way="prompt"))


def test_the_words_are_part_of_a_prompted_trials_key_alone(causal_folders: dict[str, Path]) -> None:
    other = replace(RTE, prompts=(replace(RTE.prompts[0], separator="\n"),))
    spec = resolve(str(causal_folders["llama"]))
    assert spec is not None

    def keys(model: Any, **changes: Any) -> set[str]:
        given = {"seed": 0, "limits": Limits(), "source": SAMPLE, **changes}
        return {Trial(task=task, model=model, **given).key for task in (RTE, other)}

    assert len(keys(asked(causal_folders["llama"]))) == 2
    assert len(keys(asked(causal_folders["llama"])) | keys(asked(causal_folders["llama"]), precision="bfloat16")) == 4
    assert len(keys(MINILM)) == 1


def test_another_wording_is_another_model(causal_folders: dict[str, Path]) -> None:
    first = resolve(str(causal_folders["llama"]))
    assert first is not None
    second = first.with_method(Method(way="prompt", wording=2))
    assert isinstance(second, Prompted)
    assert second.name == "tiny-llama+prompt+wording2"
    assert (second.prompt_for(RTE), second.prompt_for(STSB)) == (RTE.prompts[1], None)
    assert second.identity() != asked(causal_folders["llama"]).identity()


def test_what_it_says_of_its_predictions(chat_folder: Path) -> None:
    model = asked(chat_folder, 2, "calibrated").build(RTE, seed=0, device="cpu")
    train = [Example(id=str(n), text="a", pair="b", target=n % 2) for n in range(4)]
    history = model.fit(train, FitSession())
    (note,) = history.notes
    assert note.startswith("prompted, not trained; 2 training examples in each prompt, drawn by the seed")
    assert "in the checkpoint's chat template; calibrated by inputs without content ('N/A', '', '[MASK]')" in note
    assert history.precision in note
    assert model.num_parameters > 0


def test_seeds_draw_examples_and_nothing_else(causal_folders: dict[str, Path]) -> None:
    train = [Example(id=str(n), text=f"engine {n}", pair="red", target=n % 2) for n in range(9)]

    def predictions(shots: int, seed: int) -> Any:
        model = asked(causal_folders["llama"], shots).build(RTE, seed=seed, device="cpu")
        model.fit(train, FitSession())
        return model.predict(train)

    assert predictions(0, 0) == predictions(0, 1)
    assert predictions(3, 0) == predictions(3, 0) != predictions(3, 1)


def test_long_answers_can_be_weighed_by_the_character(causal_folders: dict[str, Path]) -> None:
    prompt = Prompt(template="{text}", answers=("a", "engine of the steam"))
    example = [Example(id="0", text="red", target=0)]
    values = []
    for per_character in (False, True):
        task = replace(RTE, prompts=(replace(prompt, per_character=per_character),))
        model = asked(causal_folders["llama"]).build(task, seed=0, device="cpu")
        model.fit([], FitSession())
        values.append(model.predict(example)[0].scores)
    assert values[0][1] < values[1][1]


@pytest.mark.parametrize(
    ("changes", "shots", "options", "message"),
    [
        ({"answers": ("engine", "engine of")}, 0, (), "the answers 'engine' and 'engine of' are not apart"),
        ({"answers": ("no", "yes", "perhaps")}, 0, (), "has the answers no, yes, perhaps; expected one for each of 2"),
        ({"template": "{text}" + " more" * 300}, 0, (), r"3 prompts have up to [\d,]+ tokens without any example"),
        ({"template": "{text}" + " more" * 60}, 9, ("whole",), "3 prompts are longer than the 700 tokens"),
        ({}, 99, (), "99 examples for a prompt; the training split has 12"),
    ],
)
def test_what_cannot_be_asked_is_told_at_once(
    changes: Any, shots: int, options: Any, message: str, causal_folders: dict[str, Path]
) -> None:
    task = replace(RTE, prompts=(replace(RTE.prompts[0], **changes),))
    train = [Example(id=str(n), text="a", pair="b", target=n % 2) for n in range(12)]
    examples = AskedExamples(train=train, examples=train[:3], seed=0)
    with pytest.raises(UsageError, match=message) as raised:
        asked(causal_folders["llama"], shots, *options).check_prompts(task, examples)
    assert str(raised.value).startswith(f"--model tiny-llama+prompt{shots or ''}")
    assert "task 'rte'" in str(raised.value)


def test_it_shows_what_it_sees(causal_folders: dict[str, Path]) -> None:
    task = replace(RTE, output=MultiLabel(labels=("a", "b")), prompts=THEMES_OF_NOTES.prompts)
    examples = [Example(id="0", text="the red engine", target=frozenset())]
    shown = asked(causal_folders["llama"]).show_prompts(task, AskedExamples(train=[], examples=examples, seed=0))
    assert [each.asked for each in shown] == ["a", "b"]
    assert shown[1].text == "the red engine\nQuestion: Is this note about b?\nAnswer:"
    assert shown[0].tokens[-1] == ":"
    assert set(shown[0].answers) == {"no", "yes"}
