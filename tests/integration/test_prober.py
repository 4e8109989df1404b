"""Messages of which nobody knows whether they arrived, looked for by way of an audit chat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from builders import CHAT, make_alert, make_delivery
from delivery_world import Time, World, open_bot, open_world

from bot.demo.botapi import BotApiServer, Fault, Limits
from bot.demo.botapi.chats import Standing
from bot.models import (
    ConditionKind,
    DeliveryState,
    EntityKind,
    Handling,
    Message,
    OnUncertain,
    TextEntity,
)
from bot.rules.definitions import RuleBook
from bot.services.dispatcher import LEASE

AUDIT = "@audit_room"
BOOK = RuleBook(audit=AUDIT)
SETTLED = 16
"""Seconds after which a doubt is looked into."""

LOST = Fault.drop(accepted=False)
ARRIVED = Fault.drop(accepted=True)
USUAL = Handling()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A bot that knows its channel: one message was sent there."""
    async with open_world(tmp_path, book=BOOK) as opened:
        opened.server.chats.add_channel(CHAT)
        opened.server.chats.add_channel(AUDIT)
        await send_one(opened)
        yield opened


async def send_one(world: World, chat: str = CHAT) -> None:
    await world.owe(make_delivery(f"first in {chat}", chat))
    await world.run(1.5)
    assert await world.count(DeliveryState.SENT) == 1


async def fall_in_doubt(
    world: World, fault: Fault = ARRIVED, chat: str = CHAT, handling: Handling = USUAL, key: str = "doubtful"
) -> None:
    """Owe a message whose answer is lost."""
    before = await world.count(DeliveryState.UNCERTAIN)
    world.server.script(fault, method="sendMessage", chat=chat)
    await world.owe(make_delivery(key, chat, handling=handling))
    await world.drain(until=DeliveryState.UNCERTAIN, count=before + 1)


def texts(world: World, chat: str = CHAT) -> tuple[str, ...]:
    return world.server.history.texts(world.chat_id(chat))[1:]


def looks(world: World) -> list[int]:
    """The ids that were looked at."""
    return [int(call.arguments["message_id"]) for call in world.server.history.calls("forwardMessage")]


async def conditions(world: World) -> list[tuple[ConditionKind, str, bool]]:
    """What operators are to hear of, and whether it is over."""
    return [(c.kind, c.subject, c.ended_at is not None) for c in await world.storage.untold()]


# What is found out.


async def test_a_message_that_arrived_is_not_sent_again(world: World) -> None:
    await fall_in_doubt(world)
    await world.run(SETTLED)
    assert texts(world) == ("the alert doubtful",)
    assert await world.verdicts() == {"present": 1}


async def test_the_id_of_a_message_that_was_found_is_remembered(world: World) -> None:
    await fall_in_doubt(world)
    await world.run(SETTLED)
    (entry, *_) = await world.storage.outbox()
    assert (entry.state, entry.message_id) == (DeliveryState.SENT, 2)


async def test_a_message_that_did_not_arrive_is_sent_once(world: World) -> None:
    await fall_in_doubt(world, LOST)
    await world.run(SETTLED + 5)
    assert texts(world) == ("the alert doubtful",)
    assert await world.verdicts() == {"absent": 1}


async def test_a_message_is_found_behind_those_of_others(world: World) -> None:
    for number in range(7):
        world.server.post_message(CHAT, f"from somebody else {number}")
    await fall_in_doubt(world)
    await world.run(SETTLED + 10)
    assert texts(world) == ("the alert doubtful",)
    assert looks(world) == list(range(2, 10))


async def test_in_a_supergroup_a_message_is_found_behind_deleted_ones(tmp_path: Path) -> None:
    async with open_world(tmp_path, book=BOOK) as world:
        group = world.server.chats.add_supergroup("@big_group")
        await send_one(world, "@big_group")
        for number in range(8):
            spam = world.server.post_message("@big_group", f"spam {number}")
            world.server.messages.delete(group.id, spam.id)
        await fall_in_doubt(world, chat="@big_group")
        await world.run(SETTLED + 12)
        assert texts(world, "@big_group") == ("the alert doubtful",)


