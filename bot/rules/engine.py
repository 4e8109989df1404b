"""Matching: a rules file compiled once, held against article after article.

One pass over each folded field finds every term; only rules of which a term stood are then looked at. Hits are
held as (field, start, end) in code points of the original text, so that they sort in reading order.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import re2

from bot.models import Article, Field, Match, Span
from bot.rules.countries import CountryName, names
from bot.rules.definitions import Entity, Rule, RuleBook, Term, TermKind
from bot.rules.terms import TermIndex
from bot.text.fold import Folded, as_written, fold
from bot.text.language import normalise_language, plausible
from bot.text.tokens import WordCount

Hit: TypeAlias = tuple[int, int, int]
"""The number of a field in reading order, start and end in the original text."""
Hits: TypeAlias = list[Hit]
Finder: TypeAlias = Callable[["_Reading"], Hits]
"""What finds the hits of a term in an article; the terms of terms are bound into it."""

_FIELDS: Final = tuple(Field)
_REGEX_MEMORY: Final = 8 << 20
"""What one regular expression may use, in bytes; RE2's own default. A larger one is refused."""
_PROBES: Final = ("", "a", "a 1-\nB")
"""Texts in which a regular expression that can match nothing does so."""


def compile_rules(book: RuleBook) -> RuleSet:
    """Compile a rules file that the loader has checked.

    Raises ValueError where a regular expression is wrong all the same, KeyError where an entity is unknown.
    """
    return RuleSet(book)


def check_regex(pattern: str) -> str | None:
    """What is wrong with a regular expression, as a sentence; None where nothing is."""
    try:
        compiled = _compile_regex(pattern)
    except (re2.error, UnicodeEncodeError) as error:
        return f"the regular expression does not compile: {_reason(error)}"
    if any(match.start() == match.end() for probe in _PROBES for match in compiled.finditer(probe)):
        return "the regular expression matches the empty text, and so would ring everywhere"
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "it holds half of a surrogate pair"
    reason = error.args[0] if error.args else "unknown"
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return "it is too large" if "too large" in text else text


