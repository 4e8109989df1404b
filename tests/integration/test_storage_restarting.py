"""The part of the contract of `Storage` about going on where an earlier process ended, or a backup was made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from builders import CHAT, NOON, make_batch, make_delivery, make_revision, make_state
from outbox_steps import (
    LEASE,
    UNDECIDED,
    attempt,
    claim,
    claimed,
    count,
    doubts,
    finish,
    resolve,
    send,
    untold,
)

from bot.models import (
    Batch,
    ChatDead,
    ChatPaused,
    Cooldown,
    DeliveryKind,
    DeliveryState,
    Handling,
    Held,
    Message,
    Missing,
    OnUncertain,
    Place,
    Sent,
    Uncertain,
)
from bot.storage import Storage
from bot.storage.sqlite import SqliteStorage

Reopen = Callable[..., Awaitable[Storage]]

HOUR = timedelta(hours=1)
OTHER = "@brics_watch"


@pytest.fixture(params=["sqlite"])
async def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reopen]:
    """Open one database again and again, so many seconds after noon, as process after process would."""
    implementations = {"sqlite": lambda: SqliteStorage(tmp_path / "newsbell.db")}
    opened: list[Storage] = []

    async def again(seconds: float = 0, *, restored: bool = False) -> Storage:
        for earlier in opened:
            await earlier.close()
        opened[:] = [implementations[request.param]()]
        await opened[0].open(NOON + timedelta(seconds=seconds), restored=restored)
        return opened[0]

    yield again
    for last in opened:
        await last.close()


def polled(*keys: str, **changes: object) -> Batch:
    """A poll that owes deliveries of these keys."""
    return make_batch(*(make_delivery(key) for key in keys), **changes)


async def texts(storage: Storage, seconds: float = 0) -> list[str]:
    """The messages in doubt that may be looked for."""
    return [doubt.delivery.message.text for doubt in await doubts(storage, seconds)]


# What a dead process left.


async def test_what_was_in_flight_is_in_doubt_at_once(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1", "2"))
    await claimed(storage)
    storage = await reopen(5)
    assert await texts(storage, 5) == ["the alert 1"]
    assert await claim(storage, 60) is None


async def test_a_doubt_about_what_was_in_flight_is_written_down(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    await claimed(storage)
    storage = await reopen(5)
    assert (await storage.totals()).doubts["open"] == 1


async def test_a_doubt_of_an_earlier_process_goes_on(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    await attempt(storage, Uncertain(why="timeout"), pause=timedelta(seconds=15))
    storage = await reopen(5)
    assert await texts(storage, 14) == []
    assert await texts(storage, 15) == ["the alert 1"]


async def test_what_was_in_flight_may_have_been_sent_until_now(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1", "2"))
    await claimed(storage)
    storage = await reopen(5)
    assert await storage.last_send() == NOON + timedelta(seconds=5)
    (doubt,) = await doubts(storage, 5)
    await resolve(storage, doubt, Missing(), 5)
    assert await claim(storage, 5.9) is None
    assert await claim(storage, 6) is not None


async def test_a_dead_process_finishes_nothing(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    late = await claimed(storage)
    storage = await reopen()
    assert not await storage.finish(late, Sent(message_id=1), NOON, pause=timedelta())


async def test_the_pace_of_a_chat_outlives_the_process(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled(*(str(n) for n in range(21))))
    for second in range(20):
        await send(storage, second + 1, second)
    storage = await reopen(30)
    assert await claim(storage, 59.9) is None
    assert await claim(storage, 60) is not None


async def test_a_paused_chat_stays_paused(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    await attempt(storage, ChatPaused(why="kicked"), pause=timedelta(minutes=10))
    storage = await reopen(5)
    assert await claim(storage, 599) is None


async def test_a_dead_chat_is_tried_once_more(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    await attempt(storage, ChatDead(why="deleted"))
    storage = await reopen(5)
    assert await storage.record(polled("2", "3")) == 2
    await attempt(storage, ChatDead(why="deleted"), 6)
    assert await claim(storage, 60) is None
    assert await storage.record(polled("4")) == 0


async def test_a_dead_chat_that_is_tried_in_vain_is_told_of_no_second_time(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    await attempt(storage, ChatDead(why="deleted"))
    await storage.tell((await untold(storage))[0], None, NOON)
    storage = await reopen(5)
    await storage.record(polled("2"))
    await attempt(storage, ChatDead(why="deleted"), 6)
    assert await untold(storage) == ()


# A clock that was set back between two processes.


async def test_a_clock_that_was_set_back_changes_no_wait_of_a_chat(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    await attempt(storage, ChatPaused(why="kicked"), 3600, pause=timedelta(minutes=10))
    storage = await reopen()
    assert await claim(storage, 599) is None
    assert await claim(storage, 600) is not None


async def test_a_clock_that_was_set_back_is_known_by_the_heartbeat(reopen: Reopen) -> None:
    storage = await reopen()
    cooldown = Cooldown(place=Place(chat=CHAT), rule="rare-earth", until=NOON + 2 * HOUR)
    await storage.record(make_batch(make_delivery(cooldowns=(cooldown,))))
    await storage.beat(NOON + HOUR)
    storage = await reopen()
    assert [running.until for running in await storage.cooling(NOON)] == [NOON + HOUR]


async def test_a_clock_that_went_on_moves_nothing(reopen: Reopen) -> None:
    storage = await reopen()
    cooldown = Cooldown(place=Place(chat=CHAT), rule="rare-earth", until=NOON + 2 * HOUR)
    await storage.record(make_batch(make_delivery(cooldowns=(cooldown,))))
    await storage.beat(NOON)
    storage = await reopen(3600)
    assert await storage.cooling(NOON + HOUR) == (cooldown,)


async def test_what_was_in_flight_when_the_clock_was_set_back_is_in_doubt_at_once(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    await claimed(storage, 3600)
    storage = await reopen()
    assert await texts(storage) == ["the alert 1"]


# A backup that was put back.


async def test_all_that_was_pending_in_a_backup_is_in_doubt_before_it_is_sent(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(make_batch(make_delivery("1"), make_delivery("2", OTHER)))
    storage = await reopen(restored=True)
    assert await claim(storage) is None
    assert await texts(storage) == ["the alert 1", "the alert 2"]


async def test_what_was_pending_in_a_backup_is_looked_for_one_after_the_other(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("0", "1", "2"))
    await send(storage, 41)
    storage = await reopen(5, restored=True)
    assert await claim(storage, 5) is None
    (doubt,) = await doubts(storage, 5)
    assert (doubt.delivery.message.text, doubt.delivery.previous) == ("the alert 1", 41)


async def test_what_was_pending_in_a_backup_and_is_missing_is_sent(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    storage = await reopen(restored=True)
    await claim(storage)
    (doubt,) = await doubts(storage)
    await resolve(storage, doubt, Missing())
    assert (await send(storage, 7)).message.text == "the alert 1"


async def test_what_was_pending_in_a_backup_and_cannot_be_looked_for_is_done_as_the_channel_says(
    reopen: Reopen,
) -> None:
    storage = await reopen()
    await storage.record(make_batch(make_delivery(handling=Handling(on_uncertain=OnUncertain.DROP))))
    storage = await reopen(restored=True)
    await claim(storage)
    (doubt,) = await doubts(storage)
    assert await resolve(storage, doubt, UNDECIDED) is DeliveryState.FAILED


async def test_an_edit_that_was_pending_in_a_backup_is_simply_made(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(make_batch(make_delivery(), revisions=(make_revision(),)))
    await send(storage, 7)
    await storage.revise(NOON + timedelta(seconds=60), limit=3, gap=timedelta(seconds=60))
    storage = await reopen(60, restored=True)
    assert (await claimed(storage, 60)).kind is DeliveryKind.EDIT


async def test_what_a_feed_brings_first_after_a_backup_is_in_doubt(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled())
    storage = await reopen(restored=True)
    assert await storage.record(polled("1")) == 1
    assert await claim(storage) is None
    assert await texts(storage) == ["the alert 1"]


async def test_what_a_feed_brings_next_is_not(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled())
    storage = await reopen(restored=True)
    await storage.record(polled())
    await storage.record(polled("1"))
    assert await claim(storage) is not None


async def test_a_poll_that_failed_tells_nothing_of_what_came_before(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled())
    storage = await reopen(restored=True)
    await storage.record(polled(feed=make_state(failures=1)))
    await storage.record(polled("1"))
    assert await claim(storage) is None


async def test_each_feed_is_suspect_by_itself(reopen: Reopen) -> None:
    storage = await reopen()
    other = "https://other.example/rss.xml"
    await storage.record(polled())
    await storage.record(polled(feed=make_state(other)))
    storage = await reopen(restored=True)
    await storage.record(polled())
    await storage.record(polled("1", feed=make_state(other)))
    assert await claim(storage) is None


async def test_a_feed_stays_suspect_until_it_is_polled_however_often_the_bot_starts(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled())
    await reopen(restored=True)
    storage = await reopen()
    await storage.record(polled("1"))
    assert await claim(storage) is None


def held(key: str) -> Held:
    return Held(
        dedupe_key=key,
        place=Place(chat=CHAT),
        rule="rare-earth",
        story_id="story-1",
        title="A refinery",
        url=None,
        source="Example Wire",
        message=Message(text="the alert"),
    )


async def test_what_was_held_in_a_backup_is_in_doubt_before_it_is_sent(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(make_batch(held=(held("1"),)))
    storage = await reopen(restored=True)
    await storage.release(await storage.due_held(NOON), make_delivery("both"), NOON)
    assert await claim(storage) is None
    assert await texts(storage) == ["the alert both"]


async def test_what_a_suspect_feed_brings_and_is_held_is_in_doubt_before_it_is_sent(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled())
    storage = await reopen(restored=True)
    await storage.record(make_batch(held=(held("1"),)))
    await storage.release(await storage.due_held(NOON), make_delivery("both"), NOON)
    assert await claim(storage) is None


async def test_an_ordinary_start_doubts_nothing(reopen: Reopen) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    storage = await reopen()
    assert await claim(storage) is not None


async def test_a_process_that_was_stopped_for_long_still_knows_what_became_of_its_message(
    reopen: Reopen,
) -> None:
    storage = await reopen()
    await storage.record(polled("1"))
    delivery = await claimed(storage)
    await doubts(storage, LEASE.total_seconds() * 3)
    await finish(storage, delivery, Sent(message_id=7), LEASE.total_seconds() * 3 + 1)
    assert await count(storage, DeliveryState.SENT) == 1
