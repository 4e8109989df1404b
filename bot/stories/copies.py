"""Whether two texts are one, edited; and whether two that are nearly one report different figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.stories.likeness import Likeness
from bot.stories.record import NOTHING, Rows

LIKE: Final = 0.5
PHRASED: Final = 0.14
"""From this likeness on, and this share of common phrases, texts follow one another so closely that figures which
differ are another report's, as in the daily notes of a market."""

COPIED: Final = 0.6
PHRASED_ALIKE: Final = 0.3
"""From here on a text is another's copy: cut, headed anew, under another byline, with a third of its words changed."""

VERBATIM: Final = 0.96
"""From this share of common phrases on nothing but a figure was changed, so that a single one makes another report."""

FORGIVEN: Final = 4
"""Figures that must agree for each that differs, in a text of which words were changed as well."""


@dataclass(frozen=True, slots=True)
class Copy:
    """How a text stands to the most like of others: whether it follows it closely, and is its copy.

    `agree` and `differ` count the figures that stand beside the same word in both.
    """

    close: bool
    copied: bool
    agree: int
    differ: int
    verbatim: bool

    @property
    def is_another_report(self) -> bool:
        """Whether it says the same of other figures."""
        if not self.close or not self.differ:
            return False
        return self.verbatim or self.differ * FORGIVEN > self.agree


def compared(text: Rows, rows: Rows, likeness: Likeness) -> Copy:
    """Hold a text (an array of one record) against the most like of others."""
    most = int(np.argmax(likeness.all))
    like, phrased = float(likeness.all[most]), float(likeness.phrases[most])
    agree = differ = 0
    close = like >= LIKE and phrased >= PHRASED
    if close:
        own, theirs = _figures(text["figures"][0].tolist()), _figures(rows["figures"][most].tolist())
        for beside, number in own.items():
            if beside in theirs:
                agree += theirs[beside] == number
                differ += theirs[beside] != number
    return Copy(
        close=close,
        copied=close and like >= COPIED and phrased >= PHRASED_ALIKE,
        agree=agree,
        differ=differ,
        verbatim=phrased >= VERBATIM,
    )


def _figures(packed: list[int]) -> dict[int, int]:
    """Numbers by the word beside them, 16 bits of either."""
    return {figure >> 16: figure & 0xFFFF for figure in packed if figure != NOTHING}
