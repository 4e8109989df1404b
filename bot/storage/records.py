"""Feeds, entries, articles and stories: the statements that remember what was polled.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlite_utils import Database

from bot.feeds.schedule import MARK_AGE
from bot.models import (
    Batch,
    DeliveryState,
    Feed,
    FeedState,
    Folded,
    KnownArticle,
    Sketched,
    Story,
    Totals,
)
from bot.storage import ledger
from bot.storage.connection import scalar
from bot.storage.rows import article_to_row, feed_from_row, feed_to_row, story_from_row, story_to_row
from bot.storage.statements import columns, first, in_slices, slots, upsert

FIRST_INTERVAL: Final = timedelta(minutes=5)
"""The interval that a feed starts with; its first poll sets its own."""


def feed_states(db: Database, feeds: Sequence[Feed], now: datetime) -> dict[str, FeedState]:
    """See `Storage.feed_states`."""
    stored = {
        row["url"]: feed_from_row(row)
        for row in in_slices(db, "SELECT * FROM feed WHERE url IN ({})", [feed.url for feed in feeds])
    }
    return {
        feed.url: stored.get(feed.url)
        or FeedState(url=feed.url, fetch_url=feed.url, next_due_at=now, interval=feed.every or FIRST_INTERVAL)
        for feed in feeds
    }


def unseen(db: Database, feed_url: str, keys: Collection[str]) -> frozenset[str]:
    """See `Storage.unseen`."""
    rows = in_slices(db, "SELECT key FROM entry WHERE feed_url=? AND key IN ({})", keys, [feed_url])
    return frozenset(keys) - {row["key"] for row in rows}


def known(db: Database, urls: Collection[str], text_keys: Collection[str]) -> tuple[KnownArticle, ...]:
    """See `Storage.known`."""
    found = {
        row.pop("id"): row
        for column, values in (("canonical_url", urls), ("text_key", text_keys))
        for row in in_slices(
            db,
            f"SELECT id, story_id, canonical_url, text_key FROM article WHERE {column} IN ({{}})",  # noqa: S608 - two literals
            values,
        )
    }
    return tuple(KnownArticle(**found[number]) for number in sorted(found))


def sketched(db: Database, since: datetime) -> tuple[Sketched, ...]:
    """See `Storage.sketched`.

    The numbers come from the index alone and are put in order before a sketch is read, so that no whole row
    needs sorting, nor one be read that is too old.
    """
    rows = db.execute(
        "SELECT story_id, feed_url, at, sketch FROM sketch "
        "WHERE article_id IN (SELECT article_id FROM sketch WHERE at>=?) ORDER BY article_id",
        [since.timestamp()],
    )
    return tuple(
        Sketched(story_id=story_id, feed_url=feed_url, at=datetime.fromtimestamp(at, UTC), sketch=sketch)
        for story_id, feed_url, at, sketch in rows
    )


def stories(db: Database, ids: Collection[str]) -> tuple[Story, ...]:
    """See `Storage.stories`."""
    return tuple(story_from_row(row) for row in in_slices(db, "SELECT * FROM story WHERE id IN ({})", ids))


def is_suspect(db: Database, feed_url: str) -> bool:
    """Whether what a feed's next poll brings may have been sent before the database was restored."""
    return first(db, "SELECT url FROM feed WHERE url=? AND suspect=1", [feed_url]) is not None


def record_entries(db: Database, batch: Batch) -> None:
    """Store what a poll found: the feed, its entries, its articles and their stories."""
    at = batch.at.timestamp()
    row = feed_to_row(batch.feed)
    if not batch.feed.failures:
        row["suspect"] = 0  # the document was there, and what it brings is in this batch
    upsert(db, "feed", row, key="url")
    _mark_seen(db, batch, at)
    if batch.relisted_since is not None:
        db.execute(
            "UPDATE entry SET last_seen_at=? WHERE feed_url=? AND last_seen_at>=?",
            [at, batch.feed.url, batch.relisted_since.timestamp()],
        )
    for story in batch.stories:
        _put_story(db, story, at)
    for folded in batch.articles:
        _add_article(db, folded, batch.at)


def totals(db: Database) -> Totals:
    """See `Storage.totals`."""
    states = {
        row["state"]: row["n"] for row in db.query("SELECT state, count(*) AS n FROM delivery GROUP BY state")
    }
    return Totals(
        feeds_polled=scalar(db, "SELECT count(*) FROM feed WHERE polled_at IS NOT NULL") or 0,
        entries_seen=scalar(db, "SELECT count(*) FROM article") or 0,
        articles_matched=scalar(db, "SELECT count(*) FROM article WHERE matches<>'[]'") or 0,
        stories=scalar(db, "SELECT count(*) FROM story") or 0,
        deliveries={state: states.get(state.value, 0) for state in DeliveryState},
        doubts=ledger.doubt_counts(db),
    )


def _mark_seen(db: Database, batch: Batch, at: float) -> None:
    db.conn.executemany(
        "INSERT INTO entry(feed_url, key, first_seen_at, last_seen_at) VALUES(?, ?, ?, ?) "
        "ON CONFLICT(feed_url, key) DO UPDATE SET last_seen_at=excluded.last_seen_at "
        "WHERE entry.last_seen_at<?",
        [(batch.feed.url, key, at, at, at - MARK_AGE.total_seconds()) for key in batch.seen],
    )


def _put_story(db: Database, story: Story, at: float) -> None:
    row = {**story_to_row(story), "created_at": at, "updated_at": at}
    upsert(db, "story", row, key="id", keep="created_at")


def _add_article(db: Database, folded: Folded, at: datetime) -> None:
    row = article_to_row(folded, at)
    added = db.execute(
        f"INSERT INTO article({columns(row)}) VALUES({slots(row)}) ON CONFLICT DO NOTHING", row
    )
    if added.rowcount:
        db.execute(
            "INSERT INTO sketch(article_id, story_id, feed_url, at, sketch) VALUES(?, ?, ?, ?, ?)",
            [
                added.lastrowid,
                folded.story_id,
                folded.article.feed_url,
                folded.at.timestamp(),
                folded.sketch,
            ],
        )
