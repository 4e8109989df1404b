"""A sleep that can be cut short."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

Sleep = Callable[[float], Coroutine[object, object, None]]
"""Waits so many seconds, as `asyncio.sleep` does."""


class Alarm:
    """Lets tasks sleep until it is rung; once rung it lets nobody sleep until it is reset."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake all who sleep."""
        self._rung.set()

    def reset(self) -> None:
        """Let sleep again."""
        self._rung.clear()

    @property
    def is_rung(self) -> bool:
        """Whether it was rung since the last reset."""
        return self._rung.is_set()

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds, or less."""
        ends = (asyncio.create_task(self._sleep(seconds)), asyncio.create_task(self._rung.wait()))
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