async def test_a_message_that_arrived_without_its_formatting_is_found(world: World) -> None:
    bold = TextEntity(kind=EntityKind.BOLD, offset=0, length=3)
    long = Message(text="day " * 1300, entities=(bold,))
    world.server.script(ARRIVED, method="sendMessage", text=lambda text: len(text) <= 4096)
    await world.owe(make_delivery("long", message=long))
    await world.run(SETTLED + 3)
    assert await world.verdicts() == {"present": 1}
    assert len(texts(world)) == 1


async def test_a_first_message_that_arrived_in_a_new_channel_is_found(tmp_path: Path) -> None:
    async with open_world(tmp_path, book=BOOK) as world:
        await fall_in_doubt(world)
        await world.run(SETTLED)
        assert world.server.history.texts(world.chat_id(CHAT)) == ("the alert doubtful",)
        assert await world.verdicts() == {"present": 1}


async def test_a_first_message_that_is_not_found_is_sent_again(tmp_path: Path) -> None:
    async with open_world(tmp_path, book=BOOK) as world:
        await fall_in_doubt(world, LOST)
        await world.run(SETTLED + 15)
        assert world.server.history.texts(world.chat_id(CHAT)) == ("the alert doubtful",)
        assert await world.verdicts() == {"resent": 1}


async def test_nothing_else_goes_to_a_chat_before_its_doubt_has_ended(world: World) -> None:
    await fall_in_doubt(world, LOST)
    await world.owe(make_delivery("later"))
    await world.run(10)
    assert texts(world) == ()
    await world.run(15)
    assert texts(world) == ("the alert doubtful", "the alert later")


async def test_a_reply_in_doubt_is_looked_for(world: World) -> None:
    await world.owe(make_delivery("parent", alert=make_alert()))
    await world.run(2)
    world.server.script(ARRIVED, method="sendMessage")
    await world.owe(make_delivery("answer", replies_to="parent"))
    await world.run(SETTLED + 3)
    assert texts(world) == ("the alert parent", "the alert answer")
    assert await world.verdicts() == {"present": 1}


# How it is looked for.


async def test_a_doubtful_message_has_fifteen_seconds_to_arrive(world: World) -> None:
    await fall_in_doubt(world)
    await world.run(12)
    assert looks(world) == []
    await world.run(4)
    assert looks(world) == [2]


async def test_the_audit_chat_keeps_nothing(world: World) -> None:
    await fall_in_doubt(world)
    await world.run(SETTLED)
    audit = world.chat_id(AUDIT)
    assert world.server.history.count(audit) == 1
    assert world.server.messages.of(audit) == ()


async def test_the_audit_chat_gets_its_copies_within_the_limits(tmp_path: Path) -> None:
    limits = Limits(burst=1)
    async with open_world(tmp_path, book=BOOK, enforce_limits=True, limits=limits) as world:
        await send_one(world)
        for number in range(28):
            world.server.post_message(CHAT, f"from somebody else {number}")
        await fall_in_doubt(world)
        await world.run(120)
        assert await world.verdicts() == {"present": 1}
        assert world.server.history.floods() == ()
        assert len(looks(world)) == 29


async def test_doubts_of_several_chats_are_all_ended(tmp_path: Path) -> None:
    chats = ("@first_chat", "@second_chat", "@third_chat")
    async with open_world(tmp_path, book=BOOK) as world:
        for chat in chats:
            await world.owe(make_delivery(chat, chat))
        await world.run(2)
        world.server.script(ARRIVED, method="sendMessage", times=3)
        for chat in chats:
            await world.owe(make_delivery(f"doubtful {chat}", chat))
        await world.run(SETTLED + 10)
        assert await world.verdicts() == {"present": 3}
        assert world.server.history.duplicates() == ()


async def test_a_look_that_is_cut_off_is_made_again(world: World) -> None:
    await fall_in_doubt(world)
    world.server.script(Fault.drop(accepted=False), method="forwardMessage")
    await world.run(SETTLED + 10)
    assert await world.verdicts() == {"present": 1}
    assert looks(world) == [2, 2]


