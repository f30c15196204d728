"""Where to compute, and what ``auto`` comes to there; the machines are made up."""

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from harness.errors import UsageError
from harness.system import devices
from harness.system.devices import DEVICES, device_name, resolve_device, resolve_precision

PLAIN = "processor : 0\nmodel name : made up\nflags : fpu sse avx2 avx512f avx512_vnni\n"


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Ask the processor anew in each test."""
    devices._cpu_multiplies_bfloat16.cache_clear()
    yield
    devices._cpu_multiplies_bfloat16.cache_clear()


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``import torch`` fail."""
    monkeypatch.setitem(sys.modules, "torch", None)


def has(monkeypatch: pytest.MonkeyPatch, *, cuda: bool = False, mps: bool = False) -> None:
    monkeypatch.setattr(devices, "_may_have_accelerator", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.usefixtures("no_torch")
def test_torch_is_not_asked_about_a_processor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(devices, "_ACCELERATOR_TRACES", (str(tmp_path / "none"),))
    assert resolve_device("cpu") == resolve_device("auto") == "cpu"
    assert device_name("cpu") == "cpu"
    monkeypatch.setattr(devices, "_ACCELERATOR_TRACES", (str(tmp_path / "none"), str(tmp_path)))
    assert resolve_device("cpu") == "cpu"
    with pytest.raises(ImportError):
        resolve_device("auto")


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_is_the_best_there_is(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str) -> None:
    has(monkeypatch, cuda=cuda, mps=mps)
    assert resolve_device("auto") == expected
    assert resolve_device("cpu") == "cpu"


@pytest.mark.parametrize("asked", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    has(monkeypatch, cuda=asked != "cuda", mps=asked != "mps")
    with pytest.raises(UsageError) as error:
        resolve_device(asked)
    expected = f"--device {asked}: torch {torch.__version__} sees none on this machine; try --device auto."
    assert str(error.value) == expected
    has(monkeypatch, cuda=True, mps=True)
    assert resolve_device(asked) == asked


@pytest.mark.parametrize("name", ["bogus", "CUDA", "cuda:0", ""])
def test_a_name_that_is_no_device(name: str) -> None:
    with pytest.raises(UsageError, match=f"--device {name}: expected one of auto, cpu, cuda, mps"):
        resolve_device(name)


@pytest.mark.usefixtures("no_torch")
@pytest.mark.parametrize("device", DEVICES)
def test_a_precision_that_is_asked_for_is_given(device: str) -> None:
    assert resolve_precision("float32", device) == "float32"
    assert resolve_precision("bfloat16", device) == "bfloat16"


def claim_processor(monkeypatch: pytest.MonkeyPatch, flags: str, machine: str = "x86_64") -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(Path, "read_text", lambda self, **_: flags if str(self) == "/proc/cpuinfo" else "")


@pytest.mark.usefixtures("no_torch")
@pytest.mark.parametrize(
    ("flags", "machine", "expected"),
    [
        (PLAIN, "x86_64", "float32"),
        (f"{PLAIN}flags : avx512f avx512_bf16\n", "x86_64", "bfloat16"),
        (f"{PLAIN}flags : amx_tile amx_bf16\n", "AMD64", "bfloat16"),
        (f"{PLAIN}flags : amx_bf16\n", "aarch64", "float32"),
    ],
)
def test_auto_on_a_processor(monkeypatch: pytest.MonkeyPatch, flags: str, machine: str, expected: str) -> None:
    claim_processor(monkeypatch, flags, machine)
    assert resolve_precision("auto", "cpu") == expected
    assert resolve_precision("auto", "mps") == "float32"


def test_auto_where_the_processor_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, **_: str) -> str:
        raise FileNotFoundError(self)

    claim_processor(monkeypatch, PLAIN)
    monkeypatch.setattr(Path, "read_text", fail)
    assert resolve_precision("auto", "cpu") == "float32"


@pytest.mark.parametrize(("capability", "expected"), [((7, 5), "float32"), ((8, 0), "bfloat16"), ((12, 0), "bfloat16")])
def test_auto_on_cuda(monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], expected: str) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert resolve_precision("auto", "cuda") == expected


def test_the_name_of_an_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Made-up 9000")
    assert device_name("cuda") == "Made-up 9000"
    assert device_name("mps") == "mps"
