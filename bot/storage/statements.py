"""How statements are built from rows and lists of values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from sqlite_utils import Database

from bot.storage.rows import Row

SLICE: Final = 500
"""Values in one list; SQLite's limit on parameters is 999 in old builds."""


def upsert(db: Database, table: str, row: Row, *, key: str, keep: str = "") -> None:
    """Insert a row, or change the one with its key, all but the column `keep`; `key` is a column or several."""
    fixed = {*key.split(", "), keep}
    changes = ", ".join(f"{column}=excluded.{column}" for column in row if column not in fixed)
    db.execute(
        f"INSERT INTO {table}({columns(row)}) VALUES({slots(row)}) ON CONFLICT({key}) DO UPDATE SET {changes}",
        row,
    )


def first(db: Database, query: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
    """The first row of a query, or None."""
    return next(iter(db.query(query, values)), None)


def only(db: Database, query: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row:
    """The first row of a query that has one."""
    return next(iter(db.query(query, values)))


def columns(row: Row) -> str:
    """The columns of a row, for an INSERT."""
    return ", ".join(row)


def slots(row: Row) -> str:
    """The named parameters of a row, for an INSERT."""
    return ", ".join(f":{column}" for column in row)


def in_slices(db: Database, query: str, values: Collection[str], before: Sequence[str] = ()) -> Iterator[Row]:
    """Run a query with `{}` for a list of values, in slices that SQLite's limit on parameters allows."""
    ordered = sorted(values)
    for start in range(0, len(ordered), SLICE):
        part = ordered[start : start + SLICE]
        yield from db.query(query.format(",".join("?" * len(part))), [*before, *part])
