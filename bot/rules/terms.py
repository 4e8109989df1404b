"""Terms compiled to be found in folded text: what may stand in a text is proposed, then each term looks at the place.

Each term is known by one of its words, the one that the fewest other terms have: its anchor. In scripts that put
spaces between words, the words of a text are looked up in a dictionary of what their forms start with, and what came of
that is remembered; in those that do not, one automaton finds the anchors. Where an anchor stands, its terms are
held against the words around it: boundaries, gaps, inflection, and for `=X` the spelling.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.rules.definitions import Term
from bot.rules.literals import Literals
from bot.rules.lookup import RunLookup, counts_in
from bot.rules.matcher import Owners
from bot.rules.pieces import Literal, words_of
from bot.rules.search import Search
from bot.text.fold import fold
from bot.text.tokens import HOLDS_UNSPACED, OPEN_ENDED, script_of, spaced_chunks

_UNSPACED_WORTH: Final = 3
"""A character of these scripts, or a syllable of Hangul, tells as much as so many letters."""


class TermIndex:
    """All literal terms of a rules file, each known by its number."""

    __slots__ = ("_automaton", "_literals", "_lookup", "_numbers", "_owners", "_signs")

    def __init__(self) -> None:
        self._numbers: dict[Literal, int] = {}
        self._literals = Literals()
        self._lookup = RunLookup(self._literals)
        self._owners: list[Owners] = []
        self._automaton: AhoCorasick | None = None
        self._signs = False

    def add(self, term: Term, languages: frozenset[str] | None = None) -> int:
        """The number of a literal term, the same for the same term."""
        literal = Literal(kind=term.kind, text=term.text, languages=languages)
        return self._numbers.setdefault(literal, len(self._numbers))

    def build(self) -> None:
        """Compile what was added; to be called once, before `find`."""
        listed = list(self._numbers)
        self._numbers = {}
        words = [words_of(literal) for literal in listed]
        terms_with = Counter(word for each in words for word in set(each))
        anchors = [_anchor(each, terms_with) for each in words]
        self._literals.take(listed, anchors)
        unspaced: dict[str, Owners] = {}
        for number, (each, anchor) in enumerate(zip(words, anchors, strict=True)):
            if anchor < 0:
                self._add_signs(number, listed[number], unspaced)
            elif _is_unspaced(each[anchor]):
                neighbour = self._literals.matcher(number).neighbour()
                unspaced.setdefault(each[anchor], Owners()).add(number, 0, neighbour)
            else:
                self._lookup.add(number, self._literals.anchor(number))
        self._lookup.close()
        self._owners = list(unspaced.values())
        self._automaton = AhoCorasick(list(unspaced), matchkind=MatchKind.Standard) if unspaced else None

    def _add_signs(self, number: int, literal: Literal, unspaced: dict[str, Owners]) -> None:
        """Add a term without words; one that shows nothing is never found."""
        signs = fold(literal.text).text.strip()
        if signs:
            self._signs = True
            unspaced.setdefault(signs, Owners()).add(number, 0, None)

    def find(self, search: Search) -> None:
        """Add every place of every term in a field."""
        text = search.text
        if text.isascii() or HOLDS_UNSPACED(text) is None:
            self._lookup.find(search, text.split(" "))
            if self._signs:
                self._by_automaton(search)
        else:
            self._lookup.find_among(search, spaced_chunks(text))
            self._by_automaton(search)

    def _by_automaton(self, search: Search) -> None:
        if self._automaton is None:
            return
        text, language = search.text, search.language
        for found, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for number, _ in self._owners[found].candidates(text, start, end):
                if counts_in(self._literals[number], language):
                    place = self._literals.matcher(number).at(search.folded, start, language)
                    if place is not None:
                        search.add((number,), *place)


def _anchor(words: list[str], terms_with: Counter[str]) -> int:
    """Of a term's words the one that the fewest terms have, of those the longest; -1 where there is none."""
    return min(range(len(words)), key=lambda n: (terms_with[words[n]], -_worth(words[n])), default=-1)


def _worth(word: str) -> int:
    return len(word) * (_UNSPACED_WORTH if script_of(word[0]) in OPEN_ENDED | {"HANGUL"} else 1)


def _is_unspaced(word: str) -> bool:
    return HOLDS_UNSPACED(word) is not None
