"""Test runs as JUnit XML, the form that CI servers read.

The elements and attributes are those of https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

from bot.rules.cases import Verdict, name_of

_UNUSABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets)."""


def junit(files: Mapping[str, Sequence[Verdict]]) -> bytes:
    """The verdicts of some rules files, each file a suite."""
    root = ElementTree.Element("testsuites", name="newsbell")
    _count(root, [verdict for verdicts in files.values() for verdict in verdicts])
    for file, verdicts in files.items():
        suite = ElementTree.SubElement(root, "testsuite", name=_writable(file))
        _count(suite, verdicts)
        for verdict in verdicts:
            _add_case(suite, verdict)
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _count(element: ElementTree.Element, verdicts: Sequence[Verdict]) -> None:
    element.set("tests", str(len(verdicts)))
    element.set("failures", str(sum(not verdict.passed for verdict in verdicts)))
    element.set("errors", "0")


def _add_case(suite: ElementTree.Element, verdict: Verdict) -> None:
    test = verdict.test
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=_writable(f"line {test.line}: {name_of(test)}"),
        classname=_writable(test.file),
        file=_writable(test.file),
        line=str(test.line),
    )
    if not verdict.passed:
        failure = ElementTree.SubElement(
            case, "failure", message=_writable(", ".join(verdict.faults)), type="failure"
        )
        failure.text = _writable(str(verdict.problem))


def _writable(text: str) -> str:
    return _UNUSABLE.sub("\ufffd", text)
