"""Files as they once were written, which today's code must still read, or write again."""

from pathlib import Path

GOLDEN = Path(__file__).parent
