"""One process, one APScheduler, a handful of ticks. What is due is known to the services, never to a tick."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.services.conditions import Conditions
from bot.services.digests import Digests
from bot.services.directory import Directory
from bot.services.dispatcher import Dispatcher
from bot.services.housekeeping import HEARTBEAT, Housekeeping
from bot.services.poller import Poller
from bot.services.reloader import Reloader

log = logging.getLogger(__name__)

TICK: Final = 0.25
"""Seconds between looks at what is due; the shortest interval of a feed is a second."""

DIGESTS: Final = 1.0
CONDITIONS: Final = 1.0
DIRECTORY: Final = 1.0
RELOAD: Final = 0.5
"""Seconds between looks at the rules file, which must look the same twice; so a change is live within two."""

PRUNE: Final = 3600.0
PRUNE_TICK: Final = 60.0
"""A bot prunes a minute after its start and then each hour, so that one restarted often prunes too."""

WATCH: Final = 5.0
STALLED: Final = 30.0
"""Seconds without a tick after which the ticks are set anew: an interval waits out a clock that went back."""


class LocalEngine:
    """Runs the services until told to stop."""

    def __init__(
        self,
        *,
        poller: Poller,
        dispatcher: Dispatcher,
        digests: Digests,
        conditions: Conditions,
        directory: Directory,
        housekeeping: Housekeeping,
        reloader: Reloader | None,
        monotonic: Callable[[], float],
    ) -> None:
        self._poller = poller
        self._dispatcher = dispatcher
        self._digests = digests
        self._conditions = conditions
        self._directory = directory
        self._housekeeping = housekeeping
        self._reloader = reloader
        self._monotonic = monotonic
        self._ticked_at = monotonic()
        self._prune_at = 0.0
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is in flight and return."""
        await self._poller.start()
        await self._housekeeping.beat()
        # What grew old while nobody was there is gathered before any of it goes out.
        await self._digests.tick()
        self._set_ticks()
        self._scheduler.start()
        try:
            while not stop.is_set():
                self._revive()
                try:
                    await asyncio.wait_for(stop.wait(), WATCH)
                except TimeoutError:
                    continue
        finally:
            # Paused first: a shutdown would cancel the tick that is under way.
            self._scheduler.pause()
            await asyncio.gather(self._poller.stop(), self._dispatcher.stop())
            self._scheduler.shutdown(wait=False)

    def _set_ticks(self) -> None:
        ticks: list[tuple[str, Callable[[], Awaitable[None]], float]] = [
            ("poll", self._poll, TICK),
            ("dispatch", self._dispatcher.tick, TICK),
            ("digests", self._digests.tick, DIGESTS),
            ("conditions", self._conditions.tick, CONDITIONS),
            ("directory", self._directory.tick, DIRECTORY),
            ("beat", self._housekeeping.beat, HEARTBEAT.total_seconds()),
            ("prune", self._prune, PRUNE_TICK),
        ]
        if self._reloader is not None:
            ticks.append(("reload", self._reloader.tick, RELOAD))
        for name, tick, every in ticks:
            self._scheduler.add_job(
                tick, IntervalTrigger(seconds=every, timezone=UTC), id=name, replace_existing=True
            )

    async def _poll(self) -> None:
        self._ticked_at = self._monotonic()
        await self._poller.tick()

    async def _prune(self) -> None:
        if self._monotonic() >= self._prune_at:
            self._prune_at = self._monotonic() + PRUNE
            await self._housekeeping.prune()

    def _revive(self) -> None:
        if self._monotonic() - self._ticked_at > STALLED:
            log.warning("ticks_stalled the clock was set back; the ticks are set anew")
            self._ticked_at = self._monotonic()
            self._set_ticks()
