"""Which texts hold a word: for each word a chain through the texts, the newest first."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.stories.words import BUCKETS

LINKS: Final = 24
"""By how many of its words a text is found; the rarest."""

LONGEST: Final = 48
"""Texts that are looked at for one word. A word that more recent texts hold says little of any one of them, and
the bound keeps the cost of a search the same however many texts there are."""

_END: Final = 0xFFFFFFFF


class Postings:
    """Texts by their words. Texts are numbered from 0, in the order of adding; each belongs to a span of time."""

    def __init__(self) -> None:
        self._heads = array("I", [_END]) * BUCKETS
        self._next = array("I")
        self._spans = array("i")
        self._first_span = 0

    def add(self, buckets: Sequence[int], span: int) -> None:
        """Add the next text under its words, at most LINKS, the same that `take_back` would be given."""
        heads, following = self._heads, self._next
        place = len(following)
        for number, bucket in enumerate(buckets):
            following.append(heads[bucket])
            heads[bucket] = place + number
        following.extend([_END] * (LINKS - len(buckets)))
        self._spans.append(span)

    def take_back(self, buckets: Sequence[int]) -> None:
        """Forget the text that was added last."""
        place = len(self._next) - LINKS
        for number, bucket in enumerate(buckets):
            self._heads[bucket] = self._next[place + number]
        del self._next[place:]
        self._spans.pop()

    def drop_before(self, span: int) -> None:
        """Find no texts of earlier spans any more."""
        self._first_span = span

    def find(self, weights: Iterable[tuple[int, float]]) -> dict[int, float]:
        """The texts that hold some of these words, with the sum of the words' weights."""
        heads, following, spans, first = self._heads, self._next, self._spans, self._first_span
        found: dict[int, float] = {}
        for bucket, weight in weights:
            place = heads[bucket]
            left = LONGEST
            while place != _END and left:
                text = place // LINKS
                place = following[place]
                if spans[text] >= first:
                    found[text] = found.get(text, 0.0) + weight
                    left -= 1
        return found

    @classmethod
    def of(cls, buckets: NDArray[np.uint32], spans: Sequence[int]) -> Postings:
        """The postings of many texts at once; a row holds a text's words, filled with the greatest number."""
        postings = cls()
        flat = np.ascontiguousarray(buckets, dtype=np.uint32).ravel()
        places = np.flatnonzero(flat != _END)
        order = places[np.argsort(flat[places], kind="stable")].astype(np.uint32)
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
        return postings
