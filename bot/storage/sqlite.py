"""The embedded storage: one SQLite file in WAL, `synchronous=FULL`, driven by one thread.

All statements run in that thread, so that calls take effect one after another and no lock is held across
an await. Writes open with BEGIN IMMEDIATE: a transaction that began as a reader could be refused the write.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils import Database

from bot.errors import StorageError
from bot.feeds.schedule import MARK_AGE
from bot.models import (
    Batch,
    ChatClosed,
    ChatMoved,
    Cooldown,
    Delivery,
    DeliveryState,
    Failed,
    Feed,
    FeedState,
    Folded,
    Held,
    KnownArticle,
    NewDelivery,
    Outcome,
    Retry,
    Sent,
    Stopped,
    Totals,
    Uncertain,
    Unreachable,
)
from bot.storage.connection import connect, refuse_place, scalar, unusable
from bot.storage.lock import DatabaseLock
from bot.storage.migrations import SCHEMA
from bot.storage.rows import (
    Row,
    article_to_row,
    delivery_from_row,
    feed_from_row,
    feed_to_row,
    held_from_row,
    held_to_row,
    matches_from_json,
    message_to_json,
    moment,
    place_from_row,
    place_to_row,
)

FIRST_INTERVAL: Final = timedelta(minutes=5)
"""The interval that a feed starts with; its first poll sets its own."""

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
        return await self._run(lambda: self._feed_states(feeds, now))

    async def unseen(self, feed_url: str, keys: Collection[str]) -> frozenset[str]:
        return await self._run(lambda: self._unseen(feed_url, keys))

    async def known(self, *, urls: Collection[str], text_keys: Collection[str]) -> tuple[KnownArticle, ...]:
        return await self._run(lambda: self._known(urls, text_keys))

    async def cooling(self, now: datetime) -> tuple[Cooldown, ...]:
        return await self._run(lambda: self._cooling(now.timestamp()))

    async def due_held(self, now: datetime) -> tuple[Held, ...]:
        return await self._run(lambda: self._due_held(now.timestamp()))

    async def release(self, held: Sequence[Held], delivery: NewDelivery, now: datetime) -> int:
        return await self._run(lambda: self._release(held, delivery, now.timestamp()))

    async def record(self, batch: Batch) -> int:
        return await self._run(lambda: self._record(batch))

    async def owe(self, delivery: NewDelivery, now: datetime) -> int:
        return await self._run(lambda: self._owe(delivery, now.timestamp()))

    async def claim(self, now: datetime, *, lease: timedelta, pace: timedelta) -> Delivery | None:
        return await self._run(lambda: self._claim(now, lease, pace))

    async def finish(self, delivery: Delivery, outcome: Outcome, now: datetime, *, pause: timedelta) -> bool:
        return await self._run(lambda: self._finish(delivery, outcome, now, pause))

    async def settle(self, now: datetime) -> int:
        return await self._run(lambda: self._settle(now))

    async def beat(self, now: datetime) -> None:
        await self._run(lambda: self._beat(now))

    async def heartbeat(self) -> datetime | None:
        return await self._run(lambda: moment(scalar(self._open_db, "SELECT at FROM heartbeat")))

    async def forget_beat(self) -> None:
        await self._run(self._forget_beat)

    async def prune(self, *, articles_before: datetime, keys_before: datetime) -> int:
        return await self._run(lambda: self._prune(articles_before.timestamp(), keys_before.timestamp()))

    async def totals(self) -> Totals:
        return await self._run(self._totals)

    async def _run(self, step: Callable[[], T]) -> T:
        """Run a step in the database's thread; it runs to its end even if the caller is cancelled."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._translated, step)
        return await asyncio.shield(future)

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
                db.execute(
                    "UPDATE delivery SET state='uncertain', uncertain_count=uncertain_count+1, not_before=?, "
                    "lease_until=NULL, lease_token=lease_token+1, why='the sender ended before it could tell' "
                    "WHERE state='sending'",
                    [now.timestamp()],
                )
                # No wait of an earlier run may outlast what any wait can be, whatever the clock did meanwhile.
                latest = (now + LONGEST_PAUSE).timestamp()
                db.execute("UPDATE chat SET next_send_at=? WHERE next_send_at>?", [latest, latest])
                db.execute(
                    "UPDATE delivery SET not_before=? WHERE state='uncertain' AND not_before>?",
                    [latest, latest],
                )
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

    def _feed_states(self, feeds: Sequence[Feed], now: datetime) -> dict[str, FeedState]:
        db = self._open_db
        stored = {
            row["url"]: feed_from_row(row)
            for row in _in(db, "SELECT * FROM feed WHERE url IN ({})", [feed.url for feed in feeds])
        }
        return {
            feed.url: stored.get(feed.url)
            or FeedState(
                url=feed.url, fetch_url=feed.url, next_due_at=now, interval=feed.every or FIRST_INTERVAL
            )
            for feed in feeds
        }

    def _unseen(self, feed_url: str, keys: Collection[str]) -> frozenset[str]:
        rows = _in(self._open_db, "SELECT key FROM entry WHERE feed_url=? AND key IN ({})", keys, [feed_url])
        return frozenset(keys) - {row["key"] for row in rows}

    def _known(self, urls: Collection[str], text_keys: Collection[str]) -> tuple[KnownArticle, ...]:
        db = self._open_db
        stories = {
            row["story_id"]
            for column, values in (("canonical_url", urls), ("text_key", text_keys))
            for row in _in(db, f"SELECT story_id FROM article WHERE {column} IN ({{}})", values)  # noqa: S608 - two literals
        }
        rows = _in(
            db,
            "SELECT story_id, feed_url, source, canonical_url, text_key, matches FROM article "
            "WHERE story_id IN ({}) ORDER BY id",
            stories,
        )
        return tuple(KnownArticle(**{**row, "matches": matches_from_json(row["matches"])}) for row in rows)

    def _cooling(self, at: float) -> tuple[Cooldown, ...]:
        rows = self._open_db.query("SELECT chat, thread, rule, until FROM cooldown WHERE until>?", [at])
        return tuple(
            Cooldown(
                place=place_from_row(row), rule=row["rule"], until=datetime.fromtimestamp(row["until"], UTC)
            )
            for row in rows
        )

    def _due_held(self, at: float) -> tuple[Held, ...]:
        rows = self._open_db.query(
            "SELECT h.* FROM held h LEFT JOIN cooldown c ON c.chat=h.chat AND c.thread=h.thread "
            "AND c.rule=h.rule WHERE h.released_at IS NULL AND (c.until IS NULL OR c.until<=?) ORDER BY h.id",
            [at],
        )
        return tuple(held_from_row(row) for row in rows)

    def _release(self, held: Sequence[Held], delivery: NewDelivery, at: float) -> int:
        with self._transaction() as db:
            released = sum(
                int(
                    db.execute(
                        "UPDATE held SET released_at=? WHERE dedupe_key=? AND released_at IS NULL",
                        [at, waiting.dedupe_key],
                    ).rowcount
                )
                for waiting in held
            )
            return _add_delivery(db, delivery, at) if released else 0

    def _record(self, batch: Batch) -> int:
        at = batch.at.timestamp()
        with self._transaction() as db:
            _upsert(db, "feed", feed_to_row(batch.feed), key="url")
            _mark_seen(db, batch, at)
            if batch.relisted_since is not None:
                db.execute(
                    "UPDATE entry SET last_seen_at=? WHERE feed_url=? AND last_seen_at>=?",
                    [at, batch.feed.url, batch.relisted_since.timestamp()],
                )
            for folded in batch.articles:
                _add_article(db, folded, batch.at)
            for held in batch.held:
                _hold(db, held, batch.at)
            return sum(
                _add_delivery(db, delivery, at)
                for delivery in batch.deliveries
                if not _is_held(db, delivery.dedupe_key)
            )

    def _owe(self, delivery: NewDelivery, at: float) -> int:
        with self._transaction() as db:
            return _add_delivery(db, delivery, at)

    def _claim(self, now: datetime, lease: timedelta, pace: timedelta) -> Delivery | None:
        at = now.timestamp()
        if _head(self._open_db, at) is None:
            return None
        with self._transaction() as db:
            head = _head(db, at)
            if head is None:
                return None
            db.execute(
                "UPDATE delivery SET state='sending', attempt=attempt+1, lease_token=lease_token+1, "
                "lease_until=? WHERE id=?",
                [at + lease.total_seconds(), head["id"]],
            )
            db.execute(
                "UPDATE chat SET next_send_at=?, claimed_at=? WHERE address=?",
                [at + pace.total_seconds(), at, head["chat"]],
            )
            row = next(iter(db.query("SELECT * FROM delivery WHERE id=?", [head["id"]])))
            try:
                return delivery_from_row(row)
            except (ValueError, KeyError, TypeError) as error:
                # A payload of another version: one message may not silence its chat.
                db.execute(
                    "UPDATE delivery SET state='failed', why=?, finished_at=? WHERE id=?",
                    [f"its payload cannot be read ({error})", at, head["id"]],
                )
        return self._claim(now, lease, pace)

    def _finish(self, delivery: Delivery, outcome: Outcome, now: datetime, pause: timedelta) -> bool:
        at = now.timestamp()
        pause = min(pause, LONGEST_PAUSE)
        with self._transaction() as db:
            written = db.execute(
                "UPDATE delivery SET state=:state, message_id=:message_id, why=:why, lease_until=NULL, "
                "uncertain_count=uncertain_count+:doubt, not_before=:not_before, finished_at=:finished_at "
                "WHERE id=:id AND state='sending' AND lease_token=:token",
                {**_ending(outcome, at, pause), "id": delivery.id, "token": delivery.token},
            ).rowcount
            if not written:
                return False
            match outcome:
                case Sent():
                    db.execute(
                        "UPDATE chat SET last_message_id=? WHERE address=?",
                        [outcome.message_id, delivery.chat],
                    )
                case Retry(everywhere=False) | ChatClosed():
                    db.execute(
                        "UPDATE chat SET next_send_at=max(next_send_at, ?) WHERE address=?",
                        [at + pause.total_seconds(), delivery.chat],
                    )
                case ChatMoved():
                    _move_chat(db, delivery.chat, outcome.chat)
                case _:
                    pass
            return True

    def _settle(self, now: datetime) -> int:
        at = now.timestamp()
        db = self._open_db
        if scalar(db, "SELECT 1 FROM delivery WHERE state IN ('sending', 'uncertain') LIMIT 1") is None:
            return 0
        with self._transaction() as db:
            db.execute(
                "UPDATE delivery SET state='uncertain', uncertain_count=uncertain_count+1, not_before=?, "
                "lease_until=NULL, why='the sender never told' WHERE state='sending' AND lease_until<?",
                [at, at],
            )
            return int(
                db.execute(
                    "UPDATE delivery SET state='pending' "
                    "WHERE state='uncertain' AND (not_before<=? OR not_before>?)",
                    [at, at + LONGEST_PAUSE.total_seconds()],
                ).rowcount
            )

    def _beat(self, now: datetime) -> None:
        with self._transaction() as db:
            _upsert(db, "heartbeat", {"id": 1, "at": now.timestamp()}, key="id")

    def _forget_beat(self) -> None:
        with self._transaction() as db:
            db.execute("DELETE FROM heartbeat")

    def _prune(self, articles_before: float, keys_before: float) -> int:
        """Delete in small transactions, so that nobody waits long for the thread or the lock."""
        pruned = 0
        for statement, before in (
            (_PRUNE_DELIVERIES, articles_before),
            (_PRUNE_STORIES, articles_before),
            (_PRUNE_HELD, articles_before),
            (_PRUNE_COOLDOWNS, articles_before),
            (_PRUNE_ENTRIES, keys_before),
        ):
            with self._transaction() as db:
                pruned += int(db.execute(statement, [before, PRUNED_AT_ONCE]).rowcount)
        return pruned

    def _totals(self) -> Totals:
        db = self._open_db
        states = {
            row["state"]: row["n"]
            for row in db.query("SELECT state, count(*) AS n FROM delivery GROUP BY state")
        }
        return Totals(
            feeds_polled=scalar(db, "SELECT count(*) FROM feed WHERE polled_at IS NOT NULL") or 0,
            entries_seen=scalar(db, "SELECT count(*) FROM article") or 0,
            articles_matched=scalar(db, "SELECT count(*) FROM article WHERE matches<>'[]'") or 0,
            stories=scalar(db, "SELECT count(*) FROM story") or 0,
            deliveries={state: states.get(state.value, 0) for state in DeliveryState},
        )


