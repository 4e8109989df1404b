"""What folding takes from a text: its words, its phrases and figures, and hints of its day.

None of it depends on other texts; how much a word tells is for the index to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bot.models import Article
from bot.stories.words import Reader, Word, sentences_of

HEAD, LEAD, NAME, NUMBER = 1, 2, 4, 8
"""Where a word stands, and what it is: in the headline, at the top, a name, a number."""

READ: Final = 2600
"""Code points of a body that are read; news tells what happened at its top."""

LEAD_WORDS: Final = 55
HEADLESS: Final = 22
"""Words at the top of a text that stand in for a headline where it has none."""

TITLE_CASE: Final = 0.6
"""From this share of capitalised words on, a headline's capitals do not say which words are names."""

DAY_WORDS: Final = 130
"""Words in which a weekday is looked for."""

_MONTHS: Final = {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAY_IN_URL: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/_-]?(1[0-2]|0?[1-9]|"
    + "|".join(_MONTHS)
    + r")[/_-]?(3[01]|[12]\d|0?[1-9])(?!\d)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Reading:
    """All that a text says to folding, before its words are weighed.

    `counts` and `flags` are by bucket, in the order of first standing; `phrases` are pairs of neighbouring words.
    `figures` maps the bucket of a number's neighbour to the number's, negative where the neighbour comes after.
    `body` is the number of words beside the headline. `day` is the date of publication, or the one that the
    address names, as a proleptic ordinal, 0 for none; `weekdays` has bit n for the nth day of the week.
    """

    counts: dict[int, int] = field(default_factory=dict)
    flags: dict[int, int] = field(default_factory=dict)
    phrases: dict[tuple[int, int], None] = field(default_factory=dict)
    figures: dict[int, int] = field(default_factory=dict)
    words: int = 0
    body: int = 0
    titled: bool = False
    cased: bool = False
    day: int = 0
    weekdays: int = 0
    language: str = ""


def read(article: Article, reader: Reader) -> Reading:
    """Read the headline and the top of an article."""
    body = article.content
    if article.summary and not article.content.startswith(article.summary):
        body = f"{article.summary}\n{article.content}"
    reading = Reading(titled=bool(article.title.strip()), day=_day(article), language=article.language or "")
    _read_title(article.title, reading, reader)
    _read_body(body[:READ], reading, reader)
    return reading


def _read_title(title: str, reading: Reading, reader: Reader) -> None:
    words = [word for sentence in sentences_of(title) for word in _words(sentence, reader)]
    capitals = sum(word.capital for word in words)
    telling = bool(words) and capitals / len(words) < TITLE_CASE
    before: Word | None = None
    for number, word in enumerate(words):
        name = NAME if telling and number and word.capital else 0
        # What a headline says counts twice, as it does to its writer.
        _count(reading, word, 2, HEAD | LEAD | name)
        before = _pair(reading, before, word)
    reading.words += len(words)


def _read_body(body: str, reading: Reading, reader: Reader) -> None:
    seen = 0
    head = 0 if reading.titled else HEADLESS
    for sentence in sentences_of(body):
        before: Word | None = None
        for word in _words(sentence, reader):
            flags = (LEAD if seen < LEAD_WORDS else 0) | (HEAD if seen < head else 0)
            if word.capital:
                reading.cased = True
                # The first word of a sentence has a capital whatever it is.
                flags |= NAME if before is not None else 0
            if word.weekday and seen < DAY_WORDS:
                reading.weekdays |= 1 << (word.weekday - 1)
            _count(reading, word, 1, flags)
            before = _pair(reading, before, word)
            seen += 1
    reading.words += seen
    reading.body = max(0, seen - head)


def _words(sentence: list[str], reader: Reader) -> Iterator[Word]:
    for spelling in sentence:
        yield from reader.words(spelling)


def _count(reading: Reading, word: Word, times: int, flags: int) -> None:
    counts, bucket = reading.counts, word.bucket
    counts[bucket] = counts.get(bucket, 0) + times
    reading.flags[bucket] = reading.flags.get(bucket, 0) | flags | (NUMBER if word.number else 0)
    if word.country >= 0 and word.country != bucket:
        counts[word.country] = counts.get(word.country, 0) + 1
        reading.flags[word.country] = reading.flags.get(word.country, 0) | NAME | (flags & LEAD)


def _pair(reading: Reading, before: Word | None, word: Word) -> Word:
    """Remember two neighbours, and a figure by the word that stands before or after it."""
    if before is not None:
        reading.phrases[before.bucket, word.bucket] = None
        if word.number:
            reading.figures.setdefault(before.bucket, word.bucket)
        elif before.number:
            reading.figures.setdefault(-1 - word.bucket, before.bucket)
    return word


def _day(article: Article) -> int:
    if article.published is not None:
        return article.published.toordinal()
    match = _DAY_IN_URL.search(article.url or "")
    if match is None:
        return 0
    year, month, day = match.groups()
    try:
        return date(int(year), _MONTHS.get(month.lower()) or int(month), int(day)).toordinal()
    except ValueError:
        return 0
