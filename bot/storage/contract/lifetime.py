"""The life of the database and of the process that holds it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from bot.models import Totals


class Lifetime(Protocol):
    """What every process needs: to open the database, show that it lives, and keep it small."""

    async def open(self, now: datetime, *, restored: bool = False) -> None:
        """Open, migrate, and take the database for this process alone.

        Deliveries that a dead process left in flight become uncertain; the doubt begins now. Waits that lie ahead of
        the last sign of life because the clock was set back are moved back with it. A chat that was dead is tried
        once more.
        With `restored` the file is a backup, and more may have been sent than it knows of: all that is pending, and
        all that comes of each feed's next poll, becomes uncertain before it is sent.
        Raises DatabaseUnusable or DatabaseHeld.
        """

    async def close(self) -> None:
        """Let go of the database. May be called twice."""

    async def beat(self, now: datetime) -> None:
        """Write the heartbeat."""

    async def forget_beat(self) -> None:
        """Take the heartbeat back, at a clean end."""

    async def heartbeat(self) -> datetime | None:
        """When the running bot last wrote its heartbeat."""

    async def move_waits(self, by: timedelta) -> None:
        """Move whatever waits for a time by as much as the clock was set."""

    async def prune(self, *, articles_before: datetime, keys_before: datetime) -> int:
        """Forget some of what is old: stories with their articles, finished deliveries, keys of entries not listed.

        Returns how many rows went; 0 when nothing old is left.
        """

    async def totals(self) -> Totals:
        """Counts for people."""
