"""Deliveries of which nobody knows whether they arrived, and how each doubt ends.

A row of `doubt` stands for each time that a message came in doubt. A doubtful edit has none: its message stands once
however often it is made, so it is simply made again.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from sqlite_utils import Database

from bot.models import (
    ChatKind,
    DeliveryState,
    Doubt,
    Found,
    Missing,
    OnTopicClosed,
    OnUncertain,
    Undecided,
    Verdict,
)
from bot.storage import chats, pace, standing, topics, twins
from bot.storage.rows import Row, delivery_from_row
from bot.storage.statements import first, only


def has_due(db: Database, at: float) -> bool:
    """Whether `due` has anything to do."""
    return any(
        first(db, query, [at]) is not None
        for query in (
            "SELECT id FROM delivery WHERE state='sending' AND lease_until<? LIMIT 1",
            "SELECT id FROM delivery WHERE state='uncertain' AND not_before<=? LIMIT 1",
        )
    )


def due(db: Database, at: float) -> tuple[Doubt, ...]:
    """See `Storage.doubts`. One whose message cannot be read can be neither looked for nor sent again."""
    for row in list(db.query("SELECT * FROM delivery WHERE state='sending' AND lease_until<?", [at])):
        lose(db, row, "the sender never told", at)
    db.execute(
        "UPDATE delivery SET state='pending' WHERE state='uncertain' AND not_before<=? AND kind='edit'", [at]
    )
    found = []
    for row in list(
        db.query(
            "SELECT d.*, c.kind AS chat_kind FROM delivery d JOIN chat c ON c.address=d.chat "
            "WHERE d.state='uncertain' AND d.not_before<=? AND d.kind<>'edit' ORDER BY d.not_before, d.id",
            [at],
        )
    ):
        kind = row.pop("chat_kind")
        try:
            delivery = delivery_from_row(row, standing.target_message(db, row), row["thread"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            standing.give_up(db, row, f"its payload cannot be read ({error})", at)
            end(db, row["id"], "dropped", at)
            continue
        found.append(Doubt(delivery=delivery, kind=None if kind is None else ChatKind(kind)))
    return tuple(found)


def lose(db: Database, row: Row, why: str, at: float, *, fence: int = 0) -> None:
    """Put what is being sent in doubt, because its sender is gone; `fence` keeps that one from finishing it."""
    db.execute(
        "UPDATE delivery SET state='uncertain', uncertain_count=uncertain_count+1, not_before=?, lease_until=NULL, "
        "lease_token=lease_token+?, why=? WHERE id=?",
        [at, fence, why, row["id"]],
    )
    # It may have been sent at any moment until now.
    pace.count_end(db, row["chat"], at, accepted=True)
    if row["kind"] != "edit":
        begin(db, row["id"], why, at)


def suspect(db: Database, row: Row, chat: Row, at: float) -> None:
    """Put in doubt what may have been sent after the backup was made from which the database was restored."""
    why = "it may have been sent after the backup was made"
    db.execute(
        "UPDATE delivery SET state='uncertain', suspect=0, uncertain_count=uncertain_count+1, not_before=?, "
        "lease_token=lease_token+1, previous=?, why=? WHERE id=?",
        [at, chat["last_message_id"], why, row["id"]],
    )
    begin(db, row["id"], why, at)


def begin(db: Database, number: int, why: str, at: float) -> None:
    """Write down that a delivery is in doubt."""
    db.execute("INSERT INTO doubt(delivery_id, began_at, why) VALUES(?, ?, ?)", [number, at, why])


def end(db: Database, number: int, verdict: str, at: float) -> None:
    """Write down how the doubt about a delivery ended, if there is one."""
    db.execute(
        "UPDATE doubt SET verdict=?, ended_at=? WHERE delivery_id=? AND verdict IS NULL",
        [verdict, at, number],
    )


def resolve(db: Database, doubt: Doubt, verdict: Verdict, at: float) -> DeliveryState | None:
    """See `Storage.resolve`."""
    row = _open(db, doubt)
    if row is None:
        return None
    state, word = _outcome(row, verdict)
    why = None if isinstance(verdict, Found) else _why(verdict)
    db.execute(
        "UPDATE delivery SET state=?, message_id=?, why=?, finished_at=? WHERE id=?",
        [
            state.value,
            verdict.message_id if isinstance(verdict, Found) else None,
            why,
            None if state is DeliveryState.PENDING else at,
            row["id"],
        ],
    )
    end(db, row["id"], word, at)
    twins.follow(db, row["id"])
    written = only(db, "SELECT * FROM delivery WHERE id=?", [row["id"]])
    if state is not DeliveryState.PENDING:
        standing.settled(db, written, at)
    if state is DeliveryState.SENT:
        # One that may have gone to General says nothing of its topic.
        held = written["on_topic_closed"] == OnTopicClosed.HOLD
        accepted(db, written, written["thread"] if held else None, at)
    return state


def accepted(db: Database, row: Row, thread: int | None, at: float) -> None:
    """Draw what follows for its chat, and the topic that it went to, from a message that is known to stand there."""
    db.execute(
        "UPDATE chat SET last_message_id=max(coalesce(last_message_id, ?), ?) WHERE address=?",
        [row["message_id"], row["message_id"], row["chat"]],
    )
    chats.welcome(db, row["chat"], at)
    if thread is not None:
        topics.opened(db, row["chat"], thread, at)


def postpone(db: Database, doubt: Doubt, until: float) -> None:
    """See `Storage.postpone`."""
    if _open(db, doubt) is not None:
        db.execute("UPDATE delivery SET not_before=? WHERE id=?", [until, doubt.delivery.id])


def _open(db: Database, doubt: Doubt) -> Row | None:
    return first(
        db,
        "SELECT * FROM delivery WHERE id=? AND lease_token=? AND state='uncertain'",
        [doubt.delivery.id, doubt.delivery.token],
    )


def _outcome(row: Row, verdict: Verdict) -> tuple[DeliveryState, str]:
    """What becomes of a delivery, and the word for it."""
    match verdict:
        case Found():
            return DeliveryState.SENT, "present"
        case Missing():
            return DeliveryState.PENDING, "absent"
        case Undecided() if row["on_uncertain"] == OnUncertain.DROP:
            return DeliveryState.FAILED, "dropped"
        case Undecided():
            return DeliveryState.PENDING, "resent"


def _why(verdict: Missing | Undecided) -> str:
    return verdict.why if isinstance(verdict, Undecided) else "it did not arrive"
