"""Notices that the clock was set, and lets all that waits move with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.errors import StorageError
from bot.services import Clock
from bot.storage import Storage

log = logging.getLogger(__name__)

TOLERANCE: Final = timedelta(seconds=2)
"""By how much two clocks may differ between two looks: neither runs as true as that, nor is read at the same moment."""

AT_ONCE: Final = 0.5
"""Seconds within which both clocks must be read; a process can be stopped for minutes between two lines."""


class Timekeeper:
    """The wall clock, held against the monotonic one at each look: what they differ by was set by somebody."""

    def __init__(self, *, storage: Storage, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._storage = storage
        self._clock = clock
        self._monotonic = monotonic
        self._seen, self._seen_at = self._look()
        self._owed = timedelta()

    async def now(self) -> datetime:
        """The time, once all that waits was moved if the clock was set. Raises StorageError."""
        now, at = self._look()
        leap = (now - self._seen) - timedelta(seconds=at - self._seen_at)
        if abs(leap) > TOLERANCE:
            self._owed += leap
            log.warning("clock_set by=%+.0fs what waits is moved with it", leap.total_seconds())
        self._seen, self._seen_at = now, at
        await self._move()
        return now

    async def _move(self) -> None:
        if not self._owed:
            return
        by, self._owed = self._owed, timedelta()
        try:
            await self._storage.move_waits(by)
        except StorageError:
            self._owed += by
            raise

    def _look(self) -> tuple[datetime, float]:
        while True:
            before, now = self._monotonic(), self._clock()
            if self._monotonic() - before < AT_ONCE:
                return now, before
