"""Which terms a word of a text may belong to, remembered word by word.

A word here is a run: characters of one script, as they stand folded in a text. What a run is worth depends on
nothing but itself and the article's language, and news has few new words: so each run is looked into once, and
after that a chunk of text (what stands between white space) costs one look into a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import filterfalse
from typing import Final, TypeAlias

from bot.rules.literals import Literals, Numbers, append, numbers_of
from bot.rules.matcher import Matcher, Owners
from bot.rules.pieces import Literal, Piece, over_suffix
from bot.rules.search import Search
from bot.text.inflection import proclitics_of
from bot.text.inflection.romance import ELISIONS
from bot.text.tokens import run_end, run_start, script_of

_MOST_CHUNKS: Final = 80_000
"""Chunks of a generation, in all languages together. Two generations are kept: what the younger lacks is taken over
from the older, and what was not asked for during a generation is forgotten."""
_LONGEST_CHUNK: Final = 64
"""Longer chunks are no words of a language and are not remembered."""


Verdict: TypeAlias = tuple[tuple[int, ...], Owners | None]
"""The terms that a run may belong to in articles of a language: first those of which it is all, so that they stand
wherever it does; then those that are to be held against the place."""
Runs: TypeAlias = tuple[tuple[int, int, tuple[int, ...], Owners | None], ...]
"""The runs of a chunk that may belong to some term: where each starts in it, its length, and its terms."""


class RunLookup:
    """The anchors that are found by whole words, and what became of the runs that came by."""

    __slots__ = ("_lengths", "_literals", "_old", "_remembered", "_starts", "_whole", "_young")

    def __init__(self, literals: Literals) -> None:
        self._literals = literals
        self._starts: dict[str, Numbers] = {}
        self._whole: dict[str, Numbers] = {}
        self._lengths: tuple[int, ...] = ()
        self._young: dict[str | None, _Chunks] = {}
        self._old: dict[str | None, _Chunks] = {}
        self._remembered = 0

    def add(self, number: int, anchor: Piece) -> None:
        """Add a term by its anchor."""
        if anchor.needs_whole_run:
            word = anchor.word.folded
            append(self._whole, word[: run_end(word, 0)], number)
            return
        for start in anchor.starts:
            append(self._starts, start, number)

    def close(self) -> None:
        """No more terms will come."""
        self._lengths = tuple(sorted({len(start) for start in self._starts}))

    def find(self, search: Search, chunks: Sequence[str]) -> None:
        """Add every place of every term in a field whose text is these chunks with a space between."""
        known = self._known(search.language)
        place = last = 0
        number = -1
        for chunk in filterfalse(known.nothing.__contains__, chunks):
            runs = known[chunk]
            if runs:
                number = chunks.index(chunk, number + 1)
                place += sum(map(len, chunks[last:number])) + number - last
                last = number
                self._add(search, runs, place)

    def find_among(self, search: Search, chunks: Iterable[re.Match[str]]) -> None:
        """Add every place of every term in a field that has these chunks among others that are not looked up."""
        known = self._known(search.language)
        for chunk in chunks:
            if runs := known[chunk[0]]:
                self._add(search, runs, chunk.start())

    def _known(self, language: str | None) -> _Chunks:
        known = self._young.get(language)
        if known is None:
            known = self._young[language] = _Chunks(self, language, self._old.get(language))
        return known

    def _add(self, search: Search, runs: Runs, place: int) -> None:
        """Add the terms of a chunk that stands at a place."""
        text = search.text
        for run_at, size, plain, others in runs:
            start = place + run_at
            end = start + size
            if plain:
                _add_plain(search, plain, start, end)
            if others is not None:
                for number, offset in others.candidates(text, start, end):
                    found = self._literals.matcher(number).at(search.folded, start + offset, search.language)
                    if found is not None:
                        search.add((number,), *found)

    def remember(self) -> None:
        """Count one more chunk that is remembered."""
        self._remembered += 1
        if self._remembered > _MOST_CHUNKS:
            self._old = self._young
            for chunks in self._old.values():
                chunks.grow_old()
            self._young = {}
            self._remembered = 0

    def runs(self, chunk: str, language: str | None) -> Runs:
        """Look into a chunk."""
        found = []
        start, size = 0, len(chunk)
        while start < size:
            script = script_of(chunk[start])
            if not script:
                start += 1
                continue
            end = run_end(chunk, start)
            run = chunk[start:end]
            proposed = self._proposed(run, script)
            if proposed and (verdict := self._verdict(run, proposed, language)) is not None:
                found.append((start, end - start, *verdict))
            start = end
        return tuple(found)

    def _proposed(self, run: str, script: str) -> list[tuple[int, int]]:
        """The terms whose anchor may stand in a run, each with the length of the proclitics before it."""
        proposed = [(number, 0) for number in numbers_of(self._whole.get(run))]
        starts = self._starts
        for proclitic in proclitics_of(script):
            if proclitic and not run.startswith(proclitic):
                continue
            offset = len(proclitic)
            size = len(run) - offset
            for length in self._lengths:
                if length > size:
                    break
                numbers = starts.get(run[offset : offset + length])
                if numbers is not None:
                    proposed += [(number, offset) for number in numbers_of(numbers)]
        return proposed

    def _verdict(self, run: str, proposed: Iterable[tuple[int, int]], language: str | None) -> Verdict | None:
        plain: list[int] = []
        others: Owners | None = None
        for number, offset in dict.fromkeys(proposed):
            matcher = self._standing(number, run, offset, language)
            if matcher is None:
                continue
            if matcher.is_one_word:
                plain.append(number)
            else:
                others = others or Owners()
                others.add(number, offset, matcher.neighbour())
        return (tuple(dict.fromkeys(plain)), others) if plain or others else None

    def _standing(self, number: int, run: str, offset: int, language: str | None) -> Matcher | None:
        """A proposed term, if its anchor stands in the run at an offset and the term counts in the language."""
        if not counts_in(self._literals[number], language):
            return None
        anchor = self._literals.anchor(number)
        if run[:offset] not in anchor.proclitics:
            return None
        whole = anchor.needs_whole_run or anchor.end(run, offset, language) == len(run)
        return self._literals.matcher(number) if whole else None


class _Chunks(dict[str, Runs]):
    """What is remembered of the chunks of articles in one language; `nothing` holds those that belong to no term."""

    __slots__ = ("_language", "_lookup", "_old", "nothing")

    def __init__(self, lookup: RunLookup, language: str | None, old: _Chunks | None) -> None:
        super().__init__()
        self._lookup = lookup
        self._language = language
        self._old = old
        self.nothing: set[str] = set()

    def __missing__(self, chunk: str) -> Runs:
        if chunk in self.nothing:
            return ()
        runs = self._old.recall(chunk) if self._old is not None else None
        if runs is None:
            runs = self._lookup.runs(chunk, self._language)
        if len(chunk) <= _LONGEST_CHUNK:
            if runs:
                self[chunk] = runs
            else:
                self.nothing.add(chunk)
            self._lookup.remember()
        return runs

    def recall(self, chunk: str) -> Runs | None:
        """What is remembered of a chunk; None where it is not."""
        return () if chunk in self.nothing else self.get(chunk)

    def grow_old(self) -> None:
        """Let go of what is older still."""
        self._old = None


def counts_in(literal: Literal, language: str | None) -> bool:
    """Whether a term counts in articles of a language."""
    return literal.languages is None or language is None or language in literal.languages


def _add_plain(search: Search, numbers: tuple[int, ...], start: int, end: int) -> None:
    text = search.text
    if not _may_start(text, start):
        return
    if end < len(text) and text[end] != " ":
        end = over_suffix(text, end, search.language)
        if end < 0:
            return
    search.add(numbers, start, end)


def _may_start(text: str, start: int) -> bool:
    """Whether a word may start here: behind an apostrophe only where that elides another (l'Iran)."""
    if start < 2 or text[start - 1] != "'" or script_of(text[start - 2]) != "LATIN":
        return True
    return text[run_start(text, start - 2) : start - 1] in ELISIONS
