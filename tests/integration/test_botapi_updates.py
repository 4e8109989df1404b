"""Commands, members, updates and buttons of the Bot API server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from bot_client import TOKEN, bot_of, keyboard
from telegram import (
    Bot,
    BotCommand,
    MessageEntity,
    Update,
)
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, Conflict

from bot.demo.botapi import BotApiServer, Person


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(token=TOKEN) as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as ready:
        yield ready


# Commands, members


async def test_commands_are_kept_per_scope(bot: Bot) -> None:
    commands = [BotCommand("start", "Begin")]
    await bot.set_my_commands(commands)
    assert await bot.get_my_commands() == tuple(commands)


async def test_a_command_with_capitals_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"^Bot_command_invalid$"):
        await bot.set_my_commands([("Start", "Begin")])


async def test_a_chat_and_its_members_can_be_looked_at(server: BotApiServer, bot: Bot) -> None:
    channel = server.chats.change(server.chats.add_channel("@wire"), administrators=frozenset({5}))
    assert (await bot.get_chat("@wire")).id == channel.id
    statuses = [(await bot.get_chat_member("@wire", user)).status for user in (5, 6, bot.id)]
    assert statuses == [ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.LEFT, ChatMemberStatus.ADMINISTRATOR]
    assert {member.user.id for member in await bot.get_chat_administrators("@wire")} == {5, bot.id}


# Updates


async def updates_of(bot: Bot, offset: int | None = None, seconds: int = 0) -> tuple[Update, ...]:
    return await bot.get_updates(offset=offset, timeout=seconds)


async def test_a_command_reaches_the_bot_marked(server: BotApiServer, bot: Bot) -> None:
    server.post_message(server.chats.add_private(5, first_name="Ada"), "/start now")
    (update,) = await updates_of(bot)
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.from_user.first_name == "Ada"
    assert list(update.message.parse_entities([MessageEntity.BOT_COMMAND]).values()) == ["/start"]


async def test_a_channels_post_comes_as_such(server: BotApiServer, bot: Bot) -> None:
    server.post_message(server.chats.add_channel("@wire"), "/mute")
    (update,) = await updates_of(bot)
    assert update.channel_post is not None


async def test_updates_come_again_until_they_are_confirmed(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    for text in ("one", "two"):
        server.post_message(chat, text)
    first = await updates_of(bot)
    again = await updates_of(bot)
    rest = await updates_of(bot, offset=first[0].update_id + 1)
    assert ([u.update_id for u in first], len(rest)) == ([u.update_id for u in again], 1)


async def test_a_long_poll_ends_with_the_update(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    poll = asyncio.create_task(updates_of(bot, seconds=30))
    await server.history.wait_for(lambda: bool(server.history.calls("getUpdates")))
    server.post_message(chat, "hello")
    (update,) = await asyncio.wait_for(poll, 2)
    assert update.message is not None
    assert update.message.text == "hello"


async def test_a_second_poller_ends_the_first_with_a_conflict(server: BotApiServer, bot: Bot) -> None:
    async with bot_of(server) as other:
        first = asyncio.create_task(updates_of(bot, seconds=30))
        await server.history.wait_for(lambda: bool(server.history.calls("getUpdates")))
        second = asyncio.create_task(updates_of(other, seconds=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        server.post_message(server.chats.add_private(), "hello")
        assert len(await second) == 1


async def test_only_the_kinds_asked_for_are_queued(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    await bot.get_updates(timeout=0, allowed_updates=["callback_query"])
    server.post_message(chat, "hello")
    assert server.pending_updates == 0


async def test_dropping_pending_updates_empties_the_queue(server: BotApiServer, bot: Bot) -> None:
    server.post_message(server.chats.add_private(), "hello")
    await bot.delete_webhook(drop_pending_updates=True)
    assert server.pending_updates == 0


async def test_a_pressed_button_can_be_answered(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    await bot.send_message(chat.id, "x", reply_markup=keyboard("mute"))
    query_id = server.press_button(
        server.history.sent()[0].message, "mute", user=Person(id=9, first_name="Joan")
    )
    (update,) = await updates_of(bot)
    assert update.callback_query is not None
    assert (update.callback_query.data, update.callback_query.from_user.id) == ("mute", 9)
    await bot.answer_callback_query(update.callback_query.id, "Muted")
    assert server.callback_answer(query_id) == "Muted"


async def test_an_unknown_press_cannot_be_answered(bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)^query is too old"):
        await bot.answer_callback_query("77")


async def test_a_button_that_is_not_there_cannot_be_pressed(server: BotApiServer, bot: Bot) -> None:
    await bot.send_message(server.chats.add_private().id, "x", reply_markup=keyboard("mute"))
    with pytest.raises(LookupError, match="has no button with 'other'"):
        server.press_button(server.history.sent()[0].message, "other")
