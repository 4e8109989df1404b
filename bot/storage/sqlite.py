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
    Batch,
    Cooldown,
    Delivery,
    Feed,
    FeedState,
    Held,
    KnownArticle,
    NewDelivery,
    Outcome,
    Sketched,
    Story,
    Told,
    Totals,
)
from bot.storage import outbox, records, standing
from bot.storage.connection import connect, refuse_place, scalar, unusable
from bot.storage.lock import DatabaseLock
from bot.storage.migrations import SCHEMA
from bot.storage.pruning import PRUNE_ARTICLES, PRUNE_ENTRIES, PRUNED_AT_ONCE
from bot.storage.rows import moment
from bot.storage.statements import upsert

T = TypeVar("T")


class SqliteStorage:
    """`Storage` on one SQLite file. `read_only` looks at a file that another process may hold."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._lock = DatabaseLock(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._db: Database | None = None

    async def open(self, now: datetime) -> None:
        await self._run(lambda: self._open(now))

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

    async def cooling(self, now: datetime) -> tuple[Cooldown, ...]:
        return await self._run(lambda: outbox.cooling(self._open_db, now.timestamp()))

    async def due_held(self, now: datetime) -> tuple[Held, ...]:
        return await self._run(lambda: outbox.due_held(self._open_db, now.timestamp()))

    async def release(self, held: Sequence[Held], delivery: NewDelivery, now: datetime) -> int:
        return await self._write(lambda db: outbox.release(db, held, delivery, now.timestamp()))

    async def record(self, batch: Batch) -> int:
        return await self._write(lambda db: _record(db, batch))

    async def revise(self, now: datetime, *, limit: int, gap: timedelta) -> int:
        return await self._run(lambda: self._revise(now.timestamp(), limit, gap))

    async def owe(self, delivery: NewDelivery, now: datetime) -> int:
        return await self._write(lambda db: outbox.add_delivery(db, delivery, now.timestamp()))

    async def claim(self, now: datetime, *, lease: timedelta, pace: timedelta) -> Delivery | None:
        return await self._run(lambda: self._claim(now, lease, pace))

    async def finish(self, delivery: Delivery, outcome: Outcome, now: datetime, *, pause: timedelta) -> bool:
        return await self._write(lambda db: outbox.finish(db, delivery, outcome, now, pause))

    async def settle(self, now: datetime) -> int:
        return await self._run(lambda: self._settle(now))

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

    def _open(self, now: datetime) -> None:
        if self._read_only:
            self._db = connect(self._path, read_only=True)
            return
        refuse_place(self._path)
        self._lock.acquire()
        try:
            self._db = connect(self._path)
            SCHEMA.apply(self._db)
            with self._transaction() as db:
                outbox.abandon(db, now)
        except BaseException as error:
            self._close()
            if isinstance(error, sqlite3.Error):
                raise unusable(self._path, str(error)) from error
            raise

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        self._lock.release()

    def _claim(self, now: datetime, lease: timedelta, pace: timedelta) -> Delivery | None:
        # Looked for without a lock first: most of the time there is nothing.
        while outbox.has_work(self._open_db, now.timestamp()):
            delivery = self._in_transaction(lambda db: outbox.claim(db, now, lease, pace))
            if delivery is not None:
                return delivery
        return None

    def _revise(self, at: float, limit: int, gap: timedelta) -> int:
        if not standing.has_due_edits(self._open_db, at, limit, gap):
            return 0
        return self._in_transaction(lambda db: standing.owe_edits(db, at, limit, gap))

    def _settle(self, now: datetime) -> int:
        if not outbox.has_doubts(self._open_db):
            return 0
        return self._in_transaction(lambda db: outbox.settle(db, now))

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
    records.record_entries(db, batch)
    return outbox.record_debts(db, batch)
