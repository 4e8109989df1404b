"""What operators hear of the bot's own state: each condition once when it begins and once when it is over."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from builders import CHAT, NOON, make_batch, make_delivery
from outbox_steps import claim, claimed, finish

from bot.models import ChatFacts, ChatKind, ConditionKind, Delivery, Sent
from bot.rules.definitions import RuleBook
from bot.services.conditions import Conditions
from bot.storage import Storage
from bot.storage.sqlite import SqliteStorage

OPERATORS = "@newsbell_desk"
BOOK = RuleBook(operators=OPERATORS)
KICKED = "bot was kicked from the channel chat"
PAUSED, DEAD = ConditionKind.CHAT_PAUSED, ConditionKind.CHAT_DEAD


class Desk:
    """The service at work on a storage; `woken` counts how often it woke the dispatcher."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.woken = 0
        self.minute = 0
        self.service = self.start()

    def start(self, book: RuleBook = BOOK) -> Conditions:
        return Conditions(book=book, storage=self.storage, clock=lambda: NOON, on_pending=self._wake)

    async def begin(self, subject: str = CHAT, kind: ConditionKind = PAUSED) -> None:
        self.minute += 1
        await self.storage.begin(kind, subject, KICKED, NOON + timedelta(minutes=self.minute))
        await self.service.tick()

    async def end(self, subject: str = CHAT, kind: ConditionKind = PAUSED) -> None:
        self.minute += 1
        await self.storage.end(kind, subject, NOON + timedelta(minutes=self.minute))
        await self.service.tick()

    async def notices(self) -> list[Delivery]:
        """What is owed, taken out and sent."""
        taken: list[Delivery] = []
        while (delivery := await claim(self.storage, 5 * len(taken))) is not None:
            await finish(self.storage, delivery, Sent(message_id=len(taken) + 1), 5 * len(taken))
            taken.append(delivery)
        return taken

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
def desk(storage: Storage) -> Desk:
    return Desk(storage)


async def test_a_condition_is_told_in_the_operators_chat(desk: Desk) -> None:
    await desk.begin()
    (notice,) = await desk.notices()
    assert notice.chat == OPERATORS
    assert CHAT in notice.message.text


async def test_a_condition_is_told_once(desk: Desk) -> None:
    await desk.begin()
    await desk.begin()
    await desk.service.tick()
    assert len(await desk.notices()) == 1


async def test_the_end_of_a_condition_is_told_in_other_words(desk: Desk) -> None:
    await desk.begin()
    await desk.end()
    begun, over = await desk.notices()
    assert begun.message != over.message


async def test_a_condition_that_comes_back_is_told_again(desk: Desk) -> None:
    for _ in range(2):
        await desk.begin()
        await desk.end()
    assert len(await desk.notices()) == 4


async def test_a_notice_goes_before_news(desk: Desk) -> None:
    await desk.storage.record(make_batch(make_delivery("news", OPERATORS)))
    await desk.begin()
    assert CHAT in (await claimed(desk.storage)).message.text


async def test_the_dispatcher_is_woken_for_a_notice_and_for_nothing_else(desk: Desk) -> None:
    await desk.service.tick()
    assert desk.woken == 0
    await desk.begin()
    assert desk.woken == 1
    await desk.service.tick()
    assert desk.woken == 1


@pytest.mark.parametrize("kind", list(ConditionKind))
async def test_there_are_words_for_every_kind_of_condition(desk: Desk, kind: ConditionKind) -> None:
    await desk.begin("-1001/7", kind)
    await desk.end("-1001/7", kind)
    begun, over = await desk.notices()
    assert "" not in {begun.message.text.strip(), over.message.text.strip()}


async def test_without_an_operators_chat_a_condition_is_only_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.service = desk.start(RuleBook())
    await desk.begin()
    await desk.service.tick()
    assert await desk.notices() == []
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"condition_began kind=chat_paused subject={CHAT} why={KICKED}"]


async def test_where_nobody_is_told_nobody_is_woken(desk: Desk) -> None:
    desk.service = desk.start(RuleBook())
    await desk.begin()
    assert desk.woken == 0


async def test_the_end_of_a_condition_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await desk.begin()
    caplog.set_level(logging.INFO)
    caplog.clear()
    await desk.end()
    assert [record.getMessage().split()[0] for record in caplog.records] == ["condition_ended"]


@pytest.mark.parametrize("kind", [PAUSED, DEAD])
@pytest.mark.parametrize("name", [OPERATORS, OPERATORS.upper()])
async def test_the_operators_chat_is_not_told_that_it_is_closed_itself(
    desk: Desk, caplog: pytest.LogCaptureFixture, kind: ConditionKind, name: str
) -> None:
    await desk.begin(name, kind)
    await desk.end(name, kind)
    assert await desk.notices() == []
    assert f"kind={kind.value} subject={name}" in caplog.text


async def test_the_operators_chat_is_known_by_its_id_as_well(desk: Desk) -> None:
    facts = ChatFacts(id=-1001234567890, kind=ChatKind.CHANNEL)
    await desk.storage.learn_chat("-1001234567890", facts, NOON)
    await desk.storage.learn_chat(OPERATORS, facts, NOON)
    await desk.service.tick()
    await desk.notices()
    await desk.begin("-1001234567890")
    assert await desk.notices() == []


async def test_operators_hear_that_their_chat_has_become_another(desk: Desk) -> None:
    await desk.begin(OPERATORS, ConditionKind.CHAT_MIGRATED)
    assert len(await desk.notices()) == 1


async def test_the_operators_chat_can_be_named_while_running(desk: Desk) -> None:
    desk.service = desk.start(RuleBook())
    desk.service.use(BOOK)
    await desk.begin()
    assert len(await desk.notices()) == 1


async def test_a_database_that_fails_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    never_opened = SqliteStorage(tmp_path / "newsbell.db")
    await Desk(never_opened).service.tick()
    await never_opened.close()
    assert "conditions_not_told" in caplog.text
