"""A power cut in the midst of writing: whatever is left of the write-ahead log, the database is what it once was."""

from __future__ import annotations

import random
import secrets
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOON, make_batch, make_delivery
from outbox_steps import NONE, claimed

from bot.models import Sent, Uncertain
from bot.storage.connection import connect
from bot.storage.sqlite import SqliteStorage

HEADER, FRAME = 32, 4096 + 24
"""Bytes of the log's header, and of a frame with a page (sqlite.org/fileformat2.html)."""

CUTS, FLIPS = 150, 150
SEED = secrets.randbelow(10**6)


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A database whose log was never written back, as a killed bot leaves it, and all that it ever was."""
    import asyncio

    folder = tmp_path_factory.mktemp("torn")
    return folder, asyncio.run(_recorded(folder))


async def _recorded(folder: Path) -> set[str]:
    path = folder / "running.db"
    storage = SqliteStorage(path)
    await storage.open(NOON)
    storage._open_db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    storage._open_db.execute("PRAGMA wal_autocheckpoint=0")
    states = {_fingerprint(path)}
    for number in range(12):
        await storage.record(
            make_batch(*(make_delivery(f"{number}-{n}", chat=f"@wire_{n}") for n in range(3)))
        )
        states.add(_fingerprint(path))
        for chat in range(3):
            seconds = number * 90 + chat
            delivery = await claimed(storage, seconds)
            states.add(_fingerprint(path))
            outcome = (
                Uncertain(why="cut") if (number, chat) == (11, 2) else Sent(message_id=number * 3 + chat + 1)
            )
            await storage.finish(delivery, outcome, NOON + timedelta(seconds=seconds), pause=NONE)
            states.add(_fingerprint(path))
    shutil.copy(path, folder / "newsbell.db")
    shutil.copy(f"{path}-wal", folder / "newsbell.db-wal")
    await storage.close()
    return states


def _fingerprint(path: Path) -> str:
    """All that a delivery's life leaves, as one text."""
    with sqlite3.connect(path) as db:
        rows = db.execute(
            "SELECT dedupe_key, state, attempt, message_id, lease_token FROM delivery ORDER BY id"
        ).fetchall()
        chats = db.execute(
            "SELECT address, sends, next_send_at, last_message_id, urgency FROM chat ORDER BY 1"
        ).fetchall()
        doubts = db.execute("SELECT delivery_id, why, verdict FROM doubt").fetchall()
    db.close()
    return repr((rows, chats, doubts))


def _is_whole(torn: tuple[Path, set[str]], target: Path, wal: bytes) -> bool:
    """Whether a database with this log opens, is sound, and is what it was after some commit."""
    folder, states = torn
    for old in target.parent.glob(f"{target.name}*"):
        old.unlink()
    shutil.copy(folder / "newsbell.db", target)
    Path(f"{target}-wal").write_bytes(wal)
    db = connect(target)
    verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
    orphans = db.execute("PRAGMA foreign_key_check").fetchall()
    db.close()
    return verdict == "ok" and orphans == [] and _fingerprint(target) in states


def test_a_log_cut_between_any_two_frames_is_a_state_that_was_committed(
    torn: tuple[Path, set[str]], tmp_path: Path
) -> None:
    wal = (torn[0] / "newsbell.db-wal").read_bytes()
    cuts = [0, *range(HEADER, len(wal) + 1, FRAME)]
    assert len(cuts) > len(torn[1])
    assert [cut for cut in cuts if not _is_whole(torn, tmp_path / "cut.db", wal[:cut])] == []


def test_a_log_cut_at_any_byte_is_a_state_that_was_committed(
    torn: tuple[Path, set[str]], tmp_path: Path
) -> None:
    wal = (torn[0] / "newsbell.db-wal").read_bytes()
    chance = random.Random(SEED)  # noqa: S311 - a seed that can be repeated is the point
    cuts = [chance.randrange(len(wal)) for _ in range(CUTS)]
    assert [(SEED, cut) for cut in cuts if not _is_whole(torn, tmp_path / "cut.db", wal[:cut])] == []


def test_a_log_with_a_flipped_bit_in_its_tail_is_a_state_that_was_committed(
    torn: tuple[Path, set[str]], tmp_path: Path
) -> None:
    wal = (torn[0] / "newsbell.db-wal").read_bytes()
    chance = random.Random(SEED)  # noqa: S311 - as above
    places = [chance.randrange(len(wal) // 2, len(wal)) for _ in range(FLIPS)]
    flipped = {at: wal[:at] + bytes([wal[at] ^ 1 << chance.randrange(8)]) + wal[at + 1 :] for at in places}
    broken = [(SEED, at) for at, bad in flipped.items() if not _is_whole(torn, tmp_path / "bad.db", bad)]
    assert broken == []


async def test_what_is_left_after_a_cut_is_taken_up_by_the_next_start(
    torn: tuple[Path, set[str]], tmp_path: Path
) -> None:
    wal = (torn[0] / "newsbell.db-wal").read_bytes()
    target = tmp_path / "newsbell.db"
    for cut in range(HEADER + FRAME, len(wal), len(wal) // 12):
        assert _is_whole(torn, target, wal[:cut])
        storage = SqliteStorage(target)
        await storage.open(NOON + timedelta(days=1))
        counts = await storage.totals()
        await storage.close()
        assert not any(n for state, n in counts.deliveries.items() if state.value == "sending")
