"""Runs the tests that a rules file brings along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.errors import Problem
from bot.models import Article, Match
from bot.rules.definitions import RuleBook, RuleTest
from bot.rules.findings import listed, quoted

MOST_WORDS: Final = 3
"""Of what made a rule ring, so many are told."""


def failures(book: RuleBook, file: str, match: Callable[[Article], tuple[Match, ...]]) -> tuple[Problem, ...]:
    """The tests of a rules file that fail, each as a problem at the test's place.

    A test's text is matched as the content of an article; exactly the rules that it expects must ring.
    """
    order = [rule.id for rule in book.rules]
    return tuple(
        Problem(file=file, line=test.line, column=test.column, what=what, remedy=_remedy(test))
        for test in book.tests
        if (what := _difference(test, match(_article(test.text)), order))
    )


def _difference(test: RuleTest, matches: tuple[Match, ...], order: list[str]) -> str:
    """What rang or stayed silent against the expectation; empty where all is as it should be."""
    rang = {match.rule: match for match in matches}
    told = [f"{quoted(rule)} did not ring" for rule in order if rule in test.expect and rule not in rang]
    told += [
        f"{quoted(rule)} rang, on {_words(rang[rule])}, and was not expected"
        for rule in order
        if rule in rang and rule not in test.expect
    ]
    return f"the test {quoted(test.text)} fails: {', '.join(told)}" if told else ""


def _words(match: Match) -> str:
    words = list(dict.fromkeys(span.text for span in match.evidence))
    more = f" and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
    return listed(words[:MOST_WORDS]) + more


def _remedy(test: RuleTest) -> str:
    expected = ", ".join(test.expect)
    return f"change the terms of the rules, or the test's `expect: [{expected}]`"


def _article(text: str) -> Article:
    return Article(
        feed_url="",
        source="",
        entry_id=None,
        url=None,
        canonical_url=None,
        title="",
        summary="",
        content=text,
        language=None,
        published=None,
    )
