"""What stands in the chats, and how it should read by now: first messages, what they wait for, their edits.

A row of `revision` belongs to a message that was to read otherwise at some time. `wanted` says that it still
is, `edits` how often it was edited, `since` from when the wait for the next edit counts. `since` is NULL as
long as no edit may be owed: before the message is sent, while an edit is in hand, and for ever once one was
refused or the message was left behind in a group that moved.

The first bit of `delivery.waits` holds a reply back until the message that it answers is final.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlite_utils import Database

from bot.models import DeliveryKind, Revision, Told
from bot.storage.rows import Row, message_to_json, told_from_row
from bot.storage.statements import columns, in_slices, only, slots

EDIT_PRIORITY: Final = -1_000_000
"""Below that of any message, so that news goes first and an edit makes no sound."""

GROWTH: Final = 10
"""Each edit of a message waits so many times as long as the one before: most sources come early."""

OWED_AT_ONCE: Final = 500
"""Edits that one call owes; what is left waits for the next, so that nobody waits long for the lock."""


def told(db: Database, story_ids: Collection[str]) -> tuple[Told, ...]:
    """See `Storage.told`."""
    rows = in_slices(
        db,
        "SELECT d.id, d.dedupe_key, d.story_id, coalesce(d.named_chat, d.chat) AS chat, d.thread, d.rules, "
        "d.priority, d.alert, (SELECT max(r.created_at) FROM delivery r WHERE r.target_id=d.id "
        "AND r.kind='reply' AND r.state<>'suppressed') AS replied_at "
        "FROM delivery d WHERE d.kind='message' AND d.alert IS NOT NULL "
        "AND d.state IN ('pending', 'sending', 'uncertain', 'sent') AND d.story_id IN ({})",
        story_ids,
    )
    return tuple(told_from_row(row) for row in sorted(rows, key=lambda row: row["id"]))


def want(db: Database, revision: Revision) -> None:
    """Remember how a message should read; nothing is owed where it reads so, or will by the edit in hand."""
    message = db.execute(
        "SELECT id, finished_at FROM delivery WHERE dedupe_key=? "
        "AND kind<>'edit' AND state IN ('pending', 'sending', 'uncertain', 'sent') "
        "AND NOT EXISTS(SELECT 1 FROM chat WHERE address=delivery.chat AND state='dead')",
        [revision.dedupe_key],
    ).fetchone()
    if message is None:
        return
    number, sent_at = message
    payload = message_to_json(revision.message)
    # An edit that nobody has tried yet may as well say the newest.
    db.execute(
        "UPDATE delivery SET payload=? WHERE target_id=? AND kind='edit' AND state='pending' AND attempt=0",
        [payload, number],
    )
    db.execute(
        "INSERT INTO revision(delivery_id, payload, wanted, since) VALUES(:id, :payload, :wanted, :since) "
        "ON CONFLICT(delivery_id) DO UPDATE SET payload=excluded.payload, wanted=excluded.wanted",
        {
            "id": number,
            "payload": payload,
            "wanted": int(payload != _latest_payload(db, number)),
            "since": sent_at,
        },
    )


def has_due_edits(db: Database, at: float, limit: int, gap: timedelta) -> bool:
    """Whether `owe_edits` has anything to do."""
    exhausted = db.execute("SELECT 1 FROM revision WHERE wanted=1 AND edits>=? LIMIT 1", [limit]).fetchone()
    return exhausted is not None or any(
        db.execute(
            "SELECT 1 FROM revision WHERE wanted=1 AND edits=? AND since<=? LIMIT 1", [edits, latest]
        ).fetchone()
        for edits, latest in _latest_since(at, limit, gap)
    )


def owe_edits(db: Database, at: float, limit: int, gap: timedelta) -> int:
    """See `Storage.revise`; what was edited `limit` times is no longer wanted."""
    db.execute("UPDATE revision SET wanted=0 WHERE wanted=1 AND edits>=?", [limit])
    owed = 0
    for edits, latest in _latest_since(at, limit, gap):
        due = db.query(
            "SELECT r.delivery_id, r.edits, r.payload, d.dedupe_key, d.story_id, d.chat, d.thread, "
            "d.rules FROM revision r JOIN delivery d ON d.id=r.delivery_id "
            "WHERE r.wanted=1 AND r.edits=? AND r.since<=? ORDER BY r.since LIMIT ?",
            [edits, latest, OWED_AT_ONCE - owed],
        )
        for row in list(due):
            _owe_edit(db, row, at)
            owed += 1
    return owed


def settled(db: Database, delivery: Row, at: float) -> None:
    """Draw what follows from a delivery that is final now; `delivery` is its row in the new state."""
    sent = delivery["state"] == "sent"
    if delivery["kind"] == "edit":
        change = "edits=edits+1, since=?" if sent else "wanted=0, since=NULL"
        db.execute(
            f"UPDATE revision SET {change} WHERE delivery_id=?",  # noqa: S608 - two literals
            [*([at] if sent else []), delivery["target_id"]],
        )
        return
    db.execute("UPDATE delivery SET waits=waits & ~1 WHERE target_id=? AND waits & 1", [delivery["id"]])
    if sent:
        db.execute("UPDATE revision SET since=? WHERE delivery_id=?", [at, delivery["id"]])


def leave_behind(db: Database, chat: str) -> None:
    """Want no more edits of messages that stay in a group while it moves: their ids mean nothing in the new one."""
    db.execute(
        "UPDATE revision SET wanted=0, since=NULL WHERE delivery_id IN ("
        "SELECT r.delivery_id FROM revision r JOIN delivery d ON d.id=r.delivery_id "
        "WHERE d.chat=? AND d.state='sent')",
        [chat],
    )


def let_answers_go(db: Database, chat: str) -> None:
    """Let no reply wait for what a chat is still owed."""
    db.execute(
        "UPDATE delivery SET waits=waits & ~1 WHERE waits & 1 "
        "AND target_id IN (SELECT id FROM delivery WHERE chat=? AND state='pending')",
        [chat],
    )


def wait_for_target(db: Database, target: int) -> None:
    """Let the replies to a message wait for it, or no longer, as it stands now."""
    db.execute(
        "UPDATE delivery SET waits=(waits & ~1) | "
        "(SELECT state IN ('pending', 'sending', 'uncertain') FROM delivery WHERE id=:target) "
        "WHERE target_id=:target AND kind='reply'",
        {"target": target},
    )


def target_message(db: Database, delivery: Row) -> int | None:
    """The message that an edit changes or a reply answers, as long as it stands in the same chat."""
    if delivery["target_id"] is None:
        return None
    target = only(db, "SELECT chat, message_id FROM delivery WHERE id=?", [delivery["target_id"]])
    return target["message_id"] if target["chat"] == delivery["chat"] else None


def give_up(db: Database, delivery: Row, why: str, at: float) -> None:
    """Fail a delivery that cannot be sent at all, and it alone."""
    db.execute(
        "UPDATE delivery SET state='failed', why=?, lease_until=NULL, finished_at=? WHERE id=?",
        [why, at, delivery["id"]],
    )
    settled(db, {**delivery, "state": "failed"}, at)


def move(db: Database, by: float) -> None:
    """Move all waits for edits by as much as the clock was set."""
    db.execute("UPDATE revision SET since=since+? WHERE since IS NOT NULL", [by])


def _latest_payload(db: Database, number: int) -> str:
    """How a message reads, or will by the edit in hand."""
    (payload,) = db.execute(
        "SELECT payload FROM (SELECT id, payload FROM delivery WHERE id=:id UNION ALL "
        "SELECT id, payload FROM delivery WHERE target_id=:id AND kind='edit' "
        "AND state IN ('pending', 'sending', 'uncertain', 'sent')) ORDER BY id DESC LIMIT 1",
        {"id": number},
    ).fetchone()
    return str(payload)


def _latest_since(at: float, limit: int, gap: timedelta) -> tuple[tuple[int, float], ...]:
    """For each number of edits done, the latest start of a wait that is over by now."""
    return tuple((edits, at - gap.total_seconds() * float(GROWTH) ** edits) for edits in range(limit))


def _owe_edit(db: Database, message: Row, at: float) -> None:
    row: Row = {
        "dedupe_key": f"{message['dedupe_key']}:edit:{message['edits'] + 1}",
        "story_id": message["story_id"],
        "chat": message["chat"],
        "thread": message["thread"],
        "rules": message["rules"],
        "payload": message["payload"],
        "priority": EDIT_PRIORITY,
        "created_at": at,
        "kind": DeliveryKind.EDIT.value,
        "target_id": message["delivery_id"],
    }
    db.execute(
        f"INSERT INTO delivery({columns(row)}) VALUES({slots(row)}) ON CONFLICT(dedupe_key) DO NOTHING", row
    )
    db.execute("UPDATE revision SET wanted=0, since=NULL WHERE delivery_id=?", [message["delivery_id"]])
