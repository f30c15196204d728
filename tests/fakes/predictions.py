"""Made-up questions, answers and attributions, written through the store, and the scores that follow from them."""

import random
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from harness.api import metric
from harness.api.attribution import Attribution, words
from harness.api.example import Example, Prediction, Span
from harness.api.output import Classification, Extraction, Output, Regression
from harness.metrics import glue, scoring
from harness.metrics.squad import OFFICIAL_V1, OFFICIAL_V2
from harness.store.examples import write_attributions
from harness.store.predictions import SplitPredictions
from harness.store.records import Result
from harness.store.run import Run

WORDS = ("quick", "model", "reads", "a", "short", "sentence", "about", "weather", "numbers", "and", "ancient", "rivers")
HOSTILE_TEXT = "<img src=x onerror=\"document.title='hacked'\"> </script><script>document.title='hacked'</script>"
METRICS: Mapping[str, tuple[metric.Metric, ...]] = {
    "cola": (glue.MATTHEWS,),
    "mrpc": (glue.F1, glue.ACCURACY),
    "qqp": (glue.F1, glue.ACCURACY),
    "stsb": (glue.PEARSON, glue.SPEARMAN),
    "squad": (OFFICIAL_V1,),
    "squad_v2": (OFFICIAL_V2,),
}


def output_of(task: str) -> Output:
    if task.startswith("stsb"):
        return Regression(low=0.0, high=5.0)
    if task.startswith("squad"):
        return Extraction(unanswerable=task == "squad_v2")
    return Classification(labels=("entailment", "neutral", "contradiction") if task == "mnli" else ("no", "yes"))


def make_examples(task: str, split: str, count: int) -> list[Example]:
    """Return questions whose texts and targets follow from the names; the first one's text is hostile."""
    chance = random.Random(f"{task} {split}")
    return [_example(task, split, index, chance) for index in range(count)]


def _example(task: str, split: str, index: int, chance: random.Random) -> Example:
    text = " ".join(chance.choices(WORDS, k=chance.randint(4, 24)))
    pair = " ".join(chance.choices(WORDS, k=chance.randint(5, 30))) if task not in {"cola", "sst2"} else None
    target: Any
    match output_of(task):
        case Classification(labels=labels):
            target = chance.randrange(len(labels))
        case Regression(low=low, high=high):
            target = round(chance.uniform(low, high), 1)
        case Extraction():
            start, end = chance.choice(words(pair or ""))
            target = (Span(text=(pair or "")[start:end], start=start),) if task == "squad" or index % 3 else ()
    tags = (chance.choice(("logic: negation", "logic: quantifiers", "knowledge: world")),) if task == "mnli" else ()
    return Example(id=f"{split}-{index}", text=text if index else HOSTILE_TEXT, pair=pair, target=target, tags=tags)


def make_predictions(task: str, examples: Sequence[Example], skill: float, seed: str) -> list[Prediction]:
    """Return answers of which about a share ``skill`` is right; harder questions are hard for all models."""
    chance = random.Random(seed)
    return [_answer(task, example, chance.random() < skill + _ease(example), chance) for example in examples]


def _ease(example: Example) -> float:
    return (len(example.text) % 7 - 3) / 12


def _answer(task: str, example: Example, is_right: bool, chance: random.Random) -> Prediction:
    match output_of(task):
        case Classification(labels=labels):
            right = int(example.target) if isinstance(example.target, int) else 0
            value = right if is_right else (right + chance.randint(1, len(labels) - 1)) % len(labels)
            sure = chance.uniform(1 / len(labels) + 0.05, 0.99)
            rest = (1 - sure) / (len(labels) - 1)
            return Prediction(value=value, scores=tuple(sure if i == value else rest for i in range(len(labels))))
        case Regression():
            off = chance.gauss(0, 0.3 if is_right else 1.8)
            assert isinstance(example.target, float)
            return Prediction(value=example.target + off)
        case Extraction():
            start, end = chance.choice(words(example.pair or ""))
            spans = example.target if isinstance(example.target, tuple) else ()
            right_text = spans[0].text if spans else ""
            return Prediction(value=right_text if is_right else (example.pair or "")[start:end], scores=(0.25,))


def record_attributions(run: Run, result: Result, splits: Sequence[SplitPredictions]) -> None:
    """Write attributions for the first three examples of each split."""
    for made in splits:
        given = zip(made.examples[:3], made.predictions[:3], strict=True)
        found = [_attribution(example, str(prediction.value)) for example, prediction in given]
        write_attributions(run.attributions_path(result.key, made.split), found)


def _attribution(example: Example, towards: str) -> Attribution:
    chance = random.Random(example.id)
    text, pair = (tuple(chance.uniform(-1, 1) for _ in words(part or "")) for part in (example.text, example.pair))
    return Attribution(id=example.id, towards=towards, text=text, pair=pair)


def scored(result: Result, splits: Sequence[SplitPredictions]) -> Result:
    """Return the result with the metric values that predictions give, and the kind of answer that they are."""
    asked = METRICS.get(result.task, (glue.ACCURACY,))
    scores = {made.split: scoring.score(asked, made.predictions, made.examples) for made in splits}
    headline = scoring.headline(asked, next(iter(scores.values())))
    output = output_of(result.task)
    counts = {"train": 1000, **{made.split: len(made.examples) for made in splits}}
    return result.model_copy(
        update={
            "scores": scores,
            "headline": list(headline),
            "score": fmean(fmean(figures[name] for name in headline) for figures in scores.values()),
            "output": output,
            "data": result.data.model_copy(update={"num_examples": counts}),
        }
    )
