"""Chats: the row of an address, and whether the chat lets us in.

A chat is `active`, `paused` while it does not let us in, which keeps its queue and lets one message try every now and
then, or `dead`, which fails its queue. A dead chat is paused again where somebody wants it tried.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from bot.models import ConditionKind
from bot.storage import conditions, pace, standing
from bot.storage.rows import Row
from bot.storage.statements import first, only

GONE: Final = "the chat is gone: "
"""How the reason begins of what failed, or was spared, because its chat is dead."""


def known(db: Database, address: str) -> Row | None:
    """The chat under which an address goes, whatever its case; None where nothing was ever owed to it."""
    row = first(db, "SELECT * FROM chat WHERE address=? COLLATE NOCASE ORDER BY rowid LIMIT 1", [address])
    if row is None or row["same_as"] is None:
        return row
    return only(db, "SELECT * FROM chat WHERE address=?", [row["same_as"]])


def why_dead(db: Database, chat: Row) -> str | None:
    """Why nothing can be owed to a chat; None where something can."""
    if chat["state"] != "dead":
        return None
    return GONE + (conditions.why(db, ConditionKind.CHAT_DEAD, chat["address"]) or "nobody said why")


def pause(db: Database, address: str, why: str, at: float) -> None:
    """Remember that a chat does not let us in now; one that was dead a moment ago was told of already."""
    db.execute("UPDATE chat SET state='paused', closed_tries=closed_tries+1 WHERE address=?", [address])
    if conditions.why(db, ConditionKind.CHAT_DEAD, address) is None:
        conditions.begin(db, ConditionKind.CHAT_PAUSED, address, why, at)


def kill(db: Database, address: str, why: str, at: float) -> None:
    """Fail all that a chat is owed, because it is gone for good, and want nothing of what stands in it."""
    db.execute("UPDATE chat SET state='dead', closed_tries=0 WHERE address=?", [address])
    conditions.forget(db, ConditionKind.CHAT_PAUSED, address)
    conditions.begin(db, ConditionKind.CHAT_DEAD, address, why, at)
    standing.leave_behind(db, address)
    standing.let_answers_go(db, address)
    db.execute(
        "UPDATE delivery SET state='failed', why=?, finished_at=? "
        "WHERE chat=? AND (state='pending' OR (state='uncertain' AND kind='edit'))",
        [GONE + why, at, address],
    )


def welcome(db: Database, address: str, at: float) -> None:
    """Remember that a chat lets us in."""
    opened = db.execute(
        "UPDATE chat SET state='active', closed_tries=0 WHERE address=? AND state<>'active'", [address]
    ).rowcount
    if opened:
        for kind in (ConditionKind.CHAT_PAUSED, ConditionKind.CHAT_DEAD):
            conditions.end(db, kind, address, at)


def open_chat(db: Database, chat: str, at: float) -> int:
    """See `Storage.open_chat`."""
    row = known(db, chat)
    if row is None:
        return 0
    address = row["address"]
    if row["state"] != "active":
        db.execute("UPDATE chat SET state='paused', closed_tries=0 WHERE address=?", [address])
        pace.let_in(db, address)
        _owe_again(db, address, at)
    (waiting,) = db.execute(
        "SELECT count(*) FROM delivery WHERE chat=? AND state='pending'", [address]
    ).fetchone()
    return int(waiting)


def revive(db: Database) -> None:
    """Let every dead chat be tried once."""
    db.execute("UPDATE chat SET state='paused' WHERE state='dead'")


def _owe_again(db: Database, address: str, at: float) -> None:
    """Owe a chat what failed because it was dead, but for edits; replies wait again for what they answer."""
    failed = db.query(
        "SELECT id FROM delivery WHERE chat=? AND state='failed' AND kind<>'edit' AND substr(why, 1, ?)=?",
        [address, len(GONE), GONE],
    )
    for row in list(failed):
        db.execute(
            "UPDATE delivery SET state='pending', why=NULL, finished_at=NULL, not_before=? WHERE id=?",
            [at, row["id"]],
        )
        standing.wait_for_target(db, row["id"])
