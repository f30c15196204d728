"""Any module of the ``evaluate`` library as a metric."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

from harness.api.example import Example, Prediction
from harness.api.metric import Metric
from harness.errors import UsageError


def evaluate_module(
    name: str, *, names: tuple[str, ...] = (), scale: float = 1.0, higher_is_better: bool = True, **options: Any
) -> Metric:
    """Return a metric of the ``evaluate`` library, loaded when it is first computed.

    ``name`` is a module's name on the hub or the path of a local script; ``options`` go to its ``compute``. Every
    number that it returns becomes a metric value, times ``scale``; with no ``names``, all of them count.
    """

    def compute(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
        import evaluate

        try:
            module = evaluate.load(name, keep_in_memory=True)  # on disk, parallel workers fight over one lock file
        except Exception as error:
            raise UsageError(f"metric {name!r}: evaluate cannot load it ({type(error).__name__}: {error}).") from error
        references = [_reference(example) for example in examples]
        result = module.compute(predictions=[p.value for p in predictions], references=references, **options) or {}
        numbers = {key: scale * float(value) for key, value in result.items() if isinstance(value, Real)}
        if not numbers or not set(names) <= set(numbers):
            raise UsageError(f"metric {name!r}: gives {result}; expected {', '.join(names) or 'a number'}.")
        return numbers

    return Metric(names=names, compute=compute, higher_is_better=higher_is_better)


def _reference(example: Example) -> Any:
    """Return a target as ``evaluate`` modules take it: a number, or for spans the list of accepted texts."""
    return [span.text for span in example.target] if isinstance(example.target, tuple) else example.target
