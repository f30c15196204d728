"""Whether the prompts of a plan can be read, which is found before anything is trained."""

import functools

from harness.api.asking import AskedExamples, ReadsPrompts
from harness.data.loading import TaskData, load
from harness.plan.plan import Plan
from harness.plan.trial import Trial
from harness.store.run import Run


def check_prompts(plan: Plan, run: Run) -> None:
    """See to it that each model that is asked in words can be asked about each example of its tasks.

    What a run has done already was checked then.

    Raises:
        UsageError: one cannot, and why.
        DataError: the examples cannot be read.
    """
    asked = [trial for trial in plan.trials if isinstance(trial.model, ReadsPrompts) and not run.is_done(trial.key)]
    first = {trial.task.name: trial for trial in asked}

    @functools.cache
    def data_of(task: str) -> TaskData:
        trial = first[task]
        return load(trial.task, trial.source, trial.limits, needs_training=False)

    for trial in asked:
        if trial.model.needs_training_split or trial in plan.pairs:  # without examples all seeds ask alike
            _check(trial, data_of(trial.task.name))


def _check(trial: Trial, data: TaskData) -> None:
    assert isinstance(trial.model, ReadsPrompts)
    examples = [example for split in (*data.scored.values(), *data.predicted.values()) for example in split]
    trial.model.check_prompts(trial.task, AskedExamples(train=data.train, examples=examples, seed=trial.seed))
