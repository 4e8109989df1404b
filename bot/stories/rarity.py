"""How rare words are in the news of now, which says how much they tell."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.stories.words import BUCKETS

UNSEEN: Final = 51.0
"""As if so many texts, in none of which the word stood, had come before: the first of all still tell something."""

Buckets = NDArray[np.uint32]
Counts = NDArray[np.uint32]
Weights = NDArray[np.float64]


FEW: Final = 2_000
"""Texts up to which a span keeps the words of each by themselves; beyond, a count for every word takes less room."""


class _Span:
    """The texts of one span of time."""

    def __init__(self) -> None:
        self.texts = 0
        self._single: list[Buckets] = []
        self._counted: Counts | None = None

    def add(self, buckets: Buckets) -> None:
        """Count one more text."""
        self.texts += 1
        if self._counted is not None:
            self._counted[buckets] += 1
            return
        self._single.append(buckets)
        if self.texts > FEW:
            self.add_counted(0, np.zeros(BUCKETS, np.uint32))

    def add_counted(self, texts: int, counted: Counts) -> None:
        """Add texts that were counted elsewhere; `counted` becomes the span's own."""
        self.texts += texts
        self.add_to(counted)
        self._single, self._counted = [], counted

    def take_back(self, buckets: Buckets) -> None:
        """Undo `add` of the last text."""
        self.texts -= 1
        if self._counted is not None:
            self._counted[buckets] -= 1
        else:
            self._single.pop()

    def add_to(self, holding: Counts) -> None:
        """Add the span's counts to others."""
        if self._counted is not None:
            holding += self._counted
        for buckets in self._single:
            holding[buckets] += 1

    def take_from(self, holding: Counts) -> None:
        """Undo `add_to`."""
        if self._counted is not None:
            holding -= self._counted
        for buckets in self._single:
            holding[buckets] -= 1


class Rarity:
    """In how many texts each word stands, by the span of time that they belong to, so that old ones can be dropped."""

    def __init__(self) -> None:
        self._spans: dict[int, _Span] = {}
        self._dropped: dict[int, _Span] = {}
        self._texts = 0
        self._holding = np.zeros(BUCKETS, np.uint32)

    @property
    def texts(self) -> int:
        """How many texts are counted."""
        return self._texts

    def latest_holding(self, texts: int) -> int | None:
        """The latest span that holds so many texts together with all later ones; None where there are fewer."""
        for span in sorted(self._spans, reverse=True):
            texts -= self._spans[span].texts
            if texts <= 0:
                return span
        return None

    def weigh(self, buckets: Buckets) -> Weights:
        """The inverse document frequency of words: the logarithm of one in how many texts holds them."""
        return np.asarray(np.maximum(np.log((self._texts + UNSEEN) / (self._holding[buckets] + 0.5)), 0.0))

    def add(self, span: int, buckets: Buckets, *, texts: int = 1) -> None:
        """Count the words of a text, each once; or of many texts together."""
        held = self._spans.setdefault(span, _Span())
        if texts == 1:
            held.add(buckets)
            self._holding[buckets] += 1
        else:
            counted = np.bincount(buckets, minlength=BUCKETS).astype(np.uint32)
            self._holding += counted
            held.add_counted(texts, counted)
        self._texts += texts

    def take_back(self, span: int, buckets: Buckets) -> None:
        """Undo `add` of the text that was added last."""
        held = self._spans[span]
        held.take_back(buckets)
        self._holding[buckets] -= 1
        self._texts -= 1
        if not held.texts:
            del self._spans[span]

    def keep_since(self, span: int) -> None:
        """Leave out the texts of earlier spans, and count those again that were left out before and are not earlier."""
        for old in [each for each in self._spans if each < span]:
            held = self._dropped[old] = self._spans.pop(old)
            held.take_from(self._holding)
            self._texts -= held.texts
        for late in [each for each in self._dropped if each >= span]:
            held = self._spans[late] = self._dropped.pop(late)
            held.add_to(self._holding)
            self._texts += held.texts

    def settle(self) -> None:
        """Forget what was left out."""
        self._dropped.clear()
