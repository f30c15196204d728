"""The command `prompts`: exactly what a model sees that is asked in words."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import Data, Json, Plugins

if TYPE_CHECKING:
    from harness.api.asking import ShownPrompt
    from harness.api.example import Example

LAST_TOKENS = 3
"""Of a prompt, shown before an answer's."""


def prompts(
    task: Annotated[str, typer.Argument(metavar="TASK", help="A task, by name or title.")],
    model: Annotated[str, typer.Option(metavar="MODEL+prompt", help="A model that is asked in words.")],
    data: Data = "auto",
    seed: Annotated[int, typer.Option(min=0, help="The seed that draws the examples in a prompt.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="As of `run`: at most N examples per split.")] = None,
    limit_train: Annotated[int | None, typer.Option(min=1, help="As of `run`: at most N training examples.")] = None,
    show: Annotated[int, typer.Option(min=1, help="How many examples to show.")] = 2,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Show what a prompted model reads of the first examples: the text, and where its tokens and its answers' join."""
    from harness.api.asking import AskedExamples, ReadsPrompts
    from harness.api.limits import Limits
    from harness.catalog import load_catalog
    from harness.cli.display import print_json
    from harness.data.loading import load
    from harness.data.source import open_source
    from harness.errors import UsageError
    from harness.system.console import console_on

    catalog = load_catalog(plugin or ())
    asked, spec = catalog.task(task), catalog.model(model)
    if not isinstance(spec, ReadsPrompts):
        raise UsageError(f"--model {model}: is not asked in words; expected a causal checkpoint, as NAME+prompt.")
    if spec.prompt_for(asked) is None:
        raise UsageError(f"--model {model}: task {asked.name!r} has no such prompt ({len(asked.prompts)} in all).")
    limits = Limits(train=limit if limit_train is None else limit_train, evaluation=limit)
    source = open_source(data, [asked])
    found = load(asked, source, limits, needs_training=spec.needs_training_split)
    split, examples = next(iter(found.scored.items()))
    shown = examples[:show]
    seen = spec.show_prompts(asked, AskedExamples(train=found.train, examples=shown, seed=seed))
    if as_json:
        print_json({"task": asked.name, "split": split, "model": spec.name, "prompts": [asdict(each) for each in seen]})
        return
    console = console_on()
    for number, each in enumerate(seen):
        for line in _lines(each, shown[number * len(shown) // len(seen)], f"{asked.name} {split}"):
            console.print(line, soft_wrap=True)


def _lines(prompt: "ShownPrompt", example: "Example", where: str) -> Iterator[str]:
    """Yield a prompt's text, each line break after its sign, and its last tokens before those of each answer."""
    label = f", asked for {prompt.asked}" if prompt.asked else ""
    shots = f"{prompt.num_shots} example{'s' * (prompt.num_shots != 1)} before it"
    yield f"{where}, example {example.id}{label}: {shots}, {len(prompt.tokens)} tokens"
    yield from (f"  | {line}" for line in _escaped(prompt.text).replace(r"\n", "\\n\n").splitlines())
    for answer, tokens in prompt.answers.items():
        end = " ".join(map(_escaped, prompt.tokens[-LAST_TOKENS:]))
        yield f"  {_escaped(answer)}: … {end} + {' '.join(map(_escaped, tokens))}"


def _escaped(text: str) -> str:
    r"""Return the text in one line: a line break as ``\n``, and so on with all that a terminal would not print."""
    return "".join(c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode() for c in text)
