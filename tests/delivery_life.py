"""Lives of the delivery half of the bot, each a process that can be killed at any moment.

`python delivery_life.py` is a zygote: it has imported everything, and forks a life for each order that it reads, so
that a life begins within milliseconds. An order is a line of JSON, answered by the life's pid, and by its exit status
once it has ended.

A life records its part of a plan as polls would, sends what is owed, looks for what is in doubt, and tells operators
of conditions. A chat gets sixty times as much in it as Telegram allows, a minute's messages in a second; all chats
together get `RATE` times as much.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from delivery_plan import Wall, plan
from sqlite_utils import Database
from zygote import KILLED, STOPPED, Order

from bot.delivery import pacing, waits
from bot.models import Delivery, Outcome, Sight
from bot.rules.definitions import Defaults, RuleBook
from bot.services import dispatcher as dispatching
from bot.services import doubts as doubting
from bot.services import prober as probing
from bot.services.conditions import Conditions
from bot.services.dispatcher import Dispatcher
from bot.storage import sqlite
from bot.storage.connection import connect, scalar
from bot.storage.sqlite import SqliteStorage
from bot.telegram.sender import TelegramSender

T = TypeVar("T")

SPEED = 60.0
"""How many times faster than in truth messages may follow each other in a chat, and doubts be looked into."""

RATE = 4.0
"""How many times faster than in truth messages may follow each other in all: what a small machine can send."""

SETTLING = timedelta(seconds=0.15)
"""As far beyond what a request can be under way, here on loopback, as in truth."""

TICK = 0.02
_WRITES = ("BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP")


STEP: ContextVar[str] = ContextVar("step", default="")
"""The step that a task is in."""


class Crashing:
    """Ends or stops the process at a named point. `inside` names the step whose statements are executed."""

    def __init__(self, order: Order) -> None:
        self._point = order.crash
        self._left = order.passage
        self._stops = order.stops
        self.inside = ""

    def reach(self, point: str) -> None:
        """Pass a point, or end there."""
        if point != self._point:
            return
        self._left -= 1
        if not self._left and self._stops:
            _say(STOPPED)
            os.kill(os.getpid(), signal.SIGSTOP)
        elif not self._left:
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
            outer = STEP.set(name)
            try:
                result = await step(*arguments, **options)
            finally:
                STEP.reset(outer)
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

    async def _run(self, step: Callable[[], T]) -> T:
        name = STEP.get()

        def named() -> T:
            self._crashing.inside = name
            return step()

        return await super()._run(named)

    async def open(self, now: datetime, *, restored: bool = False) -> None:
        def traced(path: Path, *, read_only: bool = False) -> Database:
            db = connect(path, read_only=read_only)
            # Checkpoints all the time, so that kills fall into some.
            db.execute("PRAGMA wal_autocheckpoint=4")
            db.conn.set_trace_callback(self._crashing.trace)
            return db

        vars(sqlite)["connect"] = traced
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
    _hurry()
    dispatching.LEASE = timedelta(seconds=order.lease)  # type: ignore[misc]
    crashing, clock = Crashing(order), Wall(order.ahead)
    storage = CrashingStorage(Path(order.database), crashing)
    sender = CrashingSender(order, crashing)
    await storage.open(clock())
    dispatcher = Dispatcher(
        storage=storage,
        sender=sender,
        clock=clock,
        monotonic=time.monotonic,
        jitter=random.random,
        settling=SETTLING,
    )
    book = RuleBook(
        defaults=Defaults(edits=1, edit_after=timedelta(seconds=0.2)),
        audit=order.audit,
        operators=order.operators,
    )
    conditions = Conditions(book=book, storage=storage, clock=clock, on_pending=dispatcher.wake)
    producing = asyncio.create_task(_produce(order, storage, dispatcher, clock))
    while not (order.last and producing.done() and await _is_quiet(storage)):
        # As if the rules file were saved all the time.
        dispatcher.use(book)
        crashing.reach("in_reload")
        conditions.use(book)
        await dispatcher.tick()
        await conditions.tick()
        await asyncio.sleep(TICK)
    await producing
    await dispatcher.stop()
    await sender.close()
    await storage.close()


def _hurry() -> None:
    """Let the delivery's seconds be shorter; it has no need for such a thing itself."""
    pacing.GAP, pacing.MINUTE = 1.0 / SPEED, 60.0 / SPEED  # type: ignore[misc]
    defaults = pacing.Gate.__init__.__kwdefaults__
    assert defaults is not None
    defaults["per_second"] = pacing.PER_SECOND * RATE
    waits.FIRST_RESEND, waits.FIRST_WAIT = timedelta(seconds=1) / SPEED, timedelta(minutes=1) / SPEED  # type: ignore[misc]
    dispatching.REST = timedelta(seconds=1) / SPEED  # type: ignore[misc]
    doubting.EVERY, probing.LAG = doubting.EVERY / SPEED, 0.005  # type: ignore[misc]


async def _produce(order: Order, storage: SqliteStorage, dispatcher: Dispatcher, clock: Wall) -> None:
    """Record the plan from where the last life came to, its last poll once more."""
    newest = "SELECT max(CAST(dedupe_key AS INTEGER)) FROM delivery WHERE kind='message' AND rules<>'[]'"
    reached = await _ask(storage, newest) or 0
    for number, batch in enumerate(plan(order, clock)):
        if number < reached:
            continue
        if number == order.polls // 2:
            clock.set(order.leap)
        await storage.record(batch)
        dispatcher.wake()
        await asyncio.sleep(0 if order.last else order.every)


async def _is_quiet(storage: SqliteStorage) -> bool:
    """Whether nothing waits."""
    return not await _ask(
        storage,
        "SELECT (SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending', 'uncertain')) "
        "+ (SELECT count(*) FROM revision WHERE wanted=1)",
    )


async def _ask(storage: SqliteStorage, query: str) -> Any:
    """The answer to a question that the bot itself never has, in the database's own thread, as all is."""
    return await storage._run(lambda: scalar(storage._open_db, query))


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


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
