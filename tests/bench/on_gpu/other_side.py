"""The one process beside the engine's workers: it prepares what is measured, and does Trainer's part.

It is there for the whole check, as its imports take longer than some sections; what it held on the device it gives back
after each piece of work.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Callable
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any


class OtherSide:
    """Does one piece of work after the other; one that is broken off takes its process along."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool: Pool | None = None

    def do(self, work: Callable[..., Any], **options: Any) -> Any:
        """Return what a function of this module gives."""
        if self._pool is None:
            self._pool = multiprocessing.get_context("spawn").Pool(1, _begin, [str(self._folder)])
        try:
            return self._pool.apply(work, kwds=options)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()
            self._pool = None


def _begin(folder: str) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    tempfile.tempdir = folder


def prepare(**options: Any) -> dict[str, Any]:
    """See :mod:`tests.bench.on_gpu.preparation`."""
    from tests.bench.on_gpu import preparation

    return _tidied(preparation.prepare(**options))


def fine_tune(**options: Any) -> list[dict[str, Any]]:
    """Fine-tune and evaluate some pairs by Trainer; see :mod:`tests.bench.against_trainer.trainer`."""
    from tests.bench.against_trainer import trainer

    return _tidied(trainer.pair_after_pair(**options))


def time_steps(**options: Any) -> dict[str, float | None]:
    """See :mod:`tests.bench.on_gpu.pretraining`."""
    from tests.bench.on_gpu import pretraining

    found: dict[str, float | None] = _tidied(pretraining.time_steps(**options))
    return found


def _tidied(found: Any) -> Any:
    """Give back what the device's memory was kept for."""
    import torch

    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    return found