def _head(db: Database, at: float) -> Row | None:
    """The oldest delivery, highest priority first, of the chat whose turn came longest ago.

    Driven from `chat`, so that the cost grows with the chats and not with the backlog. A chat whose
    last claim lies ahead of the clock has seen it set back, and is let in.
    """
    rows = db.query(
        "SELECT h.id AS id, c.address AS chat FROM chat c JOIN delivery h ON h.id=("
        "  SELECT d.id FROM delivery d WHERE d.chat=c.address AND d.state='pending' "
        "  ORDER BY d.priority DESC, d.id LIMIT 1) "
        "WHERE (c.next_send_at<=:at OR c.claimed_at>:at) AND NOT EXISTS("
        "  SELECT 1 FROM delivery s WHERE s.chat=c.address AND s.state IN ('sending', 'uncertain')) "
        "ORDER BY h.priority DESC, c.next_send_at, h.id LIMIT 1",
        {"at": at},
    )
    return next(iter(rows), None)


PRUNED_AT_ONCE: Final = 2000
"""Rows of a kind that one call of `prune` deletes; what is left waits for the next."""

_PRUNE_DELIVERIES: Final = """
DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE finished_at<? LIMIT ?)
"""

_PRUNE_STORIES: Final = """
DELETE FROM story WHERE id IN (
  SELECT id FROM story WHERE updated_at<?
  AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.story_id=story.id) LIMIT ?)
"""

