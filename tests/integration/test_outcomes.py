"""What becomes of a send: every answer, fault and state of a chat, over HTTP and through the real library."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest
from attempts import make_attempt
from telegram import Bot
from telegram.error import EndPointNotFound, PassportDecryptionError, TelegramError
from telegram.request import HTTPXRequest

from bot.demo.botapi import BotApiServer, Fault, Limits, Standing
from bot.models import (
    ChatDead,
    ChatMigrated,
    ChatPaused,
    Delivery,
    DeliveryKind,
    Failed,
    Message,
    Outcome,
    RenderFault,
    Retry,
    Sent,
    Stopped,
    TopicClosed,
    Uncertain,
    Unreachable,
)
from bot.telegram import sender as sender_module
from bot.telegram.outcome import MAYBE_SENT, NOT_SENT, TABLE, outcome_of
from bot.telegram.sender import TelegramSender

SOON = 0.2
"""Seconds after which a test's sender gives up."""


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "READ_TIMEOUT", SOON)
    monkeypatch.setattr(sender_module, "CONNECT_TIMEOUT", SOON)


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(accept_unknown_chats=True) as running:
        yield running


@pytest.fixture
async def sender(server: BotApiServer) -> AsyncIterator[TelegramSender]:
    opened = TelegramSender(token=server.token, api_url=server.url)
    yield opened
    await opened.close()


async def edit_of_a_sent_message(sender: TelegramSender) -> Delivery:
    first = await sender.send(make_attempt())
    assert isinstance(first, Sent)
    return make_attempt(
        kind=DeliveryKind.EDIT, target=first.message_id, message=Message(text="hello, all of you")
    )


def refusal(said: str, outcome: type[Outcome]) -> object:
    return pytest.param(Fault.error(400, f"Bad Request: {said}"), outcome, id=said)


def ban(said: str, outcome: type[Outcome]) -> object:
    return pytest.param(Fault.error(403, f"Forbidden: {said}"), outcome, id=said)


def fault(name: str, of: Fault, outcome: type[Outcome]) -> object:
    return pytest.param(of, outcome, id=name)


def page(status: int) -> Fault:
    """An error page of a server between us and Telegram, with words in it that only Telegram's answers mean."""
    gateway = Fault.gateway(status)
    return Fault(
        ending=gateway.ending,
        status=status,
        content_type="text/html",
        body=b"<p>chat not found, too many requests, user is deactivated</p>",
    )


COMMON = [
    refusal("chat not found", ChatPaused),
    refusal("private chat not found", ChatPaused),
    refusal("need administrator rights in the channel chat", ChatPaused),
    refusal("not enough rights to send text messages to the chat", ChatPaused),
    refusal("have no write access to the chat", ChatPaused),
    refusal("have no rights to send a message", ChatPaused),
    refusal("CHAT_WRITE_FORBIDDEN", ChatPaused),
    refusal("CHAT_RESTRICTED", ChatPaused),
    refusal("CHAT_ADMIN_REQUIRED", ChatPaused),
    refusal("CHANNEL_PRIVATE", ChatPaused),
    refusal("USER_BANNED_IN_CHANNEL", ChatPaused),
    refusal("PEER_ID_INVALID", ChatPaused),
    refusal("user not found", ChatPaused),
    ban("bot was blocked by the user", ChatPaused),
    ban("bot was kicked from the channel chat", ChatPaused),
    ban("bot is not a member of the supergroup chat", ChatPaused),
    ban("bot can't initiate conversation with a user", ChatPaused),
    ban("user is deactivated", ChatDead),
    ban("the group chat was deleted", ChatDead),
    refusal("group chat was deactivated", ChatDead),
    refusal("USER_DELETED", ChatDead),
    refusal("TOPIC_CLOSED", TopicClosed),
    refusal("TOPIC_DELETED", TopicClosed),
    refusal("message thread not found", TopicClosed),
    refusal("RANDOM_ID_DUPLICATE", Uncertain),
    fault("migrated", Fault.error(400, "Bad Request: upgraded", {"migrate_to_chat_id": -1005}), ChatMigrated),
    fault("429 with a wait", Fault.too_many_requests(17), Retry),
    fault("429 without a wait", Fault.too_many_requests(), Retry),
    fault("429 as a page", page(429), Retry),
    fault("401", Fault.unauthorized(), Stopped),
    fault("404", Fault.error(404, "Not Found"), Stopped),
    fault("404 as a page", page(404), Stopped),
    fault("logged out of a server of one's own", Fault.error(400, "Logged out"), Stopped),
    fault("409", Fault.error(409, "Conflict: terminated by other getUpdates request"), Retry),
    fault("413", Fault.error(413, "Request Entity Too Large"), Uncertain),
    fault("500", Fault.error(500, "Internal Server Error"), Uncertain),
    fault("502 as a page", page(502), Uncertain),
    fault("504 as a page", page(504), Uncertain),
    fault("400 as a page", page(400), Uncertain),
    fault("403 as a page", page(403), Uncertain),
    fault("409 as a page", page(409), Uncertain),
    fault("200 that is no JSON", Fault.garbage(), Uncertain),
    fault("200 without a result", Fault.not_ok(), Uncertain),
    fault("closed before it was performed", Fault.drop(accepted=False), Uncertain),
    fault("closed after it was performed", Fault.drop(accepted=True), Uncertain),
    fault("reset", Fault.reset(accepted=True), Uncertain),
    fault("silence", Fault.hang(accepted=True), Uncertain),
]
"""What a send and an edit have in common."""


