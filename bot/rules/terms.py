"""Terms compiled to be found in folded text: one automaton proposes, each term then looks at the place itself.

The automaton holds one anchor of each term: the stems of its most telling word. Where an anchor stands in a
text, the term is held against the words around it: boundaries, inflection, gaps, and for `=X` the spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.rules.definitions import Term, TermKind
from bot.text.fold import Folded, exact_key, fold
from bot.text.inflection import (
    Word,
    all_stems,
    forms,
    proclitics,
    suffixes_after_apostrophe,
    suffixes_after_script,
)
from bot.text.inflection.romance import ELISIONS
from bot.text.tokens import (
    DIGIT,
    OPEN_ENDED,
    UNSPACED,
    ends_word,
    run_end,
    run_start,
    script_of,
    script_of_word,
    starts_word,
)

Place: TypeAlias = tuple[int, int]
"""Start and end in a folded text."""

_INFLECTED: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "HANGUL", "DEVANAGARI"})
_WITH_PROCLITICS: Final = frozenset({"ARABIC", "HEBREW"})
_KEPT_AT_END: Final = frozenset("+#")
"""Signs that belong to a name where they end it (C++, C#); other punctuation around a term is none of it."""
_GAP: Final = re.compile(" +")


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A term that is no expression and no entity, for articles of some languages only where `languages` says so."""

    kind: TermKind
    text: str
    languages: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word of a term, and the gap or the signs before it."""

    word: Word
    gap: re.Pattern[str] | None
    inflects: bool
    prefix: bool
    proclitics: frozenset[str]

    def stems(self) -> frozenset[str]:
        """What each form of the word starts with; of two stems, one the start of the other, only the shorter."""
        if not self.inflects or self.prefix:
            return frozenset({self.word.folded})
        return _shortest_stems(self.word)

    def end(self, text: str, start: int, language: str | None) -> int:
        """Where the word, which starts at `start`, ends with its inflection; -1 where it does not stand there."""
        if self.prefix:
            return self._prefix_end(text, start)
        if not self.inflects:
            end = start + len(self.word.folded)
            return end if text.startswith(self.word.folded, start) and ends_word(text, end) else -1
        end = run_end(text, start)
        for stem, endings in forms(self.word, language):
            if text.startswith(stem, start) and text[start + len(stem) : end] in endings:
                return end
        return -1

    def _prefix_end(self, text: str, start: int) -> int:
        end = start + len(self.word.folded)
        if not text.startswith(self.word.folded, start):
            return -1
        return end if script_of(text[end - 1]) in UNSPACED else run_end(text, end - 1)


@lru_cache(maxsize=65_536)
def _shortest_stems(word: Word) -> frozenset[str]:
    stems = all_stems(word)
    return frozenset(s for s in stems if not any(s != other and s.startswith(other) for other in stems))


class Matcher:
    """One literal term, ready to be held against a place in a folded text."""

    __slots__ = ("_exact", "_pieces", "_tail", "anchor", "languages")

    def __init__(self, literal: Literal) -> None:
        self.languages = literal.languages
        self._exact = exact_key(literal.text) if literal.kind is TermKind.EXACT else None
        self._pieces, self._tail = _pieces(literal)
        self.anchor = max(
            range(len(self._pieces)),
            key=lambda number: _weight(self._pieces[number]),
            default=-1,
        )

    def anchors(self) -> frozenset[str]:
        """The strings of which one stands wherever the term does; none where the term has no letter at all."""
        return self._pieces[self.anchor].stems() if self._pieces else frozenset()

    def counts_in(self, language: str | None) -> bool:
        """Whether the term counts in articles of a language."""
        return self.languages is None or language is None or language in self.languages

    def at(self, folded: Folded, anchor: int, language: str | None) -> Place | None:
        """Where the term stands in the text, if its anchor stands at `anchor`."""
        text = folded.text
        start = self._start(text, anchor)
        if start < 0 or not _may_start(text, start, self._pieces[0]):
            return None
        end = start
        for number, piece in enumerate(self._pieces):
            if number:
                end = _over_gap(text, end, piece)
                end = _over_proclitics(text, end, piece) if end >= 0 else -1
            if end < 0 or end >= len(text):
                return None
            end = piece.end(text, end, language)
            if end >= 0 and not self._next_is_apostrophe(number):
                end = _over_suffix(text, end, language)
            if end < 0:
                return None
        if not text.startswith(self._tail, end):
            return None
        end += len(self._tail)
        begin = run_start(text, start) if self._pieces[0].proclitics != {""} and self._exact is None else start
        if self._exact is not None and not self._as_written(folded, start, end):
            return None
        return begin, end

    def _start(self, text: str, anchor: int) -> int:
        """The start of the first word, from the place of the anchor; -1 where the words before do not fit."""
        start = anchor
        for number in range(self.anchor, 0, -1):
            start = _before_proclitics(text, start, self._pieces[number])
            start = _before_gap(text, start, self._pieces[number])
            if start <= 0:
                return -1
            start = _word_start(text, start, self._pieces[number - 1])
            if start < 0:
                return -1
        return start

    def _next_is_apostrophe(self, number: int) -> bool:
        following = self._pieces[number + 1].gap if number + 1 < len(self._pieces) else None
        return following is not None and following.pattern.startswith("'")

    def _as_written(self, folded: Folded, start: int, end: int) -> bool:
        bare = start + self._bare_length(folded.text, start)
        begin, finish = folded.span(start, min(bare, end))
        return exact_key(folded.original[begin:finish]) == self._exact

    def _bare_length(self, text: str, start: int) -> int:
        """The length of the term itself at a place where it stands, without what is attached to it."""
        end = start
        for piece in self._pieces:
            if piece.gap is not None:
                end = _over_gap(text, end, piece)
            end += len(piece.word.folded)
        return end + len(self._tail) - start


def _pieces(literal: Literal) -> tuple[tuple[_Piece, ...], str]:
    """The words of a term, and the signs behind the last of them that belong to it."""
    folded = fold(literal.text)
    spans = _word_spans(folded.text)
    prefix = literal.kind is TermKind.PREFIX
    pieces = []
    for number, (start, end) in enumerate(spans):
        text = folded.text[start:end]
        begin, finish = folded.span(start, end)
        script = script_of_word(text)
        word = Word(
            folded=text,
            written=exact_key(folded.original[begin:finish]),
            script=script,
            first=number == 0,
            last=number == len(spans) - 1,
        )
        exact = literal.kind is TermKind.EXACT
        pieces.append(
            _Piece(
                word=word,
                gap=_gap_pattern(folded.text[spans[number - 1][1] : start]) if number else None,
                inflects=script in _INFLECTED and not exact,
                prefix=prefix and word.last,
                proclitics=frozenset({""}) if exact or not script else proclitics(word),
            )
        )
    tail = folded.text[spans[-1][1] :] if spans else ""
    kept = tail.rstrip() if tail and set(tail.strip()) <= _KEPT_AT_END else ""
    return tuple(_without_article(piece) for piece in pieces), kept


def _without_article(piece: _Piece) -> _Piece:
    """An Arabic word listed with its article is looked for without it; the article is then asked for before it."""
    if piece.word.script == "ARABIC" and piece.proclitics and "" not in piece.proclitics:
        word = piece.word
        bare = Word(
            folded=word.folded[2:], written=word.written[2:], script=word.script, first=word.first, last=word.last
        )
        return _Piece(bare, piece.gap, piece.inflects, piece.prefix, piece.proclitics)
    return piece


def _word_spans(text: str) -> list[Place]:
    spans: list[Place] = []
    start = -1
    for position, character in enumerate(text):
        if script_of(character):
            start = position if start < 0 else start
        elif start >= 0:
            spans.append((start, position))
            start = -1
    return [*spans, (start, len(text))] if start >= 0 else spans


def _gap_pattern(between: str) -> re.Pattern[str]:
    """A gap is any run of white space and hyphens; other signs must stand as in the term."""
    signs = "".join(between.split())
    if not signs:
        return _GAP
    spaced = " *" if " " in between else ""
    return re.compile(spaced + spaced.join(re.escape(sign) for sign in signs) + spaced)


def _weight(piece: _Piece) -> int:
    """How telling a word is: the length of its shortest stem, where a Chinese character counts for three letters."""
    length = min(len(stem) for stem in piece.stems())
    return length * 3 if script_of(piece.word.folded[0]) in OPEN_ENDED | {"HANGUL"} else length


def _may_start(text: str, start: int, piece: _Piece) -> bool:
    """Whether a term may start here: where a word does, behind proclitics, or behind an elided word (l'Iran)."""
    if not starts_word(text, start):
        if piece.word.script not in _WITH_PROCLITICS:
            return False
        return text[run_start(text, start) : start] in piece.proclitics
    if "" not in piece.proclitics:
        return False
    if start >= 2 and text[start - 1] == "'" and script_of(text[start - 2]) == "LATIN":
        return text[run_start(text, start - 2) : start - 1] in ELISIONS
    return True


def _before_proclitics(text: str, start: int, piece: _Piece) -> int:
    return run_start(text, start) if piece.proclitics != {""} else start


def _before_gap(text: str, start: int, piece: _Piece) -> int:
    """The end of the word before the gap, or -1."""
    if piece.gap is None:
        return -1
    end = start
    while end > 0 and not script_of(text[end - 1]):
        end -= 1
    match = piece.gap.match(text, end)
    return end if match is not None and match.end() == start else -1


def _word_start(text: str, end: int, piece: _Piece) -> int:
    """The start of the word of a term that ends at `end` with whatever inflection."""
    if not piece.inflects:
        return end - len(piece.word.folded)
    start = run_start(text, end - 1)
    # What stands before the gap may be the suffix of the word: Apple's App Store.
    if start >= 2 and text[start - 1] == "'" and text[start:end] in suffixes_after_apostrophe(None):
        start = run_start(text, start - 2)
    if piece.proclitics != {""}:
        return _over_proclitics(text, start, piece)
    return start


def _over_gap(text: str, end: int, piece: _Piece) -> int:
    match = piece.gap.match(text, end) if piece.gap is not None else None
    return match.end() if match is not None else -1


def _over_proclitics(text: str, start: int, piece: _Piece) -> int:
    """The start of the word itself behind its proclitics, the longest that leaves the word; -1 where there is none."""
    if piece.proclitics == {""}:
        return start
    for proclitic in sorted(piece.proclitics, key=len, reverse=True):
        if text.startswith(proclitic, start):
            at = start + len(proclitic)
            if any(text.startswith(stem, at) for stem in piece.stems()):
                return at
    return -1


def _over_suffix(text: str, end: int, language: str | None) -> int:
    """The end of what is attached to a word: a suffix behind an apostrophe, a particle where scripts meet.

    -1 where a letter behind an apostrophe makes another word of it (Xi'an).
    """
    if end >= len(text):
        return end
    if text[end] == "'" and end + 1 < len(text) and script_of(text[end + 1]) not in {"", DIGIT}:
        behind = run_end(text, end + 1)
        if text[end + 1 : behind] in suffixes_after_apostrophe(language):
            return behind
        return -1 if script_of(text[end + 1]) == script_of(text[end - 1]) else end
    particles = suffixes_after_script(script_of(text[end]))
    if particles and script_of(text[end - 1]) != script_of(text[end]):
        behind = run_end(text, end)
        return behind if text[end:behind] in particles else end
    return end


@dataclass(slots=True)
class TermIndex:
    """All literal terms of a rules file, each known by its number."""

    numbers: dict[Literal, int] = field(default_factory=dict)
    _matchers: list[Matcher] = field(default_factory=list)
    _owners: list[tuple[int, ...]] = field(default_factory=list)
    _automaton: AhoCorasick | None = None

    def add(self, term: Term, languages: frozenset[str] | None = None) -> int:
        """The number of a literal term, the same for the same term."""
        literal = Literal(kind=term.kind, text=term.text, languages=languages)
        return self.numbers.setdefault(literal, len(self.numbers))

    def build(self) -> None:
        """Compile what was added; to be called once, before `find`."""
        anchors: dict[str, list[int]] = {}
        self._matchers = [Matcher(literal) for literal in self.numbers]
        for number, matcher in enumerate(self._matchers):
            for anchor in matcher.anchors():
                anchors.setdefault(anchor, []).append(number)
        self._owners = [tuple(numbers) for numbers in anchors.values()]
        self._automaton = AhoCorasick(list(anchors), matchkind=MatchKind.Standard) if anchors else None

    def find(self, folded: Folded, language: str | None) -> Iterator[tuple[int, Place]]:
        """Every place of every term in a text, as the term's number and the place in the folded text."""
        if self._automaton is None:
            return
        for anchor, start, _ in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            for number in self._owners[anchor]:
                matcher = self._matchers[number]
                if matcher.counts_in(language):
                    place = matcher.at(folded, start, language)
                    if place is not None:
                        yield number, place
