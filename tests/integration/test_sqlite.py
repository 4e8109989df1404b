"""What is particular to SQLite: the file, its lock, its faults."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from builders import CHAT, FEED, NOON, make_alert, make_batch, make_delivery, make_folded, make_revision
from sqlite_utils import Database

from bot.errors import DatabaseHeld, DatabaseUnusable, StorageError
from bot.models import (
    ChatFacts,
    ChatKind,
    DeliveryKind,
    DeliveryState,
    Found,
    KnownArticle,
    Lead,
    Message,
    Missing,
    Sent,
    Story,
    Teller,
    Uncertain,
)
from bot.storage.connection import connect, copy, scalar
from bot.storage.migrations import SCHEMA
from bot.storage.sqlite import SqliteStorage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "newsbell.db"


async def filled(path: Path) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    articles = tuple(make_folded(f"story-{n}", keys=(f"id:{n}",)) for n in range(200))
    await storage.record(make_batch(make_delivery(), seen=("id:1",), articles=articles))
    await storage.close()


async def opened_and_closed(path: Path) -> None:
    storage = SqliteStorage(path)
    try:
        await storage.open(NOON)
    finally:
        await storage.close()


async def test_the_journal_is_wal_and_every_commit_is_synced(path: Path) -> None:
    await filled(path)
    db = connect(path)
    assert (scalar(db, "PRAGMA journal_mode"), scalar(db, "PRAGMA synchronous")) == ("wal", 2)
    db.close()


async def test_what_was_stored_is_there_after_a_restart(path: Path) -> None:
    await filled(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    assert await storage.unseen(FEED, ["id:1", "id:2"]) == {"id:2"}
    await storage.close()


async def test_a_delivery_left_in_flight_is_settled_after_a_restart(path: Path) -> None:
    await filled(path)
    dead = SqliteStorage(path)
    await dead.open(NOON)
    late = await dead.claim(NOON, lease=timedelta(seconds=120))
    await dead.close()
    storage = SqliteStorage(path)
    await storage.open(NOON)
    assert late is not None
    assert not await storage.finish(late, Sent(message_id=1), NOON, pause=timedelta())
    (doubt,) = await storage.doubts(NOON)
    assert doubt.delivery.id == late.id
    await storage.close()


async def test_an_edit_left_in_flight_is_made_again_and_counts_as_no_double(path: Path) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    await storage.record(make_batch(make_delivery(alert=make_alert()), revisions=(make_revision(),)))
    first = await storage.claim(NOON, lease=timedelta(seconds=120))
    assert first is not None
    await storage.finish(first, Sent(message_id=7), NOON, pause=timedelta())
    later = NOON + timedelta(seconds=60)
    assert await storage.revise(later, limit=3, gap=timedelta(seconds=60)) == 1
    await storage.claim(later, lease=timedelta(seconds=120))
    await storage.close()
    storage = SqliteStorage(path)
    await storage.open(later)
    assert await storage.doubts(later) == ()
    again = await storage.claim(later + timedelta(seconds=1), lease=timedelta(seconds=120))
    assert again is not None
    assert (again.kind, again.target, again.attempt) == (DeliveryKind.EDIT, 7, 2)
    await storage.close()


async def test_an_edit_is_due_though_the_clock_was_ahead_in_an_earlier_run(path: Path) -> None:
    ahead = NOON + timedelta(days=365)
    storage = SqliteStorage(path)
    await storage.open(ahead)
    await storage.record(make_batch(make_delivery(), revisions=(make_revision(),)))
    first = await storage.claim(ahead, lease=timedelta(seconds=120))
    assert first is not None
    await storage.finish(first, Sent(message_id=7), ahead, pause=timedelta())
    await storage.close()
    storage = SqliteStorage(path)
    await storage.open(NOON)
    assert await storage.revise(NOON + timedelta(seconds=60), limit=3, gap=timedelta(seconds=60)) == 1
    await storage.close()


def released_before_stories_lived(path: Path) -> None:
    """A database as the second migration left it: a story of two feeds, what it owes, what was sent."""
    db = connect(path)
    SCHEMA.apply(db, stop_before="m003_lives_of_stories")
    noon = NOON.timestamp()
    db.execute("INSERT INTO story VALUES('story-1', 'A refinery', ?, ?)", [noon, noon])
    matches = [
        '[{"rule": "rare-earth", "evidence": [["title", 0, 4, "稀土"], ["summary", 0, 4, "稀土"]]}]',
        '[{"rule": "brics", "evidence": [["title", 0, 5, "BRICS"]]}, {"rule": "rare-earth", "evidence": []}]',
    ]
    for number, published in enumerate((noon - 60, None)):
        db.execute(
            "INSERT INTO article(story_id, reason, feed_url, source, key, url, canonical_url, title, summary, "
            "content, published_at, recorded_at, matches) "
            "VALUES('story-1', 'new', ?, ?, 'id:1', ?, ?, ?, 'It is built.', '', ?, ?, ?)",
            [
                f"https://feed-{number}.example/",
                f"Feed {number}",
                f"https://page-{number}.example/",
                f"https://page-{number}.example/",
                f"Refinery {number}",
                published,
                noon + number,
                matches[number],
            ],
        )
    db.execute("INSERT INTO chat(address) VALUES(?)", [CHAT])
    for key, state in (("sent", "sent"), ("owed", "pending"), ("doubtful", "uncertain")):
        db.execute(
            "INSERT INTO delivery(dedupe_key, story_id, chat, rules, payload, state, created_at, message_id) "
            """VALUES(?, 'story-1', ?, '["rare-earth"]', '{"text": "the alert", "entities": []}', ?, ?, ?)""",
            [key, CHAT, state, noon, 7 if state == "sent" else None],
        )
    db.close()


async def test_a_story_from_before_stories_lived_has_what_its_articles_say(path: Path) -> None:
    released_before_stories_lived(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    (story,) = await storage.stories(["story-1"])
    assert story == Story(
        id="story-1",
        lead=Lead(
            feed_url="https://feed-0.example/",
            source="Feed 0",
            title="Refinery 0",
            url="https://page-0.example/",
            summary="It is built.",
            published=NOON - timedelta(seconds=60),
        ),
        tellers=(
            Teller(feed_url="https://feed-0.example/", source="Feed 0"),
            Teller(feed_url="https://feed-1.example/", source="Feed 1"),
        ),
        words=(("rare-earth", ("稀土",)), ("brics", ("BRICS",))),
        facts=frozenset(),
        began_at=NOON - timedelta(seconds=60),
        last_at=NOON + timedelta(seconds=1),
    )
    await storage.close()


async def test_articles_from_before_stories_lived_are_known_but_not_sketched(path: Path) -> None:
    released_before_stories_lived(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    assert await storage.known(urls=["https://page-1.example/"], text_keys=[]) == (
        KnownArticle(story_id="story-1", canonical_url="https://page-1.example/", text_key=None),
    )
    assert await storage.sketched(since=NOON - timedelta(days=9)) == ()
    await storage.close()


async def test_what_was_owed_before_stories_lived_is_sent_and_not_taken_for_told(path: Path) -> None:
    released_before_stories_lived(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    (doubt,) = await storage.doubts(NOON)
    assert await storage.resolve(doubt, Missing(), NOON) is DeliveryState.PENDING
    for message_id in (8, 9):
        delivery = await storage.claim(NOON + timedelta(seconds=message_id), lease=timedelta(seconds=120))
        assert delivery is not None
        assert (delivery.kind, delivery.target) == (DeliveryKind.MESSAGE, None)
        await storage.finish(delivery, Sent(message_id=message_id), NOON, pause=timedelta())
    assert await storage.told(["story-1"]) == ()
    await storage.close()


def released_before_chats_had_a_pace(path: Path) -> None:
    """A database as the third migration left it: chats under several names, what is in flight, in doubt and owed."""
    db = connect(path)
    SCHEMA.apply(db, stop_before="m004_outbox")
    noon = NOON.timestamp()
    for address, last in ((CHAT, 41), ("-1000000000042", None), (CHAT.upper(), None), ("@brics_watch", 7)):
        db.execute(
            "INSERT INTO chat(address, claimed_at, last_message_id) VALUES(?, ?, ?)", [address, noon, last]
        )
    for key, chat, state in (
        ("doubtful", CHAT, "uncertain"),
        ("owed", CHAT.upper(), "pending"),
        ("urgent", "@brics_watch", "pending"),
    ):
        db.execute(
            "INSERT INTO delivery(dedupe_key, story_id, chat, rules, payload, state, created_at, priority, not_before) "
            """VALUES(?, '', ?, '[]', '{"text": "' || ? || '", "entities": []}', ?, ?, 3, ?)""",
            [key, chat, key, state, noon, noon],
        )
    db.close()


async def test_what_was_in_doubt_before_doubts_were_written_down_is_looked_for(path: Path) -> None:
    released_before_chats_had_a_pace(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    (doubt,) = await storage.doubts(NOON)
    assert (doubt.delivery.message, doubt.delivery.previous) == (Message(text="doubtful"), 41)
    assert (await storage.totals()).doubts["open"] == 1
    await storage.close()


async def test_names_that_differ_in_case_become_one_queue(path: Path) -> None:
    released_before_chats_had_a_pace(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    later = NOON + timedelta(seconds=5)
    first = await storage.claim(later, lease=timedelta(seconds=120))
    assert first is not None
    assert (first.chat, first.message.text) == ("@brics_watch", "urgent")
    assert await storage.claim(later, lease=timedelta(seconds=120)) is None
    (doubt,) = await storage.doubts(NOON)
    await storage.resolve(doubt, Found(message_id=42), later)
    owed = await storage.claim(later, lease=timedelta(seconds=120))
    assert owed is not None
    assert (owed.chat, owed.message.text, owed.previous) == (CHAT, "owed", 42)
    await storage.close()


async def test_an_id_from_before_ids_were_known_is_found_to_be_a_name(path: Path) -> None:
    released_before_chats_had_a_pace(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    await storage.learn_chat(CHAT, ChatFacts(id=-1000000000042, kind=ChatKind.CHANNEL), NOON)
    assert await storage.same_chats() == {"-1000000000042": CHAT}
    await storage.close()


async def test_what_was_sent_before_the_pace_was_written_down_counts(path: Path) -> None:
    released_before_chats_had_a_pace(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    for second in range(1, 20):
        await storage.take_turn("@brics_watch", NOON + timedelta(seconds=second))
    wait = await storage.take_turn("@brics_watch", NOON + timedelta(seconds=20))
    assert wait == timedelta(seconds=40)
    await storage.close()


@pytest.mark.parametrize(
    "payload", ["", "[]", "{}", '{"text": "x", "entities": [["glow", 0, 1, null]]}', "null"]
)
async def test_a_message_of_another_version_fails_alone(path: Path, payload: str) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    await storage.record(make_batch(make_delivery("1"), make_delivery("2")))
    storage._open_db.execute("UPDATE delivery SET payload=? WHERE dedupe_key='1'", [payload])
    delivery = await storage.claim(NOON, lease=timedelta(seconds=120))
    assert delivery is not None
    assert delivery.message.text == "the alert 2"
    assert (await storage.totals()).deliveries[DeliveryState.FAILED] == 1
    await storage.close()


async def test_a_message_in_doubt_that_cannot_be_read_fails_and_frees_its_chat(path: Path) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    await storage.record(make_batch(make_delivery("1"), make_delivery("2")))
    first = await storage.claim(NOON, lease=timedelta(seconds=120))
    assert first is not None
    await storage.finish(first, Uncertain(why="timeout"), NOON, pause=timedelta())
    storage._open_db.execute("UPDATE delivery SET payload='{}' WHERE dedupe_key='1'")
    assert await storage.doubts(NOON) == ()
    assert (await storage.totals()).doubts["dropped"] == 1
    assert await storage.claim(NOON + timedelta(seconds=1), lease=timedelta(seconds=120)) is not None
    await storage.close()


async def test_a_claim_looks_at_no_more_than_it_takes(path: Path) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    db = storage._open_db
    await storage.record(
        make_batch(*(make_delivery(f"{n}", f"@chat_{n % 50}", priority=n % 3) for n in range(300)))
    )
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    async def cost() -> int:
        nonlocal steps
        steps = 0
        assert await storage.claim(NOON, lease=timedelta(seconds=120)) is not None
        return steps

    db.conn.set_progress_handler(step, 10)
    few = await cost()
    db.conn.set_progress_handler(None, 10)
    await storage.record(
        make_batch(*(make_delivery(f"more {n}", f"@more_{n % 500}", priority=n % 3) for n in range(3000)))
    )
    db.conn.set_progress_handler(step, 10)
    assert await cost() < 1.5 * few
    await storage.close()


async def test_a_story_that_goes_on_keeps_the_time_of_its_first_recording(path: Path) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    for at in (NOON, NOON + timedelta(hours=1)):
        await storage.record(make_batch(at=at, articles=(make_folded(),)))
    (row,) = storage._open_db.query("SELECT created_at, updated_at FROM story")
    assert row == {"created_at": NOON.timestamp(), "updated_at": NOON.timestamp() + 3600}
    await storage.close()


async def test_a_second_instance_is_refused_and_told_of_the_first(path: Path) -> None:
    first = SqliteStorage(path)
    await first.open(NOON)
    with pytest.raises(DatabaseHeld, match=str(os.getpid())):
        await opened_and_closed(path)
    await first.close()


async def test_a_lock_ends_with_its_process_however_it_ends(path: Path) -> None:
    code = (
        "import os, pathlib; from bot.storage.lock import DatabaseLock; "
        f"DatabaseLock(pathlib.Path({str(path)!r})).acquire(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=30)  # noqa: S603 - our own code
    await opened_and_closed(path)


async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        await opened_and_closed(path)


async def test_a_flipped_page_is_refused_and_left_as_it_is(path: Path) -> None:
    await filled(path)
    body = bytearray(path.read_bytes())
    middle = len(body) // 2
    body[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(body)
    with pytest.raises(DatabaseUnusable, match="backup"):
        await opened_and_closed(path)
    assert path.read_bytes() == bytes(body)


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="folder"):
        await opened_and_closed(tmp_path)


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="absent"):
        await opened_and_closed(tmp_path / "absent" / "newsbell.db")


async def test_a_database_of_a_newer_version_is_refused(path: Path) -> None:
    await filled(path)
    db = Database(path)
    db.execute(
        "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES('newsbell', ?, '2030-01-01')",
        ["m999_from_the_future"],
    )
    db.close()
    with pytest.raises(DatabaseUnusable, match="m999_from_the_future"):
        await opened_and_closed(path)


async def test_a_failing_statement_keeps_nothing_of_its_batch(path: Path) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    nameless = make_delivery(story_id=cast("str", None))
    with pytest.raises(StorageError):
        await storage.record(make_batch(nameless, seen=("id:1",)))
    assert await storage.unseen(FEED, ["id:1"]) == {"id:1"}
    await storage.close()


async def test_a_full_disk_is_an_error_that_passes(path: Path) -> None:
    storage = SqliteStorage(path)
    await storage.open(NOON)
    db = storage._open_db
    db.execute(f"PRAGMA max_page_count={scalar(db, 'PRAGMA page_count')}")
    big = tuple(make_folded(f"story-{n}", keys=(f"id:{n}",)) for n in range(500))
    with pytest.raises(StorageError, match="full"):
        await storage.record(make_batch(make_delivery(), seen=("id:1",), articles=big))
    db.execute("PRAGMA max_page_count=1000000")
    assert await storage.record(make_batch(make_delivery(), seen=("id:1",), articles=big)) == 1
    await storage.close()


async def test_a_database_locked_for_a_moment_is_waited_for(path: Path) -> None:
    await filled(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    beat = asyncio.create_task(storage.beat(NOON))
    await asyncio.sleep(0.2)
    assert not beat.done()
    other.execute("ROLLBACK")
    await beat
    other.close()
    assert await storage.heartbeat() == NOON
    await storage.close()


async def test_a_copy_of_a_database_in_use_is_whole(path: Path, tmp_path: Path) -> None:
    await filled(path)
    storage = SqliteStorage(path)
    await storage.open(NOON)
    copy(path, tmp_path / "copy.db")
    await storage.close()
    twin = SqliteStorage(tmp_path / "copy.db")
    await twin.open(NOON)
    assert (await twin.totals()).deliveries[DeliveryState.PENDING] == 1
    await twin.close()


def test_a_copy_of_nothing_is_nothing(tmp_path: Path) -> None:
    copy(tmp_path / "absent.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
