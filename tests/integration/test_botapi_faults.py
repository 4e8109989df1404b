"""Scripted faults of the Bot API server on loopback, and what python-telegram-bot makes of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from bot_client import TOKEN, bot_of
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.demo.botapi import Answer, BotApiServer, Fault


@pytest.fixture(autouse=True)
def waits_as_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(token=TOKEN) as running:
        running.chats.add_channel("@wire")
        running.chats.add_channel("@other")
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as ready:
        yield ready


async def send(bot: Bot, text: str = "x", chat: str = "@wire", seconds: float = 5.0) -> int:
    return (await bot.send_message(chat, text, read_timeout=seconds)).message_id


# Each fault and its exception


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Fault.error(400, "Bad Request: chat not found"), BadRequest, "Chat not found"),
        (Fault.error(403, "Forbidden: user is deactivated"), Forbidden, "Forbidden: user is deactivated"),
        (
            Fault.error(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100500}),
            ChatMigrated,
            "Group migrated to supergroup. New chat id: -100500",
        ),
        (Fault.too_many_requests(7), RetryAfter, "Flood control exceeded. Retry in 0:00:07"),
        (Fault.too_many_requests(), NetworkError, "Too Many Requests"),
        (Fault.unauthorized(), InvalidToken, "Unauthorized"),
    ],
)
async def test_an_error_in_telegrams_form_has_its_exception(
    server: BotApiServer, bot: Bot, fault: Fault, error: type[TelegramError], message: str
) -> None:
    server.script(fault)
    with pytest.raises(TelegramError) as raised:
        await send(bot)
    assert (type(raised.value), raised.value.message) == (error, message)


async def test_a_bare_429_carries_no_wait(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.too_many_requests())
    with pytest.raises(NetworkError) as raised:
        await send(bot)
    assert not isinstance(raised.value, RetryAfter)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_an_error_page_of_a_gateway_is_a_network_error(
    server: BotApiServer, bot: Bot, status: int
) -> None:
    server.script(Fault.gateway(status))
    with pytest.raises(NetworkError) as raised:
        await send(bot)
    assert type(raised.value) is NetworkError


async def test_an_answer_that_is_no_json_is_a_bare_telegram_error(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.garbage())
    with pytest.raises(TelegramError, match=r"^Invalid server response$") as raised:
        await send(bot)
    assert type(raised.value) is TelegramError


async def test_an_answer_without_a_result_is_no_telegram_error_at_all(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.not_ok())
    with pytest.raises(KeyError, match="result"):
        await send(bot)


async def test_a_dropped_reply_is_a_protocol_error(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.drop(accepted=True))
    with pytest.raises(NetworkError) as raised:
        await send(bot)
    assert isinstance(raised.value.__cause__, httpx.RemoteProtocolError)


async def test_a_reset_is_a_network_error(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.reset(accepted=True))
    with pytest.raises(NetworkError) as raised:
        await send(bot)
    assert isinstance(raised.value.__cause__, httpx.ReadError | httpx.RemoteProtocolError)


@pytest.mark.parametrize("fault", [Fault.hang(accepted=True), Fault.delay(before=3), Fault.delay(after=3)])
async def test_a_reply_that_does_not_come_is_a_read_timeout(
    server: BotApiServer, bot: Bot, fault: Fault
) -> None:
    server.script(fault)
    with pytest.raises(TimedOut) as raised:
        await send(bot, seconds=0.1)
    assert isinstance(raised.value.__cause__, httpx.ReadTimeout)


async def test_a_refused_connection_was_certainly_not_sent(server: BotApiServer, bot: Bot) -> None:
    await send(bot)
    async with server.refusing():
        with pytest.raises(NetworkError) as raised:
            await send(bot)
    assert isinstance(raised.value.__cause__, httpx.ConnectError)


async def test_the_server_comes_back_on_its_port(server: BotApiServer, bot: Bot) -> None:
    before = server.url
    async with server.refusing():
        pass
    await send(bot, "back")
    assert (server.url, server.history.texts()) == (before, ("back",))


async def test_a_full_pool_was_certainly_not_sent(server: BotApiServer) -> None:
    request = HTTPXRequest(connection_pool_size=1, pool_timeout=0.05)
    server.script(Fault.hang(accepted=True), method="sendMessage")
    async with Bot(server.token, base_url=f"{server.url}/bot", request=request) as bot:
        hanging = asyncio.create_task(send(bot, seconds=0.4))
        await server.history.wait_for_messages(1)
        with pytest.raises(TimedOut) as raised:
            await send(bot, "second")
        assert isinstance(raised.value.__cause__, httpx.PoolTimeout)
        with pytest.raises(TimedOut):
            await hanging
    assert server.history.texts() == ("x",)


# Whether the message stands


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("kind", ["drop", "reset", "hang", "gateway", "garbage", "not_ok"])
async def test_a_fault_says_whether_the_message_stands(
    server: BotApiServer, bot: Bot, kind: str, *, accepted: bool
) -> None:
    server.script(getattr(Fault, kind)(accepted=accepted))
    with pytest.raises((TelegramError, KeyError)):
        await send(bot, seconds=0.1)
    if accepted:
        await server.history.wait_for_messages(1)
    assert server.history.texts() == (("x",) if accepted else ())


async def test_accepted_though_unheard_is_on_record(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.drop(accepted=True), first=2)
    await send(bot, "one")
    with pytest.raises(NetworkError):
        await send(bot, "two")
    (call,) = server.history.unanswered()
    assert (call.text, call.message_id, call.answer) == ("two", 2, Answer.NONE)


async def test_a_late_call_is_performed_though_the_client_has_gone(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.delay(before=0.6))
    with pytest.raises(TimedOut):
        await send(bot, seconds=0.1)
    assert server.history.count() == 0
    await server.history.wait_for_messages(1)
    await server.history.wait_for(lambda: bool(server.history.unanswered()))


async def test_something_can_be_done_just_before_and_just_after_a_call_is_performed(
    server: BotApiServer, bot: Bot
) -> None:
    seen: list[int] = []
    server.script(
        Fault.watch(
            before=lambda: seen.append(server.history.count()),
            after=lambda: seen.append(server.history.count()),
        )
    )
    assert await send(bot) == 1
    assert seen == [0, 1]


async def test_something_can_be_done_though_a_call_is_not_performed(server: BotApiServer, bot: Bot) -> None:
    seen: list[int] = []
    fault = Fault.drop(accepted=False).calling(after=lambda: seen.append(server.history.count()))
    server.script(fault)
    with pytest.raises(NetworkError):
        await send(bot)
    assert seen == [0]


async def test_a_slow_answer_arrives_whole(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.trickle(0.2))
    started = time.monotonic()
    assert await send(bot) == 1
    assert time.monotonic() - started >= 0.15


# Which calls are struck


async def test_a_fault_strikes_the_chat_that_it_names(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.unauthorized(), chat=server.chats.get("@wire"), times=None)
    assert await send(bot, chat="@other") == 1
    with pytest.raises(InvalidToken):
        await send(bot)


async def test_a_fault_strikes_the_method_that_it_names(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.unauthorized(), method="getme", times=None)
    assert await send(bot) == 1
    with pytest.raises(InvalidToken):
        await bot.get_me()


async def test_a_fault_strikes_texts_that_it_asks_for(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.unauthorized(), text="Beylikova")
    server.script(Fault.unauthorized(), text=lambda text: len(text) > 20)
    assert await send(bot, "short") == 1
    for text in ("near Beylikova", "a" * 21):
        with pytest.raises(InvalidToken):
            await send(bot, text)


async def test_a_fault_strikes_from_the_nth_call_on_so_many_times(server: BotApiServer, bot: Bot) -> None:
    script = server.script(Fault.unauthorized(), first=2, times=2)
    heard = []
    for _ in range(5):
        try:
            heard.append(await send(bot))
        except InvalidToken:
            heard.append(0)
    assert (heard, script.struck) == ([1, 0, 0, 2, 3], 2)


async def test_a_cancelled_fault_strikes_no_more(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.unauthorized(), times=None).cancel()
    assert await send(bot) == 1


async def test_a_fault_can_strike_the_polling(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.gateway(), method="getUpdates")
    with pytest.raises(NetworkError):
        await bot.get_updates(timeout=0)


# Life


async def test_sends_under_way_are_counted_per_chat(server: BotApiServer, bot: Bot) -> None:
    server.script(Fault.delay(before=0.1), times=None)
    await asyncio.gather(*(send(bot, str(n), chat) for n, chat in enumerate(["@wire", "@wire", "@other"])))
    wire, other = server.chats.get("@wire").id, server.chats.get("@other").id
    peaks = [server.history.peak_in_flight(chat) for chat in (wire, other, None)]
    assert peaks == [2, 1, 3]


async def test_stopping_waits_for_no_hanging_request() -> None:
    server = BotApiServer(token=TOKEN, accept_unknown_chats=True)
    await server.start()
    server.script(Fault.hang(accepted=True), method="sendMessage")
    async with bot_of(server) as bot:
        waiting = [asyncio.create_task(send(bot)), asyncio.create_task(bot.get_updates(timeout=50))]
        await server.history.wait_for(lambda: len(server.history.calls()) >= 3)
        started = time.monotonic()
        await server.stop()
        assert time.monotonic() - started < 1
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], NetworkError)
    assert results[1] == ()


async def test_stopping_twice_or_unstarted_is_harmless() -> None:
    server = BotApiServer(token=TOKEN)
    await server.stop()
    async with BotApiServer(token=TOKEN) as running:
        await running.stop()
