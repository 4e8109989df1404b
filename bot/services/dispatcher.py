"""Sends what is pending, as fast as Telegram allows, and writes down what became of it.

A delivery is claimed and that is committed before the first byte leaves; whatever ends the process after
that leaves a row that says so. All waiting is done before the claim, so that the moment of doubt is the call alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.delivery.waits import SETTLING, after_closing
from bot.errors import StorageError
from bot.models import (
    ChatMigrated,
    ChatPaused,
    Delivery,
    DeliveryKind,
    Failed,
    Outcome,
    Retry,
    Sent,
    TopicClosed,
    Uncertain,
)
from bot.rules.definitions import RuleBook
from bot.services import Clock
from bot.services.alarm import Alarm, Sleep
from bot.services.doubts import Doubts
from bot.services.line import Line
from bot.services.prober import Prober
from bot.services.timekeeper import Timekeeper
from bot.storage import Storage
from bot.telegram import Sender

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=120)
"""How long a claim holds: four times what one attempt may take."""

IN_FLIGHT: Final = 64
"""Attempts under way at once: as many as the sender has connections."""

GRACE: Final = 7.0
"""Seconds that a stop waits for what is in flight."""

FINISH_TRIES: Final = 60
"""Seconds, one try each, that a result is held while the database refuses it."""

TEND: Final = 1.0
"""Seconds after which a drain that goes on looks anew for edits that are due."""

NEAR: Final = 1.0
"""Seconds ahead at which a turn is waited for to the moment; what lies farther is left to a later tick."""

LATE: Final = 0.001
"""Seconds that a turn is waited for beyond its moment, since a timer may be early by as much."""

NOW: Final = 0.02
"""Seconds before a claim is tried again that found nothing, although it was some chat's turn."""

