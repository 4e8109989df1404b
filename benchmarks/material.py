"""What the benchmarks of matching work on: articles and the names that rules look for in them."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import string
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.models import Article

SIZE: Final = 5_000
_ENGLISH: Final = 300
_PER_LANGUAGE: Final = 30
_LETTERS: Final = {"tr": "abcçdefgğıijklmnoöprsştuüvyz", "ru": "абвгдежзийклмнопрстуфхцчшыьэюя"}
_NAME: Final = re.compile(r"\b[^\W\d_a-z][^\W\d_]{5,}(?: [^\W\d_a-z][^\W\d_]{3,})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An article's text and its language."""

    text: str
    language: str


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
    return [text[start : start + SIZE] for start in range(0, len(text) - SIZE + 1, SIZE)]


def _generated(chance: random.Random, letters: str) -> str:
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(2_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    text = " ".join(
        word.title() if chance.random() < 0.1 else word for word in chance.choices(words, weights, k=1_500)
    )
    return text[:SIZE].ljust(SIZE)
