"""The outbox at work: a real database, a real Bot API server, and faults between them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from builders import CHAT, NOON, make_alert, make_batch, make_delivery, make_revision

from bot.demo.botapi import BotApiServer, Fault
from bot.models import DeliveryState, NewDelivery
from bot.services.dispatcher import LONGEST_DOUBT_WAIT, Dispatcher, Edits, doubt_wait
from bot.storage.sqlite import SqliteStorage
from bot.telegram.sender import TelegramSender


@dataclass
class Time:
    """A clock that a test can push on; it runs by itself as well."""

    ahead: timedelta = timedelta()
    started: float = field(default_factory=time.monotonic)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead.total_seconds()

    def now(self) -> object:
        return NOON + timedelta(seconds=self.monotonic() - self.started)


@dataclass
class World:
    server: BotApiServer
    storage: SqliteStorage
    dispatcher: Dispatcher
    time: Time

    async def owe(self, *deliveries: NewDelivery) -> None:
        await self.storage.record(make_batch(*deliveries))

    async def revise(self, text: str, key: str = "key-1") -> None:
        await self.storage.record(make_batch(revisions=(make_revision(key, text),)))

    async def pass_time(self, seconds: float) -> None:
        """Push the clock on, tick, and wait for what comes of it."""
        self.time.ahead += timedelta(seconds=seconds)
        await self.dispatcher.tick()
        await self.idle()

    def edits(self) -> list[str]:
        """How the messages read after each edit."""
        return [edit.after.text for edit in self.server.history.edits()]

    async def count(self, state: DeliveryState) -> int:
        return (await self.storage.totals()).deliveries[state]

    def attempts(self) -> int:
        """How often any delivery was tried."""
        (row,) = self.storage._open_db.query("SELECT sum(attempt) AS n FROM delivery")
        return int(row["n"])

    async def idle(self) -> None:
        """Wait until the dispatcher has nothing more under way."""
        while self.dispatcher._sends or (self.dispatcher._drain and not self.dispatcher._drain.done()):
            await asyncio.sleep(0.005)

    async def drain(self, *, until: DeliveryState, count: int = 1) -> None:
        """Tick until so many deliveries are in a state."""
        async with asyncio.timeout(10):
            while await self.count(until) < count:
                await self.dispatcher.tick()
                await asyncio.sleep(0.02)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    ticking = Time()
    storage = SqliteStorage(tmp_path / "newsbell.db")
    await storage.open(NOON)
    async with BotApiServer(accept_unknown_chats=True) as server:
        sender = TelegramSender(token=server.token, api_url=server.url)
        dispatcher = Dispatcher(
            storage=storage,
            sender=sender,
            clock=ticking.now,  # type: ignore[arg-type]
            monotonic=ticking.monotonic,
        )
        yield World(server, storage, dispatcher, ticking)
        await server.stop()  # so that nothing is waited for
        await dispatcher.stop()
        await sender.close()
    await storage.close()


async def test_what_is_owed_arrives_once(world: World) -> None:
    await world.owe(make_delivery("1"), make_delivery("2", chat="@brics_watch"))
    await world.drain(until=DeliveryState.SENT, count=2)
    await world.dispatcher.tick()
    assert sorted(world.server.history.texts()) == ["the alert 1", "the alert 2"]


async def test_the_id_of_the_message_is_remembered(world: World) -> None:
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    stored = next(iter(world.storage._open_db.query("SELECT message_id FROM delivery")))
    assert stored["message_id"] == world.server.history.sent()[0].message.id


async def test_nothing_is_sent_that_was_not_committed_as_sending(world: World) -> None:
    world.server.script(Fault.hang(accepted=True), method="sendMessage")
    await world.owe(make_delivery())
    await world.dispatcher.tick()
    await world.server.history.wait_for_messages(1)
    assert await world.count(DeliveryState.SENDING) == 1


async def test_a_flood_in_one_chat_holds_only_that_chat(world: World) -> None:
    world.server.script(Fault.too_many_requests(300), chat="@rare_earth_wire", method="sendMessage")
    await world.owe(make_delivery("1"), make_delivery("2", chat="@brics_watch"))
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.texts() == ("the alert 2",)
    world.time.ahead += timedelta(seconds=301)
    await world.drain(until=DeliveryState.SENT, count=2)


async def test_a_refused_connection_is_tried_again_after_growing_waits(world: World) -> None:
    await world.server.refuse_connections()
    await world.owe(make_delivery())
    tries = []
    for second in range(16):
        before = world.attempts()
        await world.dispatcher.tick()
        await world.idle()
        if world.attempts() > before:
            tries.append(second)
        world.time.ahead += timedelta(seconds=1)
    assert tries == [0, 1, 3, 7, 15]
    await world.server.accept_connections()
    world.time.ahead += timedelta(seconds=60)
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.texts() == ("the alert key-1",)


async def test_a_dropped_reply_is_a_doubt_and_sent_again_by_default(world: World) -> None:
    world.server.script(Fault.drop(accepted=True), method="sendMessage")
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.UNCERTAIN)
    world.time.ahead += timedelta(seconds=2)
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.texts() == ("the alert key-1",) * 2


async def test_a_refused_token_stops_the_sending_until_it_is_good_again(world: World) -> None:
    script = world.server.script(Fault.unauthorized(), times=None)
    await world.owe(make_delivery())
    await world.dispatcher.tick()
    await world.server.history.wait_for(lambda: bool(world.server.history.calls("sendMessage")))
    await asyncio.sleep(0.1)
    world.time.ahead += timedelta(seconds=61)
    await world.dispatcher.tick()
    await world.server.history.wait_for(lambda: bool(world.server.history.calls("getMe")))
    assert await world.count(DeliveryState.PENDING) == 1
    script.cancel()
    world.time.ahead += timedelta(seconds=61)
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.count() == 1


async def test_a_closed_chat_keeps_its_queue_for_a_day_and_then_gives_up(world: World) -> None:
    blocked = Fault.error(403, "Forbidden: bot was blocked by the user")
    world.server.script(blocked, method="sendMessage", times=None)
    await world.owe(make_delivery())
    await world.dispatcher.tick()
    await world.server.history.wait_for(lambda: bool(world.server.history.calls("sendMessage")))
    await asyncio.sleep(0.1)
    assert await world.count(DeliveryState.PENDING) == 1
    world.time.ahead += timedelta(hours=25)
    await world.drain(until=DeliveryState.FAILED)


async def test_a_group_that_moved_gets_its_messages_at_its_new_id(world: World) -> None:
    migrated = Fault.error(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": -1000000000055},
    )
    world.server.script(migrated, chat=-55, method="sendMessage")
    await world.owe(make_delivery(chat="-55"))
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.texts(-1000000000055) == ("the alert key-1",)


async def test_a_stop_waits_for_the_answer_to_what_is_in_flight(world: World) -> None:
    world.server.script(Fault.delay(after=0.5), method="sendMessage")
    await world.owe(make_delivery("1"), make_delivery("2"))
    await world.dispatcher.tick()
    await world.server.history.wait_for_messages(1)
    await world.dispatcher.stop()
    assert await world.count(DeliveryState.SENT) == 1
    assert await world.count(DeliveryState.PENDING) == 1


async def test_a_stop_in_the_midst_of_a_claim_leaves_no_doubt(world: World) -> None:
    for number in range(20):
        await world.owe(make_delivery(f"{number}", chat=f"@channel_{number}"))
    world.server.script(Fault.delay(after=0.2), method="sendMessage", times=None)
    await world.dispatcher.tick()
    await world.server.history.wait_for_messages(3)
    await world.dispatcher.stop()
    assert await world.count(DeliveryState.UNCERTAIN) == 0
    assert await world.count(DeliveryState.SENT) == world.server.history.count()


async def test_a_payload_that_cannot_be_read_silences_nobody(world: World) -> None:
    await world.owe(make_delivery("1"), make_delivery("2"))
    world.storage._open_db.execute("UPDATE delivery SET payload='{}' WHERE dedupe_key='1'")
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.texts() == ("the alert 2",)
    assert await world.count(DeliveryState.FAILED) == 1


async def test_a_reply_to_what_cannot_be_read_goes_alone(world: World) -> None:
    await world.owe(make_delivery("1"), make_delivery("2", replies_to="1"))
    world.storage._open_db.execute("UPDATE delivery SET payload='{}' WHERE dedupe_key='1'")
    await world.pass_time(0)
    await world.pass_time(2)
    assert world.server.history.texts() == ("the alert 2",)


async def test_a_message_to_a_topic_names_it_and_one_to_the_general_topic_does_not(world: World) -> None:
    forum = world.server.chats.add_supergroup(topics={7: "News"})
    for thread in (7, 1):
        await world.owe(make_delivery(str(thread), chat=str(forum.id), thread=thread))
    await world.drain(until=DeliveryState.SENT, count=2)
    calls = world.server.history.calls("sendMessage")
    assert [call.arguments.get("message_thread_id") for call in calls] == ["7", None]


async def test_a_flood_wait_without_a_time_holds_every_chat(world: World) -> None:
    world.server.script(Fault.too_many_requests(), method="sendMessage")
    await world.owe(make_delivery("1"))
    await world.dispatcher.tick()
    await world.server.history.wait_for(lambda: bool(world.server.history.calls("sendMessage")))
    while world.dispatcher._sends:
        await asyncio.sleep(0.01)
    await world.owe(make_delivery("2", chat="@brics_watch"))
    world.time.ahead += timedelta(seconds=58)
    await world.dispatcher.tick()
    await asyncio.sleep(0.1)
    assert world.server.history.count() == 0
    world.time.ahead += timedelta(seconds=4)
    await world.drain(until=DeliveryState.SENT, count=2)


async def test_a_chat_gets_at_most_a_message_a_second(world: World) -> None:
    await world.owe(*(make_delivery(str(number)) for number in range(3)))
    await world.drain(until=DeliveryState.SENT, count=3)
    assert world.server.history.peak_rate(0.9) == 1


async def test_an_edit_comes_after_the_gap_and_not_before(world: World) -> None:
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    await world.revise("2 sources")
    await world.pass_time(57)
    assert world.edits() == []
    await world.pass_time(4)
    assert world.edits() == ["2 sources"]


async def test_a_message_is_edited_three_times_at_most_after_growing_gaps(world: World) -> None:
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    for number, gap in enumerate((60, 600, 6000), start=1):
        await world.revise(f"edit {number}")
        await world.pass_time(gap - 5)
        assert len(world.edits()) == number - 1
        await world.pass_time(10)
        assert len(world.edits()) == number
    await world.revise("edit 4")
    await world.pass_time(600_000)
    assert world.edits() == ["edit 1", "edit 2", "edit 3"]


async def test_how_edits_come_can_be_changed_while_running(world: World) -> None:
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    await world.revise("2 sources")
    world.dispatcher.use(Edits(limit=3, gap=timedelta(seconds=10)))
    await world.pass_time(11)
    assert world.edits() == ["2 sources"]


async def test_no_edit_comes_where_none_is_allowed(world: World) -> None:
    world.dispatcher.use(Edits(limit=0))
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    await world.revise("2 sources")
    await world.pass_time(100_000)
    assert world.edits() == []


async def test_an_edit_whose_answer_is_lost_is_made_again_without_harm(world: World) -> None:
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    await world.revise("2 sources")
    world.server.script(Fault.drop(accepted=True), method="editMessageText")
    await world.pass_time(61)
    await world.pass_time(2)
    assert len(world.server.history.calls("editMessageText")) == 2
    assert (world.edits(), world.server.history.count()) == (["2 sources"], 1)
    assert await world.count(DeliveryState.SENT) == 2


async def test_news_goes_before_an_edit(world: World) -> None:
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    await world.revise("2 sources")
    await world.owe(make_delivery("news"))
    await world.pass_time(61)
    assert (world.server.history.texts()[1:], world.edits()) == (("the alert news",), [])
    await world.pass_time(2)
    assert world.edits() == ["2 sources"]


async def test_a_reply_answers_the_first_message(world: World) -> None:
    await world.owe(make_delivery(alert=make_alert()), make_delivery("2", replies_to="key-1"))
    await world.pass_time(0)
    await world.pass_time(2)
    first, answer = world.server.history.sent()
    assert answer.message.reply_to == first.message.id


async def test_a_reply_to_a_message_that_was_refused_goes_alone(world: World) -> None:
    world.server.script(Fault.error(400, "Bad Request: message is too long"), method="sendMessage")
    await world.owe(make_delivery(), make_delivery("2", replies_to="key-1"))
    await world.pass_time(0)
    await world.pass_time(2)
    (answer,) = world.server.history.sent()
    assert (answer.message.text, answer.message.reply_to) == ("the alert 2", None)


async def test_an_edit_is_not_taken_for_the_chats_newest_message(world: World) -> None:
    await world.owe(make_delivery(), make_delivery("2"))
    await world.pass_time(0)
    await world.pass_time(2)
    await world.revise("2 sources")
    await world.pass_time(61)
    (row,) = world.storage._open_db.query("SELECT last_message_id FROM chat WHERE address=?", [CHAT])
    assert (row["last_message_id"], world.edits()) == (2, ["2 sources"])


async def test_the_log_tells_messages_replies_and_edits_apart(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await world.owe(make_delivery(), make_delivery("2", replies_to="key-1"))
    await world.pass_time(0)
    await world.pass_time(2)
    await world.revise("2 sources")
    await world.pass_time(61)
    sent = [record.getMessage() for record in caplog.records if "delivery_sent" in record.getMessage()]
    assert [line.split()[2] for line in sent] == ["kind=message", "kind=reply", "kind=edit"]


async def test_an_edit_that_is_refused_warns_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.owe(make_delivery())
    await world.drain(until=DeliveryState.SENT)
    await world.revise("2 sources")
    refused = Fault.error(400, "Bad Request: message to edit not found")
    world.server.script(refused, method="editMessageText")
    await world.pass_time(61)
    assert await world.count(DeliveryState.FAILED) == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_doubts_wait_longer_each_time_up_to_an_hour() -> None:
    waits = [doubt_wait(doubts) for doubts in range(20)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_DOUBT_WAIT
