"""How to run, beyond what to run."""

from dataclasses import dataclass, field


def num_workers(asked: int | None, device: str) -> int:
    """Return how many trials to run at a time: each has one thread, so on a CPU as many as there are cores."""
    if asked is not None:
        return asked
    from harness.system.environment import num_cores

    return num_cores() if device == "cpu" else 1


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to run, beyond what to run: none of it changes predictions but the threads, of which each trial has as many.

    ``model_names`` holds what was asked for, a path or a name on the hub, by the name of the model that it gave.
    """

    device: str
    num_workers: int
    num_threads: int = 1
    plugins: tuple[str, ...] = ()
    model_names: dict[str, str] = field(default_factory=dict)
