"""The literal terms of all rules by their numbers, and what is worked out of them when it is first needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, TypeVar

from bot.rules.matcher import Matcher
from bot.rules.pieces import Literal, Piece, piece_of

_Key = TypeVar("_Key")
Numbers: TypeAlias = int | tuple[int, ...]
"""Numbers of terms or rules, where most often there is one."""

_MOST_MATCHERS: Final = 16_384
"""Matchers that are kept; others are made anew when their anchor stands."""


class Literals:
    """The terms, each with the number of the word that is its anchor, -1 for one without words."""

    __slots__ = ("_anchors", "_listed", "_matchers")

    def __init__(self) -> None:
        self._listed: list[Literal] = []
        self._anchors: list[int] = []
        self._matchers: dict[int, Matcher] = {}

    def take(self, listed: Iterable[Literal], anchors: Iterable[int]) -> None:
        """Take the terms, in the order of their numbers, and their anchors."""
        self._listed = list(listed)
        self._anchors = list(anchors)

    def __getitem__(self, number: int) -> Literal:
        return self._listed[number]

    def anchor(self, number: int) -> Piece:
        """The anchor of a term that has words."""
        matcher = self._matchers.get(number)
        return matcher.anchor if matcher else piece_of(self._listed[number], self._anchors[number])

    def matcher(self, number: int) -> Matcher:
        """A term, ready to be held against a place."""
        matcher = self._matchers.get(number)
        if matcher is None:
            if len(self._matchers) >= _MOST_MATCHERS:
                self._matchers.clear()
            matcher = self._matchers[number] = Matcher(self._listed[number], self._anchors[number])
        return matcher


def numbers_of(numbers: Numbers | None) -> tuple[int, ...]:
    """The numbers one by one; none for None."""
    if numbers is None:
        return ()
    return (numbers,) if isinstance(numbers, int) else numbers


def append(numbers: dict[_Key, Numbers], key: _Key, number: int) -> None:
    """Add a number under a key."""
    known = numbers.get(key)
    numbers[key] = number if known is None else (*numbers_of(known), number)
