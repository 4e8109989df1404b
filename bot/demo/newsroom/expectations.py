"""Which alerts must come of the newsroom's stories, how they must read in the end, and what must answer them.

The first messages hold whenever the bot makes its first poll: no feed ever has more matching fresh stories than a
first poll tells, but for one whose stories all stand there from the start. How a message reads in the end holds for a
bot that has polled all feeds; that a development comes as an answer for one that knew of the story before.
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

ANSWERS: Final = "🔄 "
"""How the message of a development begins, before its title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Development:
    """What must answer a story's message exactly once, and when it breaks, from the newsroom's start."""

    title: str
    breaks_at: timedelta

    def is_told_by(self, text: str) -> bool:
        """Whether a message with this text tells the development."""
        return text.startswith(f"{ANSWERS}{self.title}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A story's message that a chat must get exactly once.

    `rules` are those that it must name. `breaks_at` is when its story breaks, from the newsroom's start. `titles`
    are all under which it may come, those of whoever tells the story, since a late first poll may find others first.
    In the end it must bear `title`, or `edited_title`, which that becomes later. `says` stands in it too. `sources`
    is how many it must count in the end.
    """

    chat: str
    title: str
    titles: tuple[str, ...]
    rules: tuple[str, ...]
    breaks_at: timedelta
    edited_title: str | None = None
    says: str = ""
    sources: int = 1
    development: Development | None = None

    def is_told_by(self, text: str) -> bool:
        """Whether a message with this text, whose first line is a title, tells the story."""
        return text.partition("\n")[0] in self.titles and self.says in text

    def is_told_in_full_by(self, text: str) -> bool:
        """Whether a message reads as this one must in the end."""
        title, last = text.partition("\n")[0], text.rpartition("\n")[2]
        count = "1 source" if self.sources == 1 else f"{self.sources} sources"
        is_first = title in (self.title, self.edited_title)
        return is_first and self.says in text and f" · {count} · " in last


def expected(pace: float) -> tuple[Expected, ...]:
    """Every alert, by the time at which its story breaks."""
    first = sorted((p for p in pieces() if p.rings and not p.silent and p.tells is None), key=_breaks_at)
    return tuple(
        alert
        for piece in first
        for alert in _alerts(piece, [p for p in pieces() if p.tells == piece.id], pace)
    )


def _alerts(first: Piece, others: list[Piece], pace: float) -> list[Expected]:
    """The alerts of a story: `first` began it, `others` join it."""
    edited_title = first.edit.title if first.edit else None
    titles = (first.title, edited_title, *(piece.title for piece in others))
    developments = [
        Development(title=piece.title, breaks_at=piece.breaks_at * pace) for piece in others if piece.develops
    ]
    return [
        Expected(
            chat=chat,
            title=first.title,
            titles=tuple(dict.fromkeys(title for title in titles if title)),
            rules=rules,
            breaks_at=first.breaks_at * pace,
            edited_title=edited_title,
            says=first.says,
            sources=len({piece.outlet for piece in (first, *others)}),
            development=developments[0] if developments else None,
        )
        for chat, followed in FOLLOWERS.items()
        if (rules := tuple(rule for rule in first.rings if rule in followed))
    ]


def _breaks_at(piece: Piece) -> timedelta:
    return piece.breaks_at
