"""A signal is an interruption, once."""

import os
import signal

import pytest

from harness.cli import signals
from harness.cli.signals import SIGNALS, interruptible


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_first_is_heard_and_the_next_are_not_for_a_while(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {each: signal.signal(each, signal.default_int_handler) for each in SIGNALS}  # a shell may ignore some
    try:
        with interruptible() as heard:
            with pytest.raises(KeyboardInterrupt):
                send(number)
            send(number)
            send(signal.SIGINT)
            assert heard.exit_code == code
            monkeypatch.setattr(signals, "PATIENCE_SECONDS", 0.0)
            with pytest.raises(KeyboardInterrupt):
                send(signal.SIGINT)
            assert heard.exit_code == code
        assert signal.getsignal(number) is heard, "it stays deaf to the end of the process"
    finally:
        for each, handler in usual.items():
            signal.signal(each, handler)


def test_without_a_signal_all_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    before = [signal.getsignal(each) for each in SIGNALS]
    try:
        with interruptible() as heard:
            send(signal.SIGHUP)  # under nohup
            assert heard.number == 0
        assert [signal.getsignal(each) for each in SIGNALS] == before
    finally:
        signal.signal(signal.SIGHUP, usual)
