"""What other tools read: for each model, a Hugging Face model card and results as lm-evaluation-harness writes them.

May import `analysis`, `evidence`, `text` and `harness`.
"""

from collections.abc import Iterable
from pathlib import Path

from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.exports.lm_eval import results_json, results_name
from reports.exports.metric_values import folder_names, model_metric_values
from reports.exports.model_card import model_card
from reports.text.publishing import publish

__all__ = ["write_exports"]


def write_exports(groups: Iterable[tuple[Evidence, Analysis]], folder: Path) -> None:
    """Write ``MODEL/README.md`` and ``MODEL/results_DATE.json`` into ``folder`` for each model that has a result.

    Older results of a model that stand beside are taken away, as readers of such folders take the newest file.
    """
    models = {label: (evidence, analysis) for evidence, analysis in groups for label in evidence.models}
    for label, name in folder_names(list(models)).items():
        evidence, analysis = models[label]
        if not (values := model_metric_values(evidence, analysis, label)):
            continue
        publish(folder / name / "README.md", model_card(evidence, label, values))
        results = folder / name / results_name(evidence, label)
        publish(results, results_json(evidence, label, values))
        for older in results.parent.glob("results_*.json"):
            if older.name != results.name:
                older.unlink()
