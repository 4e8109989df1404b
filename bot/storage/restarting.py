"""What an earlier life of the process left behind, and clocks that are set.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from sqlite_utils import Database

from bot.storage import chats, doubts, pace, standing, topics
from bot.storage.connection import scalar


def take_over(db: Database, at: float, *, restored: bool) -> None:
    """Go on where an earlier process ended: see `Storage.open`."""
    latest = max(scalar(db, "SELECT at FROM heartbeat") or 0.0, pace.latest(db) or 0.0)
    if latest > at:
        move_waits(db, at - latest)
    for row in list(db.query("SELECT * FROM delivery WHERE state='sending'")):
        doubts.lose(db, row, "the sender ended before it could tell", at, fence=1)
    chats.revive(db)
    if restored:
        _suspect_all(db)


def move_waits(db: Database, by: float) -> None:
    """See `Storage.move_waits`."""
    pace.move(db, by)
    topics.move(db, by)
    standing.move(db, by)
    for change in (
        "UPDATE delivery SET not_before=not_before+? WHERE state='uncertain'",
        "UPDATE delivery SET lease_until=lease_until+? WHERE state='sending'",
        "UPDATE delivery SET expires_at=expires_at+? WHERE state IN ('pending', 'sending', 'uncertain')",
        "UPDATE cooldown SET until=until+?",
        "UPDATE pause SET until=until+?",
    ):
        db.execute(change, [by])


def _suspect_all(db: Database) -> None:
    db.execute("UPDATE delivery SET suspect=1 WHERE state='pending' AND kind<>'edit'")
    db.execute("UPDATE held SET suspect=1 WHERE released_at IS NULL")
    db.execute("UPDATE feed SET suspect=1")
