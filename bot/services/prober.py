"""Looks whether a doubtful message arrived, by forwarding what follows the last known one to the audit chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.delivery.probing import Search, counts_ids
from bot.models import (
    ChatKind,
    ConditionKind,
    Doubt,
    Sight,
    Standing,
    Undecided,
    Unseen,
    Verdict,
)
from bot.services.alarm import Alarm, Sleep
from bot.services.line import Line
from bot.services.timekeeper import Timekeeper
from bot.storage import Storage
from bot.telegram import Sender, is_audit_chats_fault
from bot.telegram.plain import plainly

SHORTEST: Final = timedelta(seconds=1)
"""Before anybody looks again who could not see."""

LAG: Final = 0.05
"""Seconds between two looks beyond the pace, which counts from when a call sets out and not from when it arrives."""

NO_AUDIT: Final = "there is no audit chat to look with"
NO_IDS: Final = "in private chats and basic groups messages cannot be looked for"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """Nobody can see now; ask again after a while."""

    why: str
    after: timedelta


class Prober:
    """Finds out how doubts end. `use` names the audit chat; looks to it keep its pace, and that of the line."""

    def __init__(
        self,
        *,
        storage: Storage,
        sender: Sender,
        line: Line,
        time: Timekeeper,
        monotonic: Callable[[], float],
        sleep: Sleep,
    ) -> None:
        self._storage = storage
        self._sender = sender
        self._line = line
        self._time = time
        self._monotonic = monotonic
        self._looking = asyncio.Lock()
        self._end = Alarm(sleep)
        self._audit: str | None = None
        self._audit_works = False
        self._blind_until = monotonic()

    def use(self, audit: str | None) -> None:
        """Look by way of this chat from now on; None where there is none."""
        if audit != self._audit:
            self._audit, self._audit_works, self._blind_until = audit, False, self._monotonic()

    def stop(self) -> None:
        """Look no more; whoever waits for a look is told so."""
        self._end.ring()

    def why_not(self, chat: str, kind: ChatKind | None = None) -> str | None:
        """Why nothing can be looked for in a chat; None where it can."""
        if self._audit is None:
            return NO_AUDIT
        return None if counts_ids(chat, kind) else NO_IDS

    async def verdict(self, doubt: Doubt) -> Verdict | NotYet:
        """How a doubt ends. Raises StorageError."""
        delivery, audit = doubt.delivery, self._audit
        if audit is None:
            return Undecided(why=NO_AUDIT)
        if not counts_ids(delivery.chat, doubt.kind):
            return Undecided(why=NO_IDS)
        # It may have arrived as the plain text that is tried second.
        texts = {delivery.message.text, plainly(delivery.message).text}
        search = Search(previous=delivery.previous, kind=doubt.kind, texts=texts)
        while (verdict := search.verdict) is None:
            sight = await self._look(delivery.chat, search.message_id, audit)
            match sight:
                case NotYet():
                    return sight
                case Unseen(final=True, why=why):
                    await self._blame(sight, audit)
                    return Undecided(why=why)
                case Unseen(why=why, after=after):
                    return self._rest(max(after, SHORTEST), why)
                case _:
                    await self._clear(sight, audit)
                    search.see(sight)
        return verdict

    async def _look(self, chat: str, message_id: int, audit: str) -> Sight | NotYet:
        async with self._looking:
            return await self._turn(audit) or await self._sender.peek(chat, message_id, audit=audit)

    async def _turn(self, audit: str) -> NotYet | None:
        """Wait for the audit chat's turn and the line's; where that makes no sense, why."""
        while True:
            if self._end.is_rung:
                return NotYet(why="the bot stops", after=timedelta())
            if not await self._line.is_usable():
                return NotYet(why="nothing can be sent now", after=max(self._line.wait, SHORTEST))
            if (blind := self._blind_until - self._monotonic()) > 0:
                return NotYet(why="nothing could be seen a moment ago", after=timedelta(seconds=blind))
            wait = await self._storage.take_turn(audit, await self._time.now())
            if not wait:
                break
            await self._end.sleep(wait.total_seconds() + LAG)
        async with self._line.turn():
            self._line.take()
        return None

    def _rest(self, wait: timedelta, why: str) -> NotYet:
        """Let nobody look for a while: what keeps one look from seeing keeps others."""
        self._blind_until = self._monotonic() + wait.total_seconds()
        return NotYet(why=why, after=wait)

    async def _blame(self, sight: Unseen, audit: str) -> None:
        if is_audit_chats_fault(sight):
            self._audit_works = False
            now = await self._time.now()
            await self._storage.begin(ConditionKind.AUDIT_CLOSED, audit, sight.why, now)

    async def _clear(self, sight: Sight, audit: str) -> None:
        """Take the blame from the audit chat. A message that is not there proves nothing: it got no copy."""
        if isinstance(sight, Standing) and not self._audit_works:
            await self._storage.end(ConditionKind.AUDIT_CLOSED, audit, await self._time.now())
            self._audit_works = True
