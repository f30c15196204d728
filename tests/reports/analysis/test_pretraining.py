"""The same architecture without and with pretraining: found by name, with the paired gain and what it cost."""

from dataclasses import replace

from harness.api.pretraining import PretrainingCost
from reports.analysis.pretraining import pretraining_worth, worth_notes, worth_table
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence.results import Evidence, read_evidence
from tests.fakes.synthetic import Plan, write_run

COST = PretrainingCost(
    of="one", objective="mlm", corpus="the file a.txt", tokens=12_345, seconds=678.0, flops=2.5e12, joules=None
)


def evidence_of(tmp_path, cost: PretrainingCost | None) -> Evidence:
    (evidence,) = read_evidence([write_run(tmp_path, Plan(models=("one", "two", "three")))])
    results = {
        (task, model): tuple(
            result.model_copy(update={"model": result.model.model_copy(update={"pretraining": cost})})
            if model == "two"
            else result
            for result in held
        )
        for (task, model), held in evidence.results.items()
    }
    return replace(evidence, results=results)


def test_a_pretrained_model_stands_beside_its_architecture(tmp_path) -> None:
    evidence = evidence_of(tmp_path, COST)
    (worth,) = pretraining_worth(evidence, NO_ANALYSIS)
    assert (worth.pretrained, worth.scratch, worth.cost) == ("two", "one", COST)
    assert [gain.task for gain in worth.gains] == list(evidence.tasks)
    table = worth_table(evidence, [worth])
    assert table is not None
    assert table.rows[0][1:3] == ("one", "two")
    assert table.rows[0][-4:] == ("12,345", "678", "2.50", "")
    (note,) = worth_notes(evidence, NO_ANALYSIS)
    assert "two is one pretrained on 12,345 tokens of the file a.txt in 678 s" in note


def test_without_its_architecture_nothing_is_said(tmp_path) -> None:
    for cost in (None, replace(COST, of="another")):
        evidence = evidence_of(tmp_path / str(cost is None), cost)
        assert not pretraining_worth(evidence, Analysis())
        assert worth_table(evidence, []) is None
