"""Writing down what became of an attempt, and what follows from it for the chat.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from bot.models import (
    ChatDead,
    ChatMigrated,
    ChatPaused,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Failed,
    OnTopicClosed,
    Outcome,
    RenderFault,
    Retry,
    Sent,
    Stopped,
    TopicClosed,
    Uncertain,
    Unreachable,
)
from bot.storage import chats, doubts, pace, standing, topics, twins
from bot.storage.rows import Row
from bot.storage.statements import first, only

_FINAL: Final = (DeliveryState.SENT, DeliveryState.FAILED)


def finish(db: Database, delivery: Delivery, outcome: Outcome, at: float, pause: float) -> bool:
    """See `Storage.finish`.

    What its sender tells after the lease ran out still counts as long as nobody else has claimed the delivery: it is
    the only one who knows.
    """
    row = first(
        db,
        "SELECT * FROM delivery WHERE id=? AND lease_token=? AND state IN ('sending', 'uncertain', 'pending')",
        [delivery.id, delivery.token],
    )
    if row is None:
        return False
    if row["state"] != "sending" and isinstance(outcome, Uncertain):
        return True  # that much is known already
    outcome = _in_its_light(outcome, delivery)
    state, why = _ending(row, outcome)
    _write(db, row, outcome, state, why, at=at, pause=pause)
    if row["state"] == "sending":
        pace.count_end(db, row["chat"], at, accepted=isinstance(outcome, Sent | Uncertain))
    else:
        doubts.end(db, row["id"], "present" if isinstance(outcome, Sent) else "absent", at)
    if isinstance(outcome, Sent) and outcome.chat is not None:
        twins.learn(db, row["chat"], outcome.chat, at)
    twins.follow(db, row["id"])
    written = only(db, "SELECT * FROM delivery WHERE id=?", [row["id"]])
    if state in _FINAL:
        standing.settled(db, written, at)
    _draw(db, written, delivery, outcome, at, pause)
    return True


def _in_its_light(outcome: Outcome, delivery: Delivery) -> Outcome:
    """What an outcome means for this delivery: an edit has no topic, and what General refuses the chat does."""
    if not isinstance(outcome, TopicClosed):
        return outcome
    if delivery.kind is DeliveryKind.EDIT:
        return Failed(why=outcome.why)
    if delivery.thread is None:
        return ChatPaused(why=outcome.why)
    return outcome


def _write(
    db: Database,
    row: Row,
    outcome: Outcome,
    state: DeliveryState,
    why: str | None,
    *,
    at: float,
    pause: float,
) -> None:
    """Write what became of the delivery itself."""
    doubtful = state is DeliveryState.UNCERTAIN
    db.execute(
        "UPDATE delivery SET state=:state, why=:why, lease_until=NULL, uncertain_count=uncertain_count+:doubt, "
        "not_before=:not_before, finished_at=:finished_at, message_id=:message_id, plain=:plain WHERE id=:id",
        {
            "id": row["id"],
            "state": state.value,
            "why": why,
            "doubt": int(doubtful),
            "not_before": at + min(pause, pace.LONGEST_HOLD) if doubtful else at,
            "finished_at": at if state in _FINAL else None,
            "message_id": outcome.message_id if isinstance(outcome, Sent) else None,
            "plain": int(isinstance(outcome, Sent) and outcome.plain),
        },
    )


def _ending(row: Row, outcome: Outcome) -> tuple[DeliveryState, str | None]:
    """The state in which an attempt leaves a delivery, and why."""
    match outcome:
        case Sent():
            return DeliveryState.SENT, None
        case Uncertain():
            return DeliveryState.UNCERTAIN, outcome.why
        case ChatDead():
            return DeliveryState.FAILED, chats.GONE + outcome.why
        case TopicClosed() if row["on_topic_closed"] == OnTopicClosed.DROP:
            return DeliveryState.FAILED, outcome.why
        case Failed() | RenderFault():
            return DeliveryState.FAILED, outcome.why
        case ChatMigrated():
            return DeliveryState.PENDING, f"the chat became {outcome.chat}"
        case Retry() | Unreachable() | ChatPaused() | TopicClosed() | Stopped():
            return DeliveryState.PENDING, outcome.why


def _draw(db: Database, row: Row, delivery: Delivery, outcome: Outcome, at: float, pause: float) -> None:
    """Draw what follows from an outcome for the chat and the topic; `row` is the delivery as it stands now."""
    match outcome:
        case Sent() if delivery.kind is not DeliveryKind.EDIT:
            doubts.accepted(db, row, delivery.thread, at)
        case Uncertain() if delivery.kind is not DeliveryKind.EDIT:
            doubts.begin(db, row["id"], outcome.why, at)
        case Retry(everywhere=False):
            pace.hold(db, row["chat"], at, pause)
        case ChatPaused():
            chats.pause(db, row["chat"], outcome.why, at)
            pace.hold(db, row["chat"], at, pause)
        case ChatDead():
            chats.kill(db, row["chat"], outcome.why, at)
        case ChatMigrated():
            twins.migrate(db, delivery.chat, outcome.chat, at)
        case TopicClosed():
            topics.closed(db, row, outcome.why, at, pause)
        case _:
            pass
