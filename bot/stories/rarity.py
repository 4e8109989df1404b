"""How rare words are in the news of now, which says how much they tell."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.stories.words import BUCKETS

UNSEEN: Final = 51.0
"""As if so many texts, in none of which the word stood, had come before: the first of all still tell something."""

Buckets = NDArray[np.uint32]
Weights = NDArray[np.float64]


class Rarity:
    """In how many texts each word stands, by the span of time that they belong to, so that old ones can be dropped."""

    def __init__(self) -> None:
        self._spans: dict[int, tuple[NDArray[np.uint32], list[int]]] = {}
        self._dropped: dict[int, tuple[NDArray[np.uint32], list[int]]] = {}
        self._texts = 0
        self._holding = np.zeros(BUCKETS, np.uint32)

    @property
    def texts(self) -> int:
        """How many texts are counted."""
        return self._texts

    def weigh(self, buckets: Buckets) -> Weights:
        """The inverse document frequency of words: the logarithm of one in how many texts holds them."""
        return np.asarray(np.maximum(np.log((self._texts + UNSEEN) / (self._holding[buckets] + 0.5)), 0.0))

    def add(self, span: int, buckets: Buckets, *, texts: int = 1) -> None:
        """Count the words of a text, each once; or of many texts together."""
        held, number = self._span(span)
        if texts == 1:
            held[buckets] += 1
            self._holding[buckets] += 1
        else:
            counted = np.bincount(buckets, minlength=BUCKETS).astype(np.uint32)
            held += counted
            self._holding += counted
        number[0] += texts
        self._texts += texts

    def take_back(self, span: int, buckets: Buckets) -> None:
        """Undo `add` of one text."""
        held, number = self._span(span)
        held[buckets] -= 1
        self._holding[buckets] -= 1
        number[0] -= 1
        self._texts -= 1
        if not number[0]:
            del self._spans[span]

    def keep_since(self, span: int) -> None:
        """Leave out the texts of earlier spans, and count those again that were left out before and are not earlier."""
        for old in [each for each in self._spans if each < span]:
            held, number = self._dropped[old] = self._spans.pop(old)
            self._holding -= held
            self._texts -= number[0]
        for late in [each for each in self._dropped if each >= span]:
            held, number = self._spans[late] = self._dropped.pop(late)
            self._holding += held
            self._texts += number[0]

    def settle(self) -> None:
        """Forget what was left out."""
        self._dropped.clear()

    def _span(self, span: int) -> tuple[NDArray[np.uint32], list[int]]:
        if span not in self._spans:
            self._spans[span] = (np.zeros(BUCKETS, np.uint32), [0])
        return self._spans[span]
