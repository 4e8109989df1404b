"""The pace of each chat, kept in its row so that a restart does not forget it.

`chat.sends` are the times of the latest messages that were accepted, or may have been. A claim counts from the moment
at which it is made; once its end is known the time of that end takes its place, or none where nothing was accepted.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from sqlite_utils import Database

from bot.delivery.pacing import PER_MINUTE, is_broad, next_turn
from bot.models import ChatKind
from bot.storage.rows import Row
from bot.storage.statements import only

LONGEST_HOLD: Final = 86_400.0
"""Seconds: no chat waits longer than a day for its turn, whatever Telegram asks for."""


def count_claim(db: Database, chat: Row, at: float) -> None:
    """Count a delivery that is claimed now."""
    _write(db, chat, [*_sends(chat), at], claimed_at=at)


def count_end(db: Database, address: str, at: float, *, accepted: bool) -> None:
    """Count the claimed delivery as accepted now, or not at all."""
    chat = _chat(db, address)
    sends = _sends(chat)
    if chat["claimed_at"] in sends:
        sends.remove(chat["claimed_at"])
    if accepted:
        sends.append(at)
    _write(db, chat, sends, claimed_at=at if accepted else chat["claimed_at"])


def hold(db: Database, address: str, at: float, seconds: float) -> None:
    """Let a chat wait for so many seconds at least."""
    db.execute(
        "UPDATE chat SET next_send_at=max(next_send_at, ?) WHERE address=?",
        [at + min(seconds, LONGEST_HOLD), address],
    )


def let_in(db: Database, address: str) -> None:
    """Let a chat wait for nothing but its pace."""
    chat = _chat(db, address)
    _write(db, chat, _sends(chat), claimed_at=chat["claimed_at"])


def take_turn(db: Database, chat: Row, at: float) -> float:
    """Count something that goes out now, and return 0.0; where it is not the chat's turn, the wait in seconds."""
    if chat["next_send_at"] > at:
        return float(chat["next_send_at"] - at)
    _write(db, chat, [*_sends(chat), at], claimed_at=chat["claimed_at"])
    return 0.0


def share(db: Database, gone: str, kept: str) -> None:
    """Let one chat keep the pace of another address of it."""
    one, other = _chat(db, gone), _chat(db, kept)
    wait = max(one["next_send_at"], other["next_send_at"])
    _write(db, other, [*_sends(one), *_sends(other)], claimed_at=other["claimed_at"], not_before=wait)


def move(db: Database, by: float) -> None:
    """Move all times by as much as the clock was set."""
    for chat in list(db.query("SELECT * FROM chat WHERE claimed_at>0 OR next_send_at>0 OR sends<>'[]'")):
        db.execute(
            "UPDATE chat SET sends=?, claimed_at=?, next_send_at=? WHERE address=?",
            [
                json.dumps([sent + by for sent in _sends(chat)]),
                chat["claimed_at"] + by,
                chat["next_send_at"] + by,
                chat["address"],
            ],
        )


def latest(db: Database) -> float | None:
    """When anything was last sent, or tried."""
    row = db.execute(
        "SELECT max(max(claimed_at, coalesce(json_extract(sends, '$[#-1]'), 0))) FROM chat"
    ).fetchone()
    return float(row[0]) if row[0] else None


def _chat(db: Database, address: str) -> Row:
    return only(db, "SELECT * FROM chat WHERE address=?", [address])


def _sends(chat: Row) -> list[float]:
    return [float(sent) for sent in json.loads(chat["sends"])]


def _write(
    db: Database, chat: Row, sends: Iterable[float], *, claimed_at: float, not_before: float = 0.0
) -> None:
    kept = sorted(sends)[-PER_MINUTE:]
    kind = None if chat["kind"] is None else ChatKind(chat["kind"])
    turn = next_turn(kept, broad=is_broad(chat["address"], kind))
    db.execute(
        "UPDATE chat SET sends=?, claimed_at=?, next_send_at=? WHERE address=?",
        [json.dumps(kept), claimed_at, max(turn, not_before), chat["address"]],
    )
