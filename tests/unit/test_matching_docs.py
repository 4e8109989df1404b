"""The examples of docs/matching.md, each against the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.models import Article
from bot.rules.definitions import Group, Item, Rule, RuleBook
from bot.rules.engine import compile_rules
from bot.rules.syntax import parse_term

DOCUMENT = (Path(__file__).parents[2] / "docs/matching.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `(?P<term>[^`]+)` \| (?P<language>\w\w) \|(?P<rings>[^|]*)\|(?P<silent>[^|]*)\|$", re.MULTILINE
)


def examples() -> list[tuple[str, str, str, bool]]:
    return [
        (row["term"], row["language"], text.strip(), rings)
        for row in ROW.finditer(DOCUMENT)
        for column, rings in (("rings", True), ("silent", False))
        for text in row[column].split("·")
        if text.strip()
    ]


def test_there_are_examples() -> None:
    assert len(examples()) > 60


@pytest.mark.parametrize(("term", "language", "text", "rings"), examples())
def test_an_example_of_the_contract_holds(term: str, language: str, text: str, *, rings: bool) -> None:
    rule = Rule(id="rule", title="rule", when=Group(any=(Item(of=parse_term(term)),)))
    article = Article(
        feed_url="https://example.org/feed",
        source="Example",
        entry_id=None,
        url=None,
        canonical_url=None,
        title=text,
        summary="",
        content="",
        language=language,
        published=None,
    )
    assert bool(compile_rules(RuleBook(rules=(rule,))).match(article)) is rings
