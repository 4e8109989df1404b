"""What the sender makes of a delivery, and of a message that Telegram does not take as it is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from attempts import BOLD, HELLO, make_attempt

from bot.demo.botapi import BotApiServer, Fault
from bot.models import (
    ChatFacts,
    ChatKind,
    Delivery,
    DeliveryKind,
    EntityKind,
    Failed,
    Message,
    RenderFault,
    Retry,
    Sent,
    Stopped,
    TextEntity,
    Unreachable,
)
from bot.telegram.sender import TelegramSender

REFUSED = Fault.error(400, "Bad Request: can't parse entities: unexpected end")
REVISED = Message(text="hello, all of you", entities=(BOLD,))


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(accept_unknown_chats=True) as running:
        yield running


@pytest.fixture
async def sender(server: BotApiServer) -> AsyncIterator[TelegramSender]:
    opened = TelegramSender(token=server.token, api_url=server.url)
    yield opened
    await opened.close()


def linked(*urls: str) -> Message:
    """A message in which each letter leads to another page, the last letter first in order of entities."""
    links = [
        TextEntity(kind=EntityKind.TEXT_LINK, offset=place, length=1, url=url)
        for place, url in enumerate(urls)
    ]
    return Message(text="abcdef", entities=tuple(reversed(links)))


async def edit_of_a_sent_message(sender: TelegramSender, message: Message = REVISED) -> Delivery:
    first = await sender.send(make_attempt())
    assert isinstance(first, Sent)
    return make_attempt(kind=DeliveryKind.EDIT, target=first.message_id, message=message)


# A message


async def test_a_message_arrives_with_its_entities(server: BotApiServer, sender: TelegramSender) -> None:
    outcome = await sender.send(make_attempt())
    (sent,) = server.history.sent()
    assert isinstance(outcome, Sent)
    assert (outcome.message_id, outcome.plain) == (sent.message.id, False)
    assert [entity.type for entity in sent.message.entities] == ["bold"]


@pytest.mark.parametrize("kind", list(ChatKind))
async def test_what_a_chat_is_comes_with_the_message(
    server: BotApiServer, sender: TelegramSender, kind: ChatKind
) -> None:
    chat = getattr(server.chats, f"add_{kind}")()
    outcome = await sender.send(make_attempt(str(chat.id)))
    assert isinstance(outcome, Sent)
    assert outcome.chat == ChatFacts(id=chat.id, kind=kind)


async def test_a_channel_that_is_addressed_by_its_name_tells_its_id(
    server: BotApiServer, sender: TelegramSender
) -> None:
    outcome = await sender.send(make_attempt("@rare_earth_wire"))
    assert server.history.calls("sendMessage")[0].arguments["chat_id"] == "@rare_earth_wire"
    assert isinstance(outcome, Sent)
    assert outcome.chat == ChatFacts(id=server.chats.get("@rare_earth_wire").id, kind=ChatKind.CHANNEL)


@pytest.mark.parametrize(
    ("silent", "priority", "noiseless"), [(False, 0, False), (True, 3, True), (False, -1, True)]
)
async def test_a_silent_message_and_one_of_low_priority_make_no_sound(
    server: BotApiServer, sender: TelegramSender, *, silent: bool, priority: int, noiseless: bool
) -> None:
    await sender.send(make_attempt(message=replace(HELLO, silent=silent), priority=priority))
    assert server.history.sent()[0].message.silent is noiseless


async def test_a_preview_is_of_the_first_link(server: BotApiServer, sender: TelegramSender) -> None:
    await sender.send(make_attempt(message=linked("https://one.example/", "https://two.example/")))
    assert server.history.sent()[0].message.link_preview == {"url": "https://one.example/"}


async def test_a_message_without_links_says_nothing_of_previews(
    server: BotApiServer, sender: TelegramSender
) -> None:
    await sender.send(make_attempt())
    assert "link_preview_options" not in server.history.calls("sendMessage")[0].arguments


async def test_a_message_that_wants_no_preview_has_none(server: BotApiServer, sender: TelegramSender) -> None:
    await sender.send(make_attempt(message=replace(linked("https://one.example/"), preview=False)))
    assert server.history.sent()[0].message.link_preview == {"is_disabled": True}


async def test_the_general_topic_is_not_named(server: BotApiServer, sender: TelegramSender) -> None:
    forum = server.chats.add_supergroup(topics={7: "News"})
    assert isinstance(await sender.send(make_attempt(str(forum.id), thread=1)), Sent)
    assert server.history.sent()[0].message.thread_id is None


# A message that Telegram does not take


async def test_a_message_that_is_refused_goes_out_as_plain_text(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(REFUSED, method="sendMessage")
    outcome = await sender.send(make_attempt(message=linked("https://one.example/")))
    (sent,) = server.history.sent()
    assert isinstance(outcome, Sent)
    assert (outcome.message_id, outcome.plain) == (sent.message.id, True)
    assert (sent.message.text, sent.message.entities, sent.message.link_preview) == ("abcdef", (), None)


async def test_plain_text_is_as_silent_and_without_a_preview_as_the_message_was(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(REFUSED, method="sendMessage")
    await sender.send(make_attempt(message=replace(HELLO, silent=True, preview=False)))
    (sent,) = server.history.sent()
    assert (sent.message.silent, sent.message.link_preview) == (True, {"is_disabled": True})


async def test_a_text_beyond_telegrams_limit_arrives_cut(
    server: BotApiServer, sender: TelegramSender
) -> None:
    outcome = await sender.send(make_attempt(message=Message(text="🔔" * 5000)))
    assert isinstance(outcome, Sent)
    assert (outcome.plain, server.history.texts()) == (True, ("🔔" * 2048,))


async def test_a_text_that_cannot_be_written_arrives_with_a_mark_in_its_place(
    server: BotApiServer, sender: TelegramSender
) -> None:
    outcome = await sender.send(make_attempt(message=Message(text="a\ud800b")))
    assert isinstance(outcome, Sent)
    assert (outcome.plain, server.history.texts()) == (True, ("a\ufffdb",))


async def test_invisible_marks_stay_in_plain_text(server: BotApiServer, sender: TelegramSender) -> None:
    server.script(REFUSED, method="sendMessage")
    await sender.send(make_attempt(message=replace(HELLO, text="hello, @\u2060everybody")))
    (sent,) = server.history.sent()
    assert (sent.message.text, sent.message.mentions) == ("hello, @\u2060everybody", ())


async def test_a_message_is_given_up_when_its_plain_text_is_refused_too(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(REFUSED, method="sendMessage", times=None)
    outcome = await sender.send(make_attempt())
    assert outcome == RenderFault(why="Can't parse entities: unexpected end")
    assert len(server.history.calls("sendMessage")) == 2


async def test_a_plain_message_is_not_tried_twice(server: BotApiServer, sender: TelegramSender) -> None:
    server.script(REFUSED, method="sendMessage", times=None)
    assert isinstance(await sender.send(make_attempt(message=Message(text="hello"))), RenderFault)
    assert len(server.history.calls("sendMessage")) == 1


async def test_what_keeps_the_plain_text_back_is_the_outcome(
    server: BotApiServer, sender: TelegramSender
) -> None:
    server.script(REFUSED, method="sendMessage")
    server.script(Fault.too_many_requests(9), method="sendMessage", text="hello")
    outcome = await sender.send(make_attempt())
    assert isinstance(outcome, Retry)
    assert outcome.after == timedelta(seconds=9)


# A reply


async def test_a_reply_answers_its_message_in_its_topic(server: BotApiServer, sender: TelegramSender) -> None:
    forum = server.chats.add_supergroup(topics={7: "News"})
    first = await sender.send(make_attempt(str(forum.id), thread=7))
    assert isinstance(first, Sent)
    await sender.send(make_attempt(str(forum.id), thread=7, kind=DeliveryKind.REPLY, target=first.message_id))
    answer = server.history.sent()[1].message
    assert (answer.reply_to, answer.thread_id) == (first.message_id, 7)


async def test_a_reply_to_a_message_that_somebody_deleted_goes_alone(
    server: BotApiServer, sender: TelegramSender
) -> None:
    outcome = await sender.send(make_attempt(kind=DeliveryKind.REPLY, target=99))
    assert isinstance(outcome, Sent)
    assert server.history.sent()[0].message.reply_to is None


async def test_a_reply_without_a_message_is_a_message(server: BotApiServer, sender: TelegramSender) -> None:
    assert isinstance(await sender.send(make_attempt(kind=DeliveryKind.REPLY)), Sent)
    assert "reply_parameters" not in server.history.calls("sendMessage")[0].arguments


# An edit


async def test_an_edit_changes_its_message_in_place(server: BotApiServer, sender: TelegramSender) -> None:
    edit = await edit_of_a_sent_message(sender)
    outcome = await sender.send(edit)
    (change,) = server.history.edits()
    assert outcome == Sent(message_id=edit.target or 0, chat=ChatFacts(id=100000001, kind=ChatKind.PRIVATE))
    assert (change.after.id, change.after.text) == (edit.target, REVISED.text)
    assert [entity.type for entity in change.after.entities] == ["bold"]
    assert server.history.count() == 1


async def test_an_edit_that_was_made_already_is_done(server: BotApiServer, sender: TelegramSender) -> None:
    edit = await edit_of_a_sent_message(sender)
    await sender.send(edit)
    assert await sender.send(edit) == Sent(message_id=edit.target or 0)
    assert len(server.history.edits()) == 1


async def test_an_edit_of_a_message_that_is_gone_has_failed(sender: TelegramSender) -> None:
    outcome = await sender.send(make_attempt(kind=DeliveryKind.EDIT, target=99))
    assert outcome == Failed(why="Message to edit not found")


async def test_an_edit_keeps_previews_as_the_message_wants_them(
    server: BotApiServer, sender: TelegramSender
) -> None:
    await sender.send(
        await edit_of_a_sent_message(sender, replace(linked("https://one.example/"), preview=False))
    )
    (call,) = server.history.calls("editMessageText")
    assert json.loads(call.arguments["link_preview_options"]) == {"is_disabled": True}


async def test_an_edit_that_is_refused_is_made_as_plain_text(
    server: BotApiServer, sender: TelegramSender
) -> None:
    edit = await edit_of_a_sent_message(sender)
    server.script(REFUSED, method="editMessageText")
    outcome = await sender.send(edit)
    (change,) = server.history.edits()
    assert isinstance(outcome, Sent)
    assert outcome.plain
    assert (change.after.text, change.after.entities) == (REVISED.text, ())


# The token


async def test_a_good_token_is_no_outcome(sender: TelegramSender) -> None:
    assert await sender.check() is None


async def test_a_refused_token_is_told(server: BotApiServer) -> None:
    stranger = TelegramSender(token="999:stranger", api_url=server.url)
    assert isinstance(await stranger.check(), Stopped)
    await stranger.close()


async def test_a_server_out_of_reach_is_told(server: BotApiServer, sender: TelegramSender) -> None:
    async with server.refusing():
        assert isinstance(await sender.check(), Unreachable)
