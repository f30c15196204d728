"""What a trial begins with where that is not chance or a checkpoint: the encoder that another trial left."""

from harness.api.model import Start
from harness.data.example_cache import ExampleCache
from harness.plan.trial import Trial
from harness.store.run import Run


def start_of(trial: Trial, run: Run) -> Start | None:
    """Return where a trial's training begins; ``None`` where it begins with nothing of another trial."""
    if trial.start is None:
        return None
    other = trial.start
    read = ExampleCache(folder=run.cache_folder).read
    limit = other.limits.of("train")
    train = read(other.task, other.source, "train", limit).examples if other.model.learns_vocabulary else ()
    return Start(weights=run.weights_path(other.key), train=train)
