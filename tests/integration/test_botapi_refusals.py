"""What the Bot API server on loopback refuses, edits, deletes and forwards, in the words that Telegram uses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from bot_client import TOKEN, bot_of, keyboard
from telegram import (
    Bot,
    MessageEntity,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.demo.botapi import BotApiServer, Standing


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[BotApiServer]:
    async with BotApiServer(token=TOKEN, clock=clock) as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as ready:
        yield ready


# What Telegram refuses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "message text is empty"),
        ("  \n", "text must be non-empty"),
        ("a" * 4097, "message is too long"),
        ("ğ" * 16_385, "text is too long"),
    ],
)
async def test_a_text_out_of_bounds_is_refused(
    server: BotApiServer, bot: Bot, text: str, expected: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(server.chats.add_private().id, text)
    assert refused.value.message.lower() == expected


async def test_bad_html_is_refused_with_its_place(server: BotApiServer, bot: Bot) -> None:
    with pytest.raises(
        BadRequest, match=r"(?i)can't parse entities: unsupported start tag \"p\" at byte offset 2"
    ):
        await bot.send_message(server.chats.add_private().id, "a <p>", parse_mode=ParseMode.HTML)


@pytest.mark.parametrize("chat", ["@nobody", 99, -99])
async def test_a_chat_that_is_not_there_is_not_found(server: BotApiServer, bot: Bot, chat: int | str) -> None:
    server.chats.add_channel("@wire")
    with pytest.raises(BadRequest, match=r"^Chat not found$"):
        await bot.send_message(chat, "x")


@pytest.mark.parametrize(
    ("kind", "standing", "error", "expected"),
    [
        ("private", Standing.BLOCKED, Forbidden, "bot was blocked by the user"),
        ("private", Standing.DEACTIVATED, Forbidden, "user is deactivated"),
        ("group", Standing.KICKED, Forbidden, "bot was kicked from the group chat"),
        ("group", Standing.LEFT, Forbidden, "bot is not a member of the group chat"),
        ("group", Standing.DELETED, Forbidden, "the group chat was deleted"),
        ("supergroup", Standing.KICKED, Forbidden, "bot was kicked from the supergroup chat"),
        ("supergroup", Standing.READER, BadRequest, "not enough rights to send text messages to the chat"),
        ("channel", Standing.KICKED, Forbidden, "bot was kicked from the channel chat"),
        ("channel", Standing.LEFT, Forbidden, "bot is not a member of the channel chat"),
        ("channel", Standing.MEMBER, BadRequest, "need administrator rights in the channel chat"),
    ],
)
async def test_a_lost_right_has_its_own_error(
    server: BotApiServer,
    bot: Bot,
    kind: str,
    standing: Standing,
    error: type[BadRequest | Forbidden],
    expected: str,
) -> None:
    chat = server.chats.change(getattr(server.chats, f"add_{kind}")(), standing=standing)
    with pytest.raises(error) as refused:
        await bot.send_message(chat.id, "x")
    assert refused.value.message.lower().endswith(expected)


async def test_a_group_that_was_upgraded_names_its_new_id(server: BotApiServer, bot: Bot) -> None:
    old = server.chats.add_group()
    new = server.chats.migrate(old)
    with pytest.raises(ChatMigrated) as refused:
        await bot.send_message(old.id, "x")
    assert refused.value.new_chat_id == new.id


@pytest.mark.parametrize("thread", [1, 6])
async def test_the_general_topic_and_unknown_ones_are_not_found(
    server: BotApiServer, bot: Bot, thread: int
) -> None:
    forum = server.chats.add_supergroup(topics={5: "News"})
    with pytest.raises(BadRequest, match=r"^Message thread not found$"):
        await bot.send_message(forum.id, "x", message_thread_id=thread)


async def test_a_closed_topic_takes_no_message(server: BotApiServer, bot: Bot) -> None:
    forum = server.chats.close_topic(server.chats.add_supergroup(topics={5: "News"}), 5)
    with pytest.raises(BadRequest, match=r"^Topic_closed$"):
        await bot.send_message(forum.id, "x", message_thread_id=5)


async def test_a_topic_that_is_open_again_takes_messages(server: BotApiServer, bot: Bot) -> None:
    forum = server.chats.close_topic(server.chats.add_supergroup(topics={5: "News"}), 5)
    server.chats.reopen_topic(forum, 5)
    assert (await bot.send_message(forum.id, "x", message_thread_id=5)).message_thread_id == 5


async def test_the_general_topic_can_be_closed_to_all_but_administrators(
    server: BotApiServer, bot: Bot
) -> None:
    forum = server.chats.close_topic(server.chats.add_supergroup(topics={5: "News"}), 1)
    with pytest.raises(BadRequest, match=r"^Topic_closed$"):
        await bot.send_message(forum.id, "x")
    server.chats.change(forum, standing=Standing.ADMINISTRATOR)
    assert (await bot.send_message(forum.id, "x")).message_id == 1


async def test_a_deleted_topic_is_not_found(server: BotApiServer, bot: Bot) -> None:
    forum = server.chats.delete_topic(server.chats.add_supergroup(topics={5: "News"}), 5)
    with pytest.raises(BadRequest, match=r"^Message thread not found$"):
        await bot.send_message(forum.id, "x", message_thread_id=5)


async def test_a_reply_to_nothing_is_refused(server: BotApiServer, bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"^Message to be replied not found$"):
        await bot.send_message(server.chats.add_private().id, "x", reply_parameters=ReplyParameters(99))


async def test_what_is_refused_leaves_no_message_and_no_gap(server: BotApiServer, bot: Bot) -> None:
    channel = server.chats.add_channel("@wire")
    with pytest.raises(BadRequest):
        await bot.send_message("@wire", "a" * 4097)
    assert (await bot.send_message(channel.id, "x")).message_id == 1


# Editing, deleting, forwarding


async def test_an_edit_keeps_the_id_and_the_history_keeps_both(server: BotApiServer, bot: Bot) -> None:
    channel = server.chats.add_channel("@wire")
    sent = await bot.send_message("@wire", "one")
    edited = await bot.edit_message_text("two", "@wire", sent.message_id)
    assert isinstance(edited, type(sent))
    assert (edited.message_id, edited.text, edited.edit_date is not None) == (sent.message_id, "two", True)
    assert [(e.before.text, e.after.text) for e in server.history.edits(channel.id)] == [("one", "two")]


@pytest.mark.parametrize(
    ("text", "message_id", "expected"),
    [("one", 1, "message is not modified"), ("two", 9, "message to edit not found")],
)
async def test_an_edit_that_cannot_be_is_refused(
    server: BotApiServer, bot: Bot, text: str, message_id: int, expected: str
) -> None:
    server.chats.add_channel("@wire")
    await bot.send_message("@wire", "one")
    with pytest.raises(BadRequest, match=f"(?i)^{expected}"):
        await bot.edit_message_text(text, "@wire", message_id)


async def test_a_message_whose_keyboard_is_gone_cannot_be_edited(server: BotApiServer, bot: Bot) -> None:
    server.chats.add_channel("@wire")
    sent = await bot.send_message("@wire", "one", reply_markup=keyboard("more"))
    await bot.edit_message_text("two", "@wire", sent.message_id)
    with pytest.raises(BadRequest, match=r"^Message can't be edited$"):
        await bot.edit_message_text("three", "@wire", sent.message_id)


async def test_a_deleted_message_is_gone_though_the_history_knows_it(server: BotApiServer, bot: Bot) -> None:
    channel = server.chats.add_channel("@wire")
    sent = await bot.send_message("@wire", "x")
    assert await bot.delete_message("@wire", sent.message_id)
    assert (server.messages.of(channel.id), server.history.texts(channel.id)) == ((), ("x",))


async def test_a_message_cannot_be_deleted_after_two_days(
    server: BotApiServer, bot: Bot, clock: Clock
) -> None:
    chat = server.chats.add_private()
    sent = await bot.send_message(chat.id, "x")
    clock.now += 48 * 3600
    with pytest.raises(BadRequest, match=r"^Message can't be deleted for everyone$"):
        await bot.delete_message(chat.id, sent.message_id)


async def test_deleting_nothing_is_refused(server: BotApiServer, bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"^Message to delete not found$"):
        await bot.delete_message(server.chats.add_private().id, 9)


async def test_a_forward_shows_what_stands_in_a_channel(server: BotApiServer, bot: Bot) -> None:
    channel, audit = server.chats.add_channel("@wire"), server.chats.add_private()
    sent = await bot.send_message("@wire", "one @two", entities=[MessageEntity(MessageEntity.BOLD, 0, 3)])
    copy = await bot.forward_message(audit.id, channel.id, sent.message_id)
    assert (copy.text, copy.entities) == (sent.text, sent.entities)
    assert copy.forward_origin is not None
    assert copy.forward_origin.to_dict()["message_id"] == sent.message_id


async def test_forwarding_nothing_is_refused(server: BotApiServer, bot: Bot) -> None:
    channel, audit = server.chats.add_channel("@wire"), server.chats.add_private()
    with pytest.raises(BadRequest, match=r"^Message to forward not found$"):
        await bot.forward_message(audit.id, channel.id, 1)


async def test_protected_content_cannot_be_forwarded(server: BotApiServer, bot: Bot) -> None:
    channel, audit = server.chats.add_channel("@wire"), server.chats.add_private()
    await bot.send_message("@wire", "x")
    server.chats.change(channel, protected=True)
    with pytest.raises(BadRequest, match=r"^Message has protected content and can't be forwarded$"):
        await bot.forward_message(audit.id, channel.id, 1)


async def test_a_missing_message_is_told_before_anything_of_the_chat_that_it_would_go_to(
    server: BotApiServer, bot: Bot
) -> None:
    channel = server.chats.add_channel("@wire")
    with pytest.raises(BadRequest, match=r"^Message to forward not found$"):
        await bot.forward_message("@nobody", channel.id, 1)


@pytest.mark.parametrize(
    ("kind", "standing", "error", "expected"),
    [
        ("channel", Standing.MEMBER, BadRequest, "need administrator rights in the channel chat"),
        ("supergroup", Standing.READER, BadRequest, "the message can't be forwarded"),
        ("supergroup", Standing.KICKED, Forbidden, "bot was kicked from the supergroup chat"),
        ("private", Standing.BLOCKED, Forbidden, "bot was blocked by the user"),
    ],
)
async def test_a_copy_needs_the_right_to_write(
    server: BotApiServer,
    bot: Bot,
    kind: str,
    standing: Standing,
    error: type[BadRequest | Forbidden],
    expected: str,
) -> None:
    server.post_message(server.chats.add_channel("@wire"), "x")
    audit = server.chats.change(getattr(server.chats, f"add_{kind}")(), standing=standing)
    with pytest.raises(error) as refused:
        await bot.forward_message(audit.id, "@wire", 1)
    assert refused.value.message.lower().endswith(expected)


async def test_a_public_channel_that_the_bot_left_has_no_messages_for_it(
    server: BotApiServer, bot: Bot
) -> None:
    audit = server.chats.add_private()
    server.post_message(server.chats.add_channel("@wire"), "x")
    server.chats.change("@wire", standing=Standing.LEFT)
    with pytest.raises(BadRequest, match=r"^Message to forward not found$"):
        await bot.forward_message(audit.id, "@wire", 1)


async def test_a_copy_can_be_deleted(server: BotApiServer, bot: Bot) -> None:
    audit = server.chats.add_supergroup()
    server.post_message(server.chats.add_channel("@wire"), "x")
    copy = await bot.forward_message(audit.id, "@wire", 1)
    assert await bot.delete_message(audit.id, copy.message_id)
    assert server.messages.of(audit.id) == ()


async def test_a_channel_in_which_the_bot_may_no_longer_post_keeps_its_messages_as_they_are(
    server: BotApiServer, bot: Bot
) -> None:
    channel = server.chats.add_channel("@wire")
    sent = await bot.send_message("@wire", "one")
    server.chats.change(channel, standing=Standing.MEMBER)
    with pytest.raises(BadRequest, match=r"^Message can't be edited$"):
        await bot.edit_message_text("two", "@wire", sent.message_id)