_PRUNE_HELD: Final = """
DELETE FROM held WHERE id IN (SELECT id FROM held WHERE released_at<? LIMIT ?)
"""

_PRUNE_COOLDOWNS: Final = """
DELETE FROM cooldown WHERE (chat, thread, rule) IN (SELECT chat, thread, rule FROM cooldown WHERE until<? LIMIT ?)
"""

_PRUNE_ENTRIES: Final = """
DELETE FROM entry WHERE (feed_url, key) IN (SELECT feed_url, key FROM entry WHERE last_seen_at<? LIMIT ?)
"""

LONGEST_PAUSE: Final = timedelta(days=1)
"""No chat waits longer than this for its turn."""


def _ending(outcome: Outcome, at: float, pause: timedelta) -> Row:
    """The columns that say how a delivery's attempt ended."""
    row: Row = {"message_id": None, "why": None, "doubt": 0, "not_before": at, "finished_at": None}
    match outcome:
        case Sent():
            return {**row, "state": "sent", "message_id": outcome.message_id, "finished_at": at}
        case Failed():
            return {**row, "state": "failed", "why": outcome.why, "finished_at": at}
        case Uncertain():
            due = at + pause.total_seconds()
            return {**row, "state": "uncertain", "why": outcome.why, "doubt": 1, "not_before": due}
        case ChatMoved():
            return {**row, "state": "pending", "why": f"the chat became {outcome.chat}"}
        case Retry() | Unreachable() | ChatClosed() | Stopped():
            return {**row, "state": "pending", "why": outcome.why}


