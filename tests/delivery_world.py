"""A dispatcher between a real database and a real Bot API server, and the time that passes for all three."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from builders import NOON, make_batch, make_revision

from bot.demo.botapi import BotApiServer
from bot.models import DeliveryState, NewDelivery
from bot.rules.definitions import RuleBook
from bot.services.dispatcher import Dispatcher
from bot.storage.sqlite import SqliteStorage
from bot.telegram.sender import TelegramSender

TICK = 1.25
"""Seconds; five of the bot's ticks, since a turn that is near is not left to a tick."""

SHORT = 0.1
"""Seconds; sleeps that are over sooner are waited for in truth."""


@dataclass
class Time:
    """Clocks that a test can push on; they run by themselves as well. The wall clock can be set besides."""

    ahead: timedelta = timedelta()
    set_by: timedelta = timedelta()
    started: float = field(default_factory=time.monotonic)
    wakings: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead.total_seconds()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.monotonic() - self.started) + self.set_by

    def epoch(self) -> float:
        """The receiver's clock, which nobody sets."""
        return NOON.timestamp() + self.monotonic() - self.started

    async def sleep(self, seconds: float) -> None:
        waking = self.monotonic() + seconds
        self.wakings.append(waking)
        try:
            while self.monotonic() < waking:
                await asyncio.sleep(min(0.002, max(0.0, waking - self.monotonic())))
        finally:
            self.wakings.remove(waking)

    def push(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)

    def sleepers(self) -> int:
        """How many sleep for longer than is worth waiting for."""
        return sum(waking > self.monotonic() + SHORT for waking in self.wakings)

    def next_waking(self) -> float:
        """Seconds until somebody wakes."""
        return max(0.0, min(self.wakings, default=float("inf")) - self.monotonic())


@dataclass
class World:
    server: BotApiServer
    storage: SqliteStorage
    sender: TelegramSender
    dispatcher: Dispatcher
    time: Time

    async def owe(self, *deliveries: NewDelivery) -> None:
        await self.storage.record(make_batch(*deliveries, at=self.time.now()))

    async def revise(self, text: str, key: str = "key-1") -> None:
        await self.storage.record(make_batch(revisions=(make_revision(key, text),)))

    async def pass_time(self, seconds: float) -> None:
        """Push the clocks on, tick, and wait for what comes of it at once."""
        self.time.push(seconds)
        await self.dispatcher.tick()
        await self.idle()

    async def run(self, seconds: float) -> None:
        """Let so much time pass, tick by tick, without waiting where nothing happens."""
        end = self.time.monotonic() + seconds
        while (left := end - self.time.monotonic()) > 0:
            await self.dispatcher.tick()
            await self.idle()
            self.time.push(max(0.0, min(TICK, left, self.time.next_waking())))
        await self.dispatcher.tick()
        await self.idle()

    async def idle(self) -> None:
        """Wait until the dispatcher does nothing, or sleeps for long."""
        while self._is_busy():
            await asyncio.sleep(0.002)

    async def drain(self, *, until: DeliveryState, count: int = 1) -> None:
        """Tick until so many deliveries are in a state, without waiting for whoever sleeps."""
        async with asyncio.timeout(10):
            while await self.count(until) < count:
                await self.dispatcher.tick()
                await asyncio.sleep(0.01)
                self.time.push(min(TICK, self.time.next_waking()) if self.time.wakings else 0.0)
            await self.idle()

    async def count(self, state: DeliveryState) -> int:
        return (await self.storage.totals()).deliveries[state]

    async def verdicts(self) -> dict[str, int]:
        """How often doubts ended in which way."""
        return {word: number for word, number in (await self.storage.totals()).doubts.items() if number}

    def edits(self) -> list[str]:
        """How the messages read after each edit."""
        return [edit.after.text for edit in self.server.history.edits()]

    def attempts(self) -> int:
        """How often any delivery was tried."""
        (row,) = self.storage._open_db.query("SELECT sum(attempt) AS n FROM delivery")
        return int(row["n"])

    def chat_id(self, chat: str) -> int:
        return self.server.chats.get(chat).id

    def _is_busy(self) -> bool:
        dispatcher = self.dispatcher
        if dispatcher._sends:
            return True
        drains = dispatcher._drain is not None and not dispatcher._drain.done()
        return self.time.sleepers() < int(drains) + bool(dispatcher._doubts._tasks)


@contextlib.asynccontextmanager
async def open_world(
    folder: Path, *, book: RuleBook | None = None, ticking: Time | None = None, **server_options: Any
) -> AsyncIterator[World]:
    """A world with an open database in the folder, and a Telegram in which every chat is."""
    ticking = ticking or Time()
    async with (
        BotApiServer(accept_unknown_chats=True, clock=ticking.epoch, **server_options) as server,
        open_bot(folder, server, ticking, book) as world,
    ):
        yield world
        await server.stop()  # so that nothing is waited for


@contextlib.asynccontextmanager
async def open_bot(
    folder: Path, server: BotApiServer, ticking: Time, book: RuleBook | None = None
) -> AsyncIterator[World]:
    """One life of the bot, between its start and a clean end."""
    storage = SqliteStorage(folder / "newsbell.db")
    await storage.open(ticking.now())
    sender = TelegramSender(token=server.token, api_url=server.url)
    dispatcher = Dispatcher(
        storage=storage,
        sender=sender,
        clock=ticking.now,
        monotonic=ticking.monotonic,
        jitter=lambda: 0.5,
        sleep=ticking.sleep,
    )
    if book is not None:
        dispatcher.use(book)
    yield World(server, storage, sender, dispatcher, ticking)
    await dispatcher.stop()
    await sender.close()
    await storage.close()
