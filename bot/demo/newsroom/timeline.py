"""What each feed holds at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.newsroom.outlets import Outlet
from bot.demo.newsroom.stories import Piece, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry as a feed shows it now. `summary` and `content` are HTML, `content` empty where there is none."""

    id: str
    link: str
    title: str
    summary: str
    content: str
    published: datetime | None
    updated: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A feed's whole document, newest entry first, and when it last changed."""

    outlet: Outlet
    items: tuple[Item, ...]
    changed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The stories from the newsroom's start. `pace` stretches what breaks later; what stood before stays put."""

    start: datetime
    pace: float

    def edition(self, outlet: Outlet, now: datetime) -> Edition:
        """An outlet's feed at a moment."""
        out = [piece for piece in pieces() if piece.outlet == outlet and self.breaks(piece) <= now]
        changes = [self.breaks(piece) for piece in out]
        changes += [edited for piece in out if (edited := self.edited(piece)) and edited <= now]
        undated = timedelta.min
        out.sort(key=lambda piece: undated if piece.published is None else piece.published, reverse=True)
        return Edition(
            outlet=outlet,
            items=tuple(self._item(piece, now) for piece in out),
            changed=max(changes, default=self.start),
        )

    def breaks(self, piece: Piece) -> datetime:
        """When a piece can first be read."""
        return self.start + piece.breaks_at * self.pace

    def edited(self, piece: Piece) -> datetime | None:
        """When a piece gets its new title, if it does."""
        return self.start + piece.edit.at * self.pace if piece.edit else None

    def published(self, piece: Piece) -> datetime | None:
        """The date that a piece bears."""
        if piece.published is None:
            return None
        return self.start + min(piece.published, timedelta()) + piece.breaks_at * self.pace

    def _item(self, piece: Piece, now: datetime) -> Item:
        edited = self.edited(piece)
        is_edited = edited is not None and edited <= now
        return Item(
            id=piece.id,
            link=piece.link,
            title=piece.edit.title if piece.edit and is_edited else piece.title,
            summary=piece.summary,
            content=piece.content,
            published=self.published(piece),
            updated=edited if is_edited else None,
        )


def last_change(pace: float) -> timedelta:
    """When the newsroom has told all that it has, from its start."""
    moments = [piece.breaks_at for piece in pieces()]
    moments += [piece.edit.at for piece in pieces() if piece.edit]
    return max(moments) * pace
