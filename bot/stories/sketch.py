"""What folding takes from a text: its words, its phrases and figures, and hints of its day.

None of it depends on other texts; how much a word tells is for the index to say.
"""

from __future__ import annotations

import re
import zlib
from array import array
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.models import Article
from bot.stories.record import FIGURES
from bot.stories.words import (
    BUCKET,
    BUCKETS,
    CAPITAL,
    COUNTRY,
    FIGURE,
    SENTENCE_END,
    WEEKDAY_SHIFT,
    Codes,
    spellings_of,
)

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

_MOST: Final = 255
"""Of how often a word is counted."""

_MONTHS: Final = {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAY_IN_URL: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/_-]?(1[0-2]|0?[1-9]|"
    + "|".join(_MONTHS)
    + r")[/_-]?(3[01]|[12]\d|0?[1-9])(?!\d)",
    re.IGNORECASE,
)

Buckets = NDArray[np.uint32]
Places = NDArray[np.intp]
Bytes = NDArray[np.uint8]
_Codes = NDArray[np.int32]
_Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Reading:
    """All that a text says to folding, before its words are weighed.

    `buckets` are its words, each once, in the order of first standing; `counts` and `flags` go with them. `before`
    and `after` are the pairs of neighbouring words, by their places in `buckets`. `figures` maps the bucket of a
    number's neighbour to the number's, negative where the neighbour comes after. `body` is the number of words
    beside the headline. `day` is the date of publication, or the one that the address names, as a proleptic
    ordinal, 0 for none; `weekdays` has bit n for the nth day of the week. `feed` is the number of the article's feed.
    """

    buckets: Buckets
    counts: Bytes
    flags: Bytes
    before: Places
    after: Places
    figures: dict[int, int]
    words: int
    body: int
    titled: bool
    cased: bool
    day: int
    weekdays: int
    language: str
    feed: int


class Reader:
    """Reads articles. It remembers spellings, and owns the table in which the words of a text are told apart."""

    def __init__(self) -> None:
        self._codes = Codes()
        self._first = np.zeros(BUCKETS, np.int32)

    def read(self, article: Article) -> Reading:
        """Read the headline and the top of an article."""
        body = article.content
        if article.summary and not article.content.startswith(article.summary):
            body = f"{article.summary}\n{article.content}"
        titled = bool(article.title.strip())
        layout = _Layout.of(self._coded(article.title), self._coded(body[:READ]), titled=titled)
        buckets = (layout.codes & BUCKET).astype(np.uint32)
        fresh, which = self._told_apart(buckets)
        distinct = buckets[fresh]
        before, after = layout.neighbours()
        words = int(layout.number[-1]) + 1 if len(buckets) else 0
        seen = words - layout.title_words
        return Reading(
            buckets=distinct,
            counts=layout.counts(which, len(distinct)),
            flags=layout.flags(which, len(distinct)),
            before=which[before],
            after=which[after],
            figures=_figures(layout.codes, before, after),
            words=words,
            body=seen if titled else max(0, seen - HEADLESS),
            titled=titled,
            cased=bool((layout.codes[layout.title :] & CAPITAL).any()),
            day=_day(article),
            feed=feed_number(article.feed_url),
            weekdays=layout.weekdays(),
            language=article.language or "",
        )

    def _coded(self, text: str) -> array[int]:
        return array("i", chain.from_iterable(map(self._codes.__getitem__, spellings_of(text))))

    def _told_apart(self, buckets: Buckets) -> tuple[_Mask, Places]:
        """Where each word stands first, and for each place the number of its word in the order of first standing."""
        places = np.arange(len(buckets), dtype=np.int32)
        # Of several places of one word the last assignment stays, so that backwards the first does.
        self._first[buckets[::-1]] = places[::-1]
        first = self._first[buckets]
        fresh = first == places
        return fresh, (fresh.cumsum() - 1)[first]


