"""Ends the doubts about messages: looks for them where that can be done, else leaves it to `on_uncertain`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.delivery.waits import after_doubt
from bot.errors import StorageError
from bot.models import Delivery, DeliveryKind, DeliveryState, Doubt, Found, Missing, Undecided, Verdict
from bot.services.prober import NotYet, Prober
from bot.services.timekeeper import Timekeeper
from bot.storage import Storage

log = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between looks for doubts whose wait is over."""


class Doubts:
    """Takes doubts up when their wait is over, one at a time a chat.

    `is_in_hand` says of a delivery's id whether its sender is still at it, however long that took: that one knows
    better than any look. `on_pending` is called when a message is owed again, or its chat free.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        prober: Prober,
        time: Timekeeper,
        monotonic: Callable[[], float],
        settling: timedelta,
        is_in_hand: Callable[[int], bool],
        on_pending: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._prober = prober
        self._time = time
        self._monotonic = monotonic
        self._settling = settling
        self._is_in_hand = is_in_hand
        self._on_pending = on_pending
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._due = monotonic()
        self._settled_at = monotonic() + settling.total_seconds()

    def pause(self, delivery: Delivery) -> timedelta:
        """How long a message that came in doubt just now is left alone."""
        blind = delivery.kind is DeliveryKind.EDIT or self._prober.why_not(delivery.chat) is not None
        return after_doubt(delivery.doubts, settling=None if blind else self._settling)

    async def tick(self) -> None:
        """Take up what is due. Raises StorageError."""
        if self._monotonic() < self._due:
            return
        self._due = self._monotonic() + EVERY
        for doubt in await self._storage.doubts(await self._time.now()):
            if doubt.delivery.chat not in self._tasks and not self._is_in_hand(doubt.delivery.id):
                await self._take_up(doubt)

    async def stop(self, within: float) -> None:
        """Let looks that are under way come to their end, for so many seconds at most."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within)
        late = tuple(self._tasks.values())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _take_up(self, doubt: Doubt) -> None:
        chat = doubt.delivery.chat
        why_not = self._prober.why_not(chat, doubt.kind)
        rest = self._settled_at - self._monotonic()
        if why_not is not None:
            await self._end(doubt, Undecided(why=why_not))
        elif rest > 0:
            # An earlier process left it, whose last request may still be on its way.
            await self._postpone(doubt, timedelta(seconds=rest))
        else:
            task = asyncio.create_task(self._look(doubt), name=f"look for {doubt.delivery.id}")
            self._tasks[chat] = task
            task.add_done_callback(lambda _: self._tasks.pop(chat, None))

    async def _look(self, doubt: Doubt) -> None:
        try:
            verdict = await self._prober.verdict(doubt)
            if isinstance(verdict, NotYet):
                log.info(
                    "%s wait=%.0fs why=%s", _of(doubt, "waits"), verdict.after.total_seconds(), verdict.why
                )
                await self._postpone(doubt, verdict.after)
            else:
                await self._end(doubt, verdict)
        except StorageError as error:
            log.error("%s error=%s", _of(doubt, "not_stored"), error)
        except Exception:
            # The doubt is still there, and taken up again.
            log.exception(_of(doubt, "broke"))

    async def _postpone(self, doubt: Doubt, wait: timedelta) -> None:
        await self._storage.postpone(doubt, await self._time.now() + wait)

    async def _end(self, doubt: Doubt, verdict: Verdict) -> None:
        state = await self._storage.resolve(doubt, verdict, await self._time.now())
        if state is None:
            return
        word = _word(verdict, state)
        log.log(
            logging.INFO if isinstance(verdict, Found) else logging.WARNING,
            "%s verdict=%s%s",
            _of(doubt, "ended"),
            word,
            f" why={verdict.why}" if isinstance(verdict, Undecided) else "",
        )
        self._on_pending()


def _of(doubt: Doubt, event: str) -> str:
    delivery = doubt.delivery
    return f"delivery_doubt_{event} id={delivery.id} chat={delivery.chat} doubts={delivery.doubts}"


def _word(verdict: Verdict, state: DeliveryState) -> str:
    match verdict:
        case Found():
            return "present"
        case Missing():
            return "absent"
        case Undecided():
            return "dropped" if state is DeliveryState.FAILED else "resent"
