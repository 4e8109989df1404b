"""What waited, and the one message that it becomes: for a cooldown, a cap, a paused rule, a chat out of reach."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import FEED, NOON, make_batch, make_delivery, make_folded, make_match

from bot.alerts.harmless import harmless
from bot.errors import StorageError
from bot.models import (
    ConditionKind,
    Cooldown,
    DeliveryState,
    Feed,
    Handling,
    Held,
    Message,
    OutboxEntry,
    Pause,
    Place,
)
from bot.rules.definitions import Channel, Group, Priority, Rule, RuleBook
from bot.services.digests import Digests
from bot.storage.sqlite import SqliteStorage

PLACE = Place(chat="@wire", thread=7)
HOUR = timedelta(hours=1)
BOOK = RuleBook(rules=(Rule(id="brics", title="BRICS", when=Group(), cooldown=HOUR, priority=Priority.HIGH),))


def held(number: int, cause: str = "brics") -> Held:
    return Held(
        dedupe_key=f"key-{number}",
        place=PLACE,
        rule=cause,
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


async def ticked(
    storage: SqliteStorage, book: RuleBook = BOOK, *, at: datetime = NOON
) -> tuple[OutboxEntry, ...]:
    """What is pending after a look at what has waited for long enough."""
    await Digests(book=book, storage=storage, clock=lambda: at, on_pending=lambda: None).tick()
    return await storage.outbox(states=(DeliveryState.PENDING,))


async def digest_of(storage: SqliteStorage, cause: str, book: RuleBook = BOOK) -> OutboxEntry:
    """The one message of two stories that waited for a cause."""
    await storage.record(make_batch(held=(held(1, cause), held(2, cause))))
    (entry,) = await ticked(storage, book)
    return entry


def heading(entry: OutboxEntry) -> str:
    return entry.message.text.partition("\n")[0]


async def test_what_waited_for_its_chats_cap_is_counted_and_no_more(storage: SqliteStorage) -> None:
    entry = await digest_of(storage, "*")
    assert (heading(entry), entry.rules) == ("2 more stories", ())


async def test_what_waited_for_its_feeds_cap_is_titled_by_the_feed(storage: SqliteStorage) -> None:
    named = replace(BOOK, feeds=(Feed(url=FEED, name="Example Wire"),))
    entry = await digest_of(storage, f"feed:{FEED}", named)
    assert (heading(entry), entry.rules) == ("Example Wire: 2 more stories", ())


async def test_what_waited_for_a_feed_that_is_gone_comes_all_the_same(storage: SqliteStorage) -> None:
    assert harmless("wire.example: 2 more stories") in heading(await digest_of(storage, f"feed:{FEED}"))


async def test_a_key_in_a_feeds_address_is_neither_shown_nor_logged(
    storage: SqliteStorage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.services.digests")
    entry = await digest_of(storage, f"feed:{FEED}?key=secret")
    assert caplog.messages == [f"held_released chat=@wire for=feed:{FEED} stories=2"]
    assert "secret" not in entry.message.text


async def test_what_waited_for_a_rule_that_is_gone_comes_all_the_same(storage: SqliteStorage) -> None:
    entry = await digest_of(storage, "byd")
    assert (heading(entry), entry.rules, entry.priority) == ("byd: 2 more stories", ("byd",), 0)


async def test_stories_that_waited_for_different_things_are_messages_of_their_own(
    storage: SqliteStorage,
) -> None:
    await storage.record(make_batch(held=(held(1), held(2), held(3, "*"), held(4, "*"))))
    assert {heading(entry) for entry in await ticked(storage)} == {"BRICS: 2 more stories", "2 more stories"}


CALM = Channel(chat="@wire", thread=7, rules=("brics",), silent=True, expires=timedelta(hours=2))


async def test_the_message_looks_and_is_handled_as_its_channel_wants(storage: SqliteStorage) -> None:
    entry = await digest_of(storage, "*", replace(BOOK, channels=(CALM,)))
    assert (entry.message.silent, entry.expires_at) == (True, NOON + timedelta(hours=2))


async def test_what_waited_for_a_channel_that_is_gone_comes_all_the_same(storage: SqliteStorage) -> None:
    assert (await digest_of(storage, "*")).chat == "@wire"


# What was not sent in time.


async def waited(storage: SqliteStorage, number: int) -> None:
    """So many deliveries to the place that should have gone out within an hour."""
    deliveries = [
        make_delivery(f"key-{n}", "@wire", thread=7, handling=Handling(expires=HOUR)) for n in range(number)
    ]
    await storage.record(make_batch(*deliveries))


async def test_what_was_not_sent_in_time_becomes_one_message(storage: SqliteStorage) -> None:
    await waited(storage, 20)
    (entry,) = await ticked(storage, at=NOON + HOUR)
    assert heading(entry) == "⏳ 20 stories from while this chat could not be reached"
    assert (entry.chat, entry.thread, entry.priority) == ("@wire", 7, 1)


async def test_what_is_still_in_time_waits_on(storage: SqliteStorage) -> None:
    await waited(storage, 2)
    assert len(await ticked(storage, at=NOON + HOUR / 2)) == 2


async def test_the_message_about_the_late_looks_as_its_channel_wants_and_never_expires(
    storage: SqliteStorage,
) -> None:
    await waited(storage, 2)
    (entry,) = await ticked(storage, replace(BOOK, channels=(CALM,)), at=NOON + HOUR)
    assert (entry.message.silent, entry.expires_at) == (True, None)


async def test_the_log_says_how_many_were_late(
    storage: SqliteStorage, caplog: pytest.LogCaptureFixture
) -> None:
    await waited(storage, 2)
    await ticked(storage, at=NOON + HOUR)
    assert [record.getMessage() for record in caplog.records] == ["deliveries_expired chat=@wire count=2"]


# Rules that are paused.

CAPPED = replace(BOOK, rules=(replace(BOOK.rules[0], cap=5),))


async def paused(storage: SqliteStorage, *, rang: int, articles: int = 10) -> None:
    """Pause the rule until noon, which rings on so many of so many articles."""
    folded = [
        make_folded(keys=(f"key-{n}",), matches=(make_match("brics", "BRICS"),) if n < rang else ())
        for n in range(articles)
    ]
    await storage.record(make_batch(articles=tuple(folded)))
    await storage.pause_rule(Pause(rule="brics", until=NOON, why="rang on nearly everything"), NOON - HOUR)


async def test_a_rule_that_goes_on_ringing_on_half_stays_paused_for_another_hour(
    storage: SqliteStorage,
) -> None:
    await paused(storage, rang=6)
    await ticked(storage, CAPPED)
    assert await storage.pauses() == (
        Pause(rule="brics", until=NOON + HOUR, why="rang on nearly everything"),
    )


async def test_operators_do_not_hear_again_of_a_rule_that_stays_paused(storage: SqliteStorage) -> None:
    await paused(storage, rang=6)
    (condition,) = await storage.untold()
    await storage.tell(condition, None, NOON)
    await ticked(storage, CAPPED)
    assert await storage.untold() == ()


@pytest.mark.parametrize(("rang", "articles"), [(6, 20), (5, 5)], ids=["on few articles", "within its cap"])
async def test_a_rule_that_has_calmed_down_is_resumed(
    storage: SqliteStorage, caplog: pytest.LogCaptureFixture, rang: int, articles: int
) -> None:
    caplog.set_level(logging.INFO, "bot.services.digests")
    await paused(storage, rang=rang, articles=articles)
    await ticked(storage, CAPPED)
    assert await storage.pauses() == ()
    assert "rule_resumed rule=brics" in caplog.messages


async def test_operators_hear_that_a_rule_was_resumed(storage: SqliteStorage) -> None:
    await paused(storage, rang=0)
    (begun,) = await storage.untold()
    await storage.tell(begun, None, NOON)
    await ticked(storage, CAPPED)
    (ended,) = await storage.untold()
    assert (ended.kind, ended.subject, ended.ended_at) == (ConditionKind.RULE_PAUSED, "brics", NOON)


async def test_before_its_time_is_over_a_paused_rule_is_not_looked_at(storage: SqliteStorage) -> None:
    await paused(storage, rang=0)
    await ticked(storage, CAPPED, at=NOON - timedelta(minutes=1))
    assert len(await storage.pauses()) == 1


WIDER = replace(CAPPED, rules=(replace(CAPPED.rules[0], cap=6),))
GONE = replace(CAPPED, rules=())


@pytest.mark.parametrize(
    ("book", "left"), [(CAPPED, 1), (WIDER, 0), (GONE, 0)], ids=["the same", "changed", "gone"]
)
async def test_a_rule_that_changes_is_resumed_at_once(
    storage: SqliteStorage, book: RuleBook, left: int
) -> None:
    await paused(storage, rang=10)
    digests = Digests(
        book=CAPPED, storage=storage, clock=lambda: NOON - timedelta(minutes=1), on_pending=lambda: None
    )
    digests.use(book)
    await digests.tick()
    assert len(await storage.pauses()) == left


class FailingOnce(SqliteStorage):
    """A database whose pauses cannot be read the first time."""

    fails = True

    async def pauses(self) -> tuple[Pause, ...]:
        if self.fails:
            self.fails = False
            raise StorageError("the disk is full")
        return await super().pauses()


async def test_a_change_of_rules_outlasts_a_database_that_fails(tmp_path: Path) -> None:
    storage = FailingOnce(tmp_path / "failing.db")
    await storage.open(NOON)
    await paused(storage, rang=10)
    digests = Digests(
        book=CAPPED, storage=storage, clock=lambda: NOON - timedelta(minutes=1), on_pending=lambda: None
    )
    digests.use(WIDER)
    await digests.tick()
    await digests.tick()
    assert await storage.pauses() == ()
    await storage.close()


async def test_a_rule_that_changed_before_it_was_paused_is_not_resumed(storage: SqliteStorage) -> None:
    digests = Digests(
        book=CAPPED, storage=storage, clock=lambda: NOON - timedelta(minutes=1), on_pending=lambda: None
    )
    digests.use(WIDER)
    await digests.tick()
    await paused(storage, rang=10)
    await digests.tick()
    assert len(await storage.pauses()) == 1
