"""What comes to be owed: by a poll, by stories that waited, by conditions.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlite_utils import Database

from bot.models import Batch, Condition, DeliveryKind, DeliveryState, Held, NewDelivery
from bot.storage import chats, conditions, holding, standing, topics, twins
from bot.storage.rows import Row, alert_to_json, message_to_json
from bot.storage.statements import columns, first, slots


def add_delivery(db: Database, delivery: NewDelivery, at: float, *, suspect: bool = False) -> int:
    """Store a delivery unless its key is there; 1 where it is newly pending.

    It goes where its chat goes by now, and is spared where that is dead. A `suspect` one may have been sent already,
    before the database was restored.
    """
    chat = twins.chat_of(db, delivery.chat, at)
    suppressed = chats.why_dead(db, chat) if delivery.suppressed is None else delivery.suppressed
    expires = delivery.handling.expires
    row: Row = {
        "dedupe_key": delivery.dedupe_key,
        "story_id": delivery.story_id,
        "chat": chat["address"],
        "named_chat": None if chat["address"] == delivery.chat else delivery.chat,
        "thread": delivery.thread,
        "rules": json.dumps(delivery.rules),
        "priority": delivery.priority,
        "payload": message_to_json(delivery.message),
        "state": (DeliveryState.PENDING if suppressed is None else DeliveryState.SUPPRESSED).value,
        "created_at": at,
        "why": suppressed,
        "finished_at": None if suppressed is None else at,
        "alert": None if delivery.alert is None else alert_to_json(delivery.alert),
        "feed_url": delivery.feed_url,
        "expires_at": None if expires is None else at + expires.total_seconds(),
        "on_uncertain": delivery.handling.on_uncertain.value,
        "on_topic_closed": delivery.handling.on_topic_closed.value,
        "suspect": suspect,
        **_reply_columns(db, delivery.replies_to),
    }
    row["waits"] |= topics.waits(db, row["chat"], delivery.thread, delivery.handling.on_topic_closed)
    added = db.execute(
        f"INSERT INTO delivery({columns(row)}) VALUES({slots(row)}) ON CONFLICT(dedupe_key) DO NOTHING", row
    ).rowcount
    if suppressed is not None or not added:
        return 0
    for cooldown in delivery.cooldowns:
        holding.start_cooldown(db, cooldown)
    return 1


def record_debts(db: Database, batch: Batch, *, suspect: bool = False) -> int:
    """Store what a poll owes, revises and holds back; the number of deliveries newly pending."""
    for held in batch.held:
        holding.hold(db, held, batch.at, suspect=suspect)
    owed = sum(
        add_delivery(db, delivery, batch.at.timestamp(), suspect=suspect)
        for delivery in batch.deliveries
        if not holding.is_held(db, delivery.dedupe_key)
    )
    for revision in batch.revisions:
        standing.want(db, revision)
    for cooldown in batch.cooldowns:
        holding.start_cooldown(db, cooldown)
    return owed


def release(db: Database, held: Sequence[Held], delivery: NewDelivery, at: float) -> int:
    """See `Storage.release`."""
    released = holding.let_go(db, held, at)
    if not released:
        return 0
    return add_delivery(db, delivery, at, suspect=any(row["suspect"] for row in released))


def tell(db: Database, condition: Condition, notice: NewDelivery | None, at: float) -> int:
    """See `Storage.tell`; what was told already, or is over by now, is not told."""
    told = conditions.mark_told(db, condition)
    return add_delivery(db, notice, at) if told and notice is not None else 0


def _reply_columns(db: Database, answered: str | None) -> Row:
    """What makes a delivery a reply; one to a message that was forgotten, or never was, goes alone."""
    if answered is None:
        return {"kind": DeliveryKind.MESSAGE.value, "target_id": None, "waits": 0}
    target = first(
        db,
        "SELECT id, state IN ('pending', 'sending', 'uncertain') AS waits FROM delivery WHERE dedupe_key=?",
        [answered],
    ) or {"id": None, "waits": 0}
    return {"kind": DeliveryKind.REPLY.value, "target_id": target["id"], "waits": target["waits"]}
