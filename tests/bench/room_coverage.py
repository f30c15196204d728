"""Coverage by room, as a Markdown table, from what ``pytest --cov`` has measured.

python -m pytest -n 2 --ignore=tests/bench --cov --cov-report=json
python -m tests.bench.room_coverage coverage.json
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def room_of(file: str) -> str:
    """Return ``harness/gate`` for a file in that room, and a package's name for one of another package."""
    parts = Path(file).parts
    return "/".join(parts[:2]) if parts[0] == "harness" and len(parts) > 2 else parts[0]


def lines(files: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the table, a line a room, from each file's ``summary``."""
    rooms: dict[str, Counter[str]] = {}
    for file, found in files.items():
        for room in (room_of(file), "**all**"):
            rooms.setdefault(room, Counter()).update(
                {name: value for name, value in found["summary"].items() if isinstance(value, int)}
            )
    yield "| room | statements | run, % | branches | taken, % |"
    yield "|---|---:|---:|---:|---:|"
    for room, counts in sorted(rooms.items(), key=lambda item: (item[0] == "**all**", item[0])):
        yield (
            f"| {room} | {counts['num_statements']:,} | {_percent(counts, 'covered_lines', 'num_statements')} "
            f"| {counts['num_branches']:,} | {_percent(counts, 'covered_branches', 'num_branches')} |"
        )


def _percent(counts: Counter[str], part: str, whole: str) -> str:
    return f"{100 * counts[part] / counts[whole]:.1f}" if counts[whole] else ""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("measured", type=Path, help="the file of `--cov-report=json`")
    asked = parser.parse_args()
    for line in lines(json.loads(asked.measured.read_text())["files"]):
        print(line)  # noqa: T201 (a script's output)


if __name__ == "__main__":
    main()
