"""Stories that waited for a cooldown, and the one message that they become."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOON, make_batch

from bot.models import Cooldown, Held, Message, Place
from bot.rules.definitions import Group, Priority, Rule, RuleBook
from bot.services.digests import Digests
from bot.storage.sqlite import SqliteStorage

PLACE = Place(chat="@wire", thread=7)
HOUR = timedelta(hours=1)
BOOK = RuleBook(rules=(Rule(id="brics", title="BRICS", when=Group(), cooldown=HOUR, priority=Priority.HIGH),))


def held(number: int) -> Held:
    return Held(
        dedupe_key=f"key-{number}",
        place=PLACE,
        rule="brics",
        story_id=f"story-{number}",
        title=f"Story {number}",
        url=f"https://wire.example/{number}",
        source="Example Wire",
        message=Message(text=f"the alert {number}"),
    )


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[SqliteStorage]:
    opened = SqliteStorage(tmp_path / "newsbell.db")
    await opened.open(NOON)
    yield opened
    await opened.close()


async def released(storage: SqliteStorage, *stories: Held) -> list[dict[str, object]]:
    await storage.record(make_batch(held=stories))
    digests = Digests(book=BOOK, storage=storage, clock=lambda: NOON, on_pending=lambda: None)
    await digests.tick()
    await digests.tick()
    return list(storage._open_db.query("SELECT * FROM delivery"))


async def test_several_stories_become_one_message(storage: SqliteStorage) -> None:
    (delivery,) = await released(storage, held(1), held(2))
    assert "BRICS: 2 more stories\\n• Story 1 (Example Wire)\\n• Story 2 (Example Wire)" in str(
        delivery["payload"]
    )


async def test_a_single_story_becomes_the_alert_that_it_would_have_been(storage: SqliteStorage) -> None:
    (delivery,) = await released(storage, held(1))
    assert "the alert 1" in str(delivery["payload"])


async def test_the_message_goes_to_the_topic_with_the_rules_priority(storage: SqliteStorage) -> None:
    (delivery,) = await released(storage, held(1), held(2))
    assert (delivery["chat"], delivery["thread"], delivery["priority"]) == ("@wire", 7, 1)


async def test_the_message_begins_the_next_cooldown(storage: SqliteStorage) -> None:
    await released(storage, held(1), held(2))
    assert await storage.cooling(NOON) == (Cooldown(place=PLACE, rule="brics", until=NOON + HOUR),)


async def test_what_waits_for_a_running_cooldown_goes_on_waiting(storage: SqliteStorage) -> None:
    await released(storage, held(1))
    assert len(await released(storage, held(2))) == 1


async def test_many_stories_fit_into_one_message(storage: SqliteStorage) -> None:
    (delivery,) = await released(storage, *(held(number) for number in range(40)))
    assert "… and 25 more" in str(delivery["payload"])