@pytest.mark.parametrize(
    ("of", "outcome"),
    [
        *COMMON,
        refusal("message is too long", RenderFault),
        refusal("message text is empty", RenderFault),
        refusal("can't parse entities: unexpected end", RenderFault),
        refusal("ENTITY_BOUNDS_INVALID", RenderFault),
        refusal("wrong HTTP URL specified", RenderFault),
        refusal("something that nobody has read yet", RenderFault),
        refusal("entity URL 'https://chat_/user not found' is invalid: wrong port number", RenderFault),
    ],
)
async def test_each_answer_to_a_message_has_its_outcome(
    server: BotApiServer, sender: TelegramSender, of: Fault, outcome: type[Outcome]
) -> None:
    server.script(of, method="sendMessage", times=2)
    assert type(await sender.send(make_attempt())) is outcome


@pytest.mark.parametrize(
    ("of", "outcome"),
    [
        *COMMON,
        refusal("message to edit not found", Failed),
        refusal("message can't be edited", Failed),
        refusal("there is no text in the message to edit", Failed),
        refusal("MESSAGE_ID_INVALID", Failed),
        refusal("MESSAGE_AUTHOR_REQUIRED", Failed),
        refusal("message is too long", RenderFault),
        refusal("message is not modified: specified new message content is the same", Sent),
    ],
)
async def test_each_answer_to_an_edit_has_its_outcome(
    server: BotApiServer, sender: TelegramSender, of: Fault, outcome: type[Outcome]
) -> None:
    edit = await edit_of_a_sent_message(sender)
    server.script(of, method="editMessageText", times=2)
    assert type(await sender.send(edit)) is outcome


# The same from the chat's own state


STATES: list[tuple[str, Standing, ChatPaused | ChatDead]] = [
    ("private", Standing.BLOCKED, ChatPaused(why="Forbidden: bot was blocked by the user")),
    ("private", Standing.DEACTIVATED, ChatDead(why="Forbidden: user is deactivated")),
    ("group", Standing.KICKED, ChatPaused(why="Forbidden: bot was kicked from the group chat")),
    ("group", Standing.DELETED, ChatDead(why="Forbidden: the group chat was deleted")),
    ("supergroup", Standing.LEFT, ChatPaused(why="Forbidden: bot is not a member of the supergroup chat")),
    ("supergroup", Standing.READER, ChatPaused(why="Not enough rights to send text messages to the chat")),
    ("channel", Standing.KICKED, ChatPaused(why="Forbidden: bot was kicked from the channel chat")),
    ("channel", Standing.MEMBER, ChatPaused(why="Need administrator rights in the channel chat")),
]


@pytest.mark.parametrize(
    ("kind", "state", "outcome"), STATES, ids=[f"{state} in a {kind} chat" for kind, state, _ in STATES]
)
async def test_a_chat_that_lets_the_bot_in_no_more_is_told_with_telegrams_reason(
    server: BotApiServer, sender: TelegramSender, kind: str, state: Standing, outcome: Outcome
) -> None:
    chat = server.chats.change(getattr(server.chats, f"add_{kind}")(), standing=state)
    assert await sender.send(make_attempt(str(chat.id))) == outcome


async def test_a_chat_that_is_not_there_is_paused() -> None:
    async with BotApiServer() as server:
        sender = TelegramSender(token=server.token, api_url=server.url)
        assert await sender.send(make_attempt("@nobody")) == ChatPaused(why="Chat not found")
        await sender.close()


async def test_a_group_that_became_a_supergroup_tells_its_new_id(
    server: BotApiServer, sender: TelegramSender
) -> None:
    old = server.chats.add_group()
    new = server.chats.migrate(old)
    assert await sender.send(make_attempt(str(old.id))) == ChatMigrated(chat=str(new.id))


@pytest.mark.parametrize("end", ["close_topic", "delete_topic"])
async def test_a_topic_that_was_closed_or_deleted_is_no_matter_of_the_chat(
    server: BotApiServer, sender: TelegramSender, end: str
) -> None:
    forum = server.chats.add_supergroup(topics={7: "News"})
    getattr(server.chats, end)(forum, 7)
    assert isinstance(await sender.send(make_attempt(str(forum.id), thread=7)), TopicClosed)


