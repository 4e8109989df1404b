"""Which hits lie near enough together, by the words between them.

Between two hits lie the words from the end of the one that ends first to the start of the one that starts last;
none where they overlap. Distances are in half words, since a Chinese character or a kana is half a word.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from bot.rules.hits import Hit, Hits

Measure: TypeAlias = Callable[[Hit], tuple[int, int]]
"""The half words before the start of a hit and before its end."""

_LOOKED_AT: Final = 100
"""Hits among which the farthest apart are looked for."""


def near_hits(
    hits: Mapping[int, Hits], words: int, measure: Measure, counting: Callable[[int], int | None]
) -> Hits | None:
    """The hits that take part in a choice which lies near enough together; None where there is no such choice.

    `hits` are those of each leaf, a leaf being a bit. `counting` says of the leaves that stand, as a mask, which
    of them make the condition hold, None where they do not; more leaves never make it hold less. At most `words`
    words lie between any two hits of a choice.
    """
    events = sorted((*measure(hit), leaf, hit) for leaf, listed in hits.items() for hit in set(listed))
    return _Sweep(words, counting).over(events)


class _Sweep:
    """A window over hits in the order of their starts; it holds those that are near the last that entered."""

    def __init__(self, words: int, counting: Callable[[int], int | None]) -> None:
        self._width = 2 * words
        self._counting = counting
        self._known: dict[int, int | None] = {}
        self._window: list[tuple[int, int]] = []  # a heap: the end in half words, the leaf
        self._inside: dict[int, int] = {}
        self._present = 0
        self._fresh: dict[
            int, list[tuple[int, Hit]]
        ] = {}  # not yet among the hits found, by leaf, with its end
        self._waiting = 0

    def over(self, events: Iterable[tuple[int, int, int, Hit]]) -> Hits | None:
        held = self._counted() is not None
        near: set[Hit] = set()
        for start, end, leaf, hit in events:
            self._enter(end, leaf, hit)
            limit = start - self._width
            self._leave(limit)
            counted = self._counted()
            if counted is not None:
                held = True
                near.update(self._take(counted & self._waiting, limit))
        return sorted(near) if held else None

    def _counted(self) -> int | None:
        if self._present not in self._known:
            self._known[self._present] = self._counting(self._present)
        return self._known[self._present]

    def _enter(self, end: int, leaf: int, hit: Hit) -> None:
        heapq.heappush(self._window, (end, leaf))
        self._inside[leaf] = self._inside.get(leaf, 0) + 1
        self._fresh.setdefault(leaf, []).append((end, hit))
        self._present |= leaf
        self._waiting |= leaf

    def _leave(self, limit: int) -> None:
        while self._window and self._window[0][0] < limit:
            _, leaf = heapq.heappop(self._window)
            self._inside[leaf] -= 1
            if not self._inside[leaf]:
                self._present &= ~leaf

    def _take(self, leaves: int, limit: int) -> Iterable[Hit]:
        while leaves:
            leaf = leaves & -leaves
            leaves ^= leaf
            self._waiting ^= leaf
            yield from (hit for end, hit in self._fresh.pop(leaf) if end >= limit)


def windows(hits: Mapping[int, Hits], words: int, measure: Measure) -> Iterable[dict[int, Hits]]:
    """The hits that are near each hit which starts last among them, leaf by leaf."""
    events = sorted((*measure(hit), leaf, hit) for leaf, listed in hits.items() for hit in set(listed))
    inside: list[tuple[int, int, Hit]] = []
    for start, end, leaf, hit in events:
        inside = [each for each in inside if each[0] >= start - 2 * words]
        inside.append((end, leaf, hit))
        window: dict[int, Hits] = {}
        for _, each, place in inside:
            window.setdefault(each, []).append(place)
        yield window


def ends_of_choice(hits: Iterable[Hit], words: int, measure: Measure) -> tuple[Hit, Hit]:
    """Of hits (not none) the two that lie farthest apart with at most so many words between, in reading order."""
    measured = sorted((*measure(hit), hit) for hit in hits)[:_LOOKED_AT]
    pairs = [
        (start - end, first, last)
        for _, end, first in measured
        for start, _, last in measured
        if start - end <= 2 * words
    ]
    _, first, last = max(pairs)
    return first, last


class Context:
    """Places near which others are looked for; a place is never near itself."""

    __slots__ = ("_best", "_measure", "_starts")

    def __init__(self, hits: Iterable[Hit], measure: Measure) -> None:
        self._measure = measure
        measured = sorted((*measure(hit), hit) for hit in set(hits))
        self._starts = [start for start, _, _ in measured]
        # Of the hits that start so early, the two that end last: one of them may be the place asked about.
        self._best: list[list[tuple[int, Hit]]] = []
        best: list[tuple[int, Hit]] = []
        for _, end, hit in measured:
            best = sorted([*best, (end, hit)], reverse=True)[:2]
            self._best.append(best)

    def is_near(self, hit: Hit, words: int | None) -> bool:
        """Whether at most so many words lie between the hit and one of the places; None: however many."""
        start, end = self._measure(hit)
        limit = len(self._starts) if words is None else bisect_right(self._starts, end + 2 * words)
        if not limit:
            return False
        return any(
            place != hit and (words is None or ended >= start - 2 * words)
            for ended, place in self._best[limit - 1]
        )
