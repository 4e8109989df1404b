"""Whether two texts are one, edited; and whether two that are nearly one report different figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.stories.likeness import Likeness
from bot.stories.record import NOTHING, Rows
from bot.stories.sketch import HEAD, NUMBER

LIKE: Final = 0.5
PHRASED: Final = 0.14
"""From this likeness on, and this share of common phrases, texts follow one another so closely that figures which
differ are another report's, as in the daily notes of a market."""

COPIED: Final = 0.6
PHRASED_ALIKE: Final = 0.3
"""From here on a text is another's copy: cut, headed anew, under another byline, with a third of its words changed.
So many common phrases alone let figures tell reports apart, since in a short text the figures are half of what
likeness goes by."""

FOLLOWED: Final = 0.7
"""From this share of common words on, numbers apart, texts follow one another as well, as tables do."""

FORGIVEN: Final = 2
"""Figures that must agree for each that differs, in a text of which words were changed as well."""

HEADED: Final = 0.75
DIFFERING: Final = 4
"""Texts that hold so much of the other's headline are reports on one subject; where at least so many figures differ,
and so many times as many as agree, they are those of two days."""

MOST_TELLING: Final = 24
"""Words of a text that are looked for in another, half of those that are kept: the rest may have been crowded out
there by figures."""

ENOUGH: Final = 4
"""Words from which on a share of them says something."""


@dataclass(frozen=True, slots=True)
class Copy:
    """How a text stands to the most like of others: whether it follows it closely, and is its copy.

    `agree` and `differ` count the figures that stand beside the same word in both; `verbatim` says that below the
    headlines nothing but numbers differs, so that a single one makes another report.
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


NO_COPY: Final = Copy(close=False, copied=False, agree=0, differ=0, verbatim=False)
"""How texts stand to each other that have little in common."""


def compared(text: Rows, rows: Rows, likeness: Likeness) -> Copy:
    """Hold a text (an array of one record) against others of one story.

    What counts is how it stands to the most like of them; but where it says other figures than one that it follows
    closely, this does. A copy that was cut has few figures to differ in.
    """
    copies = [_against(text, rows[number : number + 1], likeness, number) for number in range(len(rows))]
    others = [copy for copy in copies if copy.is_another_report]
    most = copies[int(np.argmax(likeness.all))]
    telling = max(others, key=lambda copy: copy.agree + copy.differ, default=most)
    return telling if telling.agree + telling.differ >= most.agree + most.differ else most


def _against(text: Rows, other: Rows, likeness: Likeness, number: int) -> Copy:
    like, phrased = float(likeness.all[number]), float(likeness.phrases[number])
    followed = min(_share_in(text, other), _share_in(other, text))
    headed = max(float(likeness.covered[number]), float(likeness.covering[number])) >= HEADED
    close = phrased >= PHRASED_ALIKE or (like >= LIKE and phrased >= PHRASED) or followed >= FOLLOWED
    agree = differ = 0
    if close or headed:
        own, theirs = _figures(text), _figures(other)
        for beside, figure in own.items():
            if beside in theirs:
                agree += theirs[beside] == figure
                differ += theirs[beside] != figure
    return Copy(
        close=close or (headed and differ >= DIFFERING and agree * DIFFERING < differ),
        copied=like >= COPIED and phrased >= PHRASED_ALIKE,
        agree=agree,
        differ=differ,
        verbatim=followed >= 1.0,
    )


def _share_in(text: Rows, other: Rows) -> float:
    """The share of a text's most telling words below the headline, numbers apart, that another text holds."""
    terms, flags = text["terms"][0], text["flags"][0]
    words = terms[(terms != NOTHING) & (flags & (HEAD | NUMBER) == 0)][:MOST_TELLING]
    if len(words) < ENOUGH:
        return 0.0
    return float((words[:, None] == other["terms"][0][None, :]).any(1).mean())


def _figures(text: Rows) -> dict[int, int]:
    """Numbers by the word beside them, 16 bits of either."""
    return {figure >> 16: figure & 0xFFFF for figure in text["figures"][0].tolist() if figure != NOTHING}
