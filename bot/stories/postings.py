"""Which texts hold a word: for each word a chain through the texts, the newest first."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.stories.words import BUCKETS

LINKS: Final = 20
"""By how many of its words a text is found; the rarest."""

LONGEST: Final = 32
"""Texts that are looked at for one word. A word that more recent texts hold says little of any one of them, and
the bound keeps the cost of a search the same however many texts there are."""

_END: Final = 0xFFFFFFFF

Numbers = NDArray[np.int64]
Sums = NDArray[np.float64]


class Postings:
    """Texts by their words. Texts are numbered from 0, in the order of adding; each belongs to a span of time."""

    def __init__(self) -> None:
        self._heads = array("I", [_END]) * BUCKETS
        self._next = array("I")
        self._spans = array("i")
        self._first_span = -(2**31)
        self._earliest = 2**31

    def add(self, buckets: Sequence[int], span: int) -> None:
        """Add the next text under its words, at most LINKS, the same that `take_back` would be given."""
        heads, following = self._heads, self._next
        place = len(following)
        for number, bucket in enumerate(buckets, place):
            following.append(heads[bucket])
            heads[bucket] = number
        following.extend(_FILLING[len(buckets) :])
        self._spans.append(span)
        self._earliest = min(self._earliest, span)

    def take_back(self, buckets: Sequence[int]) -> None:
        """Forget the text that was added last."""
        place = len(self._next) - LINKS
        for number, bucket in enumerate(buckets):
            self._heads[bucket] = self._next[place + number]
        del self._next[place:]
        self._spans.pop()

    def keep_since(self, span: int) -> None:
        """Find no texts of earlier spans."""
        self._first_span = span

    def find(self, buckets: Sequence[int], weights: Sums) -> tuple[Numbers, Sums]:
        """The texts that hold some of these words, in rising order, with the sums of the words' weights."""
        heads, following = self._heads, self._next
        found: list[int] = []
        ends = [0]
        add = found.append
        if self._earliest >= self._first_span:
            for bucket in buckets:
                place = heads[bucket]
                stop = len(found) + LONGEST
                while place != _END and len(found) < stop:
                    add(place)
                    place = following[place]
                ends.append(len(found))
        else:
            for bucket in buckets:
                self._walk_living(bucket, found)
                ends.append(len(found))
        if not found:
            return np.zeros(0, np.int64), np.zeros(0)
        texts = np.array(found, np.int64) // LINKS
        order = texts.argsort(kind="stable")
        texts = texts[order]
        is_first = np.ones(len(texts), np.bool_)
        np.not_equal(texts[1:], texts[:-1], out=is_first[1:])
        sums: Sums = np.bincount(is_first.cumsum() - 1, np.repeat(weights, np.diff(ends))[order]).astype(
            np.float64
        )
        return texts[is_first], sums

    def _walk_living(self, bucket: int, found: list[int]) -> None:
        """Add the places of the latest texts that hold a word, passing over those of earlier spans."""
        following, spans, first = self._next, self._spans, self._first_span
        place = self._heads[bucket]
        left = LONGEST
        while place != _END and left:
            if spans[place // LINKS] >= first:
                found.append(place)
                left -= 1
            place = following[place]

    @classmethod
    def of(cls, buckets: NDArray[np.uint32], spans: Sequence[int]) -> Postings:
        """The postings of many texts at once; a row holds a text's words, filled with the greatest number."""
        postings = cls()
        flat = np.ascontiguousarray(buckets, dtype=np.uint32).ravel()
        places = np.flatnonzero(flat != _END).astype(np.uint32)
        order = places[np.argsort(flat[places], kind="stable")]
        words = flat[order]
        following = np.full(len(flat), _END, np.uint32)
        again = words[1:] == words[:-1]
        following[order[1:][again]] = order[:-1][again]
        heads = np.full(BUCKETS, _END, np.uint32)
        # Of several places of one word the last assignment stays, which is the newest.
        heads[words] = order
        postings._heads = array("I", heads.tobytes())
        postings._next = array("I", following.tobytes())
        postings._spans = array("i", spans)
        postings._earliest = min(spans, default=2**31)
        return postings


_FILLING: Final = array("I", [_END] * LINKS)
