"""The gate as JUnit XML, by the schema that Jenkins, GitLab and pytest share: a suite for quality, one for cost.

*Worse* is a failure, *incomparable* an error; *cannot tell* and *not judged* are skipped, with ``strict`` the former is
a failure too.
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from harness.gate.rendering.wording import sentence, title
from harness.gate.verdicts import Finding, GateReport, Verdict

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not (section 2.2)."""


def render(report: GateReport) -> str:
    """Return one document; a gate that compared nothing is one error, not an empty pass."""
    root = Element("testsuites", name="harness gate")
    quality = [finding for finding in report.findings if finding.metric == "quality"]
    cost = [finding for finding in report.findings if finding.metric != "quality"]
    for name, findings in (("quality", quality), ("cost", cost)):
        if findings:
            _add_suite(root, name, findings, strict=report.strict)
    if not report.findings:
        _add_empty(root)
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add_suite(root: Element, name: str, findings: Sequence[Finding], *, strict: bool) -> None:
    suite = SubElement(root, "testsuite", name=f"harness gate: {name}")
    for finding in findings:
        _add_case(suite, finding, strict=strict)
    _count(suite)


def _add_case(suite: Element, finding: Finding, *, strict: bool) -> None:
    # Jenkins reads a class name up to its last dot as a package.
    class_name = f"gate.{finding.metric}.{finding.model.replace('.', '_')}".rstrip(".")
    case = SubElement(suite, "testcase", classname=clean(class_name), name=clean(title(finding)), time="0")
    text = clean(sentence(finding))
    kind = _kind(finding.verdict, strict=strict)
    if kind is None:
        SubElement(case, "system-out").text = text
        return
    element = SubElement(case, kind, message=text)
    if kind != "skipped":
        element.set("type", finding.verdict.replace(" ", "-"))
        element.text = text


def _kind(verdict: Verdict, *, strict: bool) -> str | None:
    """Return the element that a verdict becomes; ``None`` for a test that passed."""
    if verdict is Verdict.NOT_WORSE:
        return None
    if verdict is Verdict.INCOMPARABLE:
        return "error"
    if verdict is Verdict.WORSE or (strict and verdict is Verdict.CANNOT_TELL):
        return "failure"
    return "skipped"


def _add_empty(root: Element) -> None:
    suite = SubElement(root, "testsuite", name="harness gate")
    case = SubElement(suite, "testcase", classname="gate", name="gate", time="0")
    SubElement(case, "error", message="nothing was compared", type="incomparable")
    _count(suite)


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("time", "0")


def clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)
