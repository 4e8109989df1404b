"""Looking at what stands in a chat under an id, by way of a copy in the audit chat; and asking what a chat is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from bot.demo.botapi import BotApiServer, Chat, Fault, Limits, Standing
from bot.models import ChatFacts, ChatKind, Sight, Unseen, Vacant
from bot.models import Standing as Stands
from bot.telegram import is_audit_chats_fault
from bot.telegram import sender as sender_module
from bot.telegram.sender import TelegramSender

WIRE = "@wire"
AUDIT = "-1000000000900"


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as running:
        running.chats.add_channel(WIRE)
        running.chats.add_supergroup(chat_id=int(AUDIT), title="Audit")
        running.post_message(WIRE, "the alert")
        yield running


@pytest.fixture
async def sender(server: BotApiServer) -> AsyncIterator[TelegramSender]:
    opened = TelegramSender(token=server.token, api_url=server.url)
    yield opened
    await opened.close()


async def look(sender: TelegramSender, message_id: int = 1) -> Sight:
    return await sender.peek(WIRE, message_id, audit=AUDIT)


async def unseen(sender: TelegramSender, message_id: int = 1) -> Unseen:
    sight = await look(sender, message_id)
    assert isinstance(sight, Unseen)
    return sight


async def test_a_message_that_stands_is_read(sender: TelegramSender) -> None:
    assert await look(sender) == Stands(text="the alert")


async def test_the_copy_is_silent_and_deleted_again(server: BotApiServer, sender: TelegramSender) -> None:
    await look(sender)
    (copy,) = server.history.sent(int(AUDIT))
    assert copy.message.silent
    assert server.messages.of(int(AUDIT)) == ()


async def test_a_look_leaves_no_trace_in_the_chat(server: BotApiServer, sender: TelegramSender) -> None:
    wire = server.chats.get(WIRE).id
    before = server.messages.of(wire)
    await look(sender)
    assert server.messages.of(wire) == before


async def test_a_caption_is_a_text(sender: TelegramSender) -> None:
    await sender._bot.send_photo(WIRE, "https://pictures.example/1.png", caption="the caption")
    assert await look(sender, 2) == Stands(text="the caption")


async def test_a_copy_that_cannot_be_deleted_was_seen_all_the_same(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(Fault.error(400, "Bad Request: message can't be deleted"), method="deleteMessage")
    assert await look(sender) == Stands(text="the alert")


async def test_an_id_without_a_message_is_vacant(sender: TelegramSender) -> None:
    assert await look(sender, 2) == Vacant()


async def test_nothing_is_vacant_in_a_public_chat_that_the_bot_has_left(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.chats.change(WIRE, standing=Standing.LEFT)
    sight = await unseen(sender)
    assert sight.final
    assert sight.why == "the chat @wire is closed to the bot: it is not a member"


# Who keeps it from being seen


def closed(chat: str, standing: Standing) -> Callable[[BotApiServer], Chat]:
    return lambda server: server.chats.change(chat, standing=standing)


@pytest.mark.parametrize(
    "close",
    [
        closed(WIRE, Standing.KICKED),
        closed(WIRE, Standing.LEFT),
        lambda server: server.chats.change(WIRE, protected=True),
    ],
)
async def test_a_chat_that_shuts_the_bot_out_is_named(
    server: BotApiServer, sender: TelegramSender, close: Callable[[BotApiServer], Chat]
) -> None:
    close(server)
    sight = await unseen(sender)
    assert (sight.final, is_audit_chats_fault(sight)) == (True, False)
    assert WIRE in sight.why


@pytest.mark.parametrize(
    ("close", "reason"),
    [
        (closed(AUDIT, Standing.KICKED), "bot was kicked from the supergroup chat"),
        (closed(AUDIT, Standing.LEFT), "bot is not a member of the supergroup chat"),
        (
            lambda server: server.chats.close_topic(server.chats.change(AUDIT, is_forum=True), 1),
            "Topic_closed",
        ),
    ],
)
async def test_an_audit_chat_that_shuts_the_bot_out_is_named(
    server: BotApiServer, sender: TelegramSender, close: Callable[[BotApiServer], Chat], reason: str
) -> None:
    close(server)
    sight = await unseen(sender)
    assert is_audit_chats_fault(sight)
    assert reason in sight.why


@pytest.mark.parametrize("audit", ["@nobody", "-100777", "55"])
async def test_an_audit_chat_that_is_not_there_is_named(sender: TelegramSender, audit: str) -> None:
    sight = await sender.peek(WIRE, 1, audit=audit)
    assert sight == Unseen(why=f"the audit chat {audit} is closed to the bot: Chat not found", final=True)


@pytest.mark.parametrize(
    "said",
    [
        "Bad Request: need administrator rights in the channel chat",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: CHAT_WRITE_FORBIDDEN",
    ],
)
async def test_a_right_that_only_writing_needs_is_the_audit_chats(
    server: BotApiServer, sender: TelegramSender, said: str
) -> None:
    server.script(Fault.error(400, said), method="forwardMessage")
    assert is_audit_chats_fault(await unseen(sender))


async def test_an_audit_group_that_became_a_supergroup_tells_its_new_id(
    server: BotApiServer, sender: TelegramSender
) -> None:
    old = server.chats.add_group()
    new = server.chats.migrate(old)
    sight = await sender.peek(WIRE, 1, audit=str(old.id))
    assert isinstance(sight, Unseen)
    assert is_audit_chats_fault(sight)
    assert str(new.id) in sight.why


async def test_a_message_that_nobody_can_forward_is_nobodys_fault(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(Fault.error(400, "Bad Request: the message can't be forwarded"), method="forwardMessage")
    sight = await unseen(sender)
    assert (sight.final, is_audit_chats_fault(sight)) == (True, False)


# Who can be asked again


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (Fault.too_many_requests(17), 17),
        (Fault.too_many_requests(), 60),
        (Fault.unauthorized(), 60),
        (Fault.error(500, "Internal Server Error"), 5),
        (Fault.gateway(502), 5),
        (Fault.garbage(), 5),
        (Fault.not_ok(), 5),
        (Fault.drop(accepted=True), 5),
        (Fault.hang(accepted=True), 5),
    ],
)
async def test_a_look_that_came_to_nothing_is_worth_another(
    server: BotApiServer, monkeypatch: pytest.MonkeyPatch, fault: Fault, after: int
) -> None:
    monkeypatch.setattr(sender_module, "READ_TIMEOUT", 0.2)
    sender = TelegramSender(token=server.token, api_url=server.url)
    server.script(fault, method="forwardMessage")
    sight = await unseen(sender)
    await sender.close()
    assert (sight.final, sight.after) == (False, timedelta(seconds=after))


@pytest.mark.parametrize("method", ["getChat", "getChatMember"])
async def test_a_look_is_not_decided_by_a_question_that_came_to_nothing(
    server: BotApiServer, sender: TelegramSender, method: str
) -> None:
    if method == "getChat":
        server.chats.change(AUDIT, standing=Standing.KICKED)
    server.script(Fault.gateway(502), method=method)
    sight = await unseen(sender, 1 if method == "getChat" else 2)
    assert not sight.final


async def test_a_server_out_of_reach_shows_nothing(server: BotApiServer, sender: TelegramSender) -> None:
    async with server.refusing():
        sight = await unseen(sender)
    assert not sight.final


async def test_a_wait_longer_than_the_deadline_shows_nothing(
    server: BotApiServer, sender: TelegramSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "DEADLINE", 0.05)
    server.script(Fault.hang(accepted=True), method="forwardMessage")
    sight = await unseen(sender)
    assert not sight.final


async def test_copies_count_against_the_audit_chats_limits() -> None:
    async with BotApiServer(enforce_limits=True, limits=Limits(burst=1)) as server:
        server.chats.add_channel(WIRE)
        server.chats.add_supergroup(chat_id=int(AUDIT))
        server.post_message(WIRE, "the alert")
        sender = TelegramSender(token=server.token, api_url=server.url)
        sights = [await look(sender), await look(sender)]
        await sender.close()
    assert sights[0] == Stands(text="the alert")
    assert isinstance(sights[1], Unseen)
    assert sights[1].after == timedelta(seconds=1)


# What a chat is


async def test_a_chat_is_known_by_its_id_and_kind(server: BotApiServer, sender: TelegramSender) -> None:
    assert await sender.identify("@WIRE") == ChatFacts(id=server.chats.get(WIRE).id, kind=ChatKind.CHANNEL)
    assert await sender.identify(AUDIT) == ChatFacts(id=int(AUDIT), kind=ChatKind.SUPERGROUP)


async def test_nothing_is_known_of_a_chat_that_is_not_there(sender: TelegramSender) -> None:
    assert await sender.identify("@nobody") is None


async def test_nothing_is_known_while_telegram_is_out_of_reach(
    server: BotApiServer, sender: TelegramSender
) -> None:
    async with server.refusing():
        assert await sender.identify(WIRE) is None


async def test_a_kind_of_chat_that_is_new_is_not_known(server: BotApiServer, sender: TelegramSender) -> None:
    server.script(
        Fault(
            ending=Fault.not_ok().ending,
            body=b'{"ok": true, "result": {"id": -7, "type": "city", "accent_color_id": 0,'
            b' "max_reaction_count": 1, "accepted_gift_types": {"unlimited_gifts": false,'
            b' "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,'
            b' "gifts_from_channels": false}}}',
        ),
        method="getChat",
    )
    assert await sender.identify(WIRE) is None
    assert len(server.history.calls("getChat")) == 1
