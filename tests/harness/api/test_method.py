"""``NAME+METHOD``: what it asks for, and what is no method."""

import pytest

from harness.api.method import Method, split_method
from harness.errors import UsageError


@pytest.mark.parametrize(
    ("asked", "name", "method"),
    [
        ("minilm", "minilm", None),
        ("minilm+lora", "minilm", Method(way="lora")),
        ("OWNER/NAME@main+probe", "OWNER/NAME@main", Method(way="probe")),
        ("gpt+prompt", "gpt", Method(way="prompt")),
        ("gpt+PROMPT5", "gpt", Method(way="prompt", shots=5)),
        ("gpt+prompt12+chat+calibrated", "gpt", Method(way="prompt", shots=12, options=("calibrated", "chat"))),
        ("gpt+prompt+wording2+plain", "gpt", Method(way="prompt", options=("plain",), wording=2)),
        ("./a+b/checkpoint", "./a+b/checkpoint", None),
    ],
)
def test_a_method_follows_a_plus(asked: str, name: str, method: Method | None) -> None:
    assert split_method(asked) == (name, method)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("minilm+lorra", "no method is called 'lorra'.*lora, probe, prompt.*Did you mean lora"),
        ("minilm+", "no method is called ''"),
        ("+lora", "expected MODEL[+]METHOD"),
        ("gpt+prompt0", "no method is called 'prompt0'"),
        ("gpt+prompt1000", "at most 999 examples"),
        ("gpt+lora5", "no method is called 'lora5'"),
        ("gpt+prompt+calibrate", "no option of prompt; expected [+]calibrated.*Did you mean calibrated"),
        ("gpt+lora+chat", "[+]chat is no option of lora; it has none"),
        ("gpt+prompt+wording0", "[+]wording0 is no option of prompt; .*[+]whole, [+]wording2"),
        ("gpt+lora+wording2", "[+]wording2 is no option of lora"),
        ("gpt+prompt+wording2+wording3", "has 2 wordings; give one of them"),
        ("gpt+prompt+chat+plain", "[+]chat and [+]plain do not go together"),
    ],
)
def test_what_is_no_method_is_refused(asked: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        split_method(asked)


def test_it_reads_as_it_is_asked_for() -> None:
    assert str(Method(way="prompt", shots=5, options=("calibrated", "chat"))) == "prompt5+calibrated+chat"
    assert str(Method(way="prompt", wording=2, options=("plain",))) == "prompt+plain+wording2"