async def test_where_the_audit_chat_is_flooded_it_is_left_alone_for_as_long_as_telegram_asks(
    world: World,
) -> None:
    await fall_in_doubt(world)
    world.server.script(Fault.too_many_requests(60), method="forwardMessage")
    await world.run(SETTLED + 40)
    assert len(looks(world)) == 1
    await world.run(25)
    assert await world.verdicts() == {"present": 1}


async def test_a_flood_of_the_audit_chat_keeps_all_doubts_waiting(world: World) -> None:
    await world.owe(make_delivery("first in another", "@brics_watch"))
    await world.run(2)
    await fall_in_doubt(world)
    await fall_in_doubt(world, chat="@brics_watch", key="doubtful as well")
    world.server.script(Fault.too_many_requests(60), method="forwardMessage")
    await world.run(SETTLED + 40)
    assert len(looks(world)) == 1
    await world.run(30)
    assert await world.verdicts() == {"present": 2}


async def test_nobody_looks_while_a_flood_holds_the_whole_bot(world: World) -> None:
    await fall_in_doubt(world)
    await world.run(SETTLED - 5)
    world.server.script(Fault.too_many_requests(), method="sendMessage")
    await world.owe(make_delivery("elsewhere", "@brics_watch"))
    await world.run(55)
    assert looks(world) == []
    await world.run(15)
    assert await world.verdicts() == {"present": 1}


async def test_while_telegram_cannot_be_reached_a_doubt_stays_one(world: World) -> None:
    await fall_in_doubt(world, LOST)
    async with world.server.refusing():
        await world.run(60)
    assert await world.count(DeliveryState.UNCERTAIN) == 1
    await world.run(120)
    assert texts(world) == ("the alert doubtful",)


# Where nobody can look.


@pytest.mark.parametrize("chat", ["4711", "-4711"])
async def test_in_private_chats_and_basic_groups_a_doubtful_message_is_sent_again(
    world: World, chat: str
) -> None:
    await fall_in_doubt(world, chat=chat)
    await world.run(SETTLED + 5)
    assert len(world.server.history.texts(world.chat_id(chat))) == 2
    assert looks(world) == []


async def test_in_a_private_chat_a_doubtful_message_does_not_wait_for_a_look(world: World) -> None:
    await fall_in_doubt(world, chat="4711")
    await world.run(3)
    assert len(world.server.history.texts(4711)) == 2


async def test_a_channel_that_wants_no_second_copy_gets_none(world: World) -> None:
    world.server.chats.change(CHAT, protected=True)
    await fall_in_doubt(world, handling=Handling(on_uncertain=OnUncertain.DROP))
    await world.run(SETTLED + 5)
    assert texts(world) == ("the alert doubtful",)
    assert await world.verdicts() == {"dropped": 1}
    assert await world.count(DeliveryState.FAILED) == 1


async def test_in_a_chat_with_protected_content_a_doubtful_message_is_sent_again(world: World) -> None:
    world.server.chats.change(CHAT, protected=True)
    await fall_in_doubt(world)
    await world.run(SETTLED + 5)
    assert texts(world) == ("the alert doubtful",) * 2
    assert await world.verdicts() == {"resent": 1}
    assert await conditions(world) == []


async def test_an_audit_chat_that_is_closed_is_told_until_it_works_again(world: World) -> None:
    world.server.chats.change(AUDIT, standing=Standing.KICKED)
    await fall_in_doubt(world)
    await world.run(SETTLED + 5)
    assert await world.verdicts() == {"resent": 1}
    assert await conditions(world) == [(ConditionKind.AUDIT_CLOSED, AUDIT, False)]
    (condition,) = await world.storage.untold()
    await world.storage.tell(condition, None, world.time.now())
    world.server.chats.change(AUDIT, standing=Standing.ADMINISTRATOR)
    world.server.script(ARRIVED, method="sendMessage")
    await world.owe(make_delivery("another"))
    await world.run(SETTLED + 5)
    assert await world.verdicts() == {"resent": 1, "present": 1}
    assert await conditions(world) == [(ConditionKind.AUDIT_CLOSED, AUDIT, True)]


