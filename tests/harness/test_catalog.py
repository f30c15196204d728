"""What there is to run: whose name it is, where it came from, and what is said when it cannot be had."""

import importlib.metadata
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from harness import ModelFamily, ModelSpec, Suite
from harness.catalog import ENTRY_POINTS, Catalog, import_file, load_catalog
from harness.errors import UsageError
from tests.fakes.toy import BROKEN, TOY, WORDS_MODEL

SUITE = Suite(name="toys", title="Toys", tasks=("toy",), score_name="toy score")


def module(name: str, *values: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update({f"VALUE_{index}": value for index, value in enumerate(values)})
    return made


def catalog_of(*values: object) -> Catalog:
    catalog = Catalog()
    catalog.add(module("one", *values), "one")
    return catalog


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (TOY, "task"),
        (SUITE, "suite"),
        (WORDS_MODEL, "model"),
        (ModelFamily(name="any", title="Any", resolve=lambda _: None), "model family"),
    ],
)
def test_a_clash_names_both_modules(value: object, kind: str) -> None:
    catalog = catalog_of(value, "other things", 3)
    catalog.add(module("two", value), "two")  # imported there: the same value, so no clash
    with pytest.raises(UsageError, match=f"two {kind}s are called '.*': one in one, one in three; rename one of them"):
        catalog.add(
            module("three", replace(value, title="Other") if kind != "model" else replace(value, version=2)), "three"
        )


def test_a_plugin_cannot_take_a_built_in_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("from harness import ModelSpec\nMINE = ModelSpec(name='majority')\n")
    with pytest.raises(UsageError) as error:
        load_catalog([str(file)])
    assert f"one in baselines.majority, one in {file}" in str(error.value)


@pytest.fixture
def entry_point(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install an entry point, as a package's metadata would."""

    def install(value: str) -> None:
        entry = importlib.metadata.EntryPoint(name="theirs", value=value, group=ENTRY_POINTS)
        entries = importlib.metadata.EntryPoints([entry])
        monkeypatch.setattr(importlib.metadata, "entry_points", entries.select)

    return install


def test_an_installed_package_is_found(entry_point: Callable[[str], None]) -> None:
    entry_point("tests.fakes.toy")
    catalog = load_catalog()
    assert catalog.task("toy") is TOY
    assert catalog.origins["model", "words"] == "tests.fakes.toy (entry point 'theirs')"


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("tests.fakes.toy:TOY", "expected a module, got Task"),
        ("no_such_package", "fails on import: ModuleNotFoundError: No module named 'no_such_package'"),
        ("exiting_package", "fails on import ({folder}/exiting_package.py:2): SystemExit: 3."),
    ],
)
def test_a_bad_entry_point_is_named(
    entry_point: Callable[[str], None], value: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exiting_package.py").write_text("import sys\nsys.exit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    entry_point(value)
    with pytest.raises(UsageError, match=r"entry point 'theirs' in harness\.plugins") as error:
        load_catalog()
    assert complaint.format(folder=tmp_path) in str(error.value)


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        ("import no_such_package", 1, "ModuleNotFoundError: No module named 'no_such_package'"),
        ("x = 1\ndef :", 2, "SyntaxError: invalid syntax"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import sys\n\nsys.exit(3)", 3, "SystemExit: 3."),
        ("raise KeyboardInterrupt", 1, "KeyboardInterrupt."),
        ("raise BaseException('a\\nb\\x1b')", 1, "BaseException: a b."),
        ("class E(Exception):\n def __str__(self): exit()\nraise E", 3, "E: (what it says is unknown: its __str__"),
        ("def f(): f()\nf()", 1, "RecursionError: maximum recursion depth exceeded"),
        ("import json\njson.loads('{')", 2, "JSONDecodeError: Expecting property name"),
        ("raise ValueError('a' * 1_000_000)", 1, "ValueError: aaaa"),
        ("raise ExceptionGroup('both', [ValueError()])", 1, "ExceptionGroup: both (1 sub-exception)"),
    ],
)
def test_a_file_that_fails_on_import(tmp_path: Path, content: str, line: int, complaint: str) -> None:
    file = tmp_path / "faulty.py"
    file.write_text(content)
    with pytest.raises(UsageError) as error:
        import_file(file)
    said = str(error.value)
    assert said.startswith(f"--plugin {file}: fails on import ({file}:{line}): {complaint}")
    assert said.isprintable()
    assert len(said) < 1_000
    assert not [name for name in sys.modules if name.startswith("harness_plugin_faulty")]


@pytest.mark.parametrize(("name", "complaint"), [("missing.py", "no such file"), ("mine.txt", "not a Python file")])
def test_a_file_that_is_no_plugin(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "mine.txt").write_text("hello")
    with pytest.raises(UsageError, match=complaint):
        import_file(tmp_path / name)


def test_the_same_file_twice_is_one_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("from harness import ModelSpec\nMINE = ModelSpec(name='mine')\n")
    catalog = load_catalog(["mine.py", str(tmp_path / "mine.py"), os.path.join(".", "mine.py")])  # noqa: PTH118
    assert catalog.origins["model", "mine"] == "mine.py"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.py").write_text("")
    assert import_file(tmp_path / "other" / "mine.py") is not import_file(tmp_path / "mine.py")


def test_near_names_are_suggested() -> None:
    catalog = catalog_of(TOY, replace(TOY, name="toy-two"), SUITE, WORDS_MODEL)
    with pytest.raises(UsageError, match=r"no task 'tou'; there are: toy, toy-two\. Did you mean toy\?"):
        catalog.task("tou")
    with pytest.raises(UsageError, match=r"no suite 'toy'; there are: toys\. Did you mean toys\?"):
        catalog.suite("toy")
    with pytest.raises(UsageError, match=r"no model 'wrods'\. Did you mean words\?"):
        catalog.model("wrods")
    with pytest.raises(UsageError, match=r"no task 'quite else'; there are: toy, toy-two\.$"):
        catalog.task("quite else")


