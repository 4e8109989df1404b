"""How fast rules match, against two peers on the same articles in the same run.

Usage: python benchmarks/bench_match.py [--quick]

The peers are one compiled, case-blind `re` per term, and the bare automaton (ahocorasick-rs) over the folded terms
and the folded text, which finds substrings and knows nothing of words. Articles have about 5 KB: English ones from
Reuters, and others in ten languages, from the data folder (NEWSBELL_DATA, default ../shared/data), or generated
where there is none. Ratios hold from machine to machine, articles per second do not.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import string
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.models import Article
from bot.rules.definitions import Group, Item, Rule, RuleBook
from bot.rules.engine import compile_rules
from bot.rules.syntax import parse_term
from bot.text.fold import fold, fold_key

_Thing = TypeVar("_Thing")
_SIZE: Final = 5_000
_ENGLISH: Final = 300
_PER_LANGUAGE: Final = 30
_LETTERS: Final = {"tr": "abcçdefgğıijklmnoöprsştuüvyz", "ru": "абвгдежзийклмнопрстуфхцчшыьэюя"}
_NAME: Final = re.compile(r"\b[^\W\d_a-z][^\W\d_]{5,}(?: [^\W\d_a-z][^\W\d_]{3,})?")
_TERMS_PER_RULE = 5
_SIZES = (10, 100, 1_000, 10_000, 100_000)
_RE_UP_TO = 10_000
_RE_ARTICLES = 3
_ROUNDS = 3
_MEMORY_ARTICLES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An article's text and its language."""

    text: str
    language: str


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


def english(chance: random.Random) -> tuple[list[Text], list[Text]]:
    """English articles to measure on, and those that names are taken from, all of the same size."""
    source = _folder() / "reuters.jsonl.gz"
    if not source.exists():
        print(f"{source} is absent; the articles are generated.")
        texts = [
            Text(text=_generated(chance, string.ascii_lowercase), language="en") for _ in range(_ENGLISH)
        ]
        return texts, texts
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        text = "\n".join(json.loads(line)["content"] for line in lines)
    parts = [Text(text=part, language="en") for part in _parts(text)]
    return chance.sample(parts, min(_ENGLISH, len(parts))), parts


def multilingual(chance: random.Random) -> tuple[list[Text], list[Text]]:
    """The same in as many languages as there are, of each language as many to measure on, in turn."""
    source = _folder() / "multilingual.jsonl.gz"
    by_language: defaultdict[str, list[str]] = defaultdict(list)
    if source.exists():
        with gzip.open(source, "rt", encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                by_language[line["language"]].append(line["content"])
    else:
        print(f"{source} is absent; the articles are generated.")
        for language, letters in _LETTERS.items():
            by_language[language] = [_generated(chance, letters) for _ in range(_PER_LANGUAGE)]
    parts = {language: _parts("\n".join(texts)) for language, texts in by_language.items()}
    pool = [Text(text=text, language=language) for language, texts in parts.items() for text in texts]
    measured = [
        Text(text=texts[turn], language=language)
        for turn in range(_PER_LANGUAGE)
        for language, texts in sorted(parts.items())
        if turn < len(texts)
    ]
    return measured, pool


def articles(texts: Sequence[Text]) -> list[Article]:
    """The texts as articles, each with a headline."""
    return [
        Article(
            feed_url="https://example.org/feed",
            source="Example",
            entry_id=None,
            url=None,
            canonical_url=None,
            title=each.text[:60],
            summary="",
            content=each.text,
            language=each.language,
            published=None,
        )
        for each in texts
    ]


def names(chance: random.Random, pool: Sequence[Text], number: int) -> list[str]:
    """Different names as rules have them: half (or as many as there are) stand in some article, half in none.

    Half of those that stand nowhere are of two words.
    """
    standing = sorted({found for each in pool for found in _NAME.findall(each.text)})
    listed = chance.sample(standing, min(number // 2, len(standing)))
    listed += [
        " ".join("".join(chance.choices(string.ascii_lowercase, k=7)) for _ in range(chance.randint(1, 2)))
        for _ in range(number - len(listed))
    ]
    chance.shuffle(listed)
    return listed


def _folder() -> Path:
    return Path(os.environ.get("NEWSBELL_DATA", "../shared/data"))


def _parts(text: str) -> list[str]:
    return [text[start : start + _SIZE] for start in range(0, len(text) - _SIZE + 1, _SIZE)]


def _generated(chance: random.Random, letters: str) -> str:
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(2_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    text = " ".join(
        word.title() if chance.random() < 0.1 else word for word in chance.choices(words, weights, k=1_500)
    )
    return text[:_SIZE].ljust(_SIZE)


if __name__ == "__main__":
    main()