async def test_a_message_that_is_not_there_does_not_prove_that_the_audit_chat_works(world: World) -> None:
    world.server.chats.change(AUDIT, standing=Standing.KICKED)
    await fall_in_doubt(world)
    await world.run(SETTLED + 5)
    (condition,) = await world.storage.untold()
    await world.storage.tell(condition, None, world.time.now())
    world.server.script(LOST, method="sendMessage")
    await world.owe(make_delivery("another"))
    await world.run(SETTLED + 5)
    assert await world.verdicts() == {"resent": 1, "absent": 1}
    assert await conditions(world) == []


async def test_an_audit_chat_can_be_named_while_running(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        world.server.chats.add_channel(CHAT)
        await send_one(world)
        world.dispatcher.use(BOOK)
        await fall_in_doubt(world)
        await world.run(SETTLED)
        assert await world.verdicts() == {"present": 1}


# Processes that end, stand still, or stop.


async def test_what_a_dead_process_left_in_doubt_settles_from_the_start_of_the_next(tmp_path: Path) -> None:
    ticking = Time()
    async with BotApiServer(accept_unknown_chats=True, clock=ticking.epoch) as server:
        async with open_bot(tmp_path, server, ticking, BOOK) as world:
            await send_one(world)
            await world.owe(make_delivery("doubtful"))
            await world.run(1)
            # As if it had died before Telegram's answer was written down.
            world.storage._open_db.execute(
                "UPDATE delivery SET state='sending', message_id=NULL, finished_at=NULL WHERE dedupe_key='doubtful'"
            )
            world.storage._open_db.execute("UPDATE chat SET last_message_id=1")
        async with open_bot(tmp_path, server, ticking, BOOK) as world:
            await world.run(13)
            assert looks(world) == []
            await world.run(5)
            assert texts(world) == ("the alert doubtful",)
            assert await world.verdicts() == {"present": 1}


async def test_a_message_whose_sender_is_still_at_it_is_not_looked_for(world: World) -> None:
    world.server.script(Fault.delay(after=0.4), method="sendMessage")
    await world.owe(make_delivery("slow"))
    world.time.push(2)
    await world.dispatcher.tick()
    await world.server.history.wait_for_messages(2)
    for _ in range(3):
        world.time.push(LEASE.total_seconds())
        await world.dispatcher.tick()
        await asyncio.sleep(0.02)
    await world.idle()
    assert (looks(world), texts(world)) == ([], ("the alert slow",))
    assert await world.count(DeliveryState.SENT) == 2


async def test_a_stop_ends_the_waiting_for_a_look(tmp_path: Path) -> None:
    async with open_world(tmp_path, book=BOOK) as world:
        await send_one(world)
        await fall_in_doubt(world, LOST)
        world.time.push(SETTLED)
        await world.dispatcher.tick()
        await world.server.history.wait_for(lambda: bool(looks(world)))
        async with asyncio.timeout(2):
            await world.dispatcher.stop()
        assert await world.count(DeliveryState.UNCERTAIN) == 1


# What is told.


@pytest.mark.parametrize(
    ("fault", "audit", "verdict"),
    [(ARRIVED, AUDIT, "present"), (LOST, AUDIT, "absent"), (ARRIVED, None, "resent")],
)
async def test_each_verdict_is_logged_once(
    world: World, caplog: pytest.LogCaptureFixture, fault: Fault, audit: str | None, verdict: str
) -> None:
    caplog.set_level(logging.INFO)
    world.dispatcher.use(RuleBook(audit=audit))
    await fall_in_doubt(world, fault)
    await world.run(SETTLED + 6)
    told = [r.getMessage() for r in caplog.records if r.getMessage().startswith("delivery_doubt_ended")]
    assert len(told) == 1
    assert f"chat={CHAT}" in told[0]
    assert f"verdict={verdict}" in told[0]


async def test_no_log_line_quotes_a_message(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await fall_in_doubt(world, LOST)
    await world.run(SETTLED + 6)
    assert "the alert" not in caplog.text
