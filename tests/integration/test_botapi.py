"""The Bot API server on loopback, spoken to by python-telegram-bot as the real one would be."""

from __future__ import annotations

import contextlib
import json
import struct
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from bot_client import TOKEN, bot_of, keyboard
from telegram import (
    Bot,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, InvalidToken, RetryAfter

from bot.demo.botapi import Answer, BotApiServer, Fault, Limits

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


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as ready:
        yield ready


async def raw(server: BotApiServer, path: str, **arguments: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as http, http.post(f"{server.url}{path}", data=arguments) as reply:
        return reply.status, await reply.json()


# Who is speaking


async def test_the_bot_learns_its_own_name(bot: Bot) -> None:
    assert (bot.bot.id, bot.bot.username) == (123456, "newsbell_bot")


async def test_an_unknown_token_is_refused(server: BotApiServer) -> None:
    with pytest.raises(InvalidToken):
        async with bot_of(server, "123456:other"):
            pass


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


async def test_a_strict_server_takes_one_message_a_second_in_a_chat(clock: Clock) -> None:
    async with (
        BotApiServer(token=TOKEN, clock=clock, enforce_limits=True, limits=Limits(burst=1)) as server,
        bot_of(server) as bot,
    ):
        one, two = server.chats.add_private(), server.chats.add_private()
        for step, chat in ((0.0, one), (0.0, two), (0.9, one), (0.1, one)):
            clock.now += step
            with contextlib.suppress(RetryAfter):
                await bot.send_message(chat.id, f"at {clock.now}")
        assert (server.history.count(one.id), server.history.count(two.id)) == (2, 1)


async def test_only_what_the_limits_refuse_is_a_flood(clock: Clock) -> None:
    async with (
        BotApiServer(token=TOKEN, clock=clock, enforce_limits=True, limits=Limits(burst=1)) as server,
        bot_of(server) as bot,
    ):
        chat = server.chats.add_private()
        server.script(Fault.too_many_requests(9))
        for text in ("scripted", "taken", "refused"):
            with contextlib.suppress(RetryAfter):
                await bot.send_message(chat.id, text)
        assert [call.text for call in server.history.floods()] == ["refused"]
        assert server.history.floods(chat.id + 1) == ()


async def test_copies_count_against_the_limits_of_the_chat_that_they_go_to(clock: Clock) -> None:
    async with (
        BotApiServer(token=TOKEN, clock=clock, enforce_limits=True, limits=Limits(burst=1)) as server,
        bot_of(server) as bot,
    ):
        channel, audit = server.chats.add_channel("@wire"), server.chats.add_supergroup()
        server.post_message(channel, "x")
        await bot.forward_message(audit.id, channel.id, 1)
        with pytest.raises(RetryAfter):
            await bot.forward_message(audit.id, channel.id, 1)
        assert [call.chat_id for call in server.history.floods()] == [audit.id]


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
