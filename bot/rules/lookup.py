"""Which terms a word of a text may belong to, remembered word by word.

A word here is a run: characters of one script, as they stand folded in a text. What a run is worth depends on
nothing but itself and the article's language, and news has few new words: so each run is looked into once, and
after that a chunk of text (what stands between white space) costs one look into a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from bot.rules.literals import Literals, Numbers, append, numbers_of
from bot.rules.matcher import Matcher, Owners
from bot.rules.pieces import Literal, Piece, Place, over_suffix
from bot.text.fold import Folded
from bot.text.inflection import proclitics_of
from bot.text.inflection.romance import ELISIONS
from bot.text.tokens import run_end, run_start, script_of

Runs: TypeAlias = tuple[tuple[str, "Verdict"], ...]
"""The runs of a chunk that may belong to some term."""

_MOST_CHUNKS: Final = 60_000
"""Chunks that are remembered, in all languages together; then all are forgotten, and looked into again."""
_LONGEST_CHUNK: Final = 64
"""Longer chunks are no words of a language and are not remembered."""
_LONGEST_TAIL: Final = 64
"""How much longer than every stem a run may be and still be an inflected word."""


class Verdict:
    """The terms that a run may belong to in articles of a language.

    `plain` are those of which it is all: they stand wherever it does. `others` are to be held against the place.
    """

    __slots__ = ("others", "plain")

    def __init__(self, plain: tuple[int, ...], others: Owners | None) -> None:
        self.plain = plain
        self.others = others


class RunLookup:
    """The anchors that are found by whole words, and what became of the runs that came by."""

    __slots__ = ("_chunks", "_literals", "_longest", "_remembered", "_starts", "_whole")

    def __init__(self, literals: Literals) -> None:
        self._literals = literals
        self._starts: dict[str, Numbers] = {}
        self._whole: dict[str, Numbers] = {}
        self._longest = 0
        self._chunks: dict[str | None, _Chunks] = {}
        self._remembered = 0

    def add(self, number: int, anchor: Piece) -> None:
        """Add a term by its anchor."""
        if anchor.needs_whole_run:
            word = anchor.word.folded
            append(self._whole, word[: run_end(word, 0)], number)
            return
        for stem in anchor.stems:
            append(self._starts, stem, number)
            self._longest = max(self._longest, len(stem))

    def find(
        self, folded: Folded, chunks: Iterable[str], language: str | None
    ) -> Iterator[tuple[int, int, int]]:
        """Every place of every term, as its number, start and end in the folded text, given the text's chunks."""
        known = self._chunks.get(language)
        if known is None:
            known = self._chunks[language] = _Chunks(self, language)
        runs: dict[str, Verdict] = {}
        for standing in filter(None, map(known.__getitem__, chunks)):
            runs.update(standing)
        for run, verdict in runs.items():
            yield from self._places(folded, run, verdict, language)

    def _places(
        self, folded: Folded, run: str, verdict: Verdict, language: str | None
    ) -> Iterator[tuple[int, int, int]]:
        text = folded.text
        plain, others = verdict.plain, verdict.others
        for start, end in _places_of(text, run):
            if plain and _may_start(text, start):
                behind = over_suffix(text, end, language)
                if behind >= 0:
                    for number in plain:
                        yield number, start, behind
            if others is not None:
                for number, offset in others.candidates(text, start, end):
                    place = self._literals.matcher(number).at(folded, start + offset, language)
                    if place is not None:
                        yield number, *place

    def remember(self) -> bool:
        """Count one more chunk that is remembered; False where it is the first after all were forgotten."""
        self._remembered += 1
        if self._remembered <= _MOST_CHUNKS:
            return True
        self._chunks = {}
        self._remembered = 0
        return False

    def runs(self, chunk: str, language: str | None) -> Runs:
        """Look into a chunk."""
        found = []
        start = 0
        while start < len(chunk):
            script = script_of(chunk[start])
            if not script:
                start += 1
                continue
            end = run_end(chunk, start)
            verdict = self._verdict(chunk[start:end], script, language)
            if verdict is not None:
                found.append((chunk[start:end], verdict))
            start = end
        return tuple(found)

    def _verdict(self, run: str, script: str, language: str | None) -> Verdict | None:
        plain: list[int] = []
        others: Owners | None = None
        for number, offset in self._proposed(run, script):
            matcher = self._standing(number, run, offset, language)
            if matcher is None:
                continue
            if matcher.is_one_word:
                plain.append(number)
            else:
                others = others or Owners()
                others.add(number, offset, matcher.neighbour())
        return Verdict(tuple(dict.fromkeys(plain)), others) if plain or others else None

    def _standing(self, number: int, run: str, offset: int, language: str | None) -> Matcher | None:
        """A proposed term, if its anchor stands in the run at an offset and the term counts in the language."""
        if not counts_in(self._literals[number], language):
            return None
        anchor = self._literals.anchor(number)
        if run[:offset] not in anchor.proclitics:
            return None
        whole = anchor.needs_whole_run or anchor.end(run, offset, language) == len(run)
        return self._literals.matcher(number) if whole else None

    def _proposed(self, run: str, script: str) -> Iterator[tuple[int, int]]:
        """The terms whose anchor may stand in a run, each with the length of the proclitics before it."""
        for number in numbers_of(self._whole.get(run)):
            yield number, 0
        for proclitic in proclitics_of(script):
            if run.startswith(proclitic):
                offset = len(proclitic)
                for end in range(offset + 1, min(len(run), offset + self._longest) + 1):
                    for number in numbers_of(self._starts.get(run[offset:end])):
                        yield number, offset


class _Chunks(dict[str, Runs]):
    """What is remembered of the chunks of articles in one language."""

    __slots__ = ("_language", "_lookup")

    def __init__(self, lookup: RunLookup, language: str | None) -> None:
        super().__init__()
        self._lookup = lookup
        self._language = language

    def __missing__(self, chunk: str) -> Runs:
        runs = self._lookup.runs(chunk, self._language)
        if len(chunk) <= _LONGEST_CHUNK and self._lookup.remember():
            self[chunk] = runs
        return runs


def counts_in(literal: Literal, language: str | None) -> bool:
    """Whether a term counts in articles of a language."""
    return literal.languages is None or language is None or language in literal.languages


def _places_of(text: str, run: str) -> Iterator[Place]:
    """Where a run stands in a text as a whole run."""
    script = script_of(run[0])
    start = text.find(run)
    while start >= 0:
        end = start + len(run)
        if (start == 0 or script_of(text[start - 1]) != script) and (
            end == len(text) or script_of(text[end]) != script
        ):
            yield start, end
        start = text.find(run, end)


def _may_start(text: str, start: int) -> bool:
    """Whether a word may start here: behind an apostrophe only where that elides another (l'Iran)."""
    if start < 2 or text[start - 1] != "'" or script_of(text[start - 2]) != "LATIN":
        return True
    return text[run_start(text, start - 2) : start - 1] in ELISIONS
