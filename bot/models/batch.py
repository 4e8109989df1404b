"""All that one poll decided, and counts over everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.models.conditions import Pause
from bot.models.deliveries import Cooldown, DeliveryState, Held, NewDelivery, Revision
from bot.models.feeds import FeedState
from bot.models.stories import Folded, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that one poll wants stored, at once or not at all.

    `seen` are the keys of every entry in the document, known ones too, so that they stay known. Of a document
    that is unchanged, `relisted_since` stands for them: whatever was listed since then still is.
    """

    at: datetime
    feed: FeedState
    seen: tuple[str, ...] = ()
    relisted_since: datetime | None = None
    articles: tuple[Folded, ...] = ()
    stories: tuple[Story, ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()
    revisions: tuple[Revision, ...] = ()
    held: tuple[Held, ...] = ()
    cooldowns: tuple[Cooldown, ...] = ()
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts over the whole database; `doubts` by how they ended, as `SettledDoubt` names it, or `open`."""

    feeds_polled: int
    entries_seen: int
    articles_matched: int
    stories: int
    deliveries: dict[DeliveryState, int]
    doubts: dict[str, int]
