"""The queue of updates that getUpdates reads, one poller at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from bot.demo.botapi.refusals import Refusal

MAX_TIMEOUT = 50
MAX_LIMIT = 100
_CONFLICT = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


class UpdateQueue:
    """Updates in order, each kept until a poll with a higher offset confirms it."""

    def __init__(self) -> None:
        self._updates: deque[tuple[str, dict[str, Any]]] = deque()
        self._last_id = 0
        self._allowed: frozenset[str] = frozenset()
        self._waiting: asyncio.Future[bool] | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._updates)

    def add(self, kind: str, content: dict[str, Any]) -> int | None:
        """Queue an update, wake the poller; None where the bot asked for no updates of this kind."""
        if self._allowed and kind not in self._allowed:
            return None
        self._last_id += 1
        self._updates.append((kind, {"update_id": self._last_id, kind: content}))
        self._wake(answered=True)
        return self._last_id

    def clear(self) -> None:
        """Forget what waits."""
        self._updates.clear()

    def close(self) -> None:
        """Let the waiting poll end empty, and every later one at once."""
        self._closed = True
        self._wake(answered=True)

    def allow(self, kinds: frozenset[str]) -> None:
        """Queue only these kinds from now on; none named: all."""
        self._allowed = kinds

    async def poll(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - the API's own
        """Up to `limit` updates from `offset` on, waiting up to `timeout` seconds for the first.

        A poll that waits while another comes is refused with 409. Raises Refusal.
        """
        self._forget_before(offset)
        if not self._updates and timeout > 0 and not self._closed:
            await self._wait(timeout)
        return [update for _, update in list(self._updates)[:limit]]

    def _forget_before(self, offset: int) -> None:
        if offset < 0:
            while len(self._updates) > -offset:
                self._updates.popleft()
        while offset > 0 and self._updates and self._updates[0][1]["update_id"] < offset:
            self._updates.popleft()

    async def _wait(self, seconds: float) -> None:
        self._wake(answered=False)
        mine = self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                answered = await mine
        except TimeoutError:
            return
        finally:
            if self._waiting is mine:
                self._waiting = None
        if not answered:
            raise Refusal(409, _CONFLICT)

    def _wake(self, *, answered: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answered)
