from dataclasses import replace
from xml.etree import ElementTree

import pytest

from harness.gate.rendering.junit import render
from harness.gate.verdicts import GateReport
from tests.fakes.gate_reports import CANNOT_TELL, EVERYTHING, HOSTILE, INCOMPARABLE, WORSE, report

CONTENT = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"skipped", "error", "failure", "system-out"},
}
REQUIRED = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
}
"""Of the schema that Jenkins publishes for its JUnit plugin; these are all that we write."""


def parse(made: GateReport) -> ElementTree.Element:
    """Return the root of a document that follows the schema, its counts right."""
    root = ElementTree.fromstring(render(made).encode())
    for element in root.iter():
        assert {child.tag for child in element} <= CONTENT.get(element.tag, set())
        assert REQUIRED.get(element.tag, set()) <= set(element.attrib)
    for counted in (root, *root):
        cases = list(counted.iter("testcase"))
        kinds = [child.tag for case in cases for child in case]
        assert int(counted.attrib["tests"]) == len(cases)
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(counted.attrib[name]) == kinds.count(kind)
    return root


def outcomes(root: ElementTree.Element) -> dict[str, str]:
    return {case.attrib["name"]: case[0].tag for case in root.iter("testcase")}


def test_a_suite_for_quality_and_one_for_cost() -> None:
    root = parse(EVERYTHING)
    assert [suite.attrib["name"] for suite in root] == ["harness gate: quality", "harness gate: cost"]
    assert outcomes(root) == {
        "sst2 × mini, quality": "system-out",
        "cola × mini, quality": "failure",
        "mean over tasks × mini, quality": "skipped",
        "cola × mini, latency": "failure",
        "cola × mini, memory": "skipped",
    }
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.attrib["type"] == "worse"
    assert failure.attrib["message"] == (
        "worse: 41.00 → 37.25, change −3.75 [−5.00, −2.50], margin 1 point. The loss is beyond the margin."
    )


@pytest.mark.parametrize(("strict", "kind"), [(False, "skipped"), (True, "failure")])
def test_what_cannot_be_told_fails_if_strict(strict: bool, kind: str) -> None:
    assert list(outcomes(parse(report(CANNOT_TELL, strict=strict))).values()) == [kind]


def test_incomparable_is_an_error_and_nothing_at_all_too() -> None:
    assert list(outcomes(parse(report(INCOMPARABLE))).values()) == ["error"]
    assert outcomes(parse(report())) == {"gate": "error"}


def test_control_characters_are_left_out() -> None:
    root = parse(HOSTILE)
    assert '<script>&" [31m' in next(root.iter("testcase")).attrib["name"]


def test_a_dot_in_a_model_makes_no_package() -> None:
    case = next(parse(report(replace(WORSE, model="bert-1.5"))).iter("testcase"))
    assert case.attrib["classname"] == "gate.quality.bert-1_5"
    assert case.attrib["name"] == "cola × bert-1.5, quality"


def test_only_what_failed_has_a_type_and_a_text() -> None:
    root = ElementTree.fromstring(render(EVERYTHING))
    skipped, failures = list(root.iter("skipped")), list(root.iter("failure"))
    assert [(element.get("type"), element.text) for element in skipped] == [(None, None)] * len(skipped)
    assert failures
    assert all(element.get("type") == "worse" and element.text == element.get("message") for element in failures)
