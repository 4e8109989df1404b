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


def connect(path: Path, *, read_only: bool = False) -> Database:
    """Open a database file and set it up; raises DatabaseUnusable when it is not one that we can trust."""
    if path.is_dir():
        raise unusable(path, "it is a folder")
    if not path.parent.is_dir():
        raise unusable(path, "its folder does not exist")
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}",
            uri=True,
            timeout=BUSY.total_seconds(),
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise unusable(path, str(error)) from error
    db = Database(connection)
    try:
        if read_only:
            return db
        mode = scalar(db, "PRAGMA journal_mode=wal")
        if mode != "wal":
            raise unusable(path, f"its journal is {mode} and cannot be WAL, as on a network share")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA fullfsync=ON")
        verdict = scalar(db, "PRAGMA quick_check(1)")
        if verdict != "ok":
            raise unusable(path, f"it is corrupt ({verdict})")
        _refuse_newer(db, path)
    except sqlite3.Error as error:
        db.close()
        raise unusable(path, str(error)) from error
    except BaseException:
        db.close()
        raise
    return db


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use, whole and consistent; an absent one copies as nothing."""
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


def unusable(path: Path, why: str) -> DatabaseUnusable:
    """The error for a database that cannot be worked with, and what to do."""
    return DatabaseUnusable(
        f"{path}: the database cannot be used: {why}; let NEWSBELL_DATABASE name a file that this user may "
        "write to, or put back a backup of it"
    )


def _refuse_newer(db: Database, path: Path) -> None:
    known = {migration.name for migration in SCHEMA.pending(Database(memory=True))}
    unknown = [migration.name for migration in SCHEMA.applied(db) if migration.name not in known]
    if unknown:
        raise unusable(path, f"a newer Newsbell changed it ({unknown[-1]}), which this one does not know")


def scalar(db: Database, query: str) -> Any:
    """The first column of a query's first row, or None."""
    row = db.execute(query).fetchone()
    return None if row is None else row[0]
