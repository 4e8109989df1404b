"""What was polled, and what is made of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.models import Batch, Feed, FeedState, KnownArticle, Sketched, Story, Told


class News(Protocol):
    """What the poller remembers of feeds, articles and stories."""

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

    async def record(self, batch: Batch) -> int:
        """Store a batch in one transaction and return the number of deliveries that are newly pending.

        Safe to repeat: keys, articles and deliveries that are there already stay as they are. A story takes the
        place of what was known of it. A revision replaces an earlier one of the same message; where the message
        reads so already, or would by the revision in hand, nothing is owed.
        """