def test_families_are_asked_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(name: str) -> ModelSpec | None:
        asked.append(name)
        return replace(BROKEN, name=f"made of {name}") if "/" in name or name == "word" else None

    catalog = catalog_of(WORDS_MODEL, ModelFamily(name="any", title="Any", resolve=resolve))
    assert catalog.model("words") is WORDS_MODEL
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"Did you mean words\?"):
        catalog.model("word")  # a slip, rather than something to fetch
    assert asked == []
    assert catalog.model("owner/name").name == "made of owner/name"
    (tmp_path / "word").mkdir()
    assert catalog.model("word").name == "made of word"  # a folder of that name is there: it is meant
    with pytest.raises(UsageError, match="no model 'nothing'; there are: words"):
        catalog.model("nothing")
    assert asked == ["owner/name", "word", "nothing"]


def test_a_model_may_be_given_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(name: str) -> ModelSpec | None:
        return replace(BROKEN, name=Path(name).name) if Path(name).is_dir() else None

    catalog = catalog_of(WORDS_MODEL, ModelFamily(name="any", title="Any", resolve=resolve))
    monkeypatch.chdir(tmp_path)
    for folder in ("checkpoint", "words", "lr=0.1", "a\nb", "x" * 250):
        (tmp_path / folder).mkdir()
    assert catalog.model("mine=words") == replace(WORDS_MODEL, name="mine")
    assert catalog.model("words=words") == WORDS_MODEL
    assert catalog.model("checkpoint").name == "checkpoint"
    assert catalog.model("mine=./checkpoint").name == "mine"
    assert catalog.model("lr=0.1").name == catalog.model("./lr=0.1").name == "lr=0.1"
    for folder in ("words", "a\nb", "x" * 250):
        with pytest.raises(UsageError, match=r"give it another with --model NAME=\./"):
            catalog.model(f"./{folder}")
        assert catalog.model(f"mine=./{folder}").name == "mine"
    with pytest.raises(UsageError, match=r"no model 'else'; there are: words"):
        catalog.model("mine=else")


def test_what_a_plugin_prints_is_no_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "loud.py"
    file.write_text("print('hello')\n")
    import_file(file)
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("class Odd:\n @property\n def __class__(self): raise SystemExit(4)\nODD = Odd()", "odd.py:6): SystemExit: 4."),
        ("class Odd:\n __eq__ = __hash__ = None\nODD = Odd()", ""),
        ("M = ModelSpec(name='')", "a ModelSpec has the name ''; expected a text of 1 to 200 printable"),
        ("M = ModelSpec(name='a/b')", "a ModelSpec has the name 'a/b'; expected"),
        ("M = ModelSpec(name='a\\x1b')", r"a ModelSpec has the name 'a\x1b'; expected"),
        ("M = ModelSpec(name=['a'])", "a ModelSpec has the name of type list; expected"),
        ("M = ModelSpec(name='m', version='1')", "a ModelSpec has the version '1'; expected a whole number."),
        ("T = replace(TOY, name='t', output=3)", "a Task has the output of type int; expected Classification or"),
        ("T = replace(TOY, name='t', read=None)", "a Task has the read of type NoneType; expected a function."),
        ("T = replace(TOY, name='t', metrics=())", "a Task has the metrics of type tuple; expected a tuple of Metric"),
        ("T = replace(TOY, name='t', scored='dev')", "a Task has the scored 'dev'; expected a tuple of names."),
        (
            "T = replace(TOY, name='t', leaves_out={'no label'})",
            "a Task has the leaves_out of type set; expected functions by the reason, a text.",
        ),
        ("S = Suite(name='s', title='', tasks=(), score_name='')", "a Suite has the tasks of type tuple; expected"),
        ("class M(ModelSpec):\n x: int = 3\nM1 = M(name='m')", "M.x is no field, and so part of no result's key; exp"),
        ("class M(ModelSpec):\n x: 'ClassVar[int]' = 3\nM1 = M(name='m')", ""),
        ("F = ModelFamily(name='f', title='', resolve='x')", "a ModelFamily has the resolve 'x'; expected a function"),
    ],
)
def test_values_that_are_not_what_their_types_say(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "odd.py"
    start = "from dataclasses import replace\nfrom harness import *\nfrom harness import ModelFamily, Suite\n"
    file.write_text(
        f"{start}from tests.fakes.toy import TOY\n{content}\n" if "TOY" in content else f"{start}{content}\n"
    )
    if not complaint:
        load_catalog([str(file)])
        return
    with pytest.raises(UsageError) as error:
        load_catalog([str(file)])
    said = str(error.value)
    assert str(file) in said
    assert complaint in said


@pytest.mark.parametrize(
    ("resolve", "complaint"),
    [
        (lambda _: 3, "resolve('owner/name') is int; expected a ModelSpec or None."),
        (lambda _: sys.exit(3), "): SystemExit: 3."),
    ],
)
def test_a_family_that_does_not_resolve(resolve: Callable[[str], ModelSpec | None], complaint: str) -> None:
    catalog = catalog_of(ModelFamily(name="any", title="Any", resolve=resolve))
    with pytest.raises(UsageError, match="model family 'any'") as error:
        catalog.model("owner/name")
    assert str(error.value).endswith(complaint)
    assert __file__ in str(error.value)


def test_a_method_is_asked_of_the_model_whose_name_stands_before_it() -> None:
    with pytest.raises(UsageError, match=r"majority\+lora: majority is no checkpoint; leave out \+lora"):
        load_catalog().model("Majority+lora")
