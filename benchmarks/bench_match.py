"""How fast rules match, against one compiled `re` per term on the same articles in the same run.

Usage: python benchmarks/bench_match.py

Articles are Reuters texts of about 5 KB each from the data folder (NEWSBELL_DATA, default ../shared/data), or
generated ones where there is none. The ratio holds from machine to machine, the articles per second do not.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import string
import time
from pathlib import Path

from bot.models import Article
from bot.rules.definitions import Rule, RuleBook
from bot.rules.engine import compile_rules
from bot.rules.syntax import parse_term

_SIZE = 5_000
_TERMS_PER_RULE = 5
_PEER_ARTICLES = 3


def main() -> None:
    """Print one row for each number of terms."""
    chance = random.Random(20)  # noqa: S311 -- the same articles and terms in every run
    texts = _articles(chance)
    articles = [_article(text) for text in texts]
    print(f"{len(texts)} articles of {sum(map(len, texts)) // len(texts):,} characters")
    print(f"{'terms':>8} {'compile s':>10} {'articles/s':>11} {'re, articles/s':>15} {'ratio':>7}")
    for number in (10, 100, 1_000, 10_000):
        terms = [_term(chance, texts) for _ in range(number)]
        started = time.perf_counter()
        ruleset = compile_rules(RuleBook(rules=tuple(_rules(terms))))
        compiled = time.perf_counter() - started
        ruleset.match(articles[0])
        started = time.perf_counter()
        for article in articles:
            ruleset.match(article)
        ours = len(articles) / (time.perf_counter() - started)
        peer = _peer(terms, texts[:_PEER_ARTICLES])
        print(f"{number:>8,} {compiled:>10.2f} {ours:>11,.0f} {peer:>15,.1f} {ours / peer:>7,.0f}")


def _articles(chance: random.Random) -> list[str]:
    source = Path(os.environ.get("NEWSBELL_DATA", "../shared/data")) / "reuters.jsonl.gz"
    if not source.exists():
        print(f"{source} is absent; the articles are generated.")
        words = [
            "".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(8_000)
        ]
        weights = [1 / rank for rank in range(1, len(words) + 1)]
        return [" ".join(chance.choices(words, weights, k=850))[:_SIZE] for _ in range(300)]
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        text = "\n".join(json.loads(line)["content"] for line, _ in zip(lines, range(3_000), strict=False))
    return [text[start : start + _SIZE] for start in range(0, len(text) - _SIZE, _SIZE)][:300]


def _term(chance: random.Random, texts: list[str]) -> str:
    """A name as a rules file has them: half stand in some article, half nowhere; half are of two words."""
    words = 2 if chance.random() < 0.5 else 1
    if chance.random() < 0.5:
        return " ".join("".join(chance.choices(string.ascii_lowercase, k=7)) for _ in range(words))
    for _ in range(50):
        found = re.findall(r"\b[A-Z][a-z]{5,}(?: [A-Z][a-z]{3,})?", chance.choice(texts))
        if found:
            return str(chance.choice(found))
    return "nothing found"


def _rules(terms: list[str]) -> list[Rule]:
    return [
        Rule(
            id=f"rule-{start}",
            title="rule",
            any=tuple(parse_term(term) for term in terms[start : start + _TERMS_PER_RULE]),
        )
        for start in range(0, len(terms), _TERMS_PER_RULE)
    ]


def _peer(terms: list[str], texts: list[str]) -> float:
    """Articles per second of the obvious way: a case-blind expression for each term, one after another."""
    expressions = [re.compile(rf"\b{re.escape(term)}\b", re.IGNORECASE) for term in terms]
    started = time.perf_counter()
    for text in texts:
        for expression in expressions:
            for _ in expression.finditer(text):
                pass
    return len(texts) / (time.perf_counter() - started)


def _article(text: str) -> Article:
    return Article(
        feed_url="https://example.org/feed",
        source="Example",
        entry_id=None,
        url=None,
        canonical_url=None,
        title=text[:60],
        summary="",
        content=text,
        language="en",
        published=None,
    )


if __name__ == "__main__":
    main()
