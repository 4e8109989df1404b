"""The Bot API server on loopback, spoken to by python-telegram-bot as the real one would be."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatMemberStatus, ParseMode
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter

from bot.demo.botapi import Answer, BotApiServer, Limits, Person, Standing

TOKEN = "123456:AAcanary-token_for-tests"
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def waits_as_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[BotApiServer]:
    async with BotApiServer(token=TOKEN, clock=clock) as running:
        yield running


def bot_of(server: BotApiServer, token: str | None = None) -> Bot:
    return Bot(token or server.token, base_url=f"{server.url}/bot")


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as ready:
        yield ready


async def raw(server: BotApiServer, path: str, **arguments: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as http, http.post(f"{server.url}{path}", data=arguments) as reply:
        return reply.status, await reply.json()


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(text=d, callback_data=d)] for d in data])


# Who is speaking


async def test_the_bot_learns_its_own_name(bot: Bot) -> None:
    assert (bot.bot.id, bot.bot.username) == (123456, "newsbell_bot")


async def test_an_unknown_token_is_refused(server: BotApiServer) -> None:
    with pytest.raises(InvalidToken):
        await bot_of(server, "123456:other").initialize()


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("/bot123456:other/getMe", 401, "Unauthorized"),
        ("/botnonsense/getMe", 404, "Not Found"),
        (f"/bot{TOKEN}/getMoon", 404, "Not Found: method not found"),
        ("/", 404, "Not Found"),
    ],
)
async def test_what_leads_nowhere_has_telegrams_answer(
    server: BotApiServer, path: str, status: int, description: str
) -> None:
    assert await raw(server, path) == (
        status,
        {"ok": False, "error_code": status, "description": description},
    )


async def test_method_names_know_no_case(server: BotApiServer) -> None:
    status, _ = await raw(server, f"/bot{TOKEN}/GETME")
    assert status == 200


async def test_the_token_is_nowhere_in_the_history(server: BotApiServer, bot: Bot) -> None:
    await bot.get_me()
    assert TOKEN.partition(":")[2] not in repr(server.history.calls())


# How arguments come


@pytest.mark.parametrize("way", ["query", "form", "multipart", "json"])
async def test_arguments_come_in_four_ways(server: BotApiServer, way: str) -> None:
    chat = server.chats.add_private(5)
    url = f"{server.url}/bot{TOKEN}/sendMessage"
    arguments = {"chat_id": "5", "text": "İstanbul & çay + 北京 🔔"}
    multipart = aiohttp.FormData(arguments, default_to_multipart=True)
    async with aiohttp.ClientSession() as http:
        match way:
            case "query":
                request = http.get(url, params=arguments)
            case "form":
                request = http.post(url, data=arguments)
            case "multipart":
                request = http.post(url, data=multipart)
            case _:
                request = http.post(url, json={**arguments, "chat_id": 5})
        async with request as reply:
            assert reply.status == 200
    assert server.history.texts(chat.id) == (arguments["text"],)


async def test_bytes_that_are_no_utf8_are_refused(server: BotApiServer) -> None:
    server.chats.add_private(5)
    url = f"{server.url}/bot{TOKEN}/sendMessage"
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            url, data=b"chat_id=5&text=%ff%fe", headers={"Content-Type": "application/x-www-form-urlencoded"}
        ) as reply,
    ):
        answer = await reply.json()
    assert answer["description"] == "Bad Request: strings must be encoded in UTF-8"


# Messages and chats


async def test_a_message_to_a_channel_comes_back_whole(server: BotApiServer, bot: Bot, clock: Clock) -> None:
    channel = server.chats.add_channel("@Wire", title="The wire")
    sent = await bot.send_message(
        "@wIRE",
        " 🔔 Bold news ",
        entities=[MessageEntity(MessageEntity.BOLD, 4, 4)],
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=keyboard("more"),
        disable_notification=True,
    )
    assert sent.chat.id == channel.id
    assert sent.sender_chat is not None
    assert sent.from_user is None
    assert sent.date.timestamp() == clock.now
    assert sent.text == "🔔 Bold news"
    assert sent.parse_entities() == {sent.entities[0]: "Bold"}
    assert sent.link_preview_options == LinkPreviewOptions(is_disabled=True)
    assert sent.reply_markup == keyboard("more")


async def test_a_message_to_a_group_is_from_the_bot(server: BotApiServer, bot: Bot) -> None:
    sent = await bot.send_message(server.chats.add_group().id, "x")
    assert sent.from_user == bot.bot


async def test_html_is_parsed(server: BotApiServer, bot: Bot) -> None:
    sent = await bot.send_message(
        server.chats.add_private().id, "a <a href='http://example.org'>ğ</a>", parse_mode=ParseMode.HTML
    )
    assert (sent.text, sent.entities[0].url) == ("a ğ", "http://example.org/")


async def test_ids_count_per_channel_but_per_account_elsewhere(server: BotApiServer, bot: Bot) -> None:
    first, second = server.chats.add_channel("@one"), server.chats.add_channel("@two")
    person, group = server.chats.add_private(), server.chats.add_group()
    ids = [(await bot.send_message(c.id, "x")).message_id for c in (first, first, second, person, group)]
    assert ids == [1, 2, 1, 1, 2]


async def test_unknown_chats_are_taken_if_asked() -> None:
    async with BotApiServer(token=TOKEN, accept_unknown_chats=True) as server, bot_of(server) as bot:
        sent = [await bot.send_message(chat, "x") for chat in (7, -7, -1001234567890, "@anyone")]
    assert [message.chat.type for message in sent] == ["private", "group", "channel", "channel"]


async def test_a_mention_that_nobody_marked_is_seen(server: BotApiServer, bot: Bot) -> None:
    channel = server.chats.add_channel("@wire")
    await bot.send_message("@wire", "Says @minister in Ankara")
    assert server.history.sent(channel.id)[0].message.mentions == ("@minister",)


async def test_a_reply_carries_the_message_replied_to(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    first = await bot.send_message(chat.id, "one")
    second = await bot.send_message(chat.id, "two", reply_parameters=ReplyParameters(first.message_id))
    assert second.reply_to_message is not None
    assert second.reply_to_message.text == "one"


async def test_a_reply_to_nothing_is_sent_plain_if_allowed(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    parameters = ReplyParameters(99, allow_sending_without_reply=True)
    assert (await bot.send_message(chat.id, "x", reply_parameters=parameters)).reply_to_message is None


async def test_a_message_goes_to_its_topic(server: BotApiServer, bot: Bot) -> None:
    forum = server.chats.add_supergroup(topics={5: "News"})
    sent = await bot.send_message(forum.id, "x", message_thread_id=5)
    assert (sent.message_thread_id, sent.is_topic_message) == (5, True)


async def test_a_topic_is_forgotten_where_there_are_none(server: BotApiServer, bot: Bot) -> None:
    group = server.chats.add_supergroup()
    assert (await bot.send_message(group.id, "x", message_thread_id=5)).message_thread_id is None


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
    with pytest.raises(BadRequest, match="^Chat not found$"):
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
    add = {
        "private": server.chats.add_private,
        "group": server.chats.add_group,
        "supergroup": server.chats.add_supergroup,
        "channel": server.chats.add_channel,
    }[kind]
    chat = server.chats.change(add(), standing=standing)
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
    with pytest.raises(BadRequest, match="^Message thread not found$"):
        await bot.send_message(forum.id, "x", message_thread_id=thread)


async def test_a_closed_topic_takes_no_message(server: BotApiServer, bot: Bot) -> None:
    forum = server.chats.close_topic(server.chats.add_supergroup(topics={5: "News"}), 5)
    with pytest.raises(BadRequest, match="^Topic_closed$"):
        await bot.send_message(forum.id, "x", message_thread_id=5)


async def test_a_deleted_topic_is_not_found(server: BotApiServer, bot: Bot) -> None:
    forum = server.chats.delete_topic(server.chats.add_supergroup(topics={5: "News"}), 5)
    with pytest.raises(BadRequest, match="^Message thread not found$"):
        await bot.send_message(forum.id, "x", message_thread_id=5)


async def test_a_reply_to_nothing_is_refused(server: BotApiServer, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="^Message to be replied not found$"):
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
    with pytest.raises(BadRequest, match="^Message can't be edited$"):
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
    with pytest.raises(BadRequest, match="^Message can't be deleted for everyone$"):
        await bot.delete_message(chat.id, sent.message_id)


async def test_deleting_nothing_is_refused(server: BotApiServer, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="^Message to delete not found$"):
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
    with pytest.raises(BadRequest, match="^Message to forward not found$"):
        await bot.forward_message(audit.id, channel.id, 1)


async def test_protected_content_cannot_be_forwarded(server: BotApiServer, bot: Bot) -> None:
    channel, audit = server.chats.add_channel("@wire"), server.chats.add_private()
    await bot.send_message("@wire", "x")
    server.chats.change(channel, protected=True)
    with pytest.raises(BadRequest, match="can't be forwarded"):
        await bot.forward_message(audit.id, channel.id, 1)


# Pictures


async def test_an_uploaded_picture_has_its_size_and_caption(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    sent = await bot.send_photo(chat.id, PNG, caption="A chart", filename="chart.png")
    assert (sent.photo[0].width, sent.photo[0].height, sent.caption) == (640, 480, "A chart")
    photo = server.history.sent(chat.id)[0].message.photo
    assert photo is not None
    assert photo.content == PNG


async def test_a_picture_can_be_sent_again_by_its_id(server: BotApiServer, bot: Bot) -> None:
    chat = server.chats.add_private()
    first = await bot.send_photo(chat.id, "https://example.org/a.png")
    second = await bot.send_photo(chat.id, first.photo[-1].file_id)
    assert second.photo == first.photo


@pytest.mark.parametrize(
    ("photo", "caption", "expected"),
    [
        (PNG, "a" * 1025, "message caption is too long"),
        (b"no picture", "", "image_process_failed"),
        (PNG[:16] + struct.pack(">II", 9_000, 2_000), "", "photo_invalid_dimensions"),
        ("unknown", "", "wrong remote file identifier specified: wrong string length"),
    ],
)
async def test_a_bad_picture_is_refused(
    server: BotApiServer, bot: Bot, photo: bytes | str, caption: str, expected: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_photo(server.chats.add_private().id, photo, caption=caption)
    assert refused.value.message.lower() == expected


# Commands, members


async def test_commands_are_kept_per_scope(bot: Bot) -> None:
    commands = [BotCommand("start", "Begin")]
    await bot.set_my_commands(commands)
    assert await bot.get_my_commands() == tuple(commands)


async def test_a_command_with_capitals_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="^Bot_command_invalid$"):
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
    with pytest.raises(BadRequest, match="(?i)^query is too old"):
        await bot.answer_callback_query("77")


async def test_a_button_that_is_not_there_cannot_be_pressed(server: BotApiServer, bot: Bot) -> None:
    await bot.send_message(server.chats.add_private().id, "x", reply_markup=keyboard("mute"))
    with pytest.raises(LookupError, match="has no button with 'other'"):
        server.press_button(server.history.sent()[0].message, "other")


# Limits and the record


async def test_a_flood_is_refused_with_the_wait(clock: Clock) -> None:
    async with (
        BotApiServer(token=TOKEN, clock=clock, enforce_limits=True, limits=Limits(burst=2)) as server,
        bot_of(server) as bot,
    ):
        channel = server.chats.add_channel("@wire")
        for text in ("one", "two"):
            await bot.send_message("@wire", text)
        with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
            await bot.send_message("@wire", "three")
        clock.now += 1
        await bot.send_message("@wire", "three")
        assert server.history.texts(channel.id) == ("one", "two", "three")


async def test_a_flood_has_the_http_header_too(clock: Clock) -> None:
    async with BotApiServer(token=TOKEN, clock=clock, enforce_limits=True, limits=Limits(burst=1)) as server:
        server.chats.add_private(5)
        url = f"{server.url}/bot{TOKEN}/sendMessage"
        async with aiohttp.ClientSession() as http:
            for expected in (None, "1"):
                async with http.post(url, data={"chat_id": 5, "text": "x"}) as reply:
                    assert reply.headers.get("Retry-After") == expected


async def test_the_peak_rate_is_known(server: BotApiServer, bot: Bot, clock: Clock) -> None:
    chat = server.chats.add_private()
    for step in (0, 0.5, 0.5, 3):
        clock.now += step
        await bot.send_message(chat.id, "x")
    assert [server.history.peak_rate(seconds, chat.id) for seconds in (0.4, 1.0, 1.1, 10)] == [1, 2, 3, 4]


async def test_duplicates_are_told_by_chat_and_text(server: BotApiServer, bot: Bot) -> None:
    one, two = server.chats.add_channel("@one"), server.chats.add_channel("@two")
    for chat, text in ((one, "a"), (two, "a"), (one, "b"), (one, "a")):
        await bot.send_message(chat.id, text)
    (duplicate,) = server.history.duplicates()
    assert (duplicate.chat_id, duplicate.text, duplicate.message_ids) == (one.id, "a", (1, 3))


async def test_every_call_is_on_record(server: BotApiServer, bot: Bot) -> None:
    server.chats.add_channel("@wire")
    await bot.send_message("@wire", "x")
    with pytest.raises(BadRequest):
        await bot.send_message("@other", "x")
    calls = server.history.calls("sendMessage")
    assert [(c.arguments["chat_id"], c.accepted, c.answer, c.status, c.message_id) for c in calls] == [
        ("@wire", True, Answer.OK, 200, 1),
        ("@other", False, Answer.ERROR, 400, None),
    ]
    assert [c.sequence for c in server.history.calls()] == [1, 2, 3]


async def test_waiting_for_messages_says_how_many_came(server: BotApiServer, bot: Bot) -> None:
    await bot.send_message(server.chats.add_private().id, "x")
    assert len(await server.history.wait_for_messages(1)) == 1
    with pytest.raises(TimeoutError, match="1 of 2 messages came within"):
        await server.history.wait_for_messages(2, within=0.01)


async def test_two_thousand_messages_cost_little(server: BotApiServer) -> None:
    server.chats.add_channel("@wire")
    url = f"{server.url}/bot{TOKEN}/sendMessage"
    started = time.process_time()
    async with aiohttp.ClientSession() as http:
        for number in range(2_000):
            body = json.dumps({"chat_id": "@wire", "text": f"message {number}"}).encode()
            async with http.post(url, data=body, headers={"Content-Type": "application/json"}) as reply:
                assert reply.status == 200
    assert server.history.count() == 2_000
    assert server.history.duplicates() == ()
    assert time.process_time() - started < 10
