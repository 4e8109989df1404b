"""Every row of the outcome table, provoked over HTTP, and the table's completeness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import telegram.error
from builders import NOON
from telegram.error import TelegramError

from bot.demo.botapi import BotApiServer, Fault
from bot.models import (
    ChatClosed,
    ChatMoved,
    Delivery,
    DeliveryKind,
    EntityKind,
    Failed,
    Message,
    Outcome,
    Retry,
    Sent,
    Stopped,
    TextEntity,
    Uncertain,
    Unreachable,
)
from bot.telegram.outcome import TABLE, outcome_of
from bot.telegram.sender import TelegramSender

BOLD = TextEntity(kind=EntityKind.BOLD, offset=0, length=5)


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(accept_unknown_chats=True) as running:
        yield running


@pytest.fixture
async def sender(server: BotApiServer) -> AsyncIterator[TelegramSender]:
    opened = TelegramSender(token=server.token, api_url=server.url)
    yield opened
    await opened.close()


def delivery(chat: str = "100000001", **changes: object) -> Delivery:
    values: dict[str, object] = {
        "id": 1,
        "token": 1,
        "chat": chat,
        "thread": None,
        "message": Message(text="hello, world", entities=(BOLD,)),
        "attempt": 1,
        "doubts": 0,
        "created_at": NOON,
        **changes,
    }
    return Delivery(**values)  # type: ignore[arg-type]


async def test_a_message_arrives_with_its_entities(server: BotApiServer, sender: TelegramSender) -> None:
    outcome = await sender.send(delivery())
    (sent,) = server.history.sent()
    assert outcome == Sent(message_id=sent.message.id)
    assert [entity.type for entity in sent.message.entities] == ["bold"]


async def test_a_channel_is_addressed_by_its_name(server: BotApiServer, sender: TelegramSender) -> None:
    assert isinstance(await sender.send(delivery("@rare_earth_wire")), Sent)
    assert server.history.calls("sendMessage")[0].arguments["chat_id"] == "@rare_earth_wire"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.error(400, "Bad Request: chat not found"), ChatClosed),
        (Fault.error(400, "Bad Request: not enough rights to send text messages to the chat"), ChatClosed),
        (Fault.error(400, "Bad Request: need administrator rights in the channel chat"), ChatClosed),
        (Fault.error(400, "Bad Request: TOPIC_CLOSED"), ChatClosed),
        (Fault.error(400, "Bad Request: message thread not found"), ChatClosed),
        (Fault.error(403, "Forbidden: bot was blocked by the user"), ChatClosed),
        (Fault.error(403, "Forbidden: bot was kicked from the channel chat"), ChatClosed),
        (Fault.error(400, "Bad Request: message is too long"), Failed),
        (Fault.error(400, "Bad Request: message text is empty"), Failed),
        (Fault.error(409, "Conflict: terminated by other getUpdates request"), Retry),
        (Fault.unauthorized(), Stopped),
        (Fault.error(404, "Not Found"), Stopped),
        (Fault.error(500, "Internal Server Error"), Uncertain),
        (Fault.gateway(502), Uncertain),
        (Fault.gateway(504), Uncertain),
        (Fault.garbage(), Uncertain),
        (Fault.not_ok(), Uncertain),
        (Fault.drop(accepted=True), Uncertain),
        (Fault.reset(accepted=True), Uncertain),
    ],
)
async def test_each_answer_has_its_outcome(
    server: BotApiServer, sender: TelegramSender, fault: Fault, outcome: type[Outcome]
) -> None:
    server.script(fault, method="sendMessage")
    assert isinstance(await sender.send(delivery()), outcome)


async def test_a_flood_wait_is_taken_as_told(server: BotApiServer, sender: TelegramSender) -> None:
    server.script(Fault.too_many_requests(17), method="sendMessage")
    outcome = await sender.send(delivery())
    assert isinstance(outcome, Retry)
    assert (outcome.after, outcome.everywhere) == (timedelta(seconds=17), False)


async def test_a_flood_wait_without_a_time_holds_everything_for_a_minute(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(Fault.too_many_requests(), method="sendMessage")
    outcome = await sender.send(delivery())
    assert isinstance(outcome, Retry)
    assert (outcome.after, outcome.everywhere) == (timedelta(seconds=60), True)


async def test_a_group_that_became_a_supergroup_tells_its_new_id(
    server: BotApiServer, sender: TelegramSender
) -> None:
    migrated = Fault.error(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": -1000000000055},
    )
    server.script(migrated, method="sendMessage")
    assert await sender.send(delivery("-55")) == ChatMoved(chat="-1000000000055")


async def test_formatting_that_telegram_refuses_goes_out_as_plain_text(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(Fault.error(400, "Bad Request: can't parse entities: unexpected end"), method="sendMessage")
    assert isinstance(await sender.send(delivery()), Sent)
    assert server.history.texts() == ("hello, world",)


async def test_a_reply_answers_its_message_in_its_topic(server: BotApiServer, sender: TelegramSender) -> None:
    forum = server.chats.add_supergroup(topics={7: "News"})
    first = await sender.send(delivery(str(forum.id), thread=7))
    assert isinstance(first, Sent)
    await sender.send(delivery(str(forum.id), thread=7, kind=DeliveryKind.REPLY, target=first.message_id))
    answer = server.history.sent()[1].message
    assert (answer.reply_to, answer.thread_id) == (first.message_id, 7)


async def test_a_reply_to_a_message_that_somebody_deleted_goes_alone(
    server: BotApiServer, sender: TelegramSender
) -> None:
    outcome = await sender.send(delivery(kind=DeliveryKind.REPLY, target=99))
    (sent,) = server.history.sent()
    assert (outcome, sent.message.reply_to) == (Sent(message_id=sent.message.id), None)


async def test_a_reply_without_a_message_is_a_message(server: BotApiServer, sender: TelegramSender) -> None:
    assert isinstance(await sender.send(delivery(kind=DeliveryKind.REPLY)), Sent)
    assert "reply_parameters" not in server.history.calls("sendMessage")[0].arguments


REVISED = Message(text="hello, all of you", entities=(BOLD,))


async def edit_of_a_sent_message(sender: TelegramSender, message: Message = REVISED) -> Delivery:
    first = await sender.send(delivery())
    assert isinstance(first, Sent)
    return delivery(kind=DeliveryKind.EDIT, target=first.message_id, message=message)


async def test_an_edit_changes_its_message_in_place(server: BotApiServer, sender: TelegramSender) -> None:
    edit = await edit_of_a_sent_message(sender)
    assert await sender.send(edit) == Sent(message_id=edit.target or 0)
    (change,) = server.history.edits()
    assert (change.after.id, change.after.text) == (edit.target, REVISED.text)
    assert [entity.type for entity in change.after.entities] == ["bold"]
    assert server.history.count() == 1


async def test_an_edit_that_was_made_already_is_done(server: BotApiServer, sender: TelegramSender) -> None:
    edit = await edit_of_a_sent_message(sender)
    assert await sender.send(edit) == await sender.send(edit) == Sent(message_id=edit.target or 0)
    assert len(server.history.edits()) == 1


async def test_an_edit_of_a_message_that_is_gone_has_failed(sender: TelegramSender) -> None:
    outcome = await sender.send(delivery(kind=DeliveryKind.EDIT, target=99))
    assert isinstance(outcome, Failed)
    assert outcome.why == "Message to edit not found"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.error(400, "Bad Request: message can't be edited"), Failed),
        (Fault.error(400, "Bad Request: MESSAGE_ID_INVALID"), Failed),
        (Fault.error(400, "Bad Request: message is too long"), Failed),
        (Fault.error(400, "Bad Request: chat not found"), ChatClosed),
        (Fault.error(403, "Forbidden: bot was kicked from the channel chat"), ChatClosed),
        (Fault.too_many_requests(17), Retry),
        (Fault.unauthorized(), Stopped),
        (Fault.error(500, "Internal Server Error"), Uncertain),
        (Fault.drop(accepted=True), Uncertain),
    ],
)
async def test_each_answer_to_an_edit_has_its_outcome(
    server: BotApiServer, sender: TelegramSender, fault: Fault, outcome: type[Outcome]
) -> None:
    edit = await edit_of_a_sent_message(sender)
    server.script(fault, method="editMessageText")
    assert isinstance(await sender.send(edit), outcome)


async def test_an_edit_whose_formatting_telegram_refuses_is_made_as_plain_text(
    server: BotApiServer, sender: TelegramSender
) -> None:
    edit = await edit_of_a_sent_message(sender)
    server.script(
        Fault.error(400, "Bad Request: can't parse entities: unexpected end"), method="editMessageText"
    )
    assert await sender.send(edit) == Sent(message_id=edit.target or 0)
    (change,) = server.history.edits()
    assert (change.after.text, change.after.entities) == (REVISED.text, ())


async def test_a_refused_connection_is_certain_not_to_have_sent(
    server: BotApiServer, sender: TelegramSender
) -> None:
    async with server.refusing():
        assert isinstance(await sender.send(delivery()), Unreachable)


async def test_a_good_token_is_no_outcome(sender: TelegramSender) -> None:
    assert await sender.check() is None


async def test_a_refused_token_is_told(server: BotApiServer) -> None:
    stranger = TelegramSender(token="999:stranger", api_url=server.url)
    assert isinstance(await stranger.check(), Stopped)
    await stranger.close()


async def test_a_server_out_of_reach_is_told(server: BotApiServer, sender: TelegramSender) -> None:
    async with server.refusing():
        assert isinstance(await sender.check(), Unreachable)


def test_every_error_of_the_library_has_a_row_of_its_own() -> None:
    raised_by_send = {
        error
        for error in vars(telegram.error).values()
        if isinstance(error, type)
        and issubclass(error, TelegramError)
        and error not in {telegram.error.EndPointNotFound, telegram.error.PassportDecryptionError}
    }
    assert raised_by_send == {row.error for row in TABLE} - {Exception}


def test_an_error_of_no_known_kind_leaves_a_doubt() -> None:
    assert isinstance(outcome_of(KeyError("result")), Uncertain)
