"""The tests that a rules file brings along: what they are called, and how what came of them is judged.

`bot.rehearsal` runs them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import Problem
from bot.models import Article, Match
from bot.rules.definitions import RuleTest
from bot.rules.findings import brief, listed, quoted

MOST_WORDS: Final = 3
"""Of what made a rule ring, so many are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a test: `faults` are sentences, none where it passed; `rules` those that the faults are about.

    `articles` are those of the test as the rules saw them.
    """

    test: RuleTest
    articles: tuple[Article, ...]
    faults: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all was as the test wants it."""
        return not self.faults

    @property
    def problem(self) -> Problem:
        """The failure at the place of the test."""
        return Problem(
            file=self.test.file,
            line=self.test.line,
            column=self.test.column,
            what=f"the test {quoted(name_of(self.test))} fails: {', '.join(self.faults)}",
            remedy=f"change the rules, or the test's {_expectation(self.test)}",
        )


def name_of(test: RuleTest) -> str:
    """What a test is called: the first line of its first article."""
    first = test.articles[0]
    text = first.title or first.summary or first.content
    more = len(test.articles) - 1
    line = brief(text.strip().partition("\n")[0])
    return f"{line} (and {more} more)" if more else line


def judge(test: RuleTest, article: Article, matches: Iterable[Match], order: Iterable[str]) -> Verdict:
    """Hold what rang on a test's one article against what it expects; `order` holds all rules as the file does."""
    rang = {match.rule: match for match in matches}
    unexpected = _must_not_ring(test, rang)
    concerned, faults = [], []
    for rule in order:
        if rule in (test.expect or ()) and rule not in rang:
            faults.append(f"{quoted(rule)} did not ring")
        elif rule in unexpected:
            faults.append(f"{quoted(rule)} rang, on {_words(rang[rule])}, and {unexpected[rule]}")
        else:
            continue
        concerned.append(rule)
    return Verdict(test=test, articles=(article,), faults=tuple(faults), rules=tuple(concerned))


def _must_not_ring(test: RuleTest, rang: Collection[str]) -> dict[str, str]:
    """The rules that rang against the test's word, and what it said of them."""
    wrong = {}
    for rule in rang:
        if rule in test.expect_not:
            wrong[rule] = "must not"
        elif test.expect is not None and rule not in test.expect:
            wrong[rule] = "was not expected"
    return wrong


def judge_alerts(test: RuleTest, articles: tuple[Article, ...], alerts: Sequence[tuple[str, ...]]) -> Verdict:
    """Hold the alerts that came of a test's sequence, each the rules that it names, against those it expects."""
    wanted = test.alerts or ()
    if [frozenset(alert) for alert in alerts] == [frozenset(alert) for alert in wanted]:
        return Verdict(test=test, articles=articles)
    named = dict.fromkeys(rule for alert in (*wanted, *alerts) for rule in alert)
    return Verdict(
        test=test,
        articles=articles,
        faults=(f"it makes {_told(alerts)} and should make {_told(wanted)}",),
        rules=tuple(named),
    )


def _told(alerts: Sequence[tuple[str, ...]]) -> str:
    if not alerts:
        return "no alert"
    named = ", then ".join(listed(alert) for alert in alerts)
    return f"{len(alerts)} alert{'s' if len(alerts) > 1 else ''} ({named})"


def _words(match: Match) -> str:
    words = list(dict.fromkeys(span.text for span in match.evidence))
    more = f" and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
    return listed(words[:MOST_WORDS]) + more


def _expectation(test: RuleTest) -> str:
    if test.alerts is not None:
        return "`alerts`"
    if test.expect is None:
        return f"`expect_not: [{', '.join(test.expect_not)}]`"
    return f"`expect: [{', '.join(test.expect)}]`"
