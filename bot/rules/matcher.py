"""One term, held against a place in a folded text where its anchor stands: the most telling of its words."""

from __future__ import annotations

from typing import Final

from bot.rules.definitions import TermKind
from bot.rules.pieces import GAP, Literal, Piece, Place, over_suffix, take_apart
from bot.text.fold import Folded, exact_key
from bot.text.tokens import run_start

_HEAD: Final = 2
"""How many letters of a word beside an anchor are compared before the term itself looks."""
_LONGEST_ENDING: Final = 64
"""How far behind an anchor its word's end is looked for; no ending is longer, and no text may make it so."""


class Matcher:
    """One literal term, ready to be held against a place; `anchor` is the number of a word of it, -1 without words."""

    __slots__ = ("_anchor", "_exact", "_pieces", "_words")

    def __init__(self, literal: Literal, anchor: int) -> None:
        self._exact = exact_key(literal.text) if literal.kind is TermKind.EXACT else None
        self._pieces = take_apart(literal)
        self._words = self._pieces.words
        self._anchor = anchor

    @property
    def anchor(self) -> Piece:
        """The word that is its anchor."""
        return self._words[self._anchor]

    @property
    def is_one_word(self) -> bool:
        """Whether the term is one word of one script, so that there is no more to see where that word stands."""
        pieces = self._pieces
        one = len(pieces.words) == 1 and bool(pieces.words[0].word.script)
        return one and self._exact is None and not pieces.head and not pieces.tail

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


class Owners:
    """The terms of one anchor: those to look at wherever it stands, and those that ask for a word beside it.

    Each goes with an offset: how far behind the place of the anchor the term's own anchor starts.
    """

    __slots__ = ("_always", "_before", "_behind")

    def __init__(self) -> None:
        self._always: list[tuple[int, int]] = []
        self._before: dict[str, list[tuple[int, int]]] = {}
        self._behind: dict[str, list[tuple[int, int]]] = {}

    def add(self, number: int, offset: int, neighbour: tuple[int, str] | None) -> None:
        """Add a term."""
        if neighbour is None:
            self._always.append((number, offset))
        else:
            side, head = neighbour
            (self._behind if side > 0 else self._before).setdefault(head, []).append((number, offset))

    def candidates(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """The numbers of the terms that may stand where the anchor stands, from `start` to `end`, with their offsets."""
        if not self._behind and not self._before:
            return self._always
        found = self._always.copy()
        if self._behind:
            gap = text.find(" ", end, end + _LONGEST_ENDING)
            if gap >= 0:
                found += self._behind.get(_head(text, gap), ())
        if self._before and start > 1 and text[start - 1] == " ":
            for head in _heads_before(text, start):
                found += self._before.get(head, ())
        return found


def _head(text: str, gap: int) -> str:
    """The first letters behind a gap."""
    while text.startswith(" ", gap):
        gap += 1
    return text[gap : gap + _HEAD]


def _heads_before(text: str, start: int) -> set[str]:
    """The first letters of the word before the gap that ends at `start`.

    What an apostrophe parts may be two words (l'accord) or one with its suffix (Apple's).
    """
    last = start - 1
    while last > 0 and text[last] == " ":
        last -= 1
    begin = run_start(text, last)
    heads = {text[begin : begin + _HEAD]}
    if begin >= 2 and text[begin - 1] == "'":
        begin = run_start(text, begin - 2)
        heads.add(text[begin : begin + _HEAD])
    return heads
