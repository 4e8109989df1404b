"""What a newcomer finds: the shipped rules file and the page that explains it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.rules.cases import failures
from bot.rules.definitions import RuleBook, RuleTest
from bot.rules.engine import compile_rules
from bot.rules.loader import load_rules, parse_rules
from bot.rules.schema import RulesFile, Section

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules.yaml"
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rules(RULES, require_running=True)


def section_of(key: str) -> type[Section] | None:
    """The section that a key of the file holds, once or several times."""
    annotation = RulesFile.model_fields[key].annotation
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def documented_keys(heading: str) -> set[str]:
    """The keys that the table under a heading explains."""
    part = PAGE.split(f"\n## `{heading}`\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))


def test_the_shipped_rules_pass_their_own_tests(book: RuleBook) -> None:
    assert failures(book, "rules.yaml", compile_rules(book).match) == ()


def test_the_shipped_rules_follow_the_three_topics(book: RuleBook) -> None:
    assert [rule.id for rule in book.rules] == ["rare-earth", "brics", "byd-turkiye"]


def test_the_shipped_feeds_are_a_dozen_in_several_languages(book: RuleBook) -> None:
    languages = {feed.language for feed in book.feeds}

    assert len(book.feeds) >= 12
    assert len(languages - {None}) >= 5


@pytest.mark.parametrize("rule", ["rare-earth", "brics", "byd-turkiye"])
def test_each_shipped_rule_is_tested_in_several_languages(book: RuleBook, rule: str) -> None:
    def is_ascii(test: RuleTest) -> bool:
        return test.text.isascii()

    tests = [test for test in book.tests if rule in test.expect]
    assert len(tests) >= 5
    assert {is_ascii(test) for test in tests} == {True, False}


def test_the_shipped_rules_are_tested_against_ringing_too_often(book: RuleBook) -> None:
    assert len([test for test in book.tests if not test.expect]) >= 8


def test_the_shipped_file_stays_short_enough_to_be_read() -> None:
    assert len(RULES.read_text(encoding="utf-8").splitlines()) < 150


def test_the_page_on_rules_has_a_heading_for_every_section() -> None:
    assert re.findall(r"^## `(\w+)`$", PAGE, re.MULTILINE) == list(RulesFile.model_fields)


@pytest.mark.parametrize("key", [key for key in RulesFile.model_fields if section_of(key)])
def test_the_page_on_rules_explains_every_key_and_no_other(key: str) -> None:
    section = section_of(key)

    assert section is not None
    assert documented_keys(key) == set(section.model_fields)


@pytest.mark.parametrize("block", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_every_example_on_the_page_loads_and_passes_its_tests(block: str) -> None:
    book = parse_rules(f"{block}{'' if 'version:' in block else 'version: 1'}".encode(), file="docs/rules.md")

    assert failures(book, "docs/rules.md", compile_rules(book).match) == ()
