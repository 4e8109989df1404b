"""How well rules match, against labelled articles: precision, recall and F1 by language and by rule.

Usage: python evaluation/evaluate_matching.py

Reads match/rules.yaml and match/cases.jsonl from the data folder (NEWSBELL_DATA, default ../shared/data). A case is
an object with `id`, `title`, `language`, `expect` (the rules that must ring) and perhaps `summary`. Every miss is
listed. For comparison the same rules are read as a word search would: each term a case-folded word or phrase.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from bot.models import Article
from bot.rules.countries import names
from bot.rules.definitions import Group, Rule, RuleBook, Term, TermKind
from bot.rules.engine import compile_rules
from bot.rules.loader import load_rules

Case: TypeAlias = dict[str, Any]
Matching: TypeAlias = Callable[[Article], set[str]]
_ALL: Final = "all"
_EAST: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(slots=True)
class Score:
    """How often rules rang rightly, wrongly, and not though they should have."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def count(self, expected: set[str], rang: set[str]) -> None:
        """Count one case."""
        self.right += len(expected & rang)
        self.wrong += len(rang - expected)
        self.missed += len(expected - rang)

    @property
    def precision(self) -> float:
        """Of what rang, the share that should have."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of what should have rung, the share that did."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0

    def __str__(self) -> str:
        return f"{self.precision:9.3f} {self.recall:7.3f} {self.f1:7.3f}"


@dataclass(slots=True)
class Report:
    """Scores by language and by rule, and what went wrong."""

    by_language: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    by_rule: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    misses: list[str] = field(default_factory=list)

    def count(self, case: Case, rang: set[str]) -> None:
        """Count one case."""
        expected = set(case["expect"])
        for language in (case["language"], _ALL):
            self.by_language[language].count(expected, rang)
        for rule in expected | rang:
            self.by_rule[rule].count(expected & {rule}, rang & {rule})
        if expected != rang:
            sides = [f"silent: {', '.join(sorted(expected - rang))}"] if expected - rang else []
            sides += [f"false: {', '.join(sorted(rang - expected))}"] if rang - expected else []
            self.misses.append(f"{case['id']}  {'; '.join(sides)}  ({case.get('note', '')})")


def main() -> int:
    """Print the tables."""
    folder = Path(os.environ.get("NEWSBELL_DATA", "../shared/data")) / "match"
    if not (folder / "cases.jsonl").exists():
        print(
            f"{folder} is absent, so there is nothing to evaluate on; name the data folder in NEWSBELL_DATA."
        )
        return 0
    book = load_rules(folder / "rules.yaml")
    lines = (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    ruleset = compile_rules(book)
    ours = _report(cases, lambda article: {match.rule for match in ruleset.match(article)})
    words = _report(cases, word_search(book))
    print(f"{len(cases)} cases, {len(book.rules)} rules\n")
    _print_table("language", ours.by_language, words.by_language)
    _print_table("rule", ours.by_rule, words.by_rule)
    print("\n".join(ours.misses) if ours.misses else "no misses")
    return 0


def _report(cases: Iterable[Case], matching: Matching) -> Report:
    report = Report()
    for case in cases:
        report.count(case, matching(_article(case)))
    return report


def _print_table(title: str, ours: dict[str, Score], words: dict[str, Score]) -> None:
    print(f"{title:<16}{'precision':>9} {'recall':>7} {'F1':>7}{'F1 of words':>14}")
    for name in sorted(ours, key=lambda name: (name == _ALL, name)):
        print(f"{name:<16}{ours[name]} {words[name].f1:13.3f}")
    print()


def _article(case: Case) -> Article:
    return Article(
        feed_url="https://example.org/feed",
        source="Example",
        entry_id=case["id"],
        url=None,
        canonical_url=None,
        title=case["title"],
        summary=case.get("summary", ""),
        content="",
        language=case["language"],
        published=None,
    )


def word_search(book: RuleBook) -> Matching:
    """The rules as the obvious word search has them: no inflection, no distance, no exclusion at the hit."""
    entities = {entity.name: entity for entity in book.entities}

    def texts(term: Term) -> list[str]:
        if term.kind is not TermKind.ENTITY:
            return [term.text]
        entity = entities[term.text]
        own = [text for alias in entity.aliases for text in texts(alias.term)]
        return own + [name.text for name in names(entity.country or "")]

    expressions: dict[Term, re.Pattern[str]] = {}

    def stands(term: Term, text: str) -> bool:
        if term not in expressions:
            if term.kind is TermKind.REGEX:
                expressions[term] = re.compile(term.text)
            else:
                whole = term.kind is not TermKind.PREFIX
                either = "|".join(_word(each.casefold(), whole=whole) for each in texts(term))
                expressions[term] = re.compile(either)
        folded = text if term.kind is TermKind.REGEX else text.casefold()
        return expressions[term].search(folded) is not None

    def holds(of: Term | Group, text: str) -> bool:
        if isinstance(of, Term):
            return stands(of, text)
        standing = [item for item in of.any if holds(item.of, text)]
        return (
            all(holds(item.of, text) for item in of.all)
            and (not of.any or len(standing) >= (of.at_least or 1))
            and not any(holds(item.of, text) for item in of.none)
        )

    def rings(rule: Rule, article: Article) -> bool:
        return holds(rule.when, f"{article.title}\n{article.summary}\n{article.content}")

    return lambda article: {rule.id for rule in book.rules if rings(rule, article)}


def _word(text: str, *, whole: bool) -> str:
    """A text as a whole word, or as the start of one; Chinese, Japanese and Korean wherever it stands."""
    if not text.isascii() and _EAST.search(text):
        return re.escape(text)
    return rf"\b{re.escape(text)}" + (r"\b" if whole else "")


if __name__ == "__main__":
    sys.exit(main())
