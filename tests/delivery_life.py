"""Lives of the delivery half of the bot, each a process that can be killed at any moment.

`python delivery_life.py` is a zygote: it has imported everything, and forks a life for each order that it reads, so
that a life begins within milliseconds. An order is a line of JSON, answered by the life's pid, and by its exit status
once it has ended.

A life records its part of a plan as polls would, sends what is owed, looks for what is in doubt, and tells operators
of conditions. Sixty times as much happens in it as Telegram allows: a minute's messages in a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from bot.delivery import pacing, waits
from bot.models import (
    Batch,
    Delivery,
    FeedState,
    Message,
    NewDelivery,
    Outcome,
    Revision,
    Sight,
)
from bot.rules.definitions import Defaults, RuleBook
from bot.services import dispatcher as dispatching
from bot.services.conditions import Conditions
from bot.services.dispatcher import Dispatcher
from bot.storage import sqlite
from bot.storage.connection import connect, scalar
from bot.storage.sqlite import SqliteStorage
from bot.telegram.sender import TelegramSender

FEED = "https://wire.example/rss.xml"
SPEED = 60.0
"""How many times faster than in truth messages may follow each other."""

SETTLING = timedelta(seconds=0.03)
"""Longer than a request is under way here, on loopback."""

TICK = 0.02
_WRITES = ("BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP")
KILLED = 137
"""The exit code of a life that a crash point ended, as a shell reports `kill -9`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a life is to do.

    `polls` is how many polls the plan has, over `chats`; `crash` is the point at whose `passage`-th passage the life
    ends. A life that is `last` ends by itself, and cleanly, once all is sent. `audit` is the chat to look with.
    """

    database: str
    url: str
    token: str
    chats: tuple[str, ...]
    polls: int
    audit: str | None = None
    operators: str | None = None
    crash: str | None = None
    passage: int = 1
    last: bool = False


class Zygote:
    """The test's end of the process that forks lives."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The zygote first, so that nobody answers any more; what it gave birth to holds its pipes open.
        self._process.kill()
        self.kill()
        self._process.communicate()

    async def begin(self, order: Order) -> None:
        """Begin a life."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        self._process.stdin.flush()
        self._pid = int(await self._answer())

    async def end(self) -> int:
        """Wait for the life's end, and return how it ended: its exit code, or 128 and the signal."""
        status = int(await self._answer())
        self._pid = 0
        return status

    def kill(self) -> None:
        """Kill the life now; nothing where there is none."""
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    async def live(self, order: Order, *, within: float = 20) -> int:
        """One life to its end."""
        await self.begin(order)
        async with asyncio.timeout(within):
            return await self.end()

    async def _answer(self) -> str:
        assert self._process.stdout is not None
        return (await asyncio.to_thread(self._process.stdout.readline)).decode()


def plan(order: Order) -> Iterator[Batch]:
    """The polls of a life's plan, the same in every life: news for some chats, replies, revisions, urgency."""
    chance = random.Random(order.polls)  # noqa: S311 - the same in every life is the point
    texts = [f"poll {number}" for number in range(order.polls)]
    for number, text in enumerate(texts):
        deliveries = []
        for chat in chance.sample(order.chats, k=min(4, len(order.chats))):
            key = f"{number}:{chat}"
            first = NewDelivery(
                dedupe_key=key,
                story_id=f"story-{number}",
                chat=chat,
                thread=None,
                rules=("rare-earth",),
                message=Message(text=f"{text} in {chat}"),
                priority=chance.choice((-1, 0, 0, 1)),
            )
            deliveries.append(first)
            if chance.random() < 0.3:
                reply = Message(text=f"{text} in {chat}, answered")
                deliveries.append(replace(first, dedupe_key=f"{key}:reply", message=reply, replies_to=key))
        revised = [
            Revision(dedupe_key=d.dedupe_key, message=_revised(d)) for d in deliveries[:1] if number % 3 == 0
        ]
        at = datetime.now(UTC)
        feed = FeedState(url=FEED, fetch_url=FEED, next_due_at=at, interval=timedelta(minutes=5))
        yield Batch(at=at, feed=feed, deliveries=tuple(deliveries), revisions=tuple(revised))


def planned(order: Order) -> tuple[NewDelivery, ...]:
    """All that the plan owes."""
    return tuple(delivery for batch in plan(order) for delivery in batch.deliveries)


def _revised(delivery: NewDelivery) -> Message:
    return Message(text=f"{delivery.message.text}, 2 sources")


