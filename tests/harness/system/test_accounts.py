"""How an exception reads, whatever it does."""

from pathlib import Path

from harness.errors import UsageError
from harness.system.accounts import account_of, place_of, traceback_of
from tests.fakes.failing import ExitingError, ShapelessError


def raised(code: str, file: Path) -> BaseException:
    try:
        exec(compile(code, str(file), "exec"))
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError


def test_a_mistake_reads_without_its_type_and_all_is_one_line() -> None:
    assert account_of(UsageError("no\n such\tname")) == "no such name"
    assert account_of(ValueError("one\n\x1b[2Jtwo")) == "ValueError: one [2Jtwo"
    assert account_of(KeyboardInterrupt()) == "KeyboardInterrupt"
    assert account_of(ValueError("a" * 900), 100).count("a") < 100


def test_what_fails_to_read_is_said() -> None:
    assert account_of(ExitingError()) == "ExitingError: (what it says is unknown: its __str__ raises SystemExit)"
    shapeless = traceback_of(ShapelessError("planted"))
    assert shapeless == "ShapelessError: planted\n(its traceback cannot be formatted: RuntimeError)\n"
    assert "ExitingError" in traceback_of(ExitingError())


def test_the_line_is_the_last_one_in_the_first_file_outside(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    error = raised("import json\ndef f():\n    json.loads('{')\n\nf()", file)
    assert place_of(error) == f"{__file__}:12", "whoever called it is outside as well"
    error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
    assert place_of(error) == f"{file}:3"
    assert place_of(ValueError()) == ""
    assert place_of(SyntaxError("odd", (str(file), 2, 0, ""))) == f"{file}:2"
    assert place_of(SyntaxError("odd", (str(file), "no line", 0, ""))) == ""
