"""Which chats the names in the rules stand for, asked of a real Bot API server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOON, make_batch, make_delivery

from bot.demo.botapi import BotApiServer, Fault
from bot.models import ChatFacts, ChatKind
from bot.rules.definitions import Channel, RuleBook
from bot.services.directory import Directory
from bot.storage import Storage
from bot.storage.sqlite import SqliteStorage
from bot.telegram.sender import TelegramSender

NAME, OTHER, ID = "@Rare_Earth_Wire", "@brics_watch", "-1001234567890"
HOUR = timedelta(hours=1)


def book(*chats: str, operators: str | None = None, audit: str | None = None) -> RuleBook:
    """Rules that name these chats."""
    channels = tuple(Channel(chat=chat, rules=()) for chat in chats)
    return RuleBook(channels=channels, operators=operators, audit=audit)


@dataclass
class World:
    server: BotApiServer
    storage: Storage
    sender: TelegramSender
    now: datetime = NOON

    def start(self, rules: RuleBook) -> Directory:
        return Directory(book=rules, storage=self.storage, sender=self.sender, clock=lambda: self.now)

    async def known(self) -> dict[str, int]:
        return {chat: facts.id for chat, facts in (await self.storage.known_chats()).items()}

    def asked(self) -> list[str]:
        return [call.arguments["chat_id"] for call in self.server.history.calls("getChat")]


@pytest.fixture
async def world(storage: Storage) -> AsyncIterator[World]:
    async with BotApiServer() as server:
        sender = TelegramSender(token=server.token, api_url=server.url)
        yield World(server, storage, sender)
        await server.stop()
        await sender.close()


async def tick(directory: Directory, times: int = 5) -> None:
    for _ in range(times):
        await directory.tick()


async def test_where_names_and_ids_stand_side_by_side_the_names_are_asked_for(world: World) -> None:
    chat = world.server.chats.add_channel(NAME)
    await tick(world.start(book(NAME, ID)))
    assert await world.known() == {NAME.lower(): chat.id}
    assert world.asked() == [NAME]


async def test_a_name_and_an_id_of_one_chat_become_one(world: World) -> None:
    world.server.chats.add_channel(NAME, chat_id=int(ID))
    await world.storage.record(make_batch(make_delivery("1", ID)))
    await tick(world.start(book(NAME, ID)))
    assert await world.storage.same_chats() == {NAME.lower(): ID}


@pytest.mark.parametrize("chats", [(NAME, OTHER), (ID, "4711"), ()])
async def test_where_there_are_only_names_or_only_ids_nobody_is_asked(
    world: World, chats: tuple[str, ...]
) -> None:
    await tick(world.start(book(*chats)))
    assert world.asked() == []


@pytest.mark.parametrize(
    "rules",
    [book(ID, operators=NAME), book(ID, audit=NAME), book(NAME, operators="4711"), book(NAME, audit=ID)],
)
async def test_the_chats_of_operators_count(world: World, rules: RuleBook) -> None:
    world.server.chats.add_channel(NAME)
    await tick(world.start(rules))
    assert world.asked() == [NAME]


async def test_an_id_that_the_database_remembers_counts(world: World) -> None:
    await world.storage.learn_chat(ID, ChatFacts(id=int(ID), kind=ChatKind.CHANNEL), NOON)
    world.server.chats.add_channel(NAME, chat_id=int(ID))
    await tick(world.start(book(NAME)))
    assert await world.storage.same_chats() == {NAME.lower(): ID}


async def test_a_name_that_is_known_is_not_asked_for(world: World) -> None:
    await world.storage.learn_chat(NAME, ChatFacts(id=-1009, kind=ChatKind.CHANNEL), NOON)
    await tick(world.start(book(NAME, ID)))
    assert world.asked() == []


async def test_a_tick_asks_once(world: World) -> None:
    directory = world.start(book(NAME, OTHER, ID))
    await directory.tick()
    assert len(world.asked()) == 1
    await directory.tick()
    assert world.asked() == [NAME, OTHER]


async def test_a_name_is_asked_for_in_vain_once_an_hour(world: World) -> None:
    directory = world.start(book(NAME, ID))
    await tick(directory)
    world.now += HOUR - timedelta(seconds=1)
    await tick(directory)
    assert len(world.asked()) == 1
    world.now += timedelta(seconds=1)
    await tick(directory)
    assert len(world.asked()) == 2


async def test_a_name_asked_for_in_vain_does_not_keep_others_from_being_learnt(world: World) -> None:
    chat = world.server.chats.add_channel(OTHER)
    await tick(world.start(book(NAME, OTHER, ID)))
    assert await world.known() == {OTHER: chat.id}


async def test_where_telegram_is_down_it_is_asked_again_later(world: World) -> None:
    world.server.chats.add_channel(NAME)
    world.server.script(Fault.gateway(), method="getChat")
    directory = world.start(book(NAME, ID))
    await tick(directory)
    world.now += HOUR
    await tick(directory)
    assert list(await world.known()) == [NAME.lower()]


async def test_a_clock_that_is_set_back_stops_no_question_for_long(world: World) -> None:
    directory = world.start(book(NAME, ID))
    await tick(directory)
    world.now -= timedelta(days=30)
    await tick(directory)
    assert len(world.asked()) == 2


async def test_names_that_come_with_other_rules_are_asked_for(world: World) -> None:
    world.server.chats.add_channel(NAME)
    directory = world.start(book(ID))
    await tick(directory)
    directory.use(book(NAME))
    await tick(directory)
    assert world.asked() == [NAME]


async def test_rules_that_name_the_same_chats_ask_nothing(world: World) -> None:
    directory = world.start(book(NAME))
    await tick(directory)
    directory.use(book(NAME))
    await tick(directory)
    assert world.asked() == []


async def test_what_is_learnt_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    chat = world.server.chats.add_channel(NAME)
    await tick(world.start(book(NAME, ID)))
    assert f"chat_known chat={NAME} id={chat.id} kind=channel" in caplog.text


async def test_a_database_that_fails_is_logged(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.storage = SqliteStorage(tmp_path / "never-opened.db")
    await world.start(book(NAME, ID)).tick()
    await world.storage.close()
    assert "directory_failed" in caplog.text
