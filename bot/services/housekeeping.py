"""Keeps the database small and the heartbeat fresh."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from bot.errors import StorageError
from bot.rules.definitions import Defaults
from bot.services import Clock
from bot.storage import Storage

log = logging.getLogger(__name__)

KEYS: Final = timedelta(days=180)
"""How long the key of an entry is kept after the feed last listed it: feeds bring back what they dropped."""

HEARTBEAT: Final = timedelta(seconds=10)
FRESH: Final = timedelta(seconds=45)
"""A heartbeat up to this age is a living bot's."""


class Housekeeping:
    """Beats and prunes."""

    def __init__(self, *, storage: Storage, defaults: Defaults, clock: Clock) -> None:
        self._storage = storage
        self._defaults = defaults
        self._clock = clock

    def use(self, defaults: Defaults) -> None:
        """Go by other defaults from now on."""
        self._defaults = defaults

    async def beat(self) -> None:
        """Write the heartbeat. A database that refuses it makes the bot's health red, as it should."""
        try:
            await self._storage.beat(self._clock())
        except StorageError as error:
            log.error("heartbeat_not_stored error=%s", error)

    async def prune(self) -> None:
        """Forget what is past its time."""
        now = self._clock()
        pruned = 0
        try:
            while count := await self._storage.prune(
                articles_before=now - self._defaults.keep,
                keys_before=now - max(KEYS, 2 * self._defaults.keep),
            ):
                pruned += count
        except StorageError as error:
            log.error("prune_failed error=%s", error)
        if pruned:
            log.info("pruned rows=%d", pruned)
