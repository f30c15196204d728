"""What a result is filed under: all that can change the answers, and nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines.bag import BAG
from baselines.bilstm import BILSTM
from baselines.majority import MAJORITY
from baselines.transformer import SMALL, TINY
from harness import (
    ACCURACY,
    F1,
    Classification,
    Example,
    Extraction,
    FolderData,
    HubData,
    ModelSpec,
    Optimisation,
    Output,
    Recipe,
    Regression,
    SampleData,
    Task,
)
from harness.api.limits import Limits
from harness.api.method import Method
from harness.data.source import Source
from harness.plan.trial import Trial
from harness.system.files import slug


@dataclass(frozen=True, kw_only=True)
class Spec(ModelSpec):
    width: int = 64

    def supports(self, output: Output) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class OtherSpec(Spec):
    pass


def read_lines(path: Path) -> Iterable[dict[str, str]]:
    return ({"text": line} for line in path.read_text().splitlines())


TASK = Task(
    name="toy",
    title="Toy",
    output=Classification(labels=("no", "yes")),
    read=lambda row: Example(id=str(row["idx"]), text=row["text"]),
    metrics=(ACCURACY,),
    hub=HubData(name="owner/toy", revision="c0ffee", splits={"train": ("plain", "train")}),
    folder=FolderData(files={"train": "train.txt", "validation": "dev.txt"}, read=read_lines),
    sample=SampleData(splits=("train",), generate=lambda split, seed: [], version=1),
)
SPEC = Spec(name="mlp", recipe=Recipe())
SAMPLE = Source(kind="sample", note="the sample")
TRIAL = Trial(task=TASK, model=SPEC, seed=0, limits=Limits(), source=SAMPLE)


def of_task(**changes: Any) -> Trial:
    return replace(TRIAL, task=replace(TASK, **changes))


def of_model(**changes: Any) -> Trial:
    return replace(TRIAL, model=replace(SPEC, **changes))


def test_the_key_is_the_same_for_ever() -> None:
    """Change this only with ``harness.plan.trial.FORMAT``: with another key, everybody's results are computed anew."""
    assert TRIAL.key == "toy--mlp--seed0--83d7cc9154c0"
    assert TRIAL.key.endswith(TRIAL.fingerprint[:12])


GOLDEN = [
    (MAJORITY, "99130e79f00d", "fc7a56868f36"),
    (BAG, "bc25c04706dd", "3004e525db0f"),
    (BILSTM, "69ca1d1e243d", "9869ea6cc10c"),
    (TINY, "6483c8c4c8f5", "c2071192af16"),
    (SMALL, "5e2163724be6", "f1c640e72017"),
]
"""Of each model what its keys end in: change them only together with ``harness.plan.trial.FORMAT``."""

CHANGES = {
    "seed": replace(TRIAL, seed=1),
    "limit of training": replace(TRIAL, limits=Limits(train=5)),
    "limit of evaluation": replace(TRIAL, limits=Limits(evaluation=5)),
    "precision that auto means": replace(TRIAL, precision="bfloat16"),
    "task": of_task(name="toy-too"),
    "task version": of_task(version=2),
    "label": of_task(output=Classification(labels=("no", "maybe"))),
    "order of labels": of_task(output=Classification(labels=("yes", "no"))),
    "kind of answer": of_task(output=Extraction(unanswerable=True)),
    "kind of answer, again": of_task(output=Extraction(unanswerable=False)),
    "range": of_task(output=Regression(low=0, high=5)),
    "range, again": of_task(output=Regression(low=0, high=4)),
    "scored splits": of_task(scored=("dev",)),
    "answered splits": of_task(predicted=()),
    "sample version": of_task(sample=replace(TASK.sample, version=2)),
    "sample seed": of_task(sample=replace(TASK.sample, seed=7)),
    "source": replace(TRIAL, source=Source(kind="hub")),
    "hub revision": replace(of_task(hub=replace(TASK.hub, revision="decaf")), source=Source(kind="hub")),
    "model": of_model(name="mlp-too"),
    "model version": of_model(version=2),
    "field of the model": of_model(width=65),
    "class of the model": replace(TRIAL, model=OtherSpec(name="mlp", recipe=Recipe())),
    "no recipe": of_model(recipe=None),
    "recipe of the kind of answer": of_model(recipes={Classification: Recipe().having(epochs=10)}),
    **{
        f"recipe: {name}": of_model(recipe=Recipe().having(**{name: 2 * (value or 0) + 1}))
        for name, value in Recipe().settings().items()
        if name not in {"precision", "schedule", "doc_stride", "max_answer_length"} and not name.startswith("lora_")
    },
    "recipe: schedule": of_model(recipe=Recipe().having(schedule="cosine")),
    "method": of_model(method=Method(way="lora")),
    "settings of the method": of_model(method=Method(way="lora"), recipe=Recipe().having(lora_rank=4)),
    "targets of the method": of_model(method=Method(way="lora"), recipe=Recipe().having(lora_targets=("query",))),
}


