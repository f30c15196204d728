"""Streams that last."""

import errno
import io
import sys

import pytest

from harness.cli.streams import LastingStream, lasting_streams


class Failing(io.StringIO):
    """A stream without room."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_the_first_error_is_kept_and_the_rest_dropped() -> None:
    stream = LastingStream(Failing())
    assert stream.write("one") == 3
    assert stream.error
    assert stream.error.errno == errno.ENOSPC
    stream.write("two")
    stream.flush()
    assert stream.isatty() is False, "the rest is the stream's own"


def test_an_encoding_is_never_in_the_way() -> None:
    held = io.BytesIO()
    stream = LastingStream(io.TextIOWrapper(held, encoding="ascii"))
    stream.write("5 × 3 \udc00")
    stream.flush()
    assert held.getvalue() == rb"5 \xd7 3 \udc00"


def test_streams_that_python_has_not_are_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with lasting_streams() as output:
        print("nothing")  # noqa: T201
        assert output.error is None
    assert sys.stdout is None
