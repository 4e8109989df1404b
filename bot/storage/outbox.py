"""The outbox: the statements that hold what is owed, from the debt to the message's id.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlite_utils import Database

from bot.models import (
    Batch,
    ChatClosed,
    ChatMoved,
    Cooldown,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Failed,
    Held,
    NewDelivery,
    Outcome,
    Retry,
    Sent,
    Stopped,
    Uncertain,
    Unreachable,
)
from bot.storage import standing
from bot.storage.connection import scalar
from bot.storage.rows import (
    Row,
    alert_to_json,
    delivery_from_row,
    held_from_row,
    held_to_row,
    message_to_json,
    place_from_row,
    place_to_row,
)
from bot.storage.statements import columns, slots, upsert

LONGEST_PAUSE: Final = timedelta(days=1)
"""No chat waits longer than this for its turn."""


def cooling(db: Database, at: float) -> tuple[Cooldown, ...]:
    """See `Storage.cooling`."""
    rows = db.query("SELECT chat, thread, rule, until FROM cooldown WHERE until>?", [at])
    return tuple(
        Cooldown(place=place_from_row(row), rule=row["rule"], until=datetime.fromtimestamp(row["until"], UTC))
        for row in rows
    )


def due_held(db: Database, at: float) -> tuple[Held, ...]:
    """See `Storage.due_held`."""
    rows = db.query(
        "SELECT h.* FROM held h LEFT JOIN cooldown c ON c.chat=h.chat AND c.thread=h.thread "
        "AND c.rule=h.rule WHERE h.released_at IS NULL AND (c.until IS NULL OR c.until<=?) ORDER BY h.id",
        [at],
    )
    return tuple(held_from_row(row) for row in rows)


def release(db: Database, held: Sequence[Held], delivery: NewDelivery, at: float) -> int:
    """See `Storage.release`."""
    released = sum(
        int(
            db.execute(
                "UPDATE held SET released_at=? WHERE dedupe_key=? AND released_at IS NULL",
                [at, waiting.dedupe_key],
            ).rowcount
        )
        for waiting in held
    )
    return add_delivery(db, delivery, at) if released else 0


def claim(db: Database, now: datetime, lease: timedelta, pace: timedelta) -> Delivery | None:
    """See `Storage.claim`; None also for a delivery that cannot be read or done, which is marked as failed."""
    at = now.timestamp()
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
    row = _row(db, head["id"])
    target = _target_message(db, row)
    try:
        delivery = delivery_from_row(row, target)
    except (ValueError, KeyError, TypeError) as error:
        # A payload of another version: one message may not silence its chat.
        _give_up(db, row, f"its payload cannot be read ({error})", at)
        return None
    if delivery.kind is DeliveryKind.EDIT and target is None:
        _give_up(db, row, "the message that it changes is not there", at)
        return None
    return delivery


def finish(db: Database, delivery: Delivery, outcome: Outcome, now: datetime, pause: timedelta) -> bool:
    """See `Storage.finish`."""
    at = now.timestamp()
    pause = min(pause, LONGEST_PAUSE)
    written = db.execute(
        "UPDATE delivery SET state=:state, message_id=:message_id, why=:why, lease_until=NULL, "
        "uncertain_count=uncertain_count+:doubt, not_before=:not_before, finished_at=:finished_at "
        "WHERE id=:id AND state='sending' AND lease_token=:token",
        {**_ending(outcome, at, pause), "id": delivery.id, "token": delivery.token},
    ).rowcount
    if not written:
        return False
    if isinstance(outcome, Sent | Failed):
        standing.settled(db, _row(db, delivery.id), at)
    match outcome:
        case Sent() if delivery.kind is not DeliveryKind.EDIT:
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


def settle(db: Database, now: datetime) -> int:
    """See `Storage.settle`. An edit is not counted: however often it is sent, its message stands once."""
    at = now.timestamp()
    db.execute(
        "UPDATE delivery SET state='uncertain', uncertain_count=uncertain_count+1, not_before=?, "
        "lease_until=NULL, why='the sender never told' WHERE state='sending' AND lease_until<?",
        [at, at],
    )
    again = [
        db.execute(
            "UPDATE delivery SET state='pending' WHERE state='uncertain' AND (not_before<=? OR not_before>?) "
            "AND (kind='edit')=?",
            [at, at + LONGEST_PAUSE.total_seconds(), is_edit],
        ).rowcount
        for is_edit in (False, True)
    ]
    return int(again[0])


def has_work(db: Database, at: float) -> bool:
    """Whether some chat may be sent to now."""
    return _head(db, at) is not None


def record_debts(db: Database, batch: Batch) -> int:
    """Store what a poll owes, revises and holds back; the number of deliveries newly pending."""
    for held in batch.held:
        hold(db, held, batch.at)
    owed = sum(
        add_delivery(db, delivery, batch.at.timestamp())
        for delivery in batch.deliveries
        if not is_held(db, delivery.dedupe_key)
    )
    for revision in batch.revisions:
        standing.want(db, revision)
    return owed


def abandon(db: Database, now: datetime) -> None:
    """Make uncertain what a dead process left in flight, and bound the waits that it left."""
    db.execute(
        "UPDATE delivery SET state='uncertain', uncertain_count=uncertain_count+1, not_before=?, "
        "lease_until=NULL, lease_token=lease_token+1, why='the sender ended before it could tell' "
        "WHERE state='sending'",
        [now.timestamp()],
    )
    # No wait of an earlier run may outlast what any wait can be, whatever the clock did meanwhile.
    latest = (now + LONGEST_PAUSE).timestamp()
    db.execute("UPDATE chat SET next_send_at=? WHERE next_send_at>?", [latest, latest])
    db.execute("UPDATE delivery SET not_before=? WHERE state='uncertain' AND not_before>?", [latest, latest])
    standing.bound_waits(db, now.timestamp())


def has_doubts(db: Database) -> bool:
    """Whether anything is in flight or uncertain."""
    return any(
        scalar(db, f"SELECT 1 FROM delivery WHERE state='{state}' LIMIT 1") is not None  # noqa: S608 - two literals
        for state in ("sending", "uncertain")
    )


def _head(db: Database, at: float) -> Row | None:
    """The oldest delivery, highest priority first, of the chat whose turn came longest ago.

    Driven from `chat`, so that the cost grows with the chats and not with the backlog. A chat whose
    last claim lies ahead of the clock has seen it set back, and is let in. A reply that waits for its message
    stands in another part of the index, and an edit in doubt keeps its chat from nothing.
    """
    rows = db.query(
        "SELECT h.id AS id, c.address AS chat FROM chat c JOIN delivery h ON h.id=("
        "  SELECT d.id FROM delivery d WHERE d.chat=c.address AND d.state='pending' AND d.waits=0 "
        "  ORDER BY d.priority DESC, d.id LIMIT 1) "
        "WHERE (c.next_send_at<=:at OR c.claimed_at>:at) AND NOT EXISTS("
        "  SELECT 1 FROM delivery s WHERE s.chat=c.address "
        "  AND (s.state='sending' OR (s.state='uncertain' AND s.kind<>'edit'))) "
        "ORDER BY h.priority DESC, c.next_send_at, h.id LIMIT 1",
        {"at": at},
    )
    return next(iter(rows), None)


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


def _row(db: Database, number: int) -> Row:
    return next(iter(db.query("SELECT * FROM delivery WHERE id=?", [number])))


def _target_message(db: Database, row: Row) -> int | None:
    """The message that an edit changes or a reply answers, as long as it stands in the same chat."""
    if row["target_id"] is None:
        return None
    target = _row(db, row["target_id"])
    return target["message_id"] if target["chat"] == row["chat"] else None


def _give_up(db: Database, row: Row, why: str, at: float) -> None:
    db.execute(
        "UPDATE delivery SET state='failed', why=?, lease_until=NULL, finished_at=? WHERE id=?",
        [why, at, row["id"]],
    )
    standing.settled(db, {**row, "state": "failed"}, at)


def _move_chat(db: Database, old: str, new: str) -> None:
    """Point all that is owed to a group at the supergroup that it became; what stands in it stays behind."""
    db.execute("INSERT INTO chat(address) VALUES(?) ON CONFLICT DO NOTHING", [new])
    standing.leave_behind(db, old)
    db.execute(
        "UPDATE delivery SET chat=?, named_chat=coalesce(named_chat, chat) WHERE chat=? AND state='pending'",
        [new, old],
    )


def add_delivery(db: Database, delivery: NewDelivery, at: float) -> int:
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
        "alert": None if delivery.alert is None else alert_to_json(delivery.alert),
        **_reply_columns(db, delivery.replies_to),
    }
    db.execute("INSERT INTO chat(address) VALUES(?) ON CONFLICT DO NOTHING", [delivery.chat])
    added = db.execute(
        f"INSERT INTO delivery({columns(row)}) VALUES({slots(row)}) ON CONFLICT(dedupe_key) DO NOTHING",
        row,
    ).rowcount
    if suppressed or not added:
        return 0
    for cooldown in delivery.cooldowns:
        _start_cooldown(db, cooldown)
    return 1


def _reply_columns(db: Database, answered: str | None) -> Row:
    """What makes a delivery a reply; one to a message that was forgotten, or never was, goes alone."""
    if answered is None:
        return {"kind": DeliveryKind.MESSAGE.value, "target_id": None, "waits": 0}
    target = db.execute(
        "SELECT id, state IN ('pending', 'sending', 'uncertain') FROM delivery WHERE dedupe_key=?", [answered]
    ).fetchone()
    number, waits = target or (None, 0)
    return {"kind": DeliveryKind.REPLY.value, "target_id": number, "waits": waits}


def is_held(db: Database, dedupe_key: str) -> bool:
    """Whether a story waits, or has waited, under this key."""
    return bool(db.execute("SELECT 1 FROM held WHERE dedupe_key=?", [dedupe_key]).fetchone())


def hold(db: Database, held: Held, at: datetime) -> None:
    """Let a story wait, unless it waits, or has come, already."""
    if db.execute("SELECT 1 FROM delivery WHERE dedupe_key=?", [held.dedupe_key]).fetchone():
        return
    row = held_to_row(held, at)
    db.execute(f"INSERT INTO held({columns(row)}) VALUES({slots(row)}) ON CONFLICT DO NOTHING", row)


def _start_cooldown(db: Database, cooldown: Cooldown) -> None:
    row: Row = {
        **place_to_row(cooldown.place),
        "rule": cooldown.rule,
        "until": cooldown.until.timestamp(),
    }
    upsert(db, "cooldown", row, key="chat, thread, rule")
