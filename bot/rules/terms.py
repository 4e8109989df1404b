"""Terms compiled to be found in folded text: one automaton proposes, each term then looks at the place itself.

The automaton holds one anchor of each term: the stems of its most telling word. Where an anchor stands in a
text, the term is held against the words around it: boundaries, inflection, gaps, and for `=X` the spelling.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.rules.definitions import Term, TermKind
from bot.rules.pieces import GAP, Literal, Place, over_suffix, take_apart
from bot.text.fold import Folded, exact_key
from bot.text.tokens import run_start

_HEAD: Final = 2
"""How many letters of a word beside an anchor are compared before the term itself looks."""
_LONGEST_ENDING: Final = 64
"""How far behind an anchor its word's end is looked for; no ending is longer, and no text may make it so."""


class Matcher:
    """One literal term, ready to be held against a place in a folded text."""

    __slots__ = ("_anchor", "_exact", "_pieces", "_words", "languages")

    def __init__(self, literal: Literal) -> None:
        self.languages = literal.languages
        self._exact = exact_key(literal.text) if literal.kind is TermKind.EXACT else None
        self._pieces = take_apart(literal)
        self._words = self._pieces.words
        self._anchor = max(range(len(self._words)), key=lambda number: self._words[number].weight, default=-1)

    def anchors(self) -> frozenset[str]:
        """The strings of which one stands wherever the term does; none for a term that shows nothing."""
        if self._words:
            return self._words[self._anchor].stems
        return frozenset({self._pieces.head} - {""})

    def neighbour(self) -> tuple[int, str] | None:
        """A cheap first look: 1 or -1 for the word behind or before the anchor, and the letters it starts with.

        None where no such word tells.
        """
        side = 1 if self._anchor + 1 < len(self._words) else -1
        beside = self._anchor + side
        if not 0 <= beside < len(self._words):
            return None
        piece = self._words[beside]
        if self._words[max(self._anchor, beside)].gap is not GAP or piece.proclitics != {""}:
            return None
        heads = {stem[:_HEAD] for stem in piece.stems}
        head = heads.pop()
        tells = not heads and len(head) == _HEAD and (piece.inflects or piece.prefix)
        return (side, head) if tells else None

    def counts_in(self, language: str | None) -> bool:
        """Whether the term counts in articles of a language."""
        return self.languages is None or language is None or language in self.languages

    def at(self, folded: Folded, anchor: int, language: str | None) -> Place | None:
        """Where the term stands in the text, if its anchor stands at `anchor`."""
        text = folded.text
        if not self._words:
            return self._checked(folded, anchor, anchor + len(self._pieces.head))
        start = self._start(text, anchor)
        if start < 0 or not self._words[0].may_start(text, start):
            return None
        bare, end = self._end(text, start, language)
        begin = start - len(self._pieces.head)
        if end < 0 or begin < 0 or not text.startswith(self._pieces.head, begin):
            return None
        if self._exact is not None:
            return self._checked(folded, begin, bare, end)
        return (run_start(text, start), end) if self._words[0].proclitics != {""} else (begin, end)

    def _start(self, text: str, anchor: int) -> int:
        """The start of the first word, from the place of the anchor; -1 where the words before do not fit."""
        start = anchor
        for number in range(self._anchor, 0, -1):
            end = self._words[number].back_over_gap(text, start)
            start = self._words[number - 1].back_over_word(text, end) if end > 0 else -1
            if start < 0:
                return -1
        return start

    def _end(self, text: str, start: int, language: str | None) -> tuple[int, int]:
        """The end of the term itself, and the end with what is attached to it; -1 where it does not stand."""
        end = bare = start
        for number, piece in enumerate(self._words):
            if number:
                end = piece.over_gap(text, end)
                end = piece.over_proclitics(text, end) if end >= 0 else -1
            if not 0 <= end < len(text):
                return -1, -1
            end = bare = piece.end(text, end, language)
            if end >= 0 and self._takes_suffix(number):
                end = over_suffix(text, end, language)
            if end < 0:
                return -1, -1
        tail = self._pieces.tail
        if not tail:
            return bare, end
        return (bare + len(tail), bare + len(tail)) if text.startswith(tail, bare) else (-1, -1)

    def _takes_suffix(self, number: int) -> bool:
        if number + 1 == len(self._words):
            return True
        following = self._words[number + 1].gap
        return self._exact is None and following is not None and not following.pattern.startswith("'")

    def _checked(self, folded: Folded, start: int, bare: int, end: int | None = None) -> Place | None:
        """The place, if what stands there is spelt as the term."""
        if self._exact is not None:
            begin, finish = folded.span(start, bare)
            if exact_key(folded.original[begin:finish]) != self._exact:
                return None
        return start, bare if end is None else end


