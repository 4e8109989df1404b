"""How fast rules match, against two peers on the same articles in the same run.

Usage: python benchmarks/bench_match.py [--quick]

The peers are one compiled, case-blind `re` per term, and the bare automaton (ahocorasick-rs) over the folded terms
and the folded text, which finds substrings and knows nothing of words. Articles have about 5 KB: English ones from
Reuters, and others in ten languages, from the data folder (NEWSBELL_DATA, default ../shared/data), or generated
where there is none. Ratios hold from machine to machine, articles per second do not.
"""

from __future__ import annotations

import random
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind
from material import Text, articles, english, multilingual, names

from bot.models import Article
from bot.rules.definitions import Group, Item, Rule, RuleBook
from bot.rules.engine import compile_rules
from bot.rules.syntax import parse_term
from bot.text.fold import fold, fold_key

_Thing = TypeVar("_Thing")
_TERMS_PER_RULE = 5
_SIZES = (10, 100, 1_000, 10_000, 100_000)
_RE_UP_TO = 10_000
_RE_ARTICLES = 3
_ROUNDS = 3
_MEMORY_ARTICLES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured at one number of terms; rates are articles per second, `ringing` rules an article."""

    terms: int
    compiled: float
    memory: float
    ringing: float
    ours: float
    automaton: float
    expressions: float | None


def main() -> None:
    """Print a table for each kind of text."""
    sizes = _SIZES[:3] if "--quick" in sys.argv[1:] else _SIZES
    chance = random.Random(20)  # noqa: S311 -- the same articles and terms in every run
    for title, (texts, pool) in (("English", english(chance)), ("ten languages", multilingual(chance))):
        size = sum(len(each.text) for each in texts) // len(texts)
        print(f"\n{title}: {len(texts)} articles of {size:,} characters, names from {len(pool):,}")
        print(
            f"{'terms':>8} {'rules':>7} {'compile s':>10} {'MB':>5} {'ring':>6} {'articles/s':>11} "
            f"{'automaton/s':>12} {'ours to it':>10} {'re/s':>8} {'ours to it':>10}"
        )
        for number in sizes:
            _print(_measured(names(chance, pool, number), texts))


def _print(row: Row) -> None:
    re_rate = f"{row.expressions:8.1f} {row.ours / row.expressions:10,.0f}" if row.expressions else ""
    print(
        f"{row.terms:>8,} {row.terms // _TERMS_PER_RULE:>7,} {row.compiled:>10.2f} {row.memory:>5.0f} {row.ringing:>6.1f} "
        f"{row.ours:>11,.0f} {row.automaton:>12,.0f} {row.ours / row.automaton:>10.2f} {re_rate}"
    )


def _measured(terms: Sequence[str], texts: Sequence[Text]) -> Row:
    book = RuleBook(rules=tuple(_rules(terms)))
    started = time.process_time()
    ruleset = compile_rules(book)
    compiled = time.process_time() - started
    listed = articles(texts)
    ours = _rate(ruleset.match, listed)
    folded = [fold(each.text).text for each in texts]
    automaton = AhoCorasick(sorted({fold_key(term) for term in terms}), matchkind=MatchKind.Standard)
    bare = _rate(lambda text: automaton.find_matches_as_indexes(text, overlapping=True), folded)
    return Row(
        terms=len(terms),
        ringing=sum(len(ruleset.match(article)) for article in listed) / len(listed),
        compiled=compiled,
        memory=_memory(book, listed[:_MEMORY_ARTICLES]),
        ours=ours,
        automaton=bare,
        expressions=_expressions(terms, texts[:_RE_ARTICLES]) if len(terms) <= _RE_UP_TO else None,
    )


def _rate(work: Callable[[_Thing], object], things: Sequence[_Thing]) -> float:
    """Things per second in the best of some rounds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for thing in things:
            work(thing)
        best = min(best, time.process_time() - started)
    return len(things) / best


def _memory(book: RuleBook, listed: Sequence[Article]) -> float:
    """Megabytes that the compiled rules hold once they have seen some articles, and the automaton not counted."""
    tracemalloc.start()
    ruleset = compile_rules(book)
    for article in listed:
        ruleset.match(article)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 1e6


def _rules(terms: Sequence[str]) -> list[Rule]:
    return [
        Rule(
            id=f"rule-{start}",
            title="rule",
            when=Group(
                any=tuple(Item(of=parse_term(term)) for term in terms[start : start + _TERMS_PER_RULE])
            ),
        )
        for start in range(0, len(terms), _TERMS_PER_RULE)
    ]


def _expressions(terms: Sequence[str], texts: Sequence[Text]) -> float:
    """Articles per second of the obvious way: a case-blind expression for each term, one after another."""
    expressions = [re.compile(rf"\b{re.escape(term)}\b", re.IGNORECASE) for term in terms]
    started = time.process_time()
    for each in texts:
        for expression in expressions:
            for _ in expression.finditer(each.text):
                pass
    return len(texts) / (time.process_time() - started)


if __name__ == "__main__":
    main()