@dataclass(slots=True)
class _Layout:
    """The codes of a text, the headline's first, and where the words among them stand.

    `is_word` tells words from the countries that they name; `number` counts the words, a country going with its word.
    `inside` tells words that do not begin a sentence; a headline is one sentence, whatever stops it has.
    """

    codes: _Codes
    title: int
    titled: bool
    inside: _Mask
    is_word: _Mask
    number: Places
    title_words: int

    @classmethod
    def of(cls, headline: array[int], body: array[int], *, titled: bool) -> _Layout:
        """Take out the ends of sentences, and number the words."""
        codes = np.frombuffer(headline + body, np.int32)
        ends = np.flatnonzero(codes & SENTENCE_END)
        stops = int(ends.searchsorted(len(headline)))
        title = len(headline) - stops
        inside = np.ones(len(codes) + 1, np.bool_)
        inside[0] = inside[title] = False
        # Before each end stand as many codes that stay as its place says, less the ends before it.
        inside[(ends - np.arange(len(ends)))[stops:]] = False
        codes = codes[codes & SENTENCE_END == 0]
        is_word = codes & COUNTRY == 0
        number = is_word.cumsum() - 1
        title_words = int(number[title - 1]) + 1 if title else 0
        return cls(codes, title, titled, inside[: len(codes)], is_word, number, title_words)

    def counts(self, which: Places, size: int) -> Bytes:
        """How often each word stands in the text. What a headline says counts twice, as it does to its writer."""
        counts = np.bincount(which, minlength=size)
        counts += np.bincount(which[: self.title][self.is_word[: self.title]], minlength=size)
        return np.minimum(counts, _MOST).astype(np.uint8)

    def flags(self, which: Places, size: int) -> Bytes:
        """Where each word stands, and what it is."""
        flags = np.zeros(size, np.uint8)
        flags[which[: self._place(self.title_words + LEAD_WORDS)]] = LEAD
        head = self.title if self.titled else self._place(HEADLESS)
        flags[which[:head][self.is_word[:head]]] |= HEAD
        flags[which[self._names()]] |= NAME
        flags[which[self.codes & FIGURE != 0]] |= NUMBER
        return flags

    def neighbours(self) -> tuple[Places, Places]:
        """The places of two words that stand side by side in one sentence: of the first ones, and of the second."""
        places = np.flatnonzero(self.is_word)
        after = places[1:]
        inside = self.inside[after]
        return places[:-1][inside], after[inside]

    def weekdays(self) -> int:
        """The days of the week that the body names, as bits."""
        stop = self._place(self.title_words + DAY_WORDS)
        days = self.codes[self.title : stop] >> WEEKDAY_SHIFT
        found = 0
        for day in days[days > 0].tolist():
            found |= 1 << (day - 1)
        return found

    def _place(self, number: int) -> int:
        """The place of a word by its number, or where the text ends."""
        return int(self.number.searchsorted(number))

    def _names(self) -> _Mask:
        """What has a capital for being a name. The first word of a sentence has one whatever it is."""
        capital = (self.codes & CAPITAL != 0) & self.inside
        share = np.count_nonzero(self.codes[: self.title] & CAPITAL) / max(1, self.title_words)
        if share >= TITLE_CASE:
            capital[: self.title] = False
        return np.asarray(capital | ~self.is_word)


def _figures(codes: _Codes, before: Places, after: Places) -> dict[int, int]:
    """The numbers among neighbours, by the word that stands before or after."""
    left, right = codes[before], codes[after]
    figures: dict[int, int] = {}
    for place in np.flatnonzero((left | right) & FIGURE).tolist():
        if right[place] & FIGURE:
            figures.setdefault(int(left[place] & BUCKET), int(right[place] & BUCKET))
        else:
            figures.setdefault(-1 - int(right[place] & BUCKET), int(left[place] & BUCKET))
        if len(figures) == FIGURES:
            break
    return figures


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


def feed_number(feed_url: str) -> int:
    """The number by which texts of one feed are known; 0 where the feed is not."""
    return zlib.crc32(feed_url.encode("utf-8", "surrogatepass")) if feed_url else 0
