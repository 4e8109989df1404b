"""Which alerts must come of the newsroom's stories; nothing else may.

They hold whenever the bot makes its first poll: no feed ever has more matching fresh stories than a first
poll tells, but for one whose stories all stand there from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.demo.newsroom.stories import Piece, pieces

FOLLOWERS: Final = {
    "@rare_earth_wire": ("rare-earth",),
    "@brics_watch": ("brics",),
    "-1002000000001": ("rare-earth", "brics", "byd-turkiye"),
    "100000001": ("byd-turkiye",),
}
"""The chats of the demo's rules file and the rules that they follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An alert that a chat must get exactly once.

    `rules` are those that it must name. `breaks_at` is when its story breaks, from the newsroom's start.
    `edited_title` is the title that the story bears later, under which a late first poll finds it.
    """

    chat: str
    title: str
    rules: tuple[str, ...]
    breaks_at: timedelta
    edited_title: str | None = None

    def is_told_by(self, text: str) -> bool:
        """Whether a message with this text, whose first line is a title, tells the story."""
        return text.partition("\n")[0] in (self.title, self.edited_title)


def expected(pace: float) -> tuple[Expected, ...]:
    """Every alert, by the time at which its story breaks."""
    told = sorted((piece for piece in pieces() if piece.rings and not piece.silent), key=_breaks_at)
    return tuple(
        Expected(
            chat=chat,
            title=piece.title,
            rules=rules,
            breaks_at=piece.breaks_at * pace,
            edited_title=piece.edit.title if piece.edit else None,
        )
        for piece in told
        for chat, followed in FOLLOWERS.items()
        if (rules := tuple(rule for rule in piece.rings if rule in followed))
    )


def _breaks_at(piece: Piece) -> timedelta:
    return piece.breaks_at
