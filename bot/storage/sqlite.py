"""The embedded storage: one SQLite file in WAL, `synchronous=FULL`, driven by one thread.

All statements run in that thread, so that calls take effect one after another and no lock is held across
an await. Writes open with BEGIN IMMEDIATE: a transaction that began as a reader could be refused the write.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from bot.errors import StorageError
from bot.models import (
    Backlog,
    Batch,
    ChatFacts,
    Condition,
    ConditionKind,
    Cooldown,
    Delivery,
    DeliveryState,
    Doubt,
    Feed,
    FeedState,
    Held,
    KnownArticle,
    NewDelivery,
    OutboxEntry,
    Outcome,
    Pause,
    Pulse,
    Sketched,
    Story,
    Told,
    Totals,
    Verdict,
)
from bot.storage import (
    backlog,
    chats,
    claiming,
    conditions,
    doubts,
    finishing,
    holding,
    ledger,
    outbox,
    pace,
    pulse,
    records,
    restarting,
    standing,
    twins,
)
from bot.storage.connection import connect, refuse_older, refuse_place, scalar, unusable
from bot.storage.lock import DatabaseLock
from bot.storage.migrations import SCHEMA
from bot.storage.pruning import PRUNE_ARTICLES, PRUNE_ENTRIES, PRUNED_AT_ONCE
from bot.storage.rows import moment
from bot.storage.statements import upsert

T = TypeVar("T")


class SqliteStorage:
    """`Storage` on one SQLite file.

    `read_only` looks at a file that another process may hold. `beside` writes to such a file, without the lock and
    without taking anything over: for operators, who leave alone what is in flight.
    """

    def __init__(self, path: Path, *, read_only: bool = False, beside: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._beside = beside
        self._lock = DatabaseLock(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._db: Database | None = None

    async def open(self, now: datetime, *, restored: bool = False) -> None:
        await self._run(lambda: self._open(now.timestamp(), restored=restored))

    async def close(self) -> None:
        if self._db is not None:
            await self._run(self._close)
        self._thread.shutdown(wait=True)

    async def feed_states(self, feeds: Sequence[Feed], now: datetime) -> dict[str, FeedState]:
        return await self._run(lambda: records.feed_states(self._open_db, feeds, now))

    async def unseen(self, feed_url: str, keys: Collection[str]) -> frozenset[str]:
        return await self._run(lambda: records.unseen(self._open_db, feed_url, keys))

    async def known(self, *, urls: Collection[str], text_keys: Collection[str]) -> tuple[KnownArticle, ...]:
        return await self._run(lambda: records.known(self._open_db, urls, text_keys))

    async def sketched(self, *, since: datetime) -> tuple[Sketched, ...]:
        return await self._run(lambda: records.sketched(self._open_db, since))

    async def stories(self, ids: Collection[str]) -> tuple[Story, ...]:
        return await self._run(lambda: records.stories(self._open_db, ids))

    async def told(self, story_ids: Collection[str]) -> tuple[Told, ...]:
        return await self._run(lambda: standing.told(self._open_db, story_ids))

    async def record(self, batch: Batch) -> int:
        return await self._write(lambda db: _record(db, batch))

    async def cooling(self, now: datetime) -> tuple[Cooldown, ...]:
        return await self._run(lambda: holding.cooling(self._open_db, now.timestamp()))

    async def due_held(self, now: datetime) -> tuple[Held, ...]:
        return await self._run(lambda: holding.due_held(self._open_db, now.timestamp()))

    async def release(self, held: Sequence[Held], delivery: NewDelivery, now: datetime) -> int:
        return await self._write(lambda db: outbox.release(db, held, delivery, now.timestamp()))

    async def pulse(self, now: datetime) -> Pulse:
        return await self._run(lambda: pulse.pulse(self._open_db, now.timestamp()))

    async def pauses(self) -> tuple[Pause, ...]:
        return await self._run(lambda: pulse.pauses(self._open_db))

    async def pause_rule(self, pause: Pause, now: datetime) -> None:
        await self._write(lambda db: pulse.pause_rule(db, pause, now.timestamp()))

    async def resume_rule(self, rule: str, now: datetime) -> None:
        await self._write(lambda db: pulse.resume_rule(db, rule, now.timestamp()))

    async def overdue(self, now: datetime) -> tuple[Backlog, ...]:
        return await self._run(lambda: backlog.overdue(self._open_db, now.timestamp()))

    async def expire(self, backlog_: Backlog, digest: NewDelivery, now: datetime) -> int:
        return await self._write(lambda db: backlog.expire(db, backlog_, digest, now.timestamp()))

    async def owe(self, delivery: NewDelivery, now: datetime) -> int:
        return await self._write(lambda db: outbox.add_delivery(db, delivery, now.timestamp()))

    async def revise(self, now: datetime, *, limit: int, gap: timedelta) -> int:
        return await self._run(lambda: self._revise(now.timestamp(), limit, gap))

    async def claim(self, now: datetime, *, lease: timedelta) -> Delivery | None:
        return await self._run(lambda: self._claim(now, lease))

    async def next_turn(self) -> datetime | None:
        return await self._run(lambda: moment(claiming.next_turn(self._open_db)))

    async def finish(self, delivery: Delivery, outcome: Outcome, now: datetime, *, pause: timedelta) -> bool:
        return await self._write(
            lambda db: finishing.finish(db, delivery, outcome, now.timestamp(), pause.total_seconds())
        )

    async def doubts(self, now: datetime) -> tuple[Doubt, ...]:
        return await self._run(lambda: self._doubts(now.timestamp()))

    async def resolve(self, doubt: Doubt, verdict: Verdict, now: datetime) -> DeliveryState | None:
        return await self._write(lambda db: doubts.resolve(db, doubt, verdict, now.timestamp()))

    async def postpone(self, doubt: Doubt, until: datetime) -> None:
        await self._write(lambda db: doubts.postpone(db, doubt, until.timestamp()))

    async def take_turn(self, chat: str, now: datetime) -> timedelta:
        return await self._write(lambda db: claiming.take_turn(db, chat, now.timestamp()))

    async def last_send(self) -> datetime | None:
        return await self._run(lambda: moment(pace.latest(self._open_db)))

    async def same_chats(self) -> dict[str, str]:
        return await self._run(lambda: twins.same_chats(self._open_db))

    async def learn_chat(self, chat: str, facts: ChatFacts, now: datetime) -> None:
        await self._write(lambda db: twins.learn(db, chat, facts, now.timestamp()))

    async def known_chats(self) -> dict[str, ChatFacts]:
        return await self._run(lambda: twins.known_chats(self._open_db))

    async def begin(self, kind: ConditionKind, subject: str, why: str, now: datetime) -> None:
        await self._write(lambda db: conditions.begin(db, kind, subject, why, now.timestamp()))

    async def end(self, kind: ConditionKind, subject: str, now: datetime) -> None:
        await self._write(lambda db: conditions.end(db, kind, subject, now.timestamp()))

    async def untold(self) -> tuple[Condition, ...]:
        return await self._run(lambda: conditions.untold(self._open_db))

    async def tell(self, condition: Condition, notice: NewDelivery | None, now: datetime) -> int:
        return await self._write(lambda db: outbox.tell(db, condition, notice, now.timestamp()))

    async def outbox(
        self, *, states: Collection[DeliveryState] = (), chat: str | None = None, limit: int = 50
    ) -> tuple[OutboxEntry, ...]:
        return await self._run(lambda: ledger.outbox(self._open_db, states, chat, limit))

    async def outbox_entry(self, number: int) -> OutboxEntry | None:
        return await self._run(lambda: ledger.outbox_entry(self._open_db, number))

    async def outbox_numbers(
        self, *, states: Collection[DeliveryState] = (), chat: str | None = None
    ) -> tuple[int, ...]:
        return await self._run(lambda: ledger.numbers(self._open_db, states, chat))

    async def state_counts(self) -> dict[DeliveryState, int]:
        return await self._run(lambda: ledger.state_counts(self._open_db))

    async def doubt_counts(self) -> dict[str, int]:
        return await self._run(lambda: ledger.doubt_counts(self._open_db))

    async def retry(self, numbers: Collection[int], now: datetime) -> int:
        return await self._write(lambda db: ledger.retry(db, numbers, now.timestamp()))

    async def drop(self, numbers: Collection[int], now: datetime) -> int:
        return await self._write(lambda db: ledger.drop(db, numbers, now.timestamp()))

    async def open_chat(self, chat: str, now: datetime) -> int:
        return await self._write(lambda db: chats.open_chat(db, chat, now.timestamp()))

    async def move_waits(self, by: timedelta) -> None:
        await self._write(lambda db: restarting.move_waits(db, by.total_seconds()))

    async def beat(self, now: datetime) -> None:
        await self._write(lambda db: upsert(db, "heartbeat", {"id": 1, "at": now.timestamp()}, key="id"))

    async def heartbeat(self) -> datetime | None:
        return await self._run(lambda: moment(scalar(self._open_db, "SELECT at FROM heartbeat")))

    async def forget_beat(self) -> None:
        await self._write(lambda db: db.execute("DELETE FROM heartbeat"))

    async def prune(self, *, articles_before: datetime, keys_before: datetime) -> int:
        return await self._run(lambda: self._prune(articles_before.timestamp(), keys_before.timestamp()))

    async def totals(self) -> Totals:
        return await self._run(lambda: records.totals(self._open_db))

    async def _run(self, step: Callable[[], T]) -> T:
        """Run a step in the database's thread; it runs to its end even if the caller is cancelled."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._translated, step)
        return await asyncio.shield(future)

    async def _write(self, step: Callable[[Database], T]) -> T:
        """Run a step in a transaction of its own."""
        return await self._run(lambda: self._in_transaction(step))

    def _in_transaction(self, step: Callable[[Database], T]) -> T:
        with self._transaction() as db:
            return step(db)

    def _translated(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except sqlite3.Error as error:
            raise StorageError(
                f"{self._path}: the database failed ({error}); nothing of this step was kept, "
                "it is tried again. Look at the disk's free space and the file's permissions"
            ) from error

    @property
    def _open_db(self) -> Database:
        if self._db is None:
            raise StorageError(f"{self._path}: the database is not open; this is a mistake in Newsbell")
        return self._db

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Database]:
        db = self._open_db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.rollback()
            raise
        try:
            db.commit()
        except BaseException:
            db.rollback()
            raise

    def _open(self, at: float, *, restored: bool) -> None:
        if self._read_only or self._beside:
            self._open_existing()
            return
        refuse_place(self._path)
        self._lock.acquire()
        try:
            self._db = connect(self._path)
            SCHEMA.apply(self._db)
            with self._transaction() as db:
                restarting.take_over(db, at, restored=restored)
        except BaseException as error:
            self._close()
            if isinstance(error, sqlite3.Error):
                raise unusable(self._path, str(error)) from error
            raise

    def _open_existing(self) -> None:
        self._db = connect(self._path, read_only=self._read_only, beside=self._beside)
        try:
            refuse_older(self._db, self._path)
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        self._lock.release()

    def _claim(self, now: datetime, lease: timedelta) -> Delivery | None:
        # Looked for without a lock first: most of the time there is nothing.
        while claiming.has_work(self._open_db, now.timestamp()):
            delivery = self._in_transaction(lambda db: claiming.claim(db, now, lease))
            if delivery is not None:
                return delivery
        return None

    def _revise(self, at: float, limit: int, gap: timedelta) -> int:
        if not standing.has_due_edits(self._open_db, at, limit, gap):
            return 0
        return self._in_transaction(lambda db: standing.owe_edits(db, at, limit, gap))

    def _doubts(self, at: float) -> tuple[Doubt, ...]:
        if not doubts.has_due(self._open_db, at):
            return ()
        return self._in_transaction(lambda db: doubts.due(db, at))

    def _prune(self, articles_before: float, keys_before: float) -> int:
        """Delete in small transactions, so that nobody waits long for the thread or the lock."""
        pruned = 0
        for statement, before in (
            *((s, articles_before) for s in PRUNE_ARTICLES),
            (PRUNE_ENTRIES, keys_before),
        ):
            with self._transaction() as db:
                pruned += int(db.execute(statement, [before, PRUNED_AT_ONCE]).rowcount)
        return pruned


def _record(db: Database, batch: Batch) -> int:
    suspect = records.is_suspect(db, batch.feed.url)
    records.record_entries(db, batch)
    pulse.record_pauses(db, batch.pauses, batch.at.timestamp())
    return outbox.record_debts(db, batch, suspect=suspect)
