"""What came of the cases, as the JUnit XML that build servers read: a suite for each ruleset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree

from cds.hooks.wording import visible
from cds.workbench.testing import Result


def junit(results: Iterable[Result]) -> bytes:
    root = ElementTree.Element("testsuites", name="cds test")
    for ruleset, told in groupby(results, key=lambda result: result.case.ruleset):
        root.append(_suite(ruleset, tuple(told)))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _suite(ruleset: str, results: Sequence[Result]) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        name=ruleset,
        tests=str(len(results)),
        failures=str(sum(not result.passed for result in results)),
        errors="0",
        skipped="0",
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    suite.extend(map(_case, results))
    return suite


def _case(result: Result) -> ElementTree.Element:
    place = result.case.place
    case = ElementTree.Element(
        "testcase",
        classname=result.case.ruleset,
        name=visible(result.case.name),
        file=place.file,
        line=str(place.line),
        time=f"{result.seconds:.3f}",
    )
    if not result.passed:
        failure = ElementTree.SubElement(case, "failure", message=visible("; ".join(result.differences)))
        failure.text = visible("\n".join((result.place, *result.differences, *result.explanation)))
    return case