class _Owners:
    """The terms of one anchor: those to look at wherever it stands, and those that ask for a word beside it."""

    __slots__ = ("always", "before", "behind")

    def __init__(self) -> None:
        self.always: list[int] = []
        self.before: dict[str, list[int]] = {}
        self.behind: dict[str, list[int]] = {}

    def add(self, number: int, neighbour: tuple[int, str] | None) -> None:
        if neighbour is None:
            self.always.append(number)
        else:
            side, head = neighbour
            (self.behind if side > 0 else self.before).setdefault(head, []).append(number)

    def candidates(self, text: str, start: int, end: int) -> Iterator[int]:
        """The numbers of the terms that may stand where the anchor stands, from `start` to `end`."""
        yield from self.always
        if self.behind:
            gap = text.find(" ", end, end + _LONGEST_ENDING)
            if gap >= 0:
                yield from self.behind.get(_head(text, gap), ())
        if self.before and start > 1 and text[start - 1] == " ":
            yield from self.before.get(_head_before(text, start), ())


def _head(text: str, gap: int) -> str:
    """The first letters behind a gap."""
    while text.startswith(" ", gap):
        gap += 1
    return text[gap : gap + _HEAD]


def _head_before(text: str, start: int) -> str:
    """The first letters of the word before the gap that ends at `start`."""
    last = start - 1
    while last > 0 and text[last] == " ":
        last -= 1
    begin = run_start(text, last)
    if begin >= 2 and text[begin - 1] == "'":
        begin = run_start(text, begin - 2)
    return text[begin : begin + _HEAD]


class TermIndex:
    """All literal terms of a rules file, each known by its number."""

    __slots__ = ("_automaton", "_matchers", "_owners", "numbers")

    def __init__(self) -> None:
        self.numbers: dict[Literal, int] = {}
        self._matchers: list[Matcher] = []
        self._owners: list[_Owners] = []
        self._automaton: AhoCorasick | None = None

    def add(self, term: Term, languages: frozenset[str] | None = None) -> int:
        """The number of a literal term, the same for the same term."""
        literal = Literal(kind=term.kind, text=term.text, languages=languages)
        return self.numbers.setdefault(literal, len(self.numbers))

    def build(self) -> None:
        """Compile what was added; to be called once, before `find`."""
        anchors: dict[str, _Owners] = {}
        self._matchers = [Matcher(literal) for literal in self.numbers]
        for number, matcher in enumerate(self._matchers):
            neighbour = matcher.neighbour()
            for anchor in matcher.anchors():
                anchors.setdefault(anchor, _Owners()).add(number, neighbour)
        self._owners = list(anchors.values())
        self._automaton = AhoCorasick(list(anchors), matchkind=MatchKind.Standard) if anchors else None

    def find(self, folded: Folded, language: str | None) -> Iterator[tuple[int, Place]]:
        """Every place of every term in a text, as the term's number and the place in the folded text."""
        if self._automaton is None:
            return
        text = folded.text
        for anchor, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for number in self._owners[anchor].candidates(text, start, end):
                matcher = self._matchers[number]
                if matcher.counts_in(language):
                    place = matcher.at(folded, start, language)
                    if place is not None:
                        yield number, place