def _move_chat(db: Database, old: str, new: str) -> None:
    """Point all that is owed to a group at the supergroup that it became."""
    db.execute("INSERT INTO chat(address) VALUES(?) ON CONFLICT DO NOTHING", [new])
    db.execute("UPDATE delivery SET chat=? WHERE chat=? AND state='pending'", [new, old])


def _mark_seen(db: Database, batch: Batch, at: float) -> None:
    db.conn.executemany(
        "INSERT INTO entry(feed_url, key, first_seen_at, last_seen_at) VALUES(?, ?, ?, ?) "
        "ON CONFLICT(feed_url, key) DO UPDATE SET last_seen_at=excluded.last_seen_at "
        "WHERE entry.last_seen_at<?",
        [(batch.feed.url, key, at, at, at - MARK_AGE.total_seconds()) for key in batch.seen],
    )


def _add_article(db: Database, folded: Folded, at: datetime) -> None:
    db.execute(
        "INSERT INTO story(id, title, created_at, updated_at) VALUES(:id, :title, :at, :at) "
        "ON CONFLICT(id) DO UPDATE SET updated_at=excluded.updated_at",
        {"id": folded.story_id, "title": folded.article.title, "at": at.timestamp()},
    )
    row = article_to_row(folded, at)
    db.execute(f"INSERT INTO article({_columns(row)}) VALUES({_slots(row)}) ON CONFLICT DO NOTHING", row)


