"""The words of a term, and how each is held against a place in a folded text.

All places are offsets into folded text, and -1 says that something does not stand there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeAlias

from bot.rules.definitions import TermKind
from bot.text.fold import Folded, exact_key, fold
from bot.text.inflection import (
    Form,
    Word,
    all_stems,
    forms,
    proclitics,
    start_of_stems,
    suffixes_after_apostrophe,
    suffixes_after_script,
)
from bot.text.inflection.romance import ELISIONS
from bot.text.tokens import (
    DIGIT,
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

GAP: Final = re.compile(" +")
"""The usual gap: any run of white space and hyphens."""
_INFLECTED: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "HANGUL", "DEVANAGARI"})
_KEPT_AT_END: Final = frozenset("+#")
"""Signs that belong to a name where they end it (C++, C#); other punctuation around a phrase is none of it."""
_NONE: Final = frozenset({""})
_ASCII_WORD: Final = re.compile("[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A term that is no expression and no entity; `languages` restricts it to articles of those languages."""

    kind: TermKind
    text: str
    languages: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A term taken apart: the signs before its first word and behind its last that belong to it, and its words.

    A term of signs alone has them all in `head`.
    """

    head: str
    words: tuple[Piece, ...]
    tail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A word of a term, with the gap or the signs before it."""

    word: Word
    gap: re.Pattern[str] | None
    inflects: bool
    prefix: bool
    proclitics: frozenset[str]
    languages: frozenset[str] | None

    @property
    def stems(self) -> frozenset[str]:
        """What each form of the word starts with; of two stems, one the start of the other, only the shorter."""
        if not self.inflects or self.prefix:
            return frozenset({self.word.folded})
        return _shortest_stems(self.word)

    @property
    def starts(self) -> frozenset[str]:
        """What each form of the word starts with, no more exact than is fast to tell."""
        start = start_of_stems(self.word) if self.inflects and not self.prefix else None
        return self.stems if start is None else frozenset({start})

    @property
    def needs_whole_run(self) -> bool:
        """Whether the run of characters of one script that the word starts with must stand as it is."""
        return not self.inflects and not (self.prefix and script_of_word(self.word.folded))

    def end(self, text: str, start: int, language: str | None) -> int:
        """Where the word, which starts at `start`, ends with its inflection."""
        if self.prefix:
            return self._prefix_end(text, start)
        if not self.inflects:
            end = start + len(self.word.folded)
            return end if text.startswith(self.word.folded, start) and ends_word(text, end) else -1
        end = run_end(text, start)
        for stem, endings in _forms_in(self.word, language, self.languages):
            if text.startswith(stem, start) and text[start + len(stem) : end] in endings:
                return end
        return -1

    def _prefix_end(self, text: str, start: int) -> int:
        end = start + len(self.word.folded)
        if not text.startswith(self.word.folded, start):
            return -1
        return end if script_of(text[end - 1]) in UNSPACED else run_end(text, end - 1)

    def may_start(self, text: str, start: int) -> bool:
        """Whether the first word of a term may start here: with a word, behind proclitics, or elided (l'Iran)."""
        if not starts_word(text, start):
            return self.proclitics != _NONE and text[run_start(text, start) : start] in self.proclitics
        if "" not in self.proclitics:
            return False
        if start >= 2 and text[start - 1] == "'" and script_of(text[start - 2]) == "LATIN":
            return text[run_start(text, start - 2) : start - 1] in ELISIONS
        return True

    def over_gap(self, text: str, end: int) -> int:
        """The end of the gap before the word, which starts at `end`."""
        match = self.gap.match(text, end) if self.gap is not None else None
        return match.end() if match is not None else -1

    def over_proclitics(self, text: str, start: int) -> int:
        """The start of the word itself behind its proclitics, of which the longest that leaves the word counts."""
        if self.proclitics == _NONE:
            return start
        for proclitic in sorted(self.proclitics, key=len, reverse=True):
            at = start + len(proclitic)
            if text.startswith(proclitic, start) and any(text.startswith(stem, at) for stem in self.stems):
                return at
        return -1

    def back_over_gap(self, text: str, start: int) -> int:
        """The end of the word before the gap before this word, which starts at `start`."""
        if self.gap is None:
            return -1
        if self.proclitics != _NONE:
            start = run_start(text, start)
        end = start
        while end > 0 and not script_of(text[end - 1]):
            end -= 1
        match = self.gap.match(text, end)
        return end if match is not None and match.end() == start else -1

    def back_over_word(self, text: str, end: int) -> int:
        """The start of the word, which ends at `end` with whatever inflection."""
        if not self.inflects:
            return end - len(self.word.folded)
        start = run_start(text, end - 1)
        # What stands before the gap may be the suffix of the word: Apple's App Store.
        if start >= 2 and text[start - 1] == "'" and text[start:end] in suffixes_after_apostrophe(None):
            start = run_start(text, start - 2)
        return self.over_proclitics(text, start)


@lru_cache(maxsize=16_384)
def _forms_in(word: Word, language: str | None, own: frozenset[str] | None) -> tuple[Form, ...]:
    # A name that belongs to some languages takes no endings of others, though the text's is unknown.
    if language is None and own is not None:
        return tuple(form for known in sorted(own) for form in forms(word, known))
    return forms(word, language)


@lru_cache(maxsize=16_384)
def _shortest_stems(word: Word) -> frozenset[str]:
    stems = all_stems(word)
    return frozenset(s for s in stems if not any(s != other and s.startswith(other) for other in stems))


def over_suffix(text: str, end: int, language: str | None) -> int:
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


def take_apart(literal: Literal) -> Pieces:
    """The words of a term and the signs around them."""
    folded = fold(literal.text)
    text = folded.text
    spans = _word_spans(text)
    if not spans:
        return Pieces(head=text.strip(), words=(), tail="")
    exact = literal.kind is TermKind.EXACT
    words = tuple(_piece(literal, folded, spans, number) for number in range(len(spans)))
    tail = text[spans[-1][1] :].rstrip()
    belongs = exact or set(tail) <= _KEPT_AT_END
    return Pieces(
        head=text[: spans[0][0]].lstrip() if exact else "", words=words, tail=tail if belongs else ""
    )


def piece_of(literal: Literal, number: int) -> Piece:
    """One word of a term that has words."""
    folded = fold(literal.text)
    return _piece(literal, folded, _word_spans(folded.text), number)


def words_of(literal: Literal) -> list[str]:
    """The folded words of a term; none for one of signs alone."""
    text = fold(literal.text).text
    return [text[start:end] for start, end in _word_spans(text)]


def _piece(literal: Literal, folded: Folded, spans: list[Place], number: int) -> Piece:
    start, end = spans[number]
    begin, finish = folded.span(start, end)
    text = folded.text[start:end]
    word = Word(
        folded=text,
        written=exact_key(folded.original[begin:finish]),
        script=script_of_word(text),
        first=number == 0,
        last=number == len(spans) - 1,
    )
    exact = literal.kind is TermKind.EXACT
    before = proclitics(word) if not exact else _NONE
    if "" not in before and word.script == "ARABIC":
        # A word listed with its article is looked for without it; the article is then asked for before it.
        word = replace(word, folded=word.folded[2:], written=word.written[2:])
    return Piece(
        word=word,
        gap=_gap_pattern(folded.text[spans[number - 1][1] : start]) if number else None,
        inflects=word.script in _INFLECTED and not exact,
        prefix=literal.kind is TermKind.PREFIX and word.last,
        proclitics=before,
        languages=literal.languages,
    )


def _word_spans(text: str) -> list[Place]:
    if text.isascii():
        return [word.span() for word in _ASCII_WORD.finditer(text)]
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
    """A gap of white space and hyphens is any run of them; other signs must stand as in the term."""
    signs = "".join(between.split())
    if not signs:
        return GAP
    spaced = " *" if " " in between else ""
    return re.compile(spaced + spaced.join(re.escape(sign) for sign in signs) + spaced)
