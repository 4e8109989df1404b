"""Addresses that are one chat: a name and an id, or a group and the supergroup that it became.

`chat.same_as` of an address names the one under which the chat goes; that one has none itself. What is owed keeps in
`delivery.named_chat` what the rules call its chat.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

import re
from typing import Final

from sqlite_utils import Database

from bot.delivery.waits import FIRST_CLOSED
from bot.models import ChatFacts, ChatKind, ConditionKind
from bot.storage import chats, conditions, pace, standing
from bot.storage.rows import Row
from bot.storage.statements import only

_ID: Final = re.compile(r"-?[0-9]{1,18}")

_DUPLICATES: Final = """
SELECT d.id AS id, t.id AS twin FROM delivery d JOIN delivery t
  ON t.story_id=d.story_id AND t.chat=:other AND t.thread IS d.thread AND t.kind=d.kind AND t.alert IS NOT NULL
  AND t.state IN ('pending', 'sending', 'uncertain', 'sent') AND (t.kind='message' OR t.created_at=d.created_at)
WHERE d.chat=:chat AND d.state='pending' AND d.kind<>'edit' AND d.alert IS NOT NULL AND (:owed OR t.state<>'pending')
ORDER BY t.id
"""


def chat_of(db: Database, address: str, at: float) -> Row:
    """The chat under which an address goes; its row is made where there is none, and its twin is found by its id."""
    row = chats.known(db, address)
    if row is not None:
        return row
    number = int(address) if _ID.fullmatch(address) else None
    added = db.execute("INSERT INTO chat(address, telegram_id) VALUES(?, ?)", [address, number])
    if number is not None:
        _join_twins(db, number, at)
    return only(
        db,
        "SELECT k.* FROM chat c JOIN chat k ON k.address=coalesce(c.same_as, c.address) WHERE c.rowid=?",
        [added.lastrowid],
    )


def same_chats(db: Database) -> dict[str, str]:
    """See `Storage.same_chats`."""
    rows = db.query("SELECT address, same_as FROM chat WHERE same_as<>address COLLATE NOCASE")
    return {row["address"].lower(): row["same_as"] for row in rows}


def known_chats(db: Database) -> dict[str, ChatFacts]:
    """See `Storage.known_chats`."""
    rows = db.query(
        "SELECT address, telegram_id, kind FROM chat WHERE telegram_id IS NOT NULL AND kind IS NOT NULL"
    )
    return {
        row["address"].lower(): ChatFacts(id=row["telegram_id"], kind=ChatKind(row["kind"])) for row in rows
    }


def learn(db: Database, address: str, facts: ChatFacts, at: float) -> None:
    """See `Storage.learn_chat`. An address that has passed to another chat knows nothing of what stands there."""
    chat_of(db, address, at)
    row = only(db, "SELECT * FROM chat WHERE address=? COLLATE NOCASE ORDER BY rowid LIMIT 1", [address])
    if (row["telegram_id"], row["kind"]) == (facts.id, facts.kind.value):
        return
    if row["same_as"] is not None and row["telegram_id"] != facts.id and row["telegram_id"] is not None:
        return  # a group that became a supergroup is known by the one; its queue is there
    passed = row["telegram_id"] not in (None, facts.id)
    db.execute(
        "UPDATE chat SET telegram_id=?, kind=?, last_message_id=CASE WHEN ? THEN NULL ELSE last_message_id END "
        "WHERE address=?",
        [facts.id, facts.kind.value, passed, row["address"]],
    )
    _join_twins(db, facts.id, at)


def migrate(db: Database, old: str, new: str, at: float) -> None:
    """Point all that is owed to a group at the supergroup that it became; what stands in it stays behind."""
    kept = chat_of(db, new, at)["address"]
    if kept == old:
        chats.pause(db, old, f"it is said to have become {new}, which it is", at)
        pace.hold(db, old, at, FIRST_CLOSED.total_seconds())
        return
    standing.leave_behind(db, old)
    _join(db, old, kept)
    _repoint(db, old, kept, "state='pending' OR (state='uncertain' AND kind='edit')")
    conditions.forget(db, ConditionKind.CHAT_PAUSED, old)
    conditions.begin(db, ConditionKind.CHAT_MIGRATED, old, new, at)


def follow(db: Database, number: int) -> None:
    """Let a delivery that was in flight while its chat joined another go where that one's queue is."""
    db.execute(
        "UPDATE delivery SET named_chat=coalesce(named_chat, chat), "
        "chat=(SELECT same_as FROM chat WHERE address=delivery.chat) "
        "WHERE id=? AND EXISTS(SELECT 1 FROM chat c JOIN chat k ON k.address=c.same_as WHERE c.address=delivery.chat "
        "AND (delivery.state='pending' OR (delivery.state='sent' AND c.telegram_id=k.telegram_id)))",
        [number],
    )


def _join_twins(db: Database, telegram_id: int, at: float) -> None:
    """Let the addresses of one chat go under the earliest of them."""
    addresses = [
        row["address"]
        for row in db.query(
            "SELECT address FROM chat WHERE telegram_id=? AND same_as IS NULL ORDER BY rowid", [telegram_id]
        )
    ]
    for gone in addresses[1:]:
        _merge(db, gone, addresses[0], at)


def _merge(db: Database, gone: str, kept: str, at: float) -> None:
    _spare(db, gone, kept, at, owed=True)
    _spare(db, kept, gone, at, owed=False)
    _join(db, gone, kept)
    db.execute(
        "UPDATE chat SET kind=coalesce(kind, (SELECT kind FROM chat WHERE address=:gone)), "
        "last_message_id=nullif(max(coalesce(last_message_id, 0), coalesce("
        "(SELECT last_message_id FROM chat WHERE address=:gone), 0)), 0) WHERE address=:kept",
        {"gone": gone, "kept": kept},
    )
    _repoint(db, gone, kept, "state NOT IN ('sending', 'uncertain') OR (state='uncertain' AND kind='edit')")
    _take_topics(db, gone, kept)
    for kind in (ConditionKind.CHAT_PAUSED, ConditionKind.CHAT_DEAD):
        conditions.forget(db, kind, gone)
    conditions.begin(db, ConditionKind.CHAT_TWICE, gone, kept, at)


def _spare(db: Database, chat: str, other: str, at: float, *, owed: bool) -> None:
    """Spare a chat what its other address was told, or with `owed` is to be told; answers go to that one."""
    for pair in list(db.query(_DUPLICATES, {"chat": chat, "other": other, "owed": owed})):
        spared = db.execute(
            "UPDATE delivery SET state='suppressed', why=?, finished_at=? WHERE id=? AND state='pending'",
            [f"the chat gets it as {other}", at, pair["id"]],
        ).rowcount
        if spared:
            db.execute("UPDATE delivery SET target_id=? WHERE target_id=?", [pair["twin"], pair["id"]])
            standing.wait_for_target(db, pair["twin"])


def _join(db: Database, gone: str, kept: str) -> None:
    pace.share(db, gone, kept)
    db.execute("UPDATE chat SET same_as=? WHERE address=? OR same_as=?", [kept, gone, gone])


def _repoint(db: Database, gone: str, kept: str, which: str) -> None:
    db.execute(
        f"UPDATE delivery SET chat=?, named_chat=coalesce(named_chat, chat) WHERE chat=? AND ({which})",  # noqa: S608 - literals
        [kept, gone],
    )


def _take_topics(db: Database, gone: str, kept: str) -> None:
    db.execute("UPDATE OR IGNORE topic SET chat=? WHERE chat=?", [kept, gone])
    db.execute("DELETE FROM topic WHERE chat=?", [gone])