def _add_delivery(db: Database, delivery: NewDelivery, at: float) -> int:
    """Store a delivery unless its key is there; 1 where it is newly pending."""
    suppressed = delivery.suppressed is not None
    row: Row = {
        "dedupe_key": delivery.dedupe_key,
        "story_id": delivery.story_id,
        "chat": delivery.chat,
        "thread": delivery.thread,
        "rules": json.dumps(delivery.rules),
        "priority": delivery.priority,
        "payload": message_to_json(delivery.message),
        "state": (DeliveryState.SUPPRESSED if suppressed else DeliveryState.PENDING).value,
        "created_at": at,
        "why": delivery.suppressed,
        "finished_at": at if suppressed else None,
    }
    db.execute("INSERT INTO chat(address) VALUES(?) ON CONFLICT DO NOTHING", [delivery.chat])
    added = db.execute(
        f"INSERT INTO delivery({_columns(row)}) VALUES({_slots(row)}) ON CONFLICT(dedupe_key) DO NOTHING",
        row,
    ).rowcount
    if suppressed or not added:
        return 0
    for cooldown in delivery.cooldowns:
        _start_cooldown(db, cooldown)
    return 1


def _is_held(db: Database, dedupe_key: str) -> bool:
    return bool(db.execute("SELECT 1 FROM held WHERE dedupe_key=?", [dedupe_key]).fetchone())


def _hold(db: Database, held: Held, at: datetime) -> None:
    """Let a story wait, unless it waits, or has come, already."""
    if db.execute("SELECT 1 FROM delivery WHERE dedupe_key=?", [held.dedupe_key]).fetchone():
        return
    row = held_to_row(held, at)
    db.execute(f"INSERT INTO held({_columns(row)}) VALUES({_slots(row)}) ON CONFLICT DO NOTHING", row)


def _start_cooldown(db: Database, cooldown: Cooldown) -> None:
    row: Row = {
        **place_to_row(cooldown.place),
        "rule": cooldown.rule,
        "until": cooldown.until.timestamp(),
    }
    _upsert(db, "cooldown", row, key="chat, thread, rule")


def _upsert(db: Database, table: str, row: Row, *, key: str) -> None:
    changes = ", ".join(f"{column}=excluded.{column}" for column in row if column not in key.split(", "))
    db.execute(
        f"INSERT INTO {table}({_columns(row)}) VALUES({_slots(row)}) ON CONFLICT({key}) DO UPDATE SET {changes}",
        row,
    )


def _columns(row: Row) -> str:
    return ", ".join(row)


def _slots(row: Row) -> str:
    return ", ".join(f":{column}" for column in row)


def _in(db: Database, query: str, values: Collection[str], before: Sequence[str] = ()) -> Iterator[Row]:
    """Run a query with `{}` for a list of values, in slices that SQLite's limit on parameters allows."""
    ordered = sorted(values)
    for start in range(0, len(ordered), 500):
        part = ordered[start : start + 500]
        yield from db.query(query.format(",".join("?" * len(part))), [*before, *part])
