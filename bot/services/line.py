"""The line to Telegram that all chats share: its pace, and whether it can be used at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from bot.delivery import waits
from bot.delivery.pacing import Gate
from bot.models import Outcome, Retry, Stopped, Unreachable
from bot.services.alarm import Sleep
from bot.telegram import Sender

log = logging.getLogger(__name__)


class Line:
    """Times are monotonic seconds, whatever the clock does; `jitter` gives numbers from 0 to 1."""

    def __init__(
        self, *, sender: Sender, monotonic: Callable[[], float], sleep: Sleep, jitter: Callable[[], float]
    ) -> None:
        self._sender = sender
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._gate = Gate()
        self._queue = asyncio.Lock()
        self._blocked_until = monotonic()
        self._refusals = 0
        self._token_refused = False

    @property
    def wait(self) -> timedelta:
        """How long nothing can be sent to any chat, as far as is known."""
        return timedelta(seconds=max(0.0, self._blocked_until - self._monotonic()))

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a message may go out, and let nobody else go meanwhile; whoever sends one says so by `take`."""
        async with self._queue:
            while (wait := self._gate.wait(self._monotonic())) > 0:
                await self._sleep(wait)
            yield

    def take(self) -> None:
        """Count a message that goes out now."""
        self._gate.take(self._monotonic())

    def hold(self, wait: timedelta) -> None:
        """Let the next message wait for so long at least."""
        self._gate.hold(self._monotonic() + wait.total_seconds())

    def hear(self, outcome: Outcome) -> None:
        """Draw from the outcome of an attempt what it says of the whole line."""
        if not isinstance(outcome, Unreachable):
            self._refusals = 0
        match outcome:
            case Retry(everywhere=True, after=after):
                self._block(after)
            case Unreachable() if not self.wait:
                # Of several attempts that were under way at once, one counts.
                self._block(waits.spread(waits.after_refusal(self._refusals), self._jitter()))
                self._refusals += 1
            case Stopped():
                self._token_refused = True
                self._block(waits.TOKEN)
            case _:
                pass

    async def is_usable(self) -> bool:
        """Whether anything can be sent; asks Telegram whether a token that was refused is good again."""
        if self.wait:
            return False
        if not self._token_refused:
            return True
        if await self._sender.check() is not None:
            self._block(waits.TOKEN)
            return False
        self._token_refused = False
        log.info("token_accepted sending goes on")
        return True

    def _block(self, wait: timedelta) -> None:
        self._blocked_until = max(self._blocked_until, self._monotonic() + wait.total_seconds())
