"""However a command ends: a documented exit code, and one line that says what went wrong."""

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import endings
from harness.cli.endings import CRASHED, CURES, OUTPUT_LOST, USER_ERROR, check_arguments, finish
from harness.errors import UsageError
from tests.fakes.failing import ExitingError, NumberError

DOCS = Path(__file__).parents[3] / "docs"
LIST = [sys.executable, "-m", "harness", "list"]


def raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UsageError("no such\nname"), 2, "error: no such name"),
        (UsageError("a" * 10_000), 2, "error: aaaa"),
        (OSError(errno.ENOSPC, "No space left on device", "out/x"), 2, "error: out/x: No space left on device; make"),
        (OSError(errno.EIO, "Input/output error"), 2, "error: Input/output error."),
        (OSError("odd"), 2, "error: OSError: odd."),
        (PermissionError(errno.EACCES, "Permission denied", b"out\x1b"), 2, "error: out : Permission denied; choose"),
        (MemoryError(), 2, "error: out of memory: "),
        (ImportError("libblas.so: failed to map segment from shared object"), 2, "error: out of memory: "),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_can_be_mended_is_one_line(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert finish(raising(error)) == code
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith(line)
    assert errors.count("\n") == 1
    assert errors.strip().isprintable()
    assert len(errors) < 2_100


@pytest.mark.parametrize(
    ("error", "account"),
    [
        (KeyError("planted"), "KeyError: 'planted'"),
        (SystemExit(1), "SystemExit: 1"),
        (ExitingError(), "ExitingError: (what it says is unknown"),
        (NumberError(), "NumberError: (what it says is unknown"),
        (ValueError("b" * 100_000), "ValueError: bbb"),
        (RecursionError(), "RecursionError"),
    ],
)
def test_a_crash_has_a_code_of_its_own(error: BaseException, account: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(raising(error)) == CRASHED == 70
    errors = capsys.readouterr().err
    assert re.match(rf"error: harness [\d.]+ crashed: {re.escape(account)}", errors)
    assert "this is a bug in harness" in errors.splitlines()[0]
    assert errors.splitlines()[1] == "Traceback (most recent call last):"
    assert len(errors) < 25_000


@pytest.mark.parametrize("code", sorted(CURES))
def test_every_cure_reads_as_the_rest_of_a_line(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(raising(OSError(code, os.strerror(code), "out"))) == USER_ERROR
    assert re.fullmatch(rf"error: out: {os.strerror(code)}; [^;.]+(\([^)]*\))?[^;.]*\.\n", capsys.readouterr().err)


def test_a_working_directory_that_is_gone_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert finish(lambda: len(os.getcwd())) == USER_ERROR  # noqa: PTH109
    assert capsys.readouterr().err == "error: the working directory is no longer there; change to one that is.\n"


def test_every_exit_code_is_in_the_docs() -> None:
    codes = set(re.findall(r"^(\d+) +\S", endings.__doc__ or "", re.MULTILINE))
    assert codes == {"0", "1", "2", "70", "74", "129", "130", "143"}
    shown = re.findall(r"^\| (\d+) \|", (DOCS / "faq.md").read_text(), re.MULTILINE)
    assert set(shown) == codes


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``list``, at the place of the braces, in a shell."""
    asked = command.replace("{}", " ".join(LIST))
    return subprocess.run(["bash", "-c", asked], capture_output=True, check=False, env={**os.environ, **environment})


def test_output_that_is_full_is_an_error_and_no_verdict() -> None:
    done = shell("{} > /dev/full")
    assert done.returncode == OUTPUT_LOST == 74
    assert done.stderr == b"error: standard output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("end", ["| head -1", "| true", ">&-", ">&- 2>&-", "2>/dev/full", "<&- >&- 2>&-"])
def test_a_closed_pipe_ends_quietly_and_well(end: str) -> None:
    done = shell(f"set -o pipefail; {{}} {end}")
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.parametrize("code", [0, 1, 2])
@pytest.mark.parametrize("end", ["> /dev/full", "| true", ">&-"])
def test_a_verdict_stands_whatever_becomes_of_its_output(code: int, end: str) -> None:
    script = (
        f"import sys; from harness.cli.endings import finish; sys.exit(finish(lambda: print('x' * 100_000) or {code}))"
    )
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$0" -c "$1" {end}', sys.executable, script], capture_output=True, check=False
    )
    assert done.returncode == (code or (OUTPUT_LOST if end == "> /dev/full" else 0)), done.stderr


@pytest.mark.parametrize("argument", ["a\0b", "out\udcff"])
def test_an_argument_is_a_text(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(lambda: len(str(check_arguments(["run", argument])))) == USER_ERROR
    assert capsys.readouterr().err.startswith(f"error: argument {argument!a}: no text in this locale; rename")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=str,
)
def test_no_encoding_ends_a_command(environment: dict[str, str], tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text("from harness import ModelSpec\nMINE = ModelSpec(name='mine', title='☃ × \\u0439')\n", "utf-8")
    done = shell(f"{{}} --plugin {plugin}; {{}} --plugin {plugin} --json; {{}} --plugin ☃", **environment)
    assert done.returncode == 2, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"\\u2603" in done.stdout
    assert done.stderr.startswith(b"error: ")
