"""What finds the hits of a term in an article: literal terms, regular expressions, entities with their conditions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from bot.rules.hits import Hits, outside
from bot.rules.near import Context
from bot.rules.reading import TITLE, Reading

_NO_HITS: Final[Hits] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found of a term: `hits` that count, `cancelled` ones that stand but do not, `notes` on why."""

    hits: Hits
    cancelled: Hits
    notes: tuple[str, ...] = ()


class Finder(ABC):
    """Finds the hits of a term; `text` is the term as written."""

    __slots__ = ()

    text: str

    @property
    @abstractmethod
    def terms(self) -> frozenset[int]:
        """The numbers of literal terms of which one stands wherever the term does."""

    @property
    def by_regex(self) -> bool:
        """Whether the term may stand without any of `terms`."""
        return False

    @property
    def alone(self) -> int | None:
        """The number of the literal term whose hits are all that it finds; None where it is not that simple."""
        return None

    @abstractmethod
    def hits(self, reading: Reading) -> Hits:
        """The hits that count."""

    def judge(self, reading: Reading) -> Judgement:
        """The hits that count, those that do not, and why."""
        return Judgement(hits=self.hits(reading), cancelled=_NO_HITS)


class LiteralFinder(Finder):
    """Finds a phrase, an exact text or a prefix."""

    __slots__ = ("number", "text")

    def __init__(self, text: str, number: int) -> None:
        self.text = text
        self.number = number

    @property
    def terms(self) -> frozenset[int]:
        """The term itself."""
        return frozenset({self.number})

    @property
    def alone(self) -> int:
        """The term itself."""
        return self.number

    def hits(self, reading: Reading) -> Hits:
        """Where the term stands."""
        return reading.found.get(self.number, _NO_HITS)


class RegexFinder(Finder):
    """Finds a regular expression."""

    __slots__ = ("_regex", "text")

    def __init__(self, text: str, regex: re2._Regexp) -> None:
        self.text = text
        self._regex = regex

    @property
    def terms(self) -> frozenset[int]:
        """None."""
        return frozenset()

    @property
    def by_regex(self) -> bool:
        """It does."""
        return True

    def hits(self, reading: Reading) -> Hits:
        """Where the expression matches more than nothing."""
        known = reading.memo.get(self)
        if known is None:
            known = reading.memo[self] = reading.search(self._regex)
        return known