REST: Final = timedelta(seconds=1)
"""After the last message of an earlier process, so that the two together keep to the pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """How often a message may be edited, and how long after it was sent first; later ones wait longer."""

    limit: int = 3
    gap: timedelta = timedelta(seconds=60)


USUAL_EDITS: Final = Edits()


class Dispatcher:
    """Keeps the outbox empty.

    `monotonic` measures waits that hold for the whole bot, whatever the clock does; `jitter` gives numbers from 0 to 1.
    A doubtful message is looked for when it had `settling` to arrive.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        sender: Sender,
        clock: Clock,
        monotonic: Callable[[], float],
        jitter: Callable[[], float],
        edits: Edits = USUAL_EDITS,
        settling: timedelta = SETTLING,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._storage = storage
        self._sender = sender
        self._monotonic = monotonic
        self._edits = edits
        self._sleep = sleep
        self._time = Timekeeper(storage=storage, clock=clock, monotonic=monotonic)
        self._line = Line(sender=sender, monotonic=monotonic, sleep=sleep, jitter=jitter)
        self._prober = Prober(
            storage=storage,
            sender=sender,
            line=self._line,
            time=self._time,
            monotonic=monotonic,
            sleep=sleep,
        )
        self._doubts = Doubts(
            storage=storage,
            prober=self._prober,
            time=self._time,
            monotonic=monotonic,
            settling=settling,
            is_in_hand=self._is_in_hand,
            on_pending=self.wake,
        )
        self._alarm = Alarm(sleep)
        self._sends: dict[asyncio.Task[None], int] = {}
        self._drain: asyncio.Task[None] | None = None
        self._tend_at = monotonic()
        self._rested = False
        self._stopping = False

    def use(self, book: RuleBook) -> None:
        """Go by another rules file from now on."""
        self._edits = Edits(limit=book.defaults.edits, gap=book.defaults.edit_after)
        self._prober.use(book.audit)

    def wake(self) -> None:
        """Send what is pending, also if it became so a moment ago."""
        self._alarm.ring()
        self._begin_drain()

    async def tick(self) -> None:
        """Take up the doubts whose wait is over, and begin to send unless that is under way."""
        if self._stopping:
            return
        try:
            await self._time.now()
            await self._doubts.tick()
        except StorageError as error:
            log.error("outbox_unreadable error=%s", error)
        self._begin_drain()

    async def stop(self) -> None:
        """Claim no more, and wait for what is in flight; what takes too long is written down as uncertain."""
        self._stopping = True
        self._alarm.ring()
        self._prober.stop()
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
        await self._doubts.stop(within=max(0.0, end - self._monotonic()))

    def _begin_drain(self) -> None:
        if not self._stopping and (self._drain is None or self._drain.done()):
            self._drain = asyncio.create_task(self._send_pending(), name="drain the outbox")

    async def _send_pending(self) -> None:
        try:
            if not await self._line.is_usable():
                return
            await self._rest()
            while await self._go_on():
                pass
        except StorageError as error:
            log.error("outbox_unreadable error=%s", error)
        except Exception:
            # The next tick tries again; a drain that died unheard would silence every chat.
            log.exception("drain_broke")

    async def _rest(self) -> None:
        """Once, let the next message wait for the pace that an earlier process leaves behind."""
        if self._rested:
            return
        last, now = await self._storage.last_send(), await self._time.now()
        if last is not None:
            self._line.hold(min(max(last + REST - now, timedelta()), REST))
        self._rested = True

    async def _go_on(self) -> bool:
        """Send the next delivery, or wait for it if its turn is near; False where a later tick is soon enough."""
        await self._tend()
        while len(self._sends) >= IN_FLIGHT:
            await asyncio.wait(self._sends, return_when=asyncio.FIRST_COMPLETED)
        self._alarm.reset()
        async with self._line.turn():
            if self._stopping or self._line.wait:
                return False
            delivery = await self._storage.claim(await self._time.now(), lease=LEASE)
            if delivery is not None:
                self._line.take()
        if delivery is None:
            return await self._wait_for_turn()
        task = asyncio.create_task(self._send(delivery), name=f"send {delivery.id}")
        self._sends[task] = delivery.id
        task.add_done_callback(self._sends.pop)
        return True

    async def _wait_for_turn(self) -> bool:
        """Wait for the turn of the next chat if it is near; whether to go on."""
        turn = await self._storage.next_turn()
        wait = None if turn is None else (turn - await self._time.now()).total_seconds()
        if wait is not None and wait <= NEAR:
            await self._alarm.sleep(wait + LATE if wait > 0 else NOW)
            return True
        return self._alarm.is_rung

    async def _tend(self) -> None:
        """Owe the edits that are due."""
        if self._monotonic() >= self._tend_at:
            now = await self._time.now()
            await self._storage.revise(now, limit=self._edits.limit, gap=self._edits.gap)
            self._tend_at = self._monotonic() + TEND

    def _is_in_hand(self, number: int) -> bool:
        return number in self._sends.values()

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
        self._line.hear(outcome)
        pause = self._pause(delivery, outcome)
        _tell(delivery, outcome, pause)
        for _ in range(1 if self._stopping else FINISH_TRIES):
            try:
                now = await self._time.now()
                if not await self._storage.finish(delivery, outcome, now, pause=pause):
                    log.warning("delivery_taken_over id=%d chat=%s", delivery.id, delivery.chat)
                break
            except StorageError as error:
                log.error("delivery_not_stored id=%d chat=%s error=%s", delivery.id, delivery.chat, error)
                await self._sleep(1)
        self.wake()

    def _pause(self, delivery: Delivery, outcome: Outcome) -> timedelta:
        """How long the chat, its topic or the doubt waits."""
        match outcome:
            case Retry(after=after):
                return after
            case Uncertain():
                return self._doubts.pause(delivery)
            case ChatPaused() | TopicClosed():
                return after_closing(delivery.attempt - 1)
            case _:
                return timedelta()


def _tell(delivery: Delivery, outcome: Outcome, pause: timedelta) -> None:
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(outcome).__name__).lstrip("_")
    # A message that can no longer be edited, deleted by somebody say, has been read.
    quiet = isinstance(outcome, Sent) or (delivery.kind is DeliveryKind.EDIT and isinstance(outcome, Failed))
    log.log(
        logging.INFO if quiet else logging.WARNING,
        "delivery_%s id=%d kind=%s chat=%s attempt=%d%s%s",
        name,
        delivery.id,
        delivery.kind.value,
        delivery.chat,
        delivery.attempt,
        f" wait={pause.total_seconds():.0f}s" if pause else "",
        _why(outcome),
    )


def _why(outcome: Outcome) -> str:
    match outcome:
        case Sent():
            return " without its formatting" if outcome.plain else ""
        case ChatMigrated():
            return f" why=the chat is now {outcome.chat}"
        case _:
            return f" why={outcome.why}"
