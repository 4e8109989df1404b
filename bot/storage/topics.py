"""Forum topics that are closed: what goes to General meanwhile, what waits, and when the topic is tried again.

A row of `topic` stands from the first refusal to the next success. The second bit of `delivery.waits` holds back what
waits for its topic; one of those, the feeler, is let go each time that the topic may be tried again.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from bot.delivery.waits import after_closing
from bot.models import ConditionKind, OnTopicClosed
from bot.storage import conditions
from bot.storage.rows import Row
from bot.storage.statements import first

TOPIC_BIT: Final = 2
"""In `delivery.waits`, beside 1 for a reply that waits for what it answers."""

_DUE: Final = """
SELECT t.chat AS chat, t.thread AS thread FROM topic t WHERE t.try_at<=?
AND EXISTS(SELECT 1 FROM delivery d WHERE d.chat=t.chat AND d.state='pending' AND d.waits=2 AND d.thread=t.thread)
AND NOT EXISTS(SELECT 1 FROM delivery f WHERE f.id=t.feeler AND f.state IN ('pending', 'sending', 'uncertain')
  AND f.waits & 2=0)
"""


def closed(db: Database, delivery: Row, why: str, at: float, pause: float) -> None:
    """Remember that a topic refuses what it is sent, and hold back what waits for it.

    The wait grows with each try, whichever delivery makes it; `pause` is the least.
    """
    chat, thread = delivery["chat"], delivery["thread"]
    known = first(db, "SELECT tries FROM topic WHERE chat=? AND thread=?", [chat, thread])
    tries = 0 if known is None else known["tries"]
    wait = max(pause, after_closing(tries).total_seconds()) if tries else pause
    db.execute(
        "INSERT INTO topic(chat, thread, tries, try_at) VALUES(:chat, :thread, :tries, :try_at) "
        "ON CONFLICT(chat, thread) DO UPDATE SET tries=excluded.tries, try_at=excluded.try_at",
        {"chat": chat, "thread": thread, "tries": tries + 1, "try_at": at + wait},
    )
    db.execute(
        "UPDATE delivery SET waits=waits | 2 "
        "WHERE chat=? AND thread=? AND state='pending' AND on_topic_closed='hold' AND kind<>'edit'",
        [chat, thread],
    )
    conditions.begin(db, ConditionKind.TOPIC_CLOSED, _subject(chat, thread), why, at)


def opened(db: Database, chat: str, thread: int, at: float) -> None:
    """Remember that a topic takes what it is sent, and let go what waited for it."""
    if not db.execute("DELETE FROM topic WHERE chat=? AND thread=?", [chat, thread]).rowcount:
        return
    db.execute(
        "UPDATE delivery SET waits=waits & ~2 WHERE chat=? AND thread=? AND state='pending' AND waits & 2",
        [chat, thread],
    )
    conditions.end(db, ConditionKind.TOPIC_CLOSED, _subject(chat, thread), at)


def is_closed(db: Database, chat: str, thread: int | None, at: float) -> bool:
    """Whether a topic is closed and need not be tried yet."""
    if thread is None:
        return False
    row = first(db, "SELECT 1 AS found FROM topic WHERE chat=? AND thread=? AND try_at>?", [chat, thread, at])
    return row is not None


def waits(db: Database, chat: str, thread: int | None, handling: OnTopicClosed) -> int:
    """The bit of a new delivery that has to wait for its topic, or 0."""
    if thread is None or handling is not OnTopicClosed.HOLD:
        return 0
    row = first(db, "SELECT 1 AS found FROM topic WHERE chat=? AND thread=?", [chat, thread])
    return 0 if row is None else TOPIC_BIT


def has_due(db: Database, at: float) -> bool:
    """Whether `let_feelers_go` has anything to do."""
    return first(db, _DUE + "LIMIT 1", [at]) is not None


def let_feelers_go(db: Database, at: float) -> None:
    """Let the head of what waits for a topic try it, where the time for that has come and none does."""
    for topic in list(db.query(_DUE, [at])):
        head = first(
            db,
            "SELECT id FROM delivery WHERE chat=:chat AND state='pending' AND waits=2 AND thread=:thread "
            "ORDER BY priority DESC, id LIMIT 1",
            topic,
        )
        if head is not None:
            db.execute("UPDATE delivery SET waits=0 WHERE id=?", [head["id"]])
            db.execute("UPDATE topic SET feeler=:id WHERE chat=:chat AND thread=:thread", {**topic, **head})


def next_try(db: Database) -> float | None:
    """When the first topic for which something waits is to be tried."""
    row = first(
        db,
        "SELECT min(t.try_at) AS at FROM topic t WHERE EXISTS(SELECT 1 FROM delivery d "
        "WHERE d.chat=t.chat AND d.state='pending' AND d.waits=2 AND d.thread=t.thread)",
    )
    return None if row is None else row["at"]


def move(db: Database, by: float) -> None:
    """Move all times by as much as the clock was set."""
    db.execute("UPDATE topic SET try_at=try_at+?", [by])


def _subject(chat: str, thread: int) -> str:
    return f"{chat}/{thread}"