def test_settings_of_spans_count_where_spans_are_asked_for() -> None:
    spans = of_task(output=Extraction(unanswerable=True))
    for name in ("doc_stride", "max_answer_length"):
        changed = replace(spans, model=replace(SPEC, recipe=Recipe().having(**{name: 9})))
        assert changed.key != spans.key
        assert changed.settings()[name] == 9  # type: ignore[index]


def test_settings_of_a_method_count_with_it_alone() -> None:
    other = of_model(recipe=Recipe().having(lora_rank=4))
    assert other.key == TRIAL.key
    assert not any(name.startswith("lora_") for name in other.settings() or {})
    settings = CHANGES["targets of the method"].settings() or {}
    assert (settings["lora_rank"], settings["lora_targets"]) == (8, ("query",))


@dataclass(frozen=True, kw_only=True)
class GrownSpec(ModelSpec):
    """The first spec, a version later: with an option whose default is what was so before."""

    width: int = 64
    depth: int = 1


GrownSpec.__qualname__ = Spec.__qualname__


def test_a_new_option_at_its_default_changes_no_key() -> None:
    assert replace(TRIAL, model=GrownSpec(name="mlp", recipe=Recipe())).key == TRIAL.key
    assert replace(TRIAL, model=GrownSpec(name="mlp", recipe=Recipe(), depth=2)).key != TRIAL.key


def test_defaults_stay_what_they_are() -> None:
    """A key does not name what stands at its default, so another default would file other predictions under it."""
    assert Recipe().settings() == {
        "epochs": 3.0, "max_steps": None, "batch_size": 32, "learning_rate": 5e-5, "warmup_ratio": 0.0,
        "weight_decay": 0.0, "max_grad_norm": 1.0, "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_epsilon": 1e-8,
        "accumulation_steps": 1, "precision": "auto", "max_length": 128, "doc_stride": 128, "max_answer_length": 30,
        "schedule": "linear", "lora_rank": 8, "lora_alpha": 16, "lora_dropout": 0.0, "lora_targets": (),
    }  # fmt: skip
    assert Limits() == Limits(train=None, evaluation=None)
    assert (ModelSpec(name="").version, BAG.num_features, BAG.inverse_regularisation) == (1, 200_000, 10.0)
    assert (TINY.dropout, TINY.vocabulary_size) == (0.1, 8_000)
    assert (BILSTM.embedding_width, BILSTM.width, BILSTM.classifier_width) == (256, 256, 512)
    assert (BILSTM.dropout, BILSTM.vocabulary_size) == (0.2, 8_000)


@pytest.mark.parametrize(("model", "on_labels", "on_spans"), GOLDEN, ids=lambda value: getattr(value, "name", ""))
def test_keys_of_our_models_are_the_same_for_ever(model: ModelSpec, on_labels: str, on_spans: str) -> None:
    labels, spans = (replace(trial, model=model) for trial in (TRIAL, of_task(output=Extraction(unanswerable=True))))
    assert (labels.fingerprint[:12], spans.fingerprint[:12]) == (on_labels, on_spans)


def test_whatever_can_change_answers_changes_the_key() -> None:
    named = {"nothing": TRIAL, **CHANGES}
    by_fingerprint: dict[str, list[str]] = {}
    for name, trial in named.items():
        by_fingerprint.setdefault(trial.fingerprint, []).append(name)
    assert [names for names in by_fingerprint.values() if len(names) > 1] == []
    assert len({trial.key for trial in named.values()}) == len(named)


