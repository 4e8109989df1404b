"""Learns which chats the names in the rules stand for, so that a name and an id of one chat are one."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from bot.errors import StorageError
from bot.rules.definitions import RuleBook
from bot.services import Clock
from bot.storage import Storage
from bot.telegram import Sender

log = logging.getLogger(__name__)

AGAIN: Final = timedelta(hours=1)
"""Before Telegram is asked again for a chat of which it said nothing."""


class Directory:
    """Asks Telegram for the chats behind names, one a tick.

    There is something to find out where names and ids stand side by side, in the rules or in the database, or where
    a name may have taken the place of an id, because the rules have changed.
    """

    def __init__(self, *, book: RuleBook, storage: Storage, sender: Sender, clock: Clock) -> None:
        self._storage = storage
        self._sender = sender
        self._clock = clock
        self._chats = _chats(book)
        self._changed = False
        self._asked: dict[str, datetime] = {}
        self._rests_since: datetime | None = None

    def use(self, book: RuleBook) -> None:
        """Go by another rules file from now on."""
        chats = _chats(book)
        if chats.keys() != self._chats.keys():
            self._chats, self._changed, self._rests_since = chats, True, None

    async def tick(self) -> None:
        """Ask for one chat that is not known, if there is any."""
        now = self._clock()
        if self._rests_since is not None and abs(now - self._rests_since) < AGAIN:
            return
        self._rests_since = None
        try:
            name = await self._next(now)
            if name is None:
                self._rests_since = now
            else:
                await self._learn(name, now)
        except StorageError as error:
            log.error("directory_failed error=%s", error)

    async def _next(self, now: datetime) -> str | None:
        known = await self._storage.known_chats()
        if not self._changed and all(chat.startswith("@") for chat in (*self._chats, *known)):
            return None
        for chat, name in self._chats.items():
            asked = self._asked.get(name)
            if chat.startswith("@") and chat not in known and (asked is None or abs(now - asked) >= AGAIN):
                return name
        return None

    async def _learn(self, name: str, now: datetime) -> None:
        self._asked[name] = now
        facts = await self._sender.identify(name)
        if facts is None:
            log.warning("chat_unknown chat=%s Telegram does not say which chat it is", name)
            return
        await self._storage.learn_chat(name, facts, self._clock())
        log.info("chat_known chat=%s id=%d kind=%s", name, facts.id, facts.kind.value)


def _chats(book: RuleBook) -> dict[str, str]:
    """All chats that the rules name, by their address in lower case."""
    named = (*(channel.chat for channel in book.channels), book.operators, book.audit)
    return {chat.lower(): chat for chat in named if chat is not None}
