"""The outbox as operators see it, and what they may do to it beside the running bot.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from sqlite_utils import Database

from bot.models import DeliveryKind, DeliveryState, Message, OutboxEntry, SettledDoubt
from bot.storage import chats, doubts, standing, twins
from bot.storage.rows import Row, message_from_json, moment
from bot.storage.statements import first

DOUBTS: Final = ("present", "absent", "resent", "dropped", "open")
"""How doubts end, and `open` for those that have not."""

DROPPED: Final = "an operator dropped it"

_ENTRY: Final = """
SELECT id, state, kind, coalesce(named_chat, chat) AS chat, thread, rules, priority, payload, created_at, finished_at,
  expires_at, attempt, message_id, why FROM delivery
"""

# Also what stands in a group that became this chat, or goes under another name of it.
_OF_CHAT: Final = """
chat IN (SELECT address FROM chat WHERE coalesce(same_as, address) IN (
  SELECT coalesce(same_as, address) FROM chat WHERE address=:chat COLLATE NOCASE))
"""

_AGAIN: Final = """
UPDATE delivery SET state='pending', why=NULL, finished_at=NULL, not_before=:at, waits=waits & ~2
WHERE id=:id AND state IN ('failed', 'expired', 'suppressed')
"""


def outbox(
    db: Database, states: Collection[DeliveryState], chat: str | None, limit: int
) -> tuple[OutboxEntry, ...]:
    """See `Storage.outbox`."""
    where, values = _where(states, chat)
    rows = list(db.query(f"{_ENTRY} {where} ORDER BY id DESC LIMIT :limit", {**values, "limit": limit}))
    told = _doubts_of(db, [row["id"] for row in rows])
    return tuple(_entry(row, told[row["id"]]) for row in rows)


def outbox_entry(db: Database, number: int) -> OutboxEntry | None:
    """See `Storage.outbox_entry`."""
    row = first(db, f"{_ENTRY} WHERE id=?", [number])
    return None if row is None else _entry(row, _doubts_of(db, [number])[number])


def numbers(db: Database, states: Collection[DeliveryState], chat: str | None) -> tuple[int, ...]:
    """See `Storage.outbox_numbers`."""
    where, values = _where(states, chat)
    query = f"SELECT id FROM delivery {where} ORDER BY id"  # noqa: S608 - made of literals
    return tuple(row["id"] for row in db.query(query, values))


def state_counts(db: Database) -> dict[DeliveryState, int]:
    """See `Storage.state_counts`."""
    rows = db.query("SELECT state, count(*) AS number FROM delivery GROUP BY state")
    counted = {row["state"]: row["number"] for row in rows}
    return {state: counted.get(state.value, 0) for state in DeliveryState}


def doubt_counts(db: Database) -> dict[str, int]:
    """See `Storage.doubt_counts`."""
    rows = db.query("SELECT coalesce(verdict, 'open') AS verdict, count(*) AS number FROM doubt GROUP BY 1")
    counted = {row["verdict"]: row["number"] for row in rows}
    return {verdict: counted.get(verdict, 0) for verdict in DOUBTS}


def retry(db: Database, numbers: Collection[int], at: float) -> int:
    """See `Storage.retry`.

    What is named here waits for as long as it takes, since somebody wants it sent. It goes where its chat goes by now,
    and replies to it that were not sent yet follow it.
    """
    again = [number for number in sorted(numbers) if db.execute(_AGAIN, {"id": number, "at": at}).rowcount]
    for number in again:
        twins.follow(db, number)
    for number in again:
        standing.wait_for_target(db, number)
    for target in _answered(db, again):
        standing.wait_for_target(db, target)
    db.execute(
        "UPDATE delivery SET expires_at=NULL WHERE state='pending' AND id IN (SELECT value FROM json_each(?))",
        [json.dumps(sorted(numbers))],
    )
    _try_places(db, numbers, at)
    return len(again)


def drop(db: Database, numbers: Collection[int], at: float) -> int:
    """See `Storage.drop`. What is being sent at this moment is left alone."""
    rows = _rows(
        db,
        "SELECT * FROM delivery WHERE state IN ('pending', 'uncertain', 'failed') "
        "AND id IN (SELECT value FROM json_each(:ids)) ORDER BY id",
        numbers,
    )
    for row in rows:
        db.execute(
            "UPDATE delivery SET state='suppressed', why=?, finished_at=? WHERE id=?",
            [DROPPED, at, row["id"]],
        )
        doubts.end(db, row["id"], "dropped", at)
        standing.settled(db, {**row, "state": "suppressed"}, at)
    return len(rows)


def _where(states: Collection[DeliveryState], chat: str | None) -> tuple[str, dict[str, Any]]:
    """The condition for deliveries of these states, or any, and of this chat, or all, with its values."""
    conditions = [
        *(["state IN (SELECT value FROM json_each(:states))"] if states else []),
        *([_OF_CHAT] if chat is not None else []),
    ]
    values = {
        "states": json.dumps([state.value for state in states]),
        "chat": chat,
    }
    return (f"WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _rows(db: Database, query: str, numbers: Iterable[int]) -> list[Row]:
    return list(db.query(query, {"ids": json.dumps(sorted(numbers))}))


def _doubts_of(db: Database, ids: Collection[int]) -> defaultdict[int, list[SettledDoubt]]:
    told: defaultdict[int, list[SettledDoubt]] = defaultdict(list)
    query = "SELECT * FROM doubt WHERE delivery_id IN (SELECT value FROM json_each(:ids)) ORDER BY id"
    for row in _rows(db, query, ids):
        told[row["delivery_id"]].append(
            SettledDoubt(
                began_at=datetime.fromtimestamp(row["began_at"], UTC), why=row["why"], verdict=row["verdict"]
            )
        )
    return told


def _answered(db: Database, ids: Iterable[int]) -> list[int]:
    """The deliveries that replies among these answer."""
    query = (
        "SELECT DISTINCT target_id FROM delivery WHERE kind='reply' AND target_id IS NOT NULL "
        "AND id IN (SELECT value FROM json_each(:ids))"
    )
    return [row["target_id"] for row in _rows(db, query, ids)]


def _try_places(db: Database, numbers: Iterable[int], at: float) -> None:
    """Let the chats and topics of what waits be tried at once, whatever refused it before."""
    query = (
        "SELECT DISTINCT chat, thread FROM delivery WHERE state='pending' "
        "AND id IN (SELECT value FROM json_each(:ids))"
    )
    places = _rows(db, query, numbers)
    for place in places:
        db.execute(
            "UPDATE topic SET try_at=min(try_at, :at) WHERE chat=:chat AND thread=:thread",
            {**place, "at": at},
        )
    for chat in sorted({place["chat"] for place in places}):
        chats.open_chat(db, chat, at)


def _entry(row: Row, told: Iterable[SettledDoubt]) -> OutboxEntry:
    return OutboxEntry(
        id=row["id"],
        state=DeliveryState(row["state"]),
        kind=DeliveryKind(row["kind"]),
        chat=row["chat"],
        thread=row["thread"],
        rules=tuple(json.loads(row["rules"])),
        priority=row["priority"],
        message=_message(row["payload"]),
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
        finished_at=moment(row["finished_at"]),
        expires_at=moment(row["expires_at"]),
        attempts=row["attempt"],
        message_id=row["message_id"],
        why=row["why"],
        doubts=tuple(told),
    )


def _message(payload: str) -> Message:
    """A stored message; one that cannot be read, as of another version, is shown as it stands."""
    try:
        return message_from_json(payload)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Message(text=payload)