async def test_a_flood_holds_the_one_chat_as_long_as_telegram_says() -> None:
    async with BotApiServer(accept_unknown_chats=True, enforce_limits=True, limits=Limits(burst=1)) as server:
        sender = TelegramSender(token=server.token, api_url=server.url)
        outcomes = [await sender.send(make_attempt(chat)) for chat in ("1", "1", "2")]
        await sender.close()
    assert [type(outcome) for outcome in outcomes] == [Sent, Retry, Sent]
    assert outcomes[1] == Retry(after=timedelta(seconds=1), why="Flood control exceeded. Retry in 0:00:01")


async def test_a_flood_without_a_wait_holds_every_chat_for_a_minute(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(Fault.too_many_requests(), method="sendMessage")
    outcome = await sender.send(make_attempt())
    assert outcome == Retry(after=timedelta(seconds=60), why="Too Many Requests", everywhere=True)


# What happens before the first byte


async def test_a_refused_connection_is_certain_not_to_have_sent(
    server: BotApiServer, sender: TelegramSender
) -> None:
    async with server.refusing():
        assert isinstance(await sender.send(make_attempt()), Unreachable)


async def test_a_host_without_an_address_is_certain_not_to_have_sent() -> None:
    sender = TelegramSender(token="1:a", api_url="http://no-such-host.invalid")
    assert isinstance(await sender.send(make_attempt()), Unreachable)
    await sender.close()


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that a further one waits for ever."""
    with ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(2):
            waiting = opened.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


async def test_a_connection_that_does_not_come_about_is_certain_not_to_have_sent(deaf_port: int) -> None:
    sender = TelegramSender(token="1:a", api_url=f"http://127.0.0.1:{deaf_port}")
    outcome = await sender.send(make_attempt())
    await sender.close()
    assert isinstance(outcome, Unreachable)
    assert "ConnectTimeout" in outcome.why


@pytest.mark.parametrize("api_url", ["ftp://127.0.0.1", "http://127.0.0.1:port"])
async def test_an_address_that_cannot_be_called_is_certain_not_to_have_sent(api_url: str) -> None:
    sender = TelegramSender(token="1:a", api_url=api_url)
    assert isinstance(await sender.send(make_attempt()), Unreachable)
    await sender.close()


async def test_a_full_pool_is_certain_not_to_have_sent(server: BotApiServer) -> None:
    server.script(Fault.hang(accepted=False), times=None)
    request = HTTPXRequest(connection_pool_size=1, pool_timeout=0.05, read_timeout=5)
    bot = Bot(server.token, base_url=f"{server.url}/bot", request=request)
    hanging = asyncio.create_task(bot.send_message(1, "first"))
    await server.history.wait_for(lambda: bool(server.history.calls()))
    with pytest.raises(TelegramError) as raised:
        await bot.send_message(1, "second")
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    await request.shutdown()
    assert isinstance(outcome_of(raised.value), Unreachable)


async def test_a_proxy_that_refuses_is_certain_not_to_have_sent(server: BotApiServer) -> None:
    request = HTTPXRequest(proxy=server.url)
    bot = Bot(server.token, base_url="https://telegram.invalid/bot", request=request)
    with pytest.raises(TelegramError) as raised:
        await bot.send_message(1, "x")
    await request.shutdown()
    assert isinstance(raised.value.__cause__, httpx.ProxyError)
    assert isinstance(outcome_of(raised.value), Unreachable)


async def test_a_wait_longer_than_the_deadline_leaves_a_doubt(
    server: BotApiServer, sender: TelegramSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "DEADLINE", 0.05)
    server.script(Fault.hang(accepted=True), method="sendMessage")
    assert isinstance(await sender.send(make_attempt()), Uncertain)


# Whether the table knows all that can be raised


def tree(root: type[Exception]) -> set[type[Exception]]:
    """A class of exceptions, and all under it that came with the library itself."""
    return {root}.union(*(tree(kind) for kind in root.__subclasses__()))


NOT_OF_SENDING = {EndPointNotFound, PassportDecryptionError}
"""Raised by Bot.do_api_request for a method that there is not, and by Telegram Passport."""


def test_every_error_of_the_library_has_a_row_of_its_own() -> None:
    assert tree(TelegramError) - NOT_OF_SENDING == {row.error for row in TABLE} - {Exception}


def test_every_cause_that_httpx_knows_is_filed_as_certain_or_doubtful() -> None:
    filed = [cause for cause in (*NOT_SENT, *MAYBE_SENT) if issubclass(cause, httpx.TransportError)]
    assert sorted(cause.__name__ for cause in tree(httpx.TransportError) - {httpx.TransportError}) == sorted(
        cause.__name__ for cause in filed
    )


def test_no_cause_that_is_certain_has_a_doubtful_one_under_it() -> None:
    assert not {under for cause in NOT_SENT for under in tree(cause)} & set(MAYBE_SENT)


def test_an_error_of_no_known_kind_leaves_a_doubt() -> None:
    assert isinstance(outcome_of(KeyError("result")), Uncertain)