def _compile_regex(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _REGEX_MEMORY
    return re2.compile(pattern, options)


class RuleSet:
    """The compiled rules; holds nothing of the articles that it has seen."""

    __slots__ = ("_always", "_by_term", "_compiler", "_rules")

    def __init__(self, book: RuleBook) -> None:
        self._compiler = _Compiler(book.entities)
        self._rules = tuple(self._compiler.rule(rule) for rule in book.rules)
        self._compiler.index.build()
        self._by_term: dict[int, list[int]] = {}
        self._always: list[int] = []
        for number, rule in enumerate(self._rules):
            for term in rule.terms:
                self._by_term.setdefault(term, []).append(number)
            if rule.by_regex:
                self._always.append(number)

    def match(self, article: Article) -> tuple[Match, ...]:
        """The rules that ring on an article, in the order of the file, each with its evidence."""
        reading = _Reading(article, self._compiler.index)
        candidates = set(self._always)
        for term in reading.found:
            candidates.update(self._by_term.get(term, ()))
        matches = []
        for number in sorted(candidates):
            hits = self._rules[number].evidence(reading)
            if hits:
                matches.append(Match(rule=self._rules[number].id, evidence=reading.spans(hits)))
        return tuple(matches)


class _Reading:
    """One article, and all that was found in it."""

    __slots__ = ("_counts", "_folded", "_language", "_texts", "_written", "found", "memo")

    def __init__(self, article: Article, index: TermIndex) -> None:
        self._texts = tuple(article.text_of(field) for field in _FIELDS)
        self._folded: tuple[Folded, ...] = tuple(fold(text) for text in self._texts)
        self._written: tuple[Folded, ...] | None = None
        self._counts: tuple[tuple[WordCount, int], ...] | None = None
        self._language = _known_language(article, self._texts)
        self.memo: dict[str, Hits] = {}
        self.found: dict[int, Hits] = {}
        for number, folded in enumerate(self._folded):
            for term, (start, end) in index.find(folded, self._language):
                self.found.setdefault(term, []).append((number, *folded.span(start, end)))

    @property
    def language_known(self) -> bool:
        """Whether the article's language is known."""
        return self._language is not None

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

    def spans(self, hits: Sequence[Hit]) -> tuple[Span, ...]:
        """Hits as evidence."""
        return tuple(
            Span(field=_FIELDS[number], start=start, end=end, text=self._texts[number][start:end])
            for number, start, end in hits
        )


def _known_language(article: Article, texts: tuple[str, ...]) -> str | None:
    """The article's language, unless its script contradicts it."""
    language = normalise_language(article.language)
    if language is None or not plausible(language, " ".join(texts)):
        return None
    return language


@dataclass(frozen=True, slots=True, kw_only=True)
class _CompiledRule:
    """A rule whose terms are finders; `terms` are the numbers of all terms of which one must stand for it to ring."""

    id: str
    any: tuple[Finder, ...]
    all: tuple[Finder, ...]
    none: tuple[Finder, ...]
    near: int | None
    terms: frozenset[int]
    by_regex: bool

    def evidence(self, reading: _Reading) -> Hits:
        """The hits that make the rule ring, in reading order, overlapping ones reduced; none where it does not."""
        groups: list[Hits] = []
        for finder in self.all:
            groups.append(finder(reading))
            if not groups[-1]:
                return []
        if self.any:
            groups.append([hit for finder in self.any for hit in finder(reading)])
        if not all(groups) or any(finder(reading) for finder in self.none):
            return []
        if self.near is not None and len(groups) > 1:
            return _longest(near_hits(groups, self.near, reading.half_words))
        return _longest(hit for group in groups for hit in group)


def near_hits(groups: Sequence[Hits], words: int, half_words: Callable[[Hit], tuple[int, int]]) -> Hits:
    """The hits that take part in a choice of one hit of each group which lies near enough together.

    A choice is near enough where at most `words` words lie between any two of its hits, which is to say between
    the end of the hit that ends first and the start of the hit that starts last.
    """
    measured = sorted(
        (*half_words(hit), number, hit) for number, group in enumerate(groups) for hit in set(group)
    )
    near: set[Hit] = set()
    window: list[tuple[int, int]] = []  # a heap: the end in half words, the group
    inside = [0] * len(groups)
    fresh: list[tuple[int, Hit]] = []  # what entered the window since it last held every group, with its end
    for start, end, number, hit in measured:
        limit = start - 2 * words
        heapq.heappush(window, (end, number))
        inside[number] += 1
        fresh.append((end, hit))
        while window[0][0] < limit:
            _, gone = heapq.heappop(window)
            inside[gone] -= 1
        if all(inside):
            near.update(each for ended, each in fresh if ended >= limit)
            fresh = []
    return sorted(near)


def _longest(hits: Iterable[Hit]) -> Hits:
    """In reading order, of hits that overlap the longest, of equally long ones the first."""
    kept: Hits = []
    for hit in sorted(set(hits), key=lambda hit: (hit[0], hit[1], -hit[2])):
        if kept and kept[-1][0] == hit[0] and hit[1] < kept[-1][2]:
            if hit[2] - hit[1] > kept[-1][2] - kept[-1][1]:
                kept[-1] = hit
            continue
        kept.append(hit)
    return kept


def _outside(hits: Hits, cancelled: Hits) -> Hits:
    """The hits that overlap none of the cancelling ones."""
    if not cancelled or not hits:
        return hits
    merged: Hits = []
    for number, start, end in sorted(cancelled):
        if merged and merged[-1][0] == number and start <= merged[-1][2]:
            merged[-1] = (number, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((number, start, end))
    starts = [(number, start) for number, start, _ in merged]
    kept = []
    for number, start, end in hits:
        before = bisect_right(starts, (number, end - 1)) - 1
        if before < 0 or merged[before][0] != number or merged[before][2] <= start:
            kept.append((number, start, end))
    return kept


class _Compiler:
    """Turns terms into finders, and gathers what the automaton must find."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.index = TermIndex()
        self._entities = {entity.name: entity for entity in entities}
        self._finders: dict[str, tuple[Finder, frozenset[int], bool]] = {}

    def rule(self, rule: Rule) -> _CompiledRule:
        """Compile a rule."""
        required = [self._term(term) for term in rule.all]
        either = [self._term(term) for term in rule.any]
        excluded = [self._term(term) for term in rule.none]
        leading = required[:1] or either
        return _CompiledRule(
            id=rule.id,
            any=tuple(finder for finder, _, _ in either),
            all=tuple(finder for finder, _, _ in required),
            none=tuple(finder for finder, _, _ in excluded),
            near=rule.near,
            terms=frozenset().union(*(terms for _, terms, _ in leading)),
            by_regex=any(by_regex for _, _, by_regex in leading),
        )

    def _term(self, term: Term) -> tuple[Finder, frozenset[int], bool]:
        """A finder, the numbers of the terms by which it finds, and whether a regular expression is among them."""
        if term.kind is TermKind.ENTITY:
            if term.text not in self._finders:
                self._finders[term.text] = self._entity(self._entities[term.text])
            return self._finders[term.text]
        if term.kind is TermKind.REGEX:
            problem = check_regex(term.text)
            if problem is not None:
                raise ValueError(f"{term}: {problem}")
            regex = _compile_regex(term.text)
            return (lambda reading: reading.search(regex)), frozenset(), True
        number = self.index.add(term)
        return _finder(number), frozenset({number}), False

    def _entity(self, entity: Entity) -> tuple[Finder, frozenset[int], bool]:
        parts = [self._term(alias) for alias in entity.aliases]
        parts += [self._country_name(name) for name in names(entity.country or "")]
        unless = [finder for finder, _, _ in map(self._term, entity.unless)]
        finders = [finder for finder, _, _ in parts]

        def find(reading: _Reading) -> Hits:
            if entity.name not in reading.memo:
                hits = [hit for finder in finders for hit in finder(reading)]
                cancelled = [hit for finder in unless for hit in finder(reading)] if hits else []
                reading.memo[entity.name] = _outside(hits, cancelled)
            return reading.memo[entity.name]

        terms = frozenset[int]().union(*(terms for _, terms, _ in parts))
        return find, terms, any(by_regex for _, _, by_regex in parts)

    def _country_name(self, name: CountryName) -> tuple[Finder, frozenset[int], bool]:
        kind = TermKind.EXACT if name.exact else TermKind.PHRASE
        number = self.index.add(Term(kind=kind, text=name.text), name.languages)
        finder = _finder(number)
        if not name.short:
            return finder, frozenset({number}), False
        return (lambda reading: finder(reading) if reading.language_known else []), frozenset({number}), False


def _finder(number: int) -> Finder:
    return lambda reading: reading.found.get(number, [])
