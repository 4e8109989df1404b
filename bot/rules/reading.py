"""One article as the rules see it: what was found in it, and where its words, sentences and paragraphs lie."""

from __future__ import annotations

import html
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import re2

from bot.models import Article, Field, Span
from bot.rules.definitions import Rule, Scope
from bot.rules.hits import Hit, Hits
from bot.rules.search import Search
from bot.rules.terms import TermIndex
from bot.text.fold import Folded, as_written, fold
from bot.text.language import normalise_language, plausible
from bot.text.sentences import lines, split
from bot.text.tokens import WordCount

FIELDS: Final = tuple(Field)
TITLE: Final = FIELDS.index(Field.TITLE)


class Reading:
    """One article, and all that was found in it.

    `found` holds the hits of each literal term that stands, by its number; `memo` what finders have worked out.
    """

    __slots__ = (
        "_counts",
        "_folded",
        "_index",
        "_other",
        "_texts",
        "_units",
        "_written",
        "article",
        "found",
        "language",
        "memo",
    )

    def __init__(self, article: Article, index: TermIndex) -> None:
        self.article = article
        self._index = index
        self._other: Reading | None = None
        self._texts = (article.title, article.summary, article.content)
        self._folded: tuple[Folded, ...] = tuple(fold(text) for text in self._texts)
        self._written: tuple[Folded, ...] | None = None
        self._counts: tuple[tuple[WordCount, int], ...] | None = None
        self._units: dict[tuple[Scope, int], list[int]] = {}
        self.language = _known_language(article, self._texts)
        self.memo: dict[object, Hits] = {}
        self.found: dict[int, Hits] = {}
        for number, folded in enumerate(self._folded):
            if folded.text:
                index.find(Search(number, folded, self.language, self.found))

    @property
    def of_any_language(self) -> Reading:
        """The same article, as if its language were not known."""
        if self._other is None:
            self._other = Reading(replace(self.article, language=None), self._index)
        return self._other

    def restrictions(self, rule: Rule) -> Iterator[str]:
        """What of a rule's restrictions the article does not meet, a sentence for each."""
        if rule.languages and self.language not in rule.languages:
            own = "has no known language" if self.language is None else f"is in {self.language}"
            yield f"restricted to languages {_listed(rule.languages)}, and the article {own}"
        if rule.feeds and rule.feeds.isdisjoint({self.article.source, self.article.feed_url}):
            yield f"restricted to feeds {_listed(rule.feeds)}, and the article is of another"
        if rule.tags and rule.tags.isdisjoint(self.article.tags):
            own = _listed(self.article.tags) if self.article.tags else "none"
            yield f"restricted to tags {_listed(rule.tags)}, and the article's feed has {own}"

    def search(self, regex: re2._Regexp) -> Hits:
        """All places of a regular expression in the text as written."""
        if self._written is None:
            self._written = tuple(as_written(text) for text in self._texts)
        return [
            (number, *written.span(*match.span()))
            for number, written in enumerate(self._written)
            for match in regex.finditer(written.text)
            if match.end() > match.start()
        ]

    def half_words(self, hit: Hit) -> tuple[int, int]:
        """Half words before the start and before the end of a hit, counted through all fields."""
        if self._counts is None:
            counts = []
            before = 0
            for folded in self._folded:
                count = WordCount(folded)
                counts.append((count, before))
                before += count.total
            self._counts = tuple(counts)
        number, start, end = hit
        count, before = self._counts[number]
        return before + count.before(start), before + count.before(end)

    def unit(self, scope: Scope, hit: Hit) -> tuple[int, int]:
        """The sentence or paragraph in which a hit starts, as the numbers of its field and in it."""
        field, start, _ = hit
        if field == TITLE:
            return field, 0
        starts = self._units.get((scope, field))
        if starts is None:
            starts = self._units[scope, field] = self._unit_starts(scope, field)
        return field, bisect_right(starts, start)

    def _unit_starts(self, scope: Scope, field: int) -> list[int]:
        text = self._texts[field]
        spans = split(text, language=self.language) if scope is Scope.SENTENCE else lines(text)
        return [start for start, _ in spans]

    def starts_small(self, hit: Hit) -> bool:
        """Whether the first letter or digit of a hit is a small letter of a script that has capitals."""
        field, start, end = hit
        text = self._texts[field][start:end]
        if text.startswith("&"):
            text = html.unescape(text)
        first = next((character for character in text if character.isalnum()), "")
        return first.islower() and first.title() != first

    def spans(self, hits: Iterable[Hit]) -> tuple[Span, ...]:
        """Hits as evidence."""
        return tuple(
            Span(field=FIELDS[number], start=start, end=end, text=self._texts[number][start:end])
            for number, start, end in hits
        )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _known_language(article: Article, texts: tuple[str, str, str]) -> str | None:
    """The article's language, unless its script contradicts it."""
    language = normalise_language(article.language)
    if language is None or not plausible(language, " ".join(texts)):
        return None
    return language
