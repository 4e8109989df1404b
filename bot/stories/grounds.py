"""Whether two texts share enough of their own to be held against each other, whatever their likeness comes to.

Three things make texts alike that tell of different events: a body that says nothing, a headline that comes each
day, and a notice that stands under all news of a site.
"""

from __future__ import annotations

from typing import Final

from bot.stories.likeness import Likeness, Text
from bot.stories.record import Rows
from bot.stories.sketch import HEAD

SHORTEST: Final = 8
"""Words that a text must say beside its headline to be held against others: "Read more" tells no event."""

HEADED_ALIKE: Final = 0.5
"""From this likeness of headlines on texts must share something else besides. "Morning briefing" comes each day."""

SHARED: Final = 3
"""Telling words that texts under such headlines must share below them; in two languages names and figures alone are
the same, so that there one is enough."""

TELLING: Final = 0.4
"""From this share of the rarity of its rarest word on a word of a text tells something: of 1,500 texts fewer than
one in twenty hold it."""

WORD_FOR_WORD: Final = 0.3
OF_A_HEADLINE: Final = 0.25
"""Texts with such a share of common phrases must hold so much of one's headline, or what they share is a notice."""


def comparable(text: Text, rows: Rows, likeness: Likeness, *, across: bool) -> bool:
    """Whether a text has anything in common with others that an event could be known by."""
    if min(int(text.record["body"][0]), int(rows["body"].max())) < SHORTEST:
        return False
    if not across and _is_notice(likeness):
        return False
    return likeness.heads.max() < HEADED_ALIKE or _told_below(text, rows) >= (1 if across else SHARED)


def _is_notice(likeness: Likeness) -> bool:
    """Whether what texts share word for word has nothing to do with the headline of either: an offer, an imprint."""
    of_a_headline = max(float(likeness.covered.max()), float(likeness.covering.max()))
    return float(likeness.phrases.max()) >= WORD_FOR_WORD and of_a_headline < OF_A_HEADLINE


def _told_below(text: Text, rows: Rows) -> int:
    """How many telling words below its headline a text shares with the one that shares most of them."""
    telling = text.rarity >= TELLING * text.rarity.max(initial=0.0)
    own = text.terms[telling & (text.flags & HEAD == 0)]
    return int((rows["terms"][:, :, None] == own[None, None, :]).any(2).sum(1).max())
