"""Conditions that operators hear of: each begins and ends in the transaction that finds it so.

A row says what is the matter and how much of it was told. What ends before anybody heard of it leaves no trace, and
what begins anew before its end was told has never ended: so a chat that comes and goes makes no noise.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlite_utils import Database

from bot.models import Condition, ConditionKind
from bot.storage.rows import Row, moment


def begin(db: Database, kind: ConditionKind, subject: str, why: str, at: float) -> None:
    """See `Storage.begin`."""
    db.execute(
        "INSERT INTO condition(kind, subject, why, began_at) VALUES(:kind, :subject, :why, :at) "
        "ON CONFLICT(kind, subject) DO UPDATE SET ended_at=NULL, why=excluded.why, "
        "began_at=CASE told WHEN 'begin' THEN began_at ELSE excluded.began_at END, "
        "told=CASE told WHEN 'begin' THEN 'begin' ELSE 'nothing' END WHERE ended_at IS NOT NULL",
        {"kind": kind.value, "subject": subject, "why": why, "at": at},
    )


def end(db: Database, kind: ConditionKind, subject: str, at: float) -> None:
    """See `Storage.end`."""
    db.execute(
        "DELETE FROM condition WHERE kind=? AND subject=? AND told='nothing'",
        [kind.value, subject],
    )
    db.execute(
        "UPDATE condition SET ended_at=? WHERE kind=? AND subject=? AND ended_at IS NULL",
        [at, kind.value, subject],
    )


def forget(db: Database, kind: ConditionKind, subject: str) -> None:
    """Let a condition go without a word, where a worse one has taken its place."""
    db.execute("DELETE FROM condition WHERE kind=? AND subject=?", [kind.value, subject])


def why(db: Database, kind: ConditionKind, subject: str) -> str | None:
    """The reason of a condition that holds."""
    row = db.execute(
        "SELECT why FROM condition WHERE kind=? AND subject=? AND ended_at IS NULL", [kind.value, subject]
    ).fetchone()
    return None if row is None else str(row[0])


def untold(db: Database) -> tuple[Condition, ...]:
    """See `Storage.untold`."""
    rows = db.query(
        "SELECT * FROM condition WHERE (told='nothing' AND ended_at IS NULL) "
        "OR (told='begin' AND ended_at IS NOT NULL) ORDER BY coalesce(ended_at, began_at), kind, subject"
    )
    return tuple(_condition(row) for row in rows)


def mark_told(db: Database, condition: Condition) -> bool:
    """Remember that operators hear of a condition; False where they have heard, or it is over, or on again, by now."""
    over = condition.ended_at is not None
    told = db.execute(
        "UPDATE condition SET told=:now WHERE kind=:kind AND subject=:subject AND began_at=:began_at "
        "AND told=:before AND (ended_at IS NOT NULL)=:over",
        {
            "kind": condition.kind.value,
            "subject": condition.subject,
            "began_at": condition.began_at.timestamp(),
            "before": "begin" if over else "nothing",
            "now": "end" if over else "begin",
            "over": over,
        },
    ).rowcount
    return bool(told)


def _condition(row: Row) -> Condition:
    return Condition(
        kind=ConditionKind(row["kind"]),
        subject=row["subject"],
        why=row["why"],
        began_at=datetime.fromtimestamp(row["began_at"], UTC),
        ended_at=moment(row["ended_at"]),
    )
