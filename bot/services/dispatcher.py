"""Sends what is pending, as fast as Telegram allows, and writes down what became of it.

A delivery is claimed and that is committed before the first byte leaves; whatever ends the process after
that leaves a row that says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.errors import StorageError
from bot.models import (
    ChatClosed,
    ChatMoved,
    Delivery,
    DeliveryKind,
    Failed,
    Outcome,
    Retry,
    Sent,
    Stopped,
    Uncertain,
    Unreachable,
)
from bot.services import Clock
from bot.storage import Storage
from bot.telegram import Sender

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=120)
"""How long a claim holds: four times what one attempt may take."""

PACE: Final = timedelta(seconds=1)
"""Between two messages to one chat (core.telegram.org/bots/faq)."""

BOT_PACE: Final = 1 / 28
"""Seconds between two messages of the bot: a little under the 30 a second that Telegram's FAQ names."""

IN_FLIGHT: Final = 30
"""Attempts under way at once."""

CLOSED_WAIT: Final = timedelta(minutes=10)
"""Between two tries at a chat that does not let us in."""

CLOSED_PATIENCE: Final = timedelta(hours=24)
"""How old a delivery may grow before a closed door is taken for an answer."""

TOKEN_WAIT: Final = timedelta(seconds=60)
FIRST_DOUBT_WAIT: Final = timedelta(seconds=1)
LONGEST_DOUBT_WAIT: Final = timedelta(hours=1)
LONGEST_REFUSAL_WAIT: Final = timedelta(seconds=60)

GRACE: Final = 7.0
"""Seconds that a stop waits for what is in flight."""

FINISH_TRIES: Final = 60
"""Seconds, one try each, that a result is held while the database refuses it."""

