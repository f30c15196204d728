"""The command `prompts`: what a model sees, exactly and harmless for a terminal."""

import json
from pathlib import Path

import pytest

from tests.fakes.checkpoints import save_language_model
from tests.harness.cli.conftest import Call

PLUGIN = """
from harness import ACCURACY, Classification, Example, Prompt, SampleData, Task

def rows(split, seed):
    return [{"text": f"the {word} engine \\x1b[31m\\\\ ", "label": 1} for word in ("red", "green", "old")]

ASKED = Task(
    name="asked", title="Asked", output=Classification(labels=("no", "yes")), metrics=(ACCURACY,),
    read=lambda row: Example(id=str(row["idx"]), text=row["text"], target=row["label"]),
    sample=SampleData(splits=("train", "validation"), generate=rows, version=1), predicted=(),
    prompts=(Prompt(template="{text}\\nAnswer:", answers=("no", "yes")),),
)
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the arguments that ask a tiny checkpoint about a task of a plugin."""
    folder = tmp_path_factory.mktemp("prompts")
    (folder / "plugin.py").write_text(PLUGIN)
    model = save_language_model(folder / "tiny", "llama", max_position_embeddings=300)
    return [
        "prompts",
        "asked",
        "--data",
        "sample",
        "--plugin",
        str(folder / "plugin.py"),
        "--model",
        f"{model}+prompt1",
    ]


def test_text_and_tokens_are_shown_and_escaped(asked: list[str], call: Call) -> None:
    done = call(*asked, "--show", "1")
    assert done.code == 0
    lines = done.output.splitlines()
    assert lines[0].startswith("asked validation, example 0: 1 example before it, ")
    assert lines[2:5] == ["  | Answer: yes\\n", "  | \\n", "  | the red engine \\x1b[31m\\\\ \\n"]
    assert lines[-2].startswith("  no: … ")
    assert lines[-1].endswith("+ Ġ y e s")


def test_json_has_all_of_it(asked: list[str], call: Call) -> None:
    done = call(*asked, "--json", "--seed", "3", "--limit-train", "1")
    found = json.loads(done.output)
    assert (done.code, len(found["prompts"]), found["split"]) == (0, 2, "validation")
    assert found["prompts"][0]["text"].endswith("the red engine \x1b[31m\\ \nAnswer:")
    assert found["prompts"][0]["num_shots"] == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["prompts", "rte", "--model", "majority"], "--model majority: is not asked in words"),
        (["prompts", "squad", "--model", "MODEL"], "task 'squad' has no such prompt (0 in all)"),
        (["prompts", "stsb", "--model", "MODEL+wording2"], "task 'stsb' has no such prompt (1 in all)"),
        (["prompts", "rte", "--model", "MODEL+chat"], "has no chat template; leave out +chat"),
        (["prompts", "rte", "--model", "minilm+prompt"], "minilm+prompt: bert is an encoder"),
    ],
)
def test_what_cannot_be_shown_is_one_line(arguments: list[str], expected: str, asked: list[str], call: Call) -> None:
    done = call(*(argument.replace("MODEL", asked[-1]) for argument in [*arguments, "--data", "sample"]))
    assert done.code == 2
    assert expected in done.errors
    assert done.errors.count("\n") == 1


def test_a_run_is_refused_before_it_begins(asked: list[str], call: Call, tmp_path: Path) -> None:
    arguments = ["run", "--task", "asked", *asked[2:-2], "--out", str(tmp_path / "run"), "--model", "majority"]
    done = call(*arguments, "--model", f"{asked[-1].removesuffix('1')}9")
    assert done.code == 2
    assert "expected 9 examples for a prompt; the training split has 3" in done.errors
    assert not (tmp_path / "run").exists()
