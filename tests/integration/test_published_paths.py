"""Nothing that a person would publish names a folder beyond what was given on the command line."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.system.imports import ROOT
from tests.fakes.checkpoints import save_checkpoint

FAULTY = """
from dataclasses import dataclass
from pathlib import Path

from harness import Classification, ModelSpec


@dataclass(frozen=True, kw_only=True)
class Faulty(ModelSpec):
    outputs = (Classification,)

    def build(self, task, *, seed, device):
        raise ValueError(f"{Path('data').resolve()}/SST-2/train.tsv and {Path('~/other').expanduser()}/x.bin: torn")


FAULTY = Faulty(name="faulty")
"""
SCRIPT = """
import shlex, sys
from harness.cli import app

if __name__ == "__main__":
    for line in sys.stdin.read().splitlines():
        sys.argv = ["harness", *shlex.split(line)]
        try:
            app.main()
        except SystemExit as end:
            print(end.code, line, file=sys.stderr)
"""
FORMS = ("text", "markdown", "junit", "json", "github", "benchmark")
COMMANDS = (
    "run --task sst2 --data {here}data --model mine={here}checkpoints/best --model {here}checkpoints/last "
    "--model majority --model faulty --plugin {here}faulty.py --limit 8 --out {here}run",
    "report {here}run --out {here}out/report",
    "reference {here}run --model mine --model last --out {here}out/reference.json",
    *(f"gate {{here}}run --reference {{here}}run --format {form} --out {{here}}out/gate.{form}" for form in FORMS),
    "gate {here}run --reference {here}out/reference.json --format json --out {here}out/gate-2.json",
    "history {here}run --out {here}out/history",
    "submit {here}run --model mine --task sst2 --out {here}out/SST-2.tsv",
    "leaderboard {here}run --out {here}out/board",
)


@pytest.mark.parametrize("given", ["relative", pytest.param("absolute", marks=pytest.mark.long)])
def test_no_output_names_a_secret_folder(tmp_path: Path, given: str) -> None:
    home = tmp_path / "secrethome"
    project = home / "secretproject"
    (project / "data" / "SST-2").mkdir(parents=True)
    rows = "".join(f"a {word} film\t{index % 2}\n" for index, word in enumerate(["red", "green"] * 8))
    for split in ("train", "dev"):
        (project / "data" / "SST-2" / f"{split}.tsv").write_text(f"sentence\tlabel\n{rows}")
    (project / "data" / "SST-2" / "test.tsv").write_text("index\tsentence\n0\ta red film\n")
    for name in ("best", "last"):
        save_checkpoint(project / "checkpoints" / name, "bert")
    (project / "faulty.py").write_text(FAULTY)
    (tmp_path / "commands.py").write_text(SCRIPT)
    here = "" if given == "relative" else f"{project}/"
    environment = {**os.environ, "HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hub")}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, tmp_path / "commands.py"],
        input="\n".join(COMMANDS).format(here=here),
        cwd=project, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    published = [path for folder in ("out", "run/report") for path in (project / folder).rglob("*") if path.is_file()]
    assert len(published) > 40, done.stderr
    secrets = ["secrethome"] if given == "absolute" else ["secrethome", "secretproject", tmp_path.name]
    assert [(path, name) for path in published for name in secrets if name in content(path)] == []
    assert "torn" in (project / "run/report/index.html").read_text(), "the failure is there, in words"
    assert "…/x.bin" in (project / "out/report/index.html").read_text()


def content(path: Path) -> str:
    """Return all that is in a file, unpacked."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    return path.read_bytes().decode(errors="replace")