class _Restricting(Finder):
    """Finds what another finds, where some condition is met."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Finder) -> None:
        self._inner = inner

    @property
    def terms(self) -> frozenset[int]:
        """Those of the term that is restricted."""
        return self._inner.terms

    @property
    def by_regex(self) -> bool:
        """As the term that is restricted."""
        return self._inner.by_regex


class TitleFinder(_Restricting):
    """Finds a term in the title alone."""

    __slots__ = ("text",)

    def __init__(self, text: str, inner: Finder) -> None:
        super().__init__(inner)
        self.text = text

    def hits(self, reading: Reading) -> Hits:
        """The hits in the title."""
        return [hit for hit in self._inner.hits(reading) if hit[0] == TITLE]

    def judge(self, reading: Reading) -> Judgement:
        """The hits in the title; those elsewhere are cancelled."""
        inner = self._inner.judge(reading)
        kept = [hit for hit in inner.hits if hit[0] == TITLE]
        elsewhere = [hit for hit in inner.hits if hit[0] != TITLE]
        notes = (f"`{self._inner.text}` stands, but not in the title",) if elsewhere and not kept else ()
        return Judgement(hits=kept, cancelled=[*inner.cancelled, *elsewhere], notes=inner.notes + notes)


class LanguageFinder(_Restricting):
    """Finds an alias that counts in articles of some languages; and, unless `known`, of no known language."""

    __slots__ = ("_known", "_languages", "text")

    def __init__(self, inner: Finder, languages: frozenset[str], *, known: bool = False) -> None:
        super().__init__(inner)
        self.text = inner.text
        self._languages = languages
        self._known = known

    @property
    def alone(self) -> int | None:
        """The literal term, which itself looks at the languages that it was compiled for."""
        return None if self._known else self._inner.alone

    def hits(self, reading: Reading) -> Hits:
        """The hits, in articles in which they count."""
        return self._inner.hits(reading) if self._counts_in(reading.language) else _NO_HITS

    def judge(self, reading: Reading) -> Judgement:
        """The hits, cancelled in articles in which they do not count."""
        if self._counts_in(reading.language):
            return self._inner.judge(reading)
        stands = self._inner.hits(reading.of_any_language)
        where = ", ".join(sorted(self._languages))
        notes = (f"`{self.text}` counts in articles in {where} only",) if stands else ()
        return Judgement(hits=_NO_HITS, cancelled=stands, notes=notes)

    def _counts_in(self, language: str | None) -> bool:
        return (language is None and not self._known) or language in self._languages


class EntityFinder(Finder):
    """Finds an entity by its names: of their hits those that are well cased, not cancelled, and in their context."""

    __slots__ = (
        "_aliases",
        "_by_regex",
        "_cased",
        "_context",
        "_numbers",
        "_others",
        "_terms",
        "_unless",
        "_words",
        "text",
    )

    def __init__(
        self,
        text: str,
        aliases: Sequence[Finder],
        *,
        unless: Sequence[Finder],
        context: Sequence[Finder] | None,
        words: int | None,
        cased: bool,
    ) -> None:
        self.text = text
        self._numbers = frozenset(alias.alone for alias in aliases if alias.alone is not None)
        self._aliases = tuple(aliases)
        self._others = tuple(alias for alias in aliases if alias.alone is None)
        self._unless = tuple(unless)
        self._context = context
        self._words = words
        self._cased = cased
        self._terms = frozenset[int]().union(*(alias.terms for alias in aliases))
        self._by_regex = any(alias.by_regex for alias in aliases)

    @property
    def terms(self) -> frozenset[int]:
        """Those of all names."""
        return self._terms

    @property
    def by_regex(self) -> bool:
        """Whether one of the names may."""
        return self._by_regex

    def hits(self, reading: Reading) -> Hits:
        """The hits of names that meet every condition of the entity."""
        known = reading.memo.get(self)
        if known is None:
            *_, known = self._steps(reading)
            reading.memo[self] = known
        return known

    def _steps(self, reading: Reading) -> Iterator[Hits]:
        """The hits of the names, then what is left of them after each condition."""
        hits = self._named(reading)
        yield hits
        if self._cased:
            hits = [hit for hit in hits if not reading.starts_small(hit)]
        yield hits
        cancelling = [hit for finder in self._unless for hit in finder.hits(reading)] if hits else []
        hits = outside(hits, cancelling)
        yield hits
        if hits and self._context is not None:
            places = (hit for finder in self._context for hit in finder.hits(reading))
            context = Context(places, reading.half_words)
            hits = [hit for hit in hits if context.is_near(hit, self._words)]
        yield hits

    def _named(self, reading: Reading) -> Hits:
        if not self._by_regex and self._terms.isdisjoint(reading.found):
            return []
        found = [hit for number in self._numbers & reading.found.keys() for hit in reading.found[number]]
        return sorted({*found, *(hit for alias in self._others for hit in alias.hits(reading))})

    def judge(self, reading: Reading) -> Judgement:
        """The hits of names, and which condition cancels the others."""
        named, cased, kept, hits = self._steps(reading)
        inner = [alias.judge(reading) for alias in self._aliases]
        notes = [note for judgement in inner for note in judgement.notes]
        cancelled = {hit for judgement in inner for hit in judgement.cancelled}
        notes += [
            f"{_words(reading, [hit])} does not start with a capital" for hit in named if hit not in cased
        ]
        if len(kept) < len(cased):
            notes += [
                f"cancelled by `{finder.text}`"
                for finder in self._unless
                if len(outside(cased, finder.hits(reading))) < len(cased)
            ]
        if len(hits) < len(kept):
            lost = [hit for hit in kept if hit not in hits]
            notes.append(f"{_words(reading, lost[:1])} stands, but nothing of `requires`{self._reach()}")
        cancelled.update(hit for hit in named if hit not in hits)
        return Judgement(hits=hits, cancelled=sorted(cancelled), notes=tuple(dict.fromkeys(notes)))

    def _reach(self) -> str:
        return " beside it" if self._words is None else f" within {self._words} words"


def _words(reading: Reading, hits: Hits) -> str:
    return ", ".join(f"`{span.text}`" for span in reading.spans(hits))