class Crashing:
    """Ends the process at a named point. `inside` names the step whose transaction is open."""

    def __init__(self, point: str | None, passage: int) -> None:
        self._point = point
        self._left = passage
        self.inside = ""

    def reach(self, point: str) -> None:
        """Pass a point, or end there."""
        if point != self._point:
            return
        self._left -= 1
        if not self._left:
            os._exit(KILLED)

    def trace(self, statement: str) -> None:
        """See a statement that is about to be executed; those that only read are no points."""
        if statement.startswith(_WRITES):
            self.reach("at_statement")
        if statement.startswith("COMMIT"):
            self.reach(f"in_{self.inside}")

    def around(self, name: str, step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """A step with points before, in and after it."""

        async def wrapped(*arguments: Any, **options: Any) -> Any:
            self.reach(f"before_{name}")
            outer, self.inside = self.inside, name
            try:
                result = await step(*arguments, **options)
            finally:
                self.inside = outer
            if result is not None:
                self.reach(f"after_{name}")
            return result

        return wrapped


class CrashingStorage(SqliteStorage):
    """The storage, with points around the steps of a delivery's life."""

    def __init__(self, path: Path, crashing: Crashing) -> None:
        super().__init__(path)
        self._crashing = crashing
        for name in ("record", "claim", "finish", "resolve", "tell"):
            setattr(self, name, crashing.around(name, getattr(self, name)))

    async def open(self, now: datetime, *, restored: bool = False) -> None:
        def traced(path: Path, *, read_only: bool = False) -> Database:
            db = connect(path, read_only=read_only)
            # Checkpoints all the time, so that kills fall into some.
            db.execute("PRAGMA wal_autocheckpoint=4")
            db.conn.set_trace_callback(self._crashing.trace)
            return db

        sqlite.connect = traced  # type: ignore[attr-defined, assignment]
        await super().open(now, restored=restored)


class CrashingSender(TelegramSender):
    """The sender, with points where Telegram's answer is there and nobody has heard of it."""

    def __init__(self, order: Order, crashing: Crashing) -> None:
        super().__init__(token=order.token, api_url=order.url)
        self._crashing = crashing

    async def send(self, delivery: Delivery) -> Outcome:
        outcome = await super().send(delivery)
        self._crashing.reach("after_reply")
        return outcome

    async def peek(self, chat: str, message_id: int, *, audit: str) -> Sight:
        self._crashing.reach("before_look")
        sight = await super().peek(chat, message_id, audit=audit)
        self._crashing.reach("after_look")
        return sight


async def live(order: Order) -> None:
    """One life; returns where it is the last and all is sent."""
    pacing.GAP, pacing.MINUTE = 1.0 / SPEED, 60.0 / SPEED  # type: ignore[misc]
    waits.FIRST_WAIT = timedelta(minutes=1) / SPEED  # type: ignore[misc]
    dispatching.REST = timedelta(seconds=1.0 / SPEED)  # type: ignore[misc]
    crashing = Crashing(order.crash, order.passage)
    storage = CrashingStorage(Path(order.database), crashing)
    sender = CrashingSender(order, crashing)
    await storage.open(datetime.now(UTC))
    dispatcher = Dispatcher(
        storage=storage,
        sender=sender,
        clock=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        jitter=random.random,
        settling=SETTLING,
    )
    book = RuleBook(
        defaults=Defaults(edits=1, edit_after=timedelta(seconds=0.2)),
        audit=order.audit,
        operators=order.operators,
    )
    dispatcher.use(book)
    conditions = Conditions(
        book=book, storage=storage, clock=lambda: datetime.now(UTC), on_pending=dispatcher.wake
    )
    producing = asyncio.create_task(_produce(order, storage, dispatcher))
    while not (order.last and producing.done() and await _is_quiet(storage)):
        await dispatcher.tick()
        await conditions.tick()
        await asyncio.sleep(TICK)
    await producing
    await dispatcher.stop()
    await sender.close()
    await storage.close()


async def _produce(order: Order, storage: SqliteStorage, dispatcher: Dispatcher) -> None:
    """Record the plan from where the last life came to, its last poll once more."""
    newest = await storage.outbox(limit=1)
    reached = int(newest[0].message.text.split()[1]) if newest and newest[0].rules else 0
    for number, batch in enumerate(plan(order)):
        if number < reached:
            continue
        await storage.record(batch)
        dispatcher.wake()
        await asyncio.sleep(0.01)


async def _is_quiet(storage: SqliteStorage) -> bool:
    """Whether nothing waits; asked in the database's own thread, as all is."""
    busy = await storage._run(
        lambda: scalar(
            storage._open_db,
            "SELECT (SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending', 'uncertain')) "
            "+ (SELECT count(*) FROM revision WHERE wanted=1)",
        )
    )
    return not busy


def main() -> None:
    """Fork a life for each order. What takes time, as reading certificates does, is done once before."""
    TelegramSender(token="1:warm", api_url="http://127.0.0.1")
    for line in sys.stdin:
        values = json.loads(line)
        order = Order(**{**values, "chats": tuple(values["chats"])})
        pid = os.fork()
        if not pid:
            asyncio.run(live(order))
            os._exit(0)
        _say(pid)
        _, status = os.waitpid(pid, 0)
        _say(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
