"""The command `pretrain`: from plain text to a checkpoint that `run --model DIR` takes."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from harness.api.pretraining import Objective, Pretrainable, TokenizerKind
from harness.cli.options import Json, Plugins
from harness.errors import UsageError
from harness.system.memory import keep_freed_memory_here

if TYPE_CHECKING:
    from harness.api.model import ModelSpec
    from harness.data.corpus import Corpus
    from harness.pretraining.record import PretrainingRecord

CONFIG = "config.json"


def pretrain(
    model: Annotated[
        str, typer.Option(help="The architecture: transformer-tiny, transformer-mini or transformer-small.")
    ],
    objective: Annotated[
        Objective,
        typer.Option(help="mlm: an encoder that predicts masked tokens; clm: a decoder that predicts the next token."),
    ],
    corpus: Annotated[
        str,
        typer.Option(
            metavar="FILE|DIR|hub:NAME|sample",
            help="Plain text: a file, a folder of *.txt, *.tokens, *.jsonl, a data set on the hub "
            "(hub:NAME\\[:CONFIG]\\[@REVISION]), or the generated sample.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="The checkpoint's folder. Running again resumes an interrupted pretraining.")
    ],
    tokens: Annotated[int | None, typer.Option(min=1, help="Number of tokens to train on, repeats included.")] = None,
    epochs: Annotated[
        float | None, typer.Option(min=0.001, help="Number of passes over the corpus, instead of --tokens.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the weights, the order of windows, masks and dropout.")] = 0,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="Device to train on.")] = "auto",
    length: Annotated[int, typer.Option(help="Tokens per window, and the model's maximum length.")] = 128,
    batch_size: Annotated[int, typer.Option(min=1, help="Windows per optimizer step.")] = 32,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-9, help="Peak learning rate. \\[default: by size of the model]")
    ] = None,
    schedule: Annotated[
        Literal["cosine", "linear"], typer.Option(help="Learning-rate decay after the warm-up.")
    ] = "cosine",
    dropout: Annotated[float, typer.Option(min=0.0, max=0.9, help="Dropout probability.")] = 0.1,
    tokenizer: Annotated[
        TokenizerKind | None,
        typer.Option(
            help="Trained on the corpus. \\[default: wordpiece (lower-cased) for mlm, byte-level bpe for clm]"
        ),
    ] = None,
    vocabulary_size: Annotated[int, typer.Option(min=300, help="Maximum size of the tokenizer's vocabulary.")] = 8_000,
    export: Annotated[
        Literal["transformers"],
        typer.Option(help="Checkpoint layout: BertForMaskedLM or GPT2LMHeadModel of transformers; the only choice."),
    ] = "transformers",
    checkpoint_seconds: Annotated[
        float,
        typer.Option(min=0.0, help="Seconds between training checkpoints, from which an interrupted run resumes."),
    ] = 60.0,
    plugin: Plugins = None,
    as_json: Json = False,
) -> None:
    """Pretrain an encoder or a decoder on plain text, and write a checkpoint in transformers' format."""
    from harness.catalog import load_catalog
    from harness.system.devices import resolve_device

    spec, rate = _spec(model, objective, load_catalog(plugin or ()).models)
    text = _corpus(corpus)
    os.environ["OMP_NUM_THREADS"] = "1"  # parts of a step are computed side by side; read by a torch to be imported
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    keep_freed_memory_here()
    from harness.cli.pretraining_progress import listening
    from harness.pretraining.folder import Folder
    from harness.pretraining.options import PretrainingOptions
    from harness.pretraining.pretrain import Assignment
    from harness.pretraining.pretrain import pretrain as perform
    from harness.system.console import console_on

    options = PretrainingOptions(
        objective=objective,
        tokens=tokens,
        epochs=epochs,
        seed=seed,
        length=length,
        batch_size=batch_size,
        learning_rate=learning_rate or rate,
        schedule=schedule,
        dropout=dropout,
        tokenizer=tokenizer or ("wordpiece" if objective == "mlm" else "bpe"),
        vocabulary_size=vocabulary_size,
    )
    asked = Assignment(
        spec=spec,
        corpus=text,
        options=options,
        folder=Folder(out),
        device=resolve_device(device),
        checkpoint_seconds=checkpoint_seconds,
    )
    try:
        with listening(console_on(stderr=True)) as listener:
            record = perform(asked, listener)
    except KeyboardInterrupt as error:
        error.add_note("the same command goes on from the last checkpoint")
        raise
    _show(record, out, as_json=as_json)


def _spec(name: str, objective: Objective, models: "Mapping[str, ModelSpec]") -> "tuple[ModelSpec, float]":
    """Return the architecture of that name, and the learning rate that suits it.

    Raises:
        UsageError: there is none, or it is a checkpoint, or not one that is pretrained.
    """
    from harness.errors import did_you_mean

    rates = {each: held.pretraining_rate(objective) for each, held in models.items() if isinstance(held, Pretrainable)}
    if name in rates:
        return models[name], rates[name]
    ours = sorted(rates)
    config = Path(name).expanduser() / CONFIG
    if objective == "mlm" and config.is_file() and _is_decoder(config):
        raise UsageError(
            f"--model {name}: is a decoder, which sees no token's right side and so cannot be asked for mlm; give "
            f"--objective clm, and an architecture: {', '.join(ours)}."
        )
    raise UsageError(
        f"--model {name}: cannot be pretrained; expected one of our architectures, which begin with random weights: "
        f"{', '.join(ours)}.{did_you_mean(name, ours)}"
    )


def _is_decoder(config: Path) -> bool:
    from baselines.checkpoints.config import CAUSAL
    from baselines.checkpoints.files import read_object

    held: dict[str, Any] = read_object(config)
    return held.get("model_type") in CAUSAL or held.get("is_decoder") is True


def _corpus(choice: str) -> "Corpus":
    from harness.data.corpus import SampleCorpus, open_corpus
    from tasks.sample import corpus

    return open_corpus(choice, SampleCorpus(generate=corpus.documents, version=corpus.VERSION))


def _show(record: "PretrainingRecord", out: Path, *, as_json: bool) -> None:
    """Draw the loss curve, and say what came of it."""
    import json

    from harness.cli.clock import duration
    from harness.cli.display import print_json
    from harness.system.console import console_on
    from reports.plots.pretraining import draw_losses

    draw_losses(record, out / "loss")
    if as_json:
        print_json({"folder": str(out), **json.loads(record.to_json())})
        return
    held_out, console = record.held_out, console_on()
    peak = "" if record.peak_fraction is None else f", {record.peak_fraction:.0%} of the matmul peak"
    console.print(
        f"held-out loss {held_out.loss:.4f}, {held_out.bits_per_byte:.4f} bits a byte; {record.tokens:,} tokens in "
        f"{duration(record.seconds)}, {record.tokens_per_second:,.0f} tokens a second{peak}",
        soft_wrap=True,
    )
    console.print(f"checkpoint: {out}", soft_wrap=True)
