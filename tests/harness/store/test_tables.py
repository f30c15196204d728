"""Tables where memory or processes are scarce: read and written, or refused in one line, and never waited for."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.store.tables import read_table, write_table

LIMITED = """
import resource, sys
from pathlib import Path
from harness.api.example import Example
from harness.errors import HarnessError
from harness.store.examples import read_examples, write_examples
import pyarrow.parquet

kind, limit = sys.argv[2:]
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
soft = used + int(limit) if kind == "RLIMIT_AS" else int(limit)
resource.setrlimit(getattr(resource, kind), (soft, soft))
try:
    found = read_examples(Path(sys.argv[1]))
    write_examples(Path(sys.argv[1]).with_name("again.parquet"), found)
    print(len(found))
except (HarnessError, MemoryError, OSError) as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(("kind", "limit"), [("RLIMIT_AS", 0), ("RLIMIT_AS", 512 << 20), ("RLIMIT_NPROC", 1)])
def test_scarce_memory_or_processes_are_no_endless_wait(tmp_path: Path, kind: str, limit: int) -> None:
    path = tmp_path / "examples.parquet"
    columns = {"id": [str(number) for number in range(99)], "text": ["a text"] * 99, "pair": [None] * 99}
    write_table(path, columns | {"target": [1] * 99, "tags": [["tag"]] * 99})
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), kind, str(limit)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    (line,) = done.stdout.splitlines()
    assert line == "99" or line.startswith(("StoredFileError", "MemoryError", "OSError"))
    assert line == "99" or limit == 0


def test_a_column_of_any_kind_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    checksum = write_table(path, {"text": ["a", "b"], "numbers": [[0.5], []]})
    expected = {"text": "text", "numbers": "lists of numbers"}
    assert read_table(path, expected, sealed_as=checksum) == {"text": ["a", "b"], "numbers": [[0.5], []]}
