"""The outbox at work: a real database, a real Bot API server, and faults between them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from builders import CHAT, make_alert, make_delivery
from delivery_world import Time, World, open_bot, open_world

from bot.demo.botapi import BotApiServer, Fault, Limits
from bot.models import DeliveryState, Handling, NewDelivery, OnTopicClosed
from bot.rules.definitions import Defaults, RuleBook

OTHER = "@brics_watch"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def many(number: int, chat: str = CHAT, key: str = "") -> tuple[NewDelivery, ...]:
    """So many deliveries to a chat."""
    return tuple(make_delivery(f"{key}{chat}-{n}", chat) for n in range(number))


# What is owed, and what becomes of it.


async def test_what_is_owed_arrives_once(world: World) -> None:
    await world.owe(make_delivery("1"), make_delivery("2", chat=OTHER))
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
    await world.owe(make_delivery("1"), make_delivery("2", chat=OTHER))
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.texts() == ("the alert 2",)
    world.time.push(301)
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
        world.time.push(1)
    assert tries == [0, 1, 3, 7, 15]
    await world.server.accept_connections()
    world.time.push(60)
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.texts() == ("the alert key-1",)


async def test_attempts_that_are_refused_together_count_as_one(world: World) -> None:
    await world.server.refuse_connections()
    await world.owe(*(make_delivery(f"{n}", f"{4000 + n}") for n in range(5)))
    tries = []
    for second in range(8):
        before = world.attempts()
        await world.dispatcher.tick()
        await world.idle()
        if world.attempts() > before:
            tries.append(second)
        world.time.push(1)
    assert tries == [0, 1, 3, 7]


async def test_a_dropped_reply_is_a_doubt_and_sent_again_by_default(world: World) -> None:
    world.server.script(Fault.drop(accepted=True), method="sendMessage")
    await world.owe(make_delivery())
    await world.pass_time(0)
    assert await world.count(DeliveryState.UNCERTAIN) == 1
    await world.run(4)
    assert world.server.history.texts() == ("the alert key-1",) * 2
    assert await world.verdicts() == {"resent": 1}


async def test_a_refused_token_stops_the_sending_until_it_is_good_again(world: World) -> None:
    script = world.server.script(Fault.unauthorized(), times=None)
    await world.owe(make_delivery())
    await world.dispatcher.tick()
    await world.server.history.wait_for(lambda: bool(world.server.history.calls("sendMessage")))
    await asyncio.sleep(0.1)
    world.time.push(61)
    await world.dispatcher.tick()
    await world.server.history.wait_for(lambda: bool(world.server.history.calls("getMe")))
    assert await world.count(DeliveryState.PENDING) == 1
    script.cancel()
    world.time.push(61)
    await world.drain(until=DeliveryState.SENT)
    assert world.server.history.count() == 1


async def test_a_closed_chat_is_tried_again_after_growing_waits_until_it_is_open(world: World) -> None:
    blocked = Fault.error(403, "Forbidden: bot was blocked by the user")
    script = world.server.script(blocked, method="sendMessage", times=None)
    await world.owe(make_delivery())
    await world.pass_time(0)
    for minutes in (10, 20, 40, 60, 60):
        before = world.attempts()
        await world.pass_time(60 * minutes - 5)
        assert world.attempts() == before
        await world.pass_time(6)
        assert world.attempts() == before + 1
    assert await world.count(DeliveryState.PENDING) == 1
    script.cancel()
    await world.pass_time(3601)
    assert await world.count(DeliveryState.SENT) == 1


async def test_a_closed_topic_sends_its_message_to_general(world: World) -> None:
    forum = world.server.chats.add_supergroup(topics={7: "News"})
    world.server.chats.change(forum, administrators=frozenset())
    world.server.chats.close_topic(forum, 7)
    await world.owe(make_delivery(chat=str(forum.id), thread=7))
    await world.run(3)
    calls = world.server.history.calls("sendMessage")
    assert [call.arguments.get("message_thread_id") for call in calls] == ["7", None]
    assert await world.count(DeliveryState.SENT) == 1


async def test_a_closed_topic_is_tried_again_after_growing_waits_where_its_messages_wait(
    world: World,
) -> None:
    forum = world.server.chats.add_supergroup(topics={7: "News"})
    world.server.chats.close_topic(forum, 7)
    hold = Handling(on_topic_closed=OnTopicClosed.HOLD)
    await world.owe(make_delivery(chat=str(forum.id), thread=7, handling=hold))
    await world.pass_time(0)
    for minutes in (10, 20, 40, 60):
        before = world.attempts()
        await world.pass_time(60 * minutes - 5)
        assert world.attempts() == before
        await world.pass_time(6)
        assert world.attempts() == before + 1
    world.server.chats.reopen_topic(forum, 7)
    await world.pass_time(3601)
    assert await world.count(DeliveryState.SENT) == 1


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
    await world.idle()
    await world.owe(make_delivery("2", chat=OTHER))
    world.time.push(58)
    await world.dispatcher.tick()
    await asyncio.sleep(0.1)
    assert world.server.history.count() == 0
    world.time.push(4)
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
    world.dispatcher.use(RuleBook(defaults=Defaults(edit_after=timedelta(seconds=10))))
    await world.pass_time(11)
    assert world.edits() == ["2 sources"]


async def test_no_edit_comes_where_none_is_allowed(world: World) -> None:
    world.dispatcher.use(RuleBook(defaults=Defaults(edits=0)))
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


async def test_a_result_is_held_until_the_database_takes_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    db = world.storage._open_db
    hide = Fault.watch(after=lambda: db.execute("ALTER TABLE delivery RENAME TO away"))
    world.server.script(hide, method="sendMessage")
    await world.owe(make_delivery())
    await world.dispatcher.tick()
    async with asyncio.timeout(5):
        while "delivery_not_stored" not in caplog.text:
            await asyncio.sleep(0.01)
    db.execute("ALTER TABLE away RENAME TO delivery")
    world.time.push(1)
    await world.idle()
    assert await world.count(DeliveryState.SENT) == 1
    assert world.server.history.count() == 1


# Pace.


async def test_three_chats_get_a_message_a_second_each(world: World) -> None:
    chats = ("4711", "4712", "4713")
    for chat in chats:
        await world.owe(*many(5, chat))
    await world.run(5)
    assert world.server.history.count() == 15
    assert [world.server.history.peak_rate(1.0, int(chat)) for chat in chats] == [1, 1, 1]


async def test_the_next_message_of_a_chat_comes_on_the_dot_and_not_on_a_tick(world: World) -> None:
    await world.owe(*many(4, "4711"))
    await world.pass_time(0)
    async with asyncio.timeout(10):
        while world.server.history.count() < 4:
            world.time.push(world.time.next_waking() if world.time.wakings else 0.0)
            await world.idle()
    first, *_, last = world.server.history.sent()
    assert 3.0 <= last.at - first.at < 3.25


async def test_news_for_another_chat_does_not_wait_for_the_turn_of_the_first(world: World) -> None:
    await world.owe(*many(2))
    await world.pass_time(0)
    await world.owe(make_delivery("news", OTHER, priority=1))
    world.dispatcher.wake()
    await world.server.history.wait_for_messages(2)
    first, news = world.server.history.sent()
    assert news.message.text == "the alert news"
    assert news.at - first.at < 0.5


async def test_the_most_urgent_goes_first_whatever_its_chat(world: World) -> None:
    await world.owe(*many(5, "4711"), make_delivery("urgent", OTHER, priority=1))
    await world.pass_time(0)
    assert world.server.history.texts()[0] == "the alert urgent"


async def test_a_look_that_finds_nothing_to_send_takes_no_turn(world: World) -> None:
    for _ in range(50):
        await world.pass_time(0)
    assert world.dispatcher._line._gate.wait(world.time.monotonic()) == 0.0


async def test_the_bot_as_a_whole_keeps_below_its_limit(tmp_path: Path) -> None:
    async with open_world(tmp_path, enforce_limits=True) as world:
        await world.owe(*(make_delivery(f"{n}", f"{4000 + n}") for n in range(34)))
        await world.pass_time(0)
        await world.server.history.wait_for_messages(34)
        assert world.server.history.floods() == ()
        first, *_, last = world.server.history.sent()
        assert last.at - first.at >= 33 / 28 - 0.1


async def test_a_channel_gets_twenty_messages_in_a_minute_and_no_refusal(tmp_path: Path) -> None:
    async with open_world(tmp_path, enforce_limits=True, limits=Limits(burst=1)) as world:
        await world.owe(*many(30))
        await world.run(30)
        assert world.server.history.count() == 20
        await world.run(45)
        assert world.server.history.count() == 30
        assert world.server.history.floods() == ()


async def test_a_restart_does_not_forget_the_pace(tmp_path: Path) -> None:
    ticking = Time()
    async with BotApiServer(
        accept_unknown_chats=True, clock=ticking.epoch, enforce_limits=True, limits=Limits(burst=1)
    ) as server:
        async with open_bot(tmp_path, server, ticking) as world:
            await world.owe(*many(30))
            await world.run(14.5)
        async with open_bot(tmp_path, server, ticking) as world:
            await world.run(70)
        assert server.history.count() == 30
        assert server.history.floods() == ()


async def test_a_new_process_waits_for_the_second_of_the_old_one(tmp_path: Path) -> None:
    ticking = Time()
    async with BotApiServer(accept_unknown_chats=True, clock=ticking.epoch) as server:
        async with open_bot(tmp_path, server, ticking) as world:
            await world.owe(make_delivery("1"))
            await world.pass_time(0)
        async with open_bot(tmp_path, server, ticking) as world:
            await world.owe(make_delivery("2", OTHER))
            await world.pass_time(0)
            assert server.history.count() == 1
            await world.run(1.1)
            assert server.history.count() == 2
        first, second = server.history.sent()
        assert second.at - first.at >= 1.0


async def test_where_all_connections_are_in_use_the_rest_waits_for_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.dispatcher.IN_FLIGHT", 2)
    world.server.script(Fault.delay(after=0.2), method="sendMessage", times=2)
    await world.owe(*(make_delivery(f"{n}", f"{4000 + n}") for n in range(6)))
    await world.dispatcher.tick()
    await world.server.history.wait_for_messages(6)
    assert world.server.history.peak_in_flight() == 2


async def test_a_flood_in_one_chat_costs_the_others_no_time(world: World) -> None:
    world.server.script(Fault.too_many_requests(300), chat=CHAT, method="sendMessage", times=None)
    await world.owe(*many(20), *many(5, "4711"))
    await world.run(5)
    assert len(world.server.history.texts(4711)) == 5


# Clocks that are set, and processes that stand still.


async def test_an_answer_counts_however_long_the_process_stood_still(world: World) -> None:
    world.server.script(Fault.delay(after=0.3), method="sendMessage")
    await world.owe(*many(2))
    await world.dispatcher.tick()
    await world.server.history.wait_for_messages(1)
    await world.pass_time(300)
    await world.run(2)
    assert world.server.history.count() == 2
    assert await world.count(DeliveryState.SENT) == 2


@pytest.mark.parametrize("by", [-HOUR, DAY])
async def test_a_clock_that_is_set_neither_stops_nor_hurries_a_channel(tmp_path: Path, by: timedelta) -> None:
    async with open_world(tmp_path, enforce_limits=True, limits=Limits(burst=1)) as world:
        await world.owe(*many(30))
        await world.run(10)
        world.time.set_by = by
        await world.run(70)
        assert world.server.history.count() == 30
        assert world.server.history.floods() == ()


@pytest.mark.parametrize("by", [-HOUR, DAY])
async def test_a_clock_that_is_set_moves_the_wait_for_a_flood_with_it(world: World, by: timedelta) -> None:
    world.server.script(Fault.too_many_requests(300), method="sendMessage")
    await world.owe(make_delivery())
    await world.pass_time(0)
    world.time.set_by = by
    await world.pass_time(290)
    assert world.server.history.count() == 0
    await world.pass_time(11)
    assert world.server.history.count() == 1


async def test_a_clock_that_is_set_while_the_database_fails_moves_waits_later(world: World) -> None:
    world.server.script(Fault.too_many_requests(300), method="sendMessage")
    await world.owe(make_delivery())
    await world.pass_time(0)
    world.storage._open_db.execute("ALTER TABLE cooldown RENAME TO away")
    world.time.set_by = -DAY
    await world.pass_time(1)
    world.storage._open_db.execute("ALTER TABLE away RENAME TO cooldown")
    await world.pass_time(300)
    assert world.server.history.count() == 1


async def test_a_clock_that_is_set_is_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.time.set_by = -HOUR
    await world.pass_time(1)
    await world.pass_time(1)
    told = [record.getMessage() for record in caplog.records if "clock_set" in record.getMessage()]
    assert len(told) == 1
    assert "by=-3600s" in told[0]


async def test_a_clock_that_runs_a_little_wrong_moves_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        world.time.set_by += timedelta(seconds=1)
        await world.pass_time(1)
    assert "clock_set" not in caplog.text
