"""Cooldowns, and the stories that wait for them.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlite_utils import Database

from bot.models import Cooldown, Held
from bot.storage.rows import Row, held_from_row, held_to_row, place_from_row, place_to_row
from bot.storage.statements import columns, first, slots, upsert


def cooling(db: Database, at: float) -> tuple[Cooldown, ...]:
    """See `Storage.cooling`."""
    rows = db.query("SELECT chat, thread, rule, until FROM cooldown WHERE until>?", [at])
    return tuple(
        Cooldown(place=place_from_row(row), rule=row["rule"], until=datetime.fromtimestamp(row["until"], UTC))
        for row in rows
    )


def start_cooldown(db: Database, cooldown: Cooldown) -> None:
    """Begin a cooldown, or set one anew."""
    row: Row = {**place_to_row(cooldown.place), "rule": cooldown.rule, "until": cooldown.until.timestamp()}
    upsert(db, "cooldown", row, key="chat, thread, rule")


def due_held(db: Database, at: float) -> tuple[Held, ...]:
    """See `Storage.due_held`."""
    rows = db.query(
        "SELECT h.* FROM held h LEFT JOIN cooldown c ON c.chat=h.chat AND c.thread=h.thread "
        "AND c.rule=h.rule WHERE h.released_at IS NULL AND (c.until IS NULL OR c.until<=?) ORDER BY h.id",
        [at],
    )
    return tuple(held_from_row(row) for row in rows)


def is_held(db: Database, dedupe_key: str) -> bool:
    """Whether a story waits, or has waited, under this key."""
    return first(db, "SELECT id FROM held WHERE dedupe_key=?", [dedupe_key]) is not None


def hold(db: Database, held: Held, at: datetime, *, suspect: bool) -> None:
    """Let a story wait, unless it waits, or has come, already."""
    if first(db, "SELECT id FROM delivery WHERE dedupe_key=?", [held.dedupe_key]) is not None:
        return
    row: Row = {**held_to_row(held, at), "suspect": suspect}
    db.execute(f"INSERT INTO held({columns(row)}) VALUES({slots(row)}) ON CONFLICT DO NOTHING", row)


def let_go(db: Database, held: Sequence[Held], at: float) -> list[Row]:
    """Take stories out of the wait; the rows of those that were still in it."""
    gone = [
        first(
            db, "SELECT id, suspect FROM held WHERE dedupe_key=? AND released_at IS NULL", [each.dedupe_key]
        )
        for each in held
    ]
    rows = [row for row in gone if row is not None]
    for row in rows:
        db.execute("UPDATE held SET released_at=? WHERE id=?", [at, row["id"]])
    return rows
