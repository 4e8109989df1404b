"""Where everything is remembered: the protocol that the services rely on, with the whole contract.

Implementations raise StorageError for anything that goes wrong in the database, and then nothing of the
call was kept. Every method may be called from the event loop at any time; calls take effect one after
another. Times come in as arguments, aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.models import (
    Batch,
    Cooldown,
    Delivery,
    Feed,
    FeedState,
    Held,
    KnownArticle,
    NewDelivery,
    Outcome,
    Sketched,
    Story,
    Told,
    Totals,
)


class Storage(Protocol):
    """What the services need remembered."""

    async def open(self, now: datetime) -> None:
        """Open, migrate, and take the database for this process alone.

        Deliveries that a dead process left in flight become uncertain, to be settled at once: the doubt is
        ours, not the server's, so there is nothing to wait for.
        Raises DatabaseUnusable or DatabaseHeld.
        """

    async def close(self) -> None:
        """Let go of the database. May be called twice."""

    async def feed_states(self, feeds: Sequence[Feed], now: datetime) -> dict[str, FeedState]:
        """The state of each feed by URL; one never polled gets a fresh state, due now."""

    async def unseen(self, feed_url: str, keys: Collection[str]) -> frozenset[str]:
        """Those of the keys under which the feed never brought an entry."""

    async def known(self, *, urls: Collection[str], text_keys: Collection[str]) -> tuple[KnownArticle, ...]:
        """The stored articles with a canonical URL or a text key of these, in the order of recording.

        Of several with one key the first is enough.
        """

    async def sketched(self, *, since: datetime) -> tuple[Sketched, ...]:
        """All stored articles whose time is not before `since`, in the order of recording."""

    async def stories(self, ids: Collection[str]) -> tuple[Story, ...]:
        """The stored stories of these ids."""

    async def told(self, story_ids: Collection[str]) -> tuple[Told, ...]:
        """The first messages of these stories that were sent, or will be, in the order of recording.

        A message that was suppressed, expired or failed is none, nor is one that gathers several stories.
        """

    async def cooling(self, now: datetime) -> tuple[Cooldown, ...]:
        """The cooldowns that run."""

    async def due_held(self, now: datetime) -> tuple[Held, ...]:
        """The stories whose rule has cooled down in their place, in the order of holding."""

    async def release(self, held: Sequence[Held], delivery: NewDelivery, now: datetime) -> int:
        """Owe one delivery in place of stories that waited, in one transaction.

        Returns the number of deliveries newly pending: 0 where the stories were released before.
        """

    async def record(self, batch: Batch) -> int:
        """Store a batch in one transaction and return the number of deliveries that are newly pending.

        Safe to repeat: keys, articles and deliveries that are there already stay as they are. A story takes the
        place of what was known of it. A revision replaces an earlier one of the same message; where the message
        reads so already, or would by the revision in hand, nothing is owed.
        """

    async def revise(self, now: datetime, *, limit: int, gap: timedelta) -> int:
        """Owe an edit for each message that stands in its chat, should read otherwise and may be edited now.

        A message is edited at most `limit` times: first `gap` after it was sent, then 10 times `gap` after the
        first edit, then 100 times after the second, since most sources come early. Returns the number of edits
        owed. An edit has the priority of the lowest, so that news goes first.
        """

    async def owe(self, delivery: NewDelivery, now: datetime) -> int:
        """Store a delivery that comes of no poll; 1 where it is newly pending."""

    async def claim(self, now: datetime, *, lease: timedelta, pace: timedelta) -> Delivery | None:
        """Take the next delivery of a chat that may be sent to now, or None.

        The delivery is `sending` and committed before this returns. At most one delivery a chat is in
        flight; within a chat, order of recording is kept. The chat's next turn comes after `pace`. A reply
        is not taken before the message that it answers is settled.
        """

    async def finish(self, delivery: Delivery, outcome: Outcome, now: datetime, *, pause: timedelta) -> bool:
        """Write down what became of a claimed delivery; `pause` is the wait before its chat is tried again.

        False, and no change, when the claim had passed to somebody else.
        """

    async def settle(self, now: datetime) -> int:
        """Make uncertain what outlived its lease, and pending again whatever was uncertain for long enough.

        Returns the number of deliveries that will be sent a second time.
        """

    async def beat(self, now: datetime) -> None:
        """Write the heartbeat."""

    async def heartbeat(self) -> datetime | None:
        """When the running bot last wrote its heartbeat."""

    async def forget_beat(self) -> None:
        """Take the heartbeat back, at a clean end."""

    async def prune(self, *, articles_before: datetime, keys_before: datetime) -> int:
        """Forget some of what is old: stories with their articles, finished deliveries, keys of entries not listed.

        Returns how many rows went; 0 when nothing old is left.
        """

    async def totals(self) -> Totals:
        """Counts for people."""