TEND: Final = 1.0
"""Seconds after which a drain that goes on looks anew for doubts that are over and edits that are due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """How often a message may be edited, and how long after it was sent first; later ones wait longer."""

    limit: int = 3
    gap: timedelta = timedelta(seconds=60)


USUAL_EDITS: Final = Edits()


class Dispatcher:
    """Keeps the outbox empty. `monotonic` measures waits that hold for the whole bot, whatever the clock does."""

    def __init__(
        self,
        *,
        storage: Storage,
        sender: Sender,
        clock: Clock,
        monotonic: Callable[[], float],
        edits: Edits = USUAL_EDITS,
    ) -> None:
        self._storage = storage
        self._sender = sender
        self._clock = clock
        self._monotonic = monotonic
        self._edits = edits
        self._sends: set[asyncio.Task[None]] = set()
        self._drain: asyncio.Task[None] | None = None
        self._blocked_until = 0.0
        self._refusals = 0
        self._token_refused = False
        self._stopping = False

    def use(self, edits: Edits) -> None:
        """Edit by other measures from now on."""
        self._edits = edits

    def wake(self) -> None:
        """Begin to send what is pending, unless that is under way."""
        if not self._stopping and (self._drain is None or self._drain.done()):
            self._drain = asyncio.create_task(self._send_pending(), name="drain the outbox")

    async def tick(self) -> None:
        """`wake`, for a scheduler."""
        self.wake()

    async def stop(self) -> None:
        """Claim no more, and wait for what is in flight; what takes too long is written down as uncertain."""
        self._stopping = True
        end = self._monotonic() + GRACE
        if self._drain is not None:
            # It may stand in a claim, which still leads to one send.
            await asyncio.wait({self._drain}, timeout=GRACE)
            self._drain.cancel()
        if self._sends:
            await asyncio.wait(self._sends, timeout=max(0.0, end - self._monotonic()))
        late = tuple(self._sends)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _send_pending(self) -> None:
        try:
            if self._monotonic() < self._blocked_until or not await self._token_is_good():
                return
            tended_at = await self._tend()
            while not self._stopping and self._monotonic() >= self._blocked_until:
                if self._monotonic() - tended_at >= TEND:
                    tended_at = await self._tend()
                if len(self._sends) >= IN_FLIGHT:
                    return
                delivery = await self._storage.claim(self._clock(), lease=LEASE, pace=PACE)
                if delivery is None:
                    return
                task = asyncio.create_task(self._send(delivery), name=f"send {delivery.id}")
                self._sends.add(task)
                task.add_done_callback(self._sends.discard)
                await asyncio.sleep(BOT_PACE)
        except StorageError as error:
            log.error("outbox_unreadable error=%s", error)
        except Exception:
            # The next tick tries again; a drain that died unheard would silence every chat.
            log.exception("drain_broke")

    async def _tend(self) -> float:
        """Owe again what was in doubt for long enough, and the edits that are due; when that was."""
        again = await self._storage.settle(self._clock())
        if again:
            log.warning("deliveries_doubtful count=%d they are sent again", again)
        await self._storage.revise(self._clock(), limit=self._edits.limit, gap=self._edits.gap)
        return self._monotonic()

    async def _send(self, delivery: Delivery) -> None:
        try:
            outcome = await self._sender.send(delivery)
        except asyncio.CancelledError:
            await self._finish(delivery, Uncertain(why="stopped before Telegram answered"))
            raise
        except Exception as error:
            log.exception("sender_broke id=%d", delivery.id)
            outcome = Uncertain(why=f"{type(error).__name__}: {error}")
        await self._finish(delivery, outcome)

    async def _finish(self, delivery: Delivery, outcome: Outcome) -> None:
        outcome = self._patience(delivery, outcome)
        pause = self._pause(delivery, outcome)
        self._tell(delivery, outcome, pause)
        for _ in range(1 if self._stopping else FINISH_TRIES):
            try:
                if not await self._storage.finish(delivery, outcome, self._clock(), pause=pause):
                    log.warning("delivery_taken_over id=%d chat=%s", delivery.id, delivery.chat)
                return
            except StorageError as error:
                log.error("delivery_not_stored id=%d chat=%s error=%s", delivery.id, delivery.chat, error)
                await asyncio.sleep(1)

    def _patience(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        if isinstance(outcome, ChatClosed) and self._clock() - delivery.created_at > CLOSED_PATIENCE:
            return Failed(why=outcome.why)
        return outcome

    def _pause(self, delivery: Delivery, outcome: Outcome) -> timedelta:
        """How long the chat waits, having made the whole bot wait where the outcome speaks of all chats."""
        if not isinstance(outcome, Unreachable):
            self._refusals = 0
        match outcome:
            case Retry():
                if outcome.everywhere:
                    self._block(outcome.after)
                return outcome.after
            case Unreachable():
                wait = min(timedelta(seconds=2 ** min(self._refusals, 10)), LONGEST_REFUSAL_WAIT)
                if self._monotonic() >= self._blocked_until:
                    self._refusals += 1
                    self._block(wait)
                return timedelta()
            case Uncertain():
                return doubt_wait(delivery.doubts)
            case ChatClosed():
                return CLOSED_WAIT
            case Stopped():
                self._token_refused = True
                self._block(TOKEN_WAIT)
                return timedelta()
            case Sent() | ChatMoved() | Failed():
                return timedelta()

    def _block(self, wait: timedelta) -> None:
        self._blocked_until = max(self._blocked_until, self._monotonic() + wait.total_seconds())

    async def _token_is_good(self) -> bool:
        if not self._token_refused:
            return True
        answer = await self._sender.check()
        if answer is not None:
            self._block(TOKEN_WAIT)
            return False
        self._token_refused = False
        log.info("token_accepted sending goes on")
        return True

    def _tell(self, delivery: Delivery, outcome: Outcome, pause: timedelta) -> None:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(outcome).__name__).lstrip("_")
        # A message that can no longer be edited, deleted by somebody say, has been read.
        quiet = isinstance(outcome, Sent) or (
            delivery.kind is DeliveryKind.EDIT and isinstance(outcome, Failed)
        )
        level = logging.INFO if quiet else logging.WARNING
        log.log(
            level,
            "delivery_%s id=%d kind=%s chat=%s attempt=%d%s%s",
            name,
            delivery.id,
            delivery.kind.value,
            delivery.chat,
            delivery.attempt,
            f" wait={pause.total_seconds():.0f}s" if pause else "",
            "" if isinstance(outcome, Sent) else f" why={_why(outcome)}",
        )


def doubt_wait(doubts: int) -> timedelta:
    """The wait before a doubtful message is sent again: short at first, then doubling from a minute to an hour."""
    if doubts == 0:
        return FIRST_DOUBT_WAIT
    return min(timedelta(seconds=60 * 2 ** min(doubts - 1, 10)), LONGEST_DOUBT_WAIT)


def _why(outcome: Outcome) -> str:
    match outcome:
        case ChatMoved():
            return f"the chat is now {outcome.chat}"
        case Sent():
            return ""
        case _:
            return outcome.why
