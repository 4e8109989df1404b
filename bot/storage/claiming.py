"""Taking what is to be sent next.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.models import Delivery, DeliveryKind, OnTopicClosed
from bot.storage import doubts, pace, standing, topics, twins
from bot.storage.rows import Row, delivery_from_row
from bot.storage.statements import first, only


def has_work(db: Database, at: float) -> bool:
    """Whether `claim` has anything to do."""
    return _turn(db, at) is not None or topics.has_due(db, at)


def claim(db: Database, now: datetime, lease: timedelta) -> Delivery | None:
    """See `Storage.claim`; None also where a delivery was found that cannot be sent and was put aside."""
    at = now.timestamp()
    topics.let_feelers_go(db, at)
    address = _turn(db, at)
    if address is None:
        return None
    chat = only(db, "SELECT * FROM chat WHERE address=?", [address])
    row = only(
        db,
        "SELECT * FROM delivery WHERE chat=? AND state='pending' AND waits=0 ORDER BY priority DESC, id LIMIT 1",
        [address],
    )
    if row["suspect"]:
        doubts.suspect(db, row, chat, at)
        return None
    return _take(db, row, chat, at, lease.total_seconds())


def next_turn(db: Database) -> float | None:
    """See `Storage.next_turn`."""
    turns = [
        only(db, "SELECT min(next_send_at) AS at FROM chat WHERE urgency=?", [level])["at"]
        for level in _levels(db)
    ]
    tried = topics.next_try(db)
    return min([*turns, *([] if tried is None else [tried])], default=None)


def take_turn(db: Database, chat: str, at: float) -> timedelta:
    """See `Storage.take_turn`."""
    return timedelta(seconds=pace.take_turn(db, twins.chat_of(db, chat, at), at))


def _turn(db: Database, at: float) -> str | None:
    """The chat that is to be sent to next: of those with the most urgent delivery the one that waited longest.

    One step in an index for each priority there is, however many chats and deliveries wait.
    """
    for level in _levels(db):
        chat = first(
            db,
            "SELECT address FROM chat WHERE urgency=? AND next_send_at<=? ORDER BY next_send_at LIMIT 1",
            [level, at],
        )
        if chat is not None:
            return str(chat["address"])
    return None


def _levels(db: Database) -> Iterator[int]:
    """The priorities of what waits, the highest first."""
    level = only(db, "SELECT max(urgency) AS level FROM chat WHERE urgency IS NOT NULL")["level"]
    while level is not None:
        yield level
        level = only(db, "SELECT max(urgency) AS level FROM chat WHERE urgency<?", [level])["level"]


def _take(db: Database, row: Row, chat: Row, at: float, lease: float) -> Delivery | None:
    """Commit a delivery to us; None where it cannot be done, which fails it alone and costs its chat no turn."""
    target = standing.target_message(db, row)
    thread, obstacle = _way(db, row, target, at)
    token, attempt = row["lease_token"] + 1, row["attempt"] + 1
    if obstacle is None:
        try:
            delivery = delivery_from_row(
                {**row, "lease_token": token, "attempt": attempt, "previous": chat["last_message_id"]},
                target,
                thread,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # A payload of another version: one message may not silence its chat.
            obstacle = f"its payload cannot be read ({error})"
    if obstacle is not None:
        standing.give_up(db, row, obstacle, at)
        return None
    db.execute(
        "UPDATE delivery SET state='sending', attempt=?, lease_token=?, lease_until=?, previous=? WHERE id=?",
        [attempt, token, at + lease, chat["last_message_id"], row["id"]],
    )
    pace.count_claim(db, chat, at)
    return delivery


def _way(db: Database, row: Row, target: int | None, at: float) -> tuple[int | None, str | None]:
    """The topic that a delivery goes to, and what keeps it from being sent at all."""
    thread = row["thread"]
    if row["kind"] == DeliveryKind.EDIT:
        return thread, None if target is not None else "the message that it changes is not there"
    if not topics.is_closed(db, row["chat"], thread, at):
        return thread, None
    match OnTopicClosed(row["on_topic_closed"]):
        case OnTopicClosed.GENERAL:
            return None, None
        case OnTopicClosed.HOLD:
            return thread, None
        case OnTopicClosed.DROP:
            return thread, "its topic is closed"
