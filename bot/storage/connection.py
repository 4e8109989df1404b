"""Opening a SQLite file so that it can be trusted, and copying one that is in use."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from bot.errors import DatabaseUnusable
from bot.storage.migrations import SCHEMA

BUSY: Final = timedelta(seconds=5)
"""How long a statement waits for another process, a backup say, before it fails."""


_NAME_THE_FILE: Final = "let NEWSBELL_DATABASE name the file that the bot uses"


def connect(path: Path, *, read_only: bool = False, beside: bool = False) -> Database:
    """Open a database file and set it up; raises DatabaseUnusable when it is not one that we can trust.

    One that is read only, or written to `beside` the bot that it belongs to, must be there.
    """
    refuse_place(path)
    there = read_only or beside
    if there and not path.exists():
        raise unusable(path, "there is none", f"start `newsbell run`, which makes it, or {_NAME_THE_FILE}")
    try:
        db = _open(path, "rw" if there else "rwc")
        try:
            if read_only:
                db.execute("PRAGMA query_only=ON")
            else:
                _set_up(db, path)
            verdict = " ".join(str(scalar(db, "PRAGMA quick_check(1)")).split())
            if verdict != "ok":
                raise unusable(path, f"it is corrupt ({verdict})")
            _refuse_newer(db, path)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise unusable(path, str(error)) from error
    return db


def refuse_place(path: Path) -> None:
    """Raise DatabaseUnusable where no database file can be."""
    try:
        if path.is_dir():
            raise unusable(path, "it is a folder")
        if not path.parent.is_dir():
            raise unusable(path, "its folder does not exist")
        if path.exists() and not path.is_file():
            raise unusable(path, "it is no ordinary file")
    except PermissionError as error:
        raise unusable(path, "this user may not look into its folder") from error


def refuse_older(db: Database, path: Path) -> None:
    """Raise DatabaseUnusable where the schema is not yet the present one, which only the bot itself may change."""
    pending = SCHEMA.pending(db)
    if pending:
        raise unusable(
            path,
            f"it has not the tables of this Newsbell ({pending[0].name} is missing)",
            f"start `newsbell run`, which brings it up to date, or {_NAME_THE_FILE}",
        )


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use, whole and consistent; an absent one copies as nothing."""
    refuse_place(source)
    if not source.exists():
        return
    origin = connect(source, read_only=True)
    try:
        with contextlib.closing(sqlite3.connect(target)) as destination:
            origin.conn.backup(destination)
    except sqlite3.Error as error:
        raise unusable(source, str(error)) from error
    finally:
        origin.close()


def unusable(path: Path, why: str, remedy: str = "") -> DatabaseUnusable:
    """The error for a database that cannot be worked with, and what to do."""
    return DatabaseUnusable(
        f"{path}: the database cannot be used: {why}; "
        + (
            remedy
            or "let NEWSBELL_DATABASE name a file that this user may write to, or put back a backup of it"
        )
    )


def _open(path: Path, mode: str) -> Database:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY.total_seconds(),
        check_same_thread=False,
    )
    return Database(connection)


def _set_up(db: Database, path: Path) -> None:
    mode = scalar(db, "PRAGMA journal_mode=wal")
    if mode != "wal":
        raise unusable(path, f"its journal is {mode} and cannot be WAL, as on a network share")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("PRAGMA fullfsync=ON")


def _refuse_newer(db: Database, path: Path) -> None:
    empty = Database(memory=True)
    known = {migration.name for migration in SCHEMA.pending(empty)}
    empty.close()
    unknown = [migration.name for migration in SCHEMA.applied(db) if migration.name not in known]
    if unknown:
        raise unusable(
            path,
            f"a newer Newsbell changed it ({unknown[-1]}), which this one does not know",
            "update Newsbell, or put back a backup from before",
        )


def scalar(db: Database, query: str) -> Any:
    """The first column of a query's first row, or None."""
    row = db.execute(query).fetchone()
    return None if row is None else row[0]