def test_precision_is_what_it_comes_to() -> None:
    in_bfloat16 = of_model(recipe=Recipe(optimisation=Optimisation(precision="bfloat16")))
    assert in_bfloat16.key == replace(in_bfloat16, precision="bfloat16").key == CHANGES["precision that auto means"].key
    assert of_model(recipe=Recipe(optimisation=Optimisation(precision="float32"))).key == TRIAL.key
    unaffected = of_model(recipe=None)
    assert replace(unaffected, precision="bfloat16").key == unaffected.key


@pytest.mark.parametrize(
    "same",
    [
        replace(TRIAL, source=replace(SAMPLE, note="another note")),
        of_task(title="A toy", citation="Doe 2020", licence="CC0", metrics=(ACCURACY, F1)),
        of_task(read=lambda row: Example(id="", text="")),  # whoever changes it raises the version
        of_task(hub=None, folder=None),  # not where these rows come from
        of_model(title="a perceptron"),
        of_model(recipe=Recipe().having(doc_stride=64, max_answer_length=9)),  # a label is no span
        of_model(recipes={Extraction: Recipe().having(epochs=10)}),
        of_model(recipes={Classification: Recipe()}),
        of_model(recipe=Recipe().having(epochs=1), recipes={Classification: Recipe()}),
    ],
    ids=[
        *("note", "words about the task", "read", "other sources", "words about the model", "settings of spans"),
        *("another kind's recipe", "default", "overruled"),
    ],
)
def test_what_cannot_change_answers_does_not_change_the_key(same: Trial) -> None:
    assert same.identity() == TRIAL.identity()
    assert same.key == TRIAL.key


def test_a_folder_is_known_by_its_content(tmp_path: Path) -> None:
    def key(folder: str, **files: str) -> str:
        (tmp_path / folder).mkdir(exist_ok=True)
        for name, content in files.items():
            (tmp_path / folder / f"{name}.txt").write_text(content)
        return replace(TRIAL, source=Source(kind="folder", root=tmp_path / folder)).key

    here = key("here", train="one", dev="two", notes="not a split")
    assert key("there", train="one", dev="two") == here
    assert (
        len(
            {here, key("other", train="one", dev="2"), key("swapped", train="two", dev="one"), key("half", train="one")}
        )
        == 4
    )
    assert key("there", train="one more") != here


FACTS = st.tuples(
    st.integers(0, 2),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([1.0, 2.0, 3.0]),
)


@given(FACTS, FACTS)
def test_two_trials_share_a_key_just_where_they_share_all_facts(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    def key(seed: int, train: int | None, evaluation: int | None, version: int, epochs: float) -> str:
        return Trial(
            task=replace(TASK, version=version),
            model=replace(SPEC, recipe=Recipe(optimisation=Optimisation(epochs=epochs))),
            seed=seed,
            limits=Limits(train=train, evaluation=evaluation),
            source=SAMPLE,
        ).key

    assert (key(*one) == key(*other)) == (one == other)


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_a_key_is_a_safe_file_name_for_any_names(task: str, model: str) -> None:
    key = replace(TRIAL, task=replace(TASK, name=task), model=replace(SPEC, name=model)).key
    assert re.fullmatch(r"[A-Za-z0-9._-]+", key)
    assert len(key) <= 160


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("squad_v2", "squad_v2"),
        ("owner/name@0f3a", "owner-name-0f3a"),
        ("  ü naïve!", "na-ve"),
        ("x" * 70, "x" * 60),
        ("日本", ""),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_what_a_training_begins_with_is_part_of_its_key_and_its_seed_of_no_settings() -> None:
    start = replace(TRIAL, task=replace(TASK, name="start"))
    follower = replace(TRIAL, start=start)
    assert follower.identity() == {**TRIAL.identity(), "start": start.fingerprint}
    others = (TRIAL, follower, replace(follower, start=replace(start, limits=Limits(train=1))))
    assert len({trial.key for trial in others}) == len({trial.settings_fingerprint for trial in others}) == 3
    other_seed = follower.with_seed(7)
    assert other_seed.start == start.with_seed(7)
    assert other_seed.identity()["start"] != follower.identity()["start"]
    assert other_seed.settings_fingerprint == follower.settings_fingerprint
