"""What a newcomer finds: the shipped rules file and the page that explains it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from bot.rehearsal import run_tests
from bot.rules.definitions import RuleBook, RuleTest
from bot.rules.engine import compile_rules
from bot.rules.jsonschema import json_schema
from bot.rules.lint import lint
from bot.rules.loader import load_rules, parse_rules
from bot.rules.places import places_in
from bot.rules.schema import (
    ChannelSection,
    DefaultsSection,
    EntitySection,
    FeedSection,
    GroupSection,
    OperatorsSection,
    RequiresSection,
    RuleSection,
    RulesFile,
    WeightedSection,
)
from bot.rules.schema_tests import ArticleSection, TestSection
from bot.rules.section import Section

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules.yaml"
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
LANGUAGES = ("en", "tr", "ru", "zh-Hans", "zh-Hant", "ar", "de", "fr", "es", "ja", "ko")
IDS = ("rare-earth", "brics", "byd-turkiye")

TABLES: dict[str, list[type[Section]]] = {
    "Groups": [GroupSection, WeightedSection],
    "`defaults`": [DefaultsSection],
    "`feeds`": [FeedSection],
    "`entities`": [EntitySection],
    "`requires`": [RequiresSection],
    "`rules`": [RuleSection],
    "`channels`": [ChannelSection],
    "`operators`": [OperatorsSection],
    "`tests`": [TestSection, ArticleSection],
}
"""The sections that the tables under each heading of the page explain, in order."""


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rules(RULES, require_running=True)


def failures(book: RuleBook) -> list[str]:
    verdicts = run_tests(book, compile_rules(book).match)
    return [str(verdict.problem) for verdict in verdicts if not verdict.passed]


def documented_keys(heading: str) -> list[set[str]]:
    """The keys that each table under a heading explains."""
    part = re.split(rf"\n##+ {re.escape(heading)}\n", PAGE)[1].split("\n##")[0]
    tables = part.split("|---|---|---|\n")[1:]
    first_cells = [re.findall(r"^\| (`.*?) \|", table.split("\n\n")[0], re.MULTILINE) for table in tables]
    return [set(re.findall(r"`(\w+)`", " ".join(cells))) for cells in first_cells]


def languages_of(book: RuleBook, rule: str) -> set[str | None]:
    return {test.articles[0].language for test in book.tests if rule in (test.expect or ())}


def test_the_shipped_rules_pass_their_own_tests(book: RuleBook) -> None:
    assert failures(book) == []


def test_the_shipped_rules_give_no_cause_for_a_warning(book: RuleBook) -> None:
    assert lint(book, places_in(RULES)) == ()


def test_the_shipped_rules_follow_the_three_topics(book: RuleBook) -> None:
    assert tuple(rule.id for rule in book.rules) == IDS


def test_the_shipped_feeds_are_a_dozen_in_every_language_of_the_rules(book: RuleBook) -> None:
    languages = {(feed.language or "")[:2] for feed in book.feeds}

    assert len(book.feeds) >= 12
    assert languages >= {language[:2] for language in LANGUAGES}


@pytest.mark.parametrize("rule", IDS)
def test_each_shipped_rule_is_tested_in_every_language(book: RuleBook, rule: str) -> None:
    assert languages_of(book, rule) >= set(LANGUAGES)


def test_the_shipped_rules_are_tested_sixty_times() -> None:
    assert len(load_rules(RULES).tests) >= 60


def test_the_shipped_rules_are_tested_against_ringing_too_often_in_every_language(book: RuleBook) -> None:
    silent = Counter(test.articles[0].language for test in book.tests if test.expect == ())

    assert set(silent) >= set(LANGUAGES)


def test_no_text_is_tested_twice(book: RuleBook) -> None:
    def said(test: RuleTest) -> tuple[str, ...]:
        return tuple(article.title + article.content for article in test.articles)

    counts = Counter(said(test) for test in book.tests)
    assert [text for text, times in counts.items() if times > 1] == []


def test_the_shipped_file_stays_short_enough_to_be_read() -> None:
    body, _, _ = RULES.read_text(encoding="utf-8").partition("\ntests:\n")
    assert len(body.splitlines()) < 120


def test_what_the_shipped_file_only_suggests_is_right_as_well() -> None:
    suggested = r"^( *)# ((?:operators|silent| +chat| +audit):.*)$"
    whole, count = re.subn(suggested, r"\1\2", RULES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    book = parse_rules(whole.encode(), file="rules.yaml")

    assert count == 4
    assert (book.channels[1].silent, book.audit is None) == (True, False)


def test_the_schema_that_editors_find_beside_the_page_is_that_of_the_model() -> None:
    written = (ROOT / "docs" / "rules.schema.json").read_text(encoding="utf-8")

    assert json.loads(written) == json_schema(), "write it anew: newsbell schema > docs/rules.schema.json"


def test_the_shipped_file_names_a_schema_that_is_there() -> None:
    first = RULES.read_text(encoding="utf-8").partition("\n")[0]
    target = first.removeprefix("# yaml-language-server: $schema=")

    assert (ROOT / target).is_file()


def test_the_page_on_rules_has_a_heading_for_every_section() -> None:
    assert re.findall(r"^## `(\w+)`$", PAGE, re.MULTILINE) == list(RulesFile.model_fields)


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_on_rules_explains_every_key_and_no_other(heading: str) -> None:
    assert documented_keys(heading) == [set(section.model_fields) for section in TABLES[heading]]


@pytest.mark.parametrize("block", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_every_example_on_the_page_loads_and_passes_its_tests(block: str) -> None:
    text = block if "version:" in block else f"{block}version: 1"
    book = parse_rules(text.encode(), file="docs/rules.md", read=lambda _: b"version: 1")

    assert failures(book) == []
