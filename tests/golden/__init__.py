"""Files as they once were written, which today's code must still read, or write again.

``run_of_schema_1`` is a run as the commit 650a024 left it, without locks, caches and its report: classification,
regression and extraction, a model trained by gradient, speeds, attributions. ``reports`` are
pages that today's code writes again to the letter.
"""

from pathlib import Path

GOLDEN = Path(__file__).parent
