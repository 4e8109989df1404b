"""The part of the contract of `Storage` about what operators see of the outbox, and do to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import CHAT, NOON, make_batch, make_delivery, make_revision
from outbox_steps import UNDECIDED, attempt, claim, claimed, count, doubt, finish, resolve, send

from bot.errors import DatabaseHeld, DatabaseUnusable
from bot.models import (
    ChatDead,
    ChatMigrated,
    ChatPaused,
    DeliveryKind,
    DeliveryState,
    EntityKind,
    Failed,
    Handling,
    Message,
    Missing,
    NewDelivery,
    OnTopicClosed,
    OnUncertain,
    OutboxEntry,
    Retry,
    Sent,
    SettledDoubt,
    TextEntity,
    TopicClosed,
)
from bot.storage import Storage
from bot.storage.sqlite import SqliteStorage

HOUR = timedelta(hours=1)
OTHER = "@brics_watch"
DROP = Handling(on_uncertain=OnUncertain.DROP)


async def owe(storage: Storage, *deliveries: NewDelivery) -> None:
    await storage.record(make_batch(*deliveries))


async def texts(storage: Storage, **which: Any) -> list[str]:
    """The messages of the deliveries that are listed, in the order of the list."""
    return [entry.message.text for entry in await storage.outbox(**which)]


async def entry(storage: Storage, text: str = "the alert key-1") -> OutboxEntry:
    """The one delivery with this text."""
    (found,) = [each for each in await storage.outbox(limit=1000) if each.message.text == text]
    return found


async def retry(storage: Storage, *keys: str, seconds: float = 0) -> int:
    numbers = [(await entry(storage, f"the alert {key}")).id for key in keys or ("key-1",)]
    return await storage.retry(numbers, NOON + timedelta(seconds=seconds))


async def drop(storage: Storage, *keys: str, seconds: float = 0) -> int:
    numbers = [(await entry(storage, f"the alert {key}")).id for key in keys or ("key-1",)]
    return await storage.drop(numbers, NOON + timedelta(seconds=seconds))


# The list.


async def test_an_empty_outbox_lists_nothing(storage: Storage) -> None:
    assert await storage.outbox() == ()


async def test_the_newest_come_first(storage: Storage) -> None:
    await owe(storage, *(make_delivery(key) for key in "abc"))
    assert await texts(storage) == ["the alert c", "the alert b", "the alert a"]


async def test_no_more_are_listed_than_asked_for(storage: Storage) -> None:
    await owe(storage, *(make_delivery(key) for key in "abc"))
    assert await texts(storage, limit=2) == ["the alert c", "the alert b"]


async def test_deliveries_are_listed_by_state(storage: Storage) -> None:
    await owe(storage, make_delivery("a"), make_delivery("b"), make_delivery("c", suppressed="first poll"))
    await attempt(storage, Failed(why="refused"))
    wanted = [DeliveryState.FAILED, DeliveryState.SUPPRESSED]
    assert await texts(storage, states=wanted) == ["the alert c", "the alert a"]


async def test_deliveries_are_listed_by_chat_whatever_the_case_of_its_name(storage: Storage) -> None:
    await owe(storage, make_delivery("a"), make_delivery("b", OTHER))
    assert await texts(storage, chat=OTHER.upper()) == ["the alert b"]


async def test_a_chat_that_is_not_known_has_none(storage: Storage) -> None:
    await owe(storage, make_delivery())
    assert await texts(storage, chat="@nobody") == []


@pytest.mark.parametrize("address", ["-42", "-1001"])
async def test_a_group_that_moved_is_one_chat_under_either_id(storage: Storage, address: str) -> None:
    await owe(storage, make_delivery("a", "-42"), make_delivery("b", "-42"))
    await send(storage, 1)
    await attempt(storage, ChatMigrated(chat="-1001"), 5)
    await owe(storage, make_delivery("c"))
    assert await texts(storage, chat=address) == ["the alert b", "the alert a"]


async def test_state_and_chat_hold_together(storage: Storage) -> None:
    await owe(storage, make_delivery("a"), make_delivery("b"), make_delivery("c", OTHER))
    await send(storage, 1)
    assert await texts(storage, states=[DeliveryState.PENDING], chat=CHAT) == ["the alert b"]


async def test_numbers_are_those_of_the_list_the_oldest_first(storage: Storage) -> None:
    await owe(storage, *(make_delivery(key) for key in "abc"), make_delivery("d", OTHER))
    listed = [each.id for each in await storage.outbox(chat=CHAT)]
    assert await storage.outbox_numbers(chat=CHAT) == tuple(reversed(listed))
    assert await storage.outbox_numbers(states=[DeliveryState.FAILED]) == ()


async def test_states_are_counted_and_none_is_left_out(storage: Storage) -> None:
    await owe(storage, make_delivery("a"), make_delivery("b"), make_delivery("c", suppressed="first poll"))
    await send(storage, 1)
    expected = dict.fromkeys(DeliveryState, 0)
    expected |= {DeliveryState.PENDING: 1, DeliveryState.SENT: 1, DeliveryState.SUPPRESSED: 1}
    assert await storage.state_counts() == expected


async def test_doubts_are_counted_by_how_they_ended(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await resolve(storage, await doubt(storage), Missing(), 1)
    await resolve(storage, await doubt(storage, 2), UNDECIDED, 3)
    await doubt(storage, 4)
    assert await storage.doubt_counts() == {"present": 0, "absent": 1, "resent": 1, "dropped": 0, "open": 1}


# One delivery.


async def test_a_number_that_is_none_has_no_delivery(storage: Storage) -> None:
    assert await storage.outbox_entry(1) is None


async def test_a_delivery_is_shown_as_it_was_owed(storage: Storage) -> None:
    message = Message(
        text="Gallium",
        entities=(TextEntity(kind=EntityKind.BOLD, offset=0, length=7),),
        silent=True,
        preview=False,
    )
    await owe(
        storage,
        make_delivery(
            thread=7, rules=("a", "b"), priority=1, message=message, handling=Handling(expires=HOUR)
        ),
    )
    (number,) = await storage.outbox_numbers()
    assert await storage.outbox_entry(number) == OutboxEntry(
        id=number,
        state=DeliveryState.PENDING,
        kind=DeliveryKind.MESSAGE,
        chat=CHAT,
        thread=7,
        rules=("a", "b"),
        priority=1,
        message=message,
        created_at=NOON,
        finished_at=None,
        expires_at=NOON + HOUR,
        attempts=0,
        message_id=None,
        why=None,
    )


async def test_it_shows_what_became_of_it(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await send(storage, 77, 3)
    found = await entry(storage)
    assert (found.state, found.attempts, found.message_id) == (DeliveryState.SENT, 1, 77)
    assert found.finished_at == NOON + timedelta(seconds=3)


async def test_it_shows_why_it_failed(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await attempt(storage, Failed(why="refused"))
    assert (await entry(storage)).why == "refused"


async def test_its_chat_is_what_the_rules_call_it(storage: Storage) -> None:
    await owe(storage, make_delivery(chat="-42"))
    await attempt(storage, ChatMigrated(chat="-1001"))
    assert (await entry(storage)).chat == "-42"


async def test_its_doubts_stand_in_their_order_with_their_verdicts(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await resolve(storage, await doubt(storage), Missing(), 1)
    await doubt(storage, 2)
    assert (await entry(storage)).doubts == (
        SettledDoubt(began_at=NOON, why="timeout", verdict="absent"),
        SettledDoubt(began_at=NOON + timedelta(seconds=2), why="timeout", verdict=None),
    )


async def test_a_delivery_listed_shows_no_less_than_one_asked_for(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await doubt(storage)
    (listed,) = await storage.outbox()
    assert await storage.outbox_entry(listed.id) == listed


@pytest.mark.parametrize("payload", ["no JSON", "{}", '{"text": "x", "entities": [[]]}'])
async def test_a_message_that_cannot_be_read_is_shown_as_it_stands(tmp_path: Path, payload: str) -> None:
    storage = SqliteStorage(tmp_path / "newsbell.db")
    await storage.open(NOON)
    await owe(storage, make_delivery())
    await storage._write(lambda db: db.execute("UPDATE delivery SET payload=?", [payload]))
    assert await texts(storage) == [payload]
    await storage.close()


# Trying again.


@pytest.fixture
async def failed(storage: Storage) -> Storage:
    """A storage with a delivery that failed."""
    await owe(storage, make_delivery())
    await attempt(storage, Failed(why="refused"))
    return storage


async def test_what_failed_is_sent_when_it_is_tried_again(failed: Storage) -> None:
    assert await retry(failed) == 1
    assert (await send(failed, 1, 60)).message.text == "the alert key-1"


async def test_it_bears_no_trace_of_having_failed(failed: Storage) -> None:
    await retry(failed)
    found = await entry(failed)
    assert (found.state, found.why, found.finished_at) == (DeliveryState.PENDING, None, None)


async def test_what_was_suppressed_is_sent_when_it_is_tried_again(storage: Storage) -> None:
    await owe(storage, make_delivery(suppressed="first poll"))
    assert await retry(storage) == 1
    await send(storage, 1)


async def test_what_is_tried_again_has_no_time_at_which_it_expires(storage: Storage) -> None:
    await owe(storage, make_delivery(handling=Handling(expires=HOUR)))
    await attempt(storage, Failed(why="refused"))
    await retry(storage)
    assert await storage.overdue(NOON + 2 * HOUR) == ()


async def test_what_waits_does_not_expire_either_once_somebody_wants_it_sent(storage: Storage) -> None:
    await owe(storage, make_delivery(handling=Handling(expires=HOUR)))
    await retry(storage)
    assert await storage.overdue(NOON + 2 * HOUR) == ()


async def test_what_was_sent_is_not_sent_again(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await send(storage, 1)
    assert await retry(storage) == 0
    assert await claim(storage, 60) is None


async def test_what_is_being_sent_is_left_alone(storage: Storage) -> None:
    await owe(storage, make_delivery())
    delivery = await claimed(storage)
    assert await retry(storage) == 0
    await finish(storage, delivery, Sent(message_id=1), 1)
    assert (await entry(storage)).state is DeliveryState.SENT


async def test_what_is_in_doubt_is_left_alone(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await doubt(storage)
    assert await retry(storage) == 0
    assert (await entry(storage)).state is DeliveryState.UNCERTAIN


async def test_what_waits_goes_on_waiting_and_is_not_counted(storage: Storage) -> None:
    await owe(storage, make_delivery())
    assert await retry(storage) == 0
    await send(storage, 1)


async def test_numbers_that_are_none_count_for_nothing(failed: Storage) -> None:
    assert await failed.retry([10_000, 2**62], NOON) == 0


async def test_a_chat_that_is_paused_is_tried_at_once(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await attempt(storage, ChatPaused(why="kicked"), pause=HOUR)
    assert await claim(storage, 60) is None
    await retry(storage, seconds=60)
    await send(storage, 1, 60)


async def test_a_chat_that_is_dead_is_tried_at_once(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await attempt(storage, ChatDead(why="deactivated"))
    assert await retry(storage) == 1
    await send(storage, 1, 60)
    await owe(storage, make_delivery("next"))
    assert (await entry(storage, "the alert next")).state is DeliveryState.PENDING


async def test_a_chat_that_telegram_slows_down_is_not_hurried(failed: Storage) -> None:
    await owe(failed, make_delivery("other"))
    wait = timedelta(seconds=60)
    await attempt(failed, Retry(after=wait, why="too many requests"), 5, pause=wait)
    await retry(failed, seconds=10)
    assert await claim(failed, 60) is None


async def test_a_topic_that_was_closed_is_tried_at_once(storage: Storage) -> None:
    hold = Handling(on_topic_closed=OnTopicClosed.HOLD)
    await owe(storage, make_delivery(thread=7, handling=hold))
    await attempt(storage, TopicClosed(why="closed"), pause=HOUR)
    assert await claim(storage, 60) is None
    await retry(storage, seconds=60)
    assert (await claimed(storage, 60)).thread == 7


async def test_a_topic_that_general_stands_for_is_tried_at_once(storage: Storage) -> None:
    await owe(storage, make_delivery(thread=7))
    await attempt(storage, TopicClosed(why="closed"), pause=HOUR)
    await retry(storage, seconds=60)
    assert (await claimed(storage, 60)).thread == 7


async def test_what_failed_in_a_group_that_moved_since_goes_where_it_moved_to(storage: Storage) -> None:
    await owe(storage, make_delivery("key-1", "-42"), make_delivery("b", "-42"))
    await attempt(storage, Failed(why="refused"))
    await attempt(storage, ChatMigrated(chat="-1001"), 5)
    await send(storage, 1, 10)
    await retry(storage, seconds=10)
    assert (await claimed(storage, 60)).chat == "-1001"


async def test_a_reply_that_was_not_sent_waits_for_a_message_that_is_tried_again(storage: Storage) -> None:
    await owe(storage, make_delivery(), make_delivery("reply", replies_to="key-1"))
    await attempt(storage, Failed(why="refused"))
    await retry(storage)
    await send(storage, 1, 10)
    assert (await claimed(storage, 20)).target == 1


async def test_a_reply_that_is_tried_again_waits_for_the_message_that_it_answers(storage: Storage) -> None:
    await owe(storage, make_delivery(), make_delivery("reply", replies_to="key-1", priority=1))
    await drop(storage, "reply")
    await retry(storage, "reply")
    assert (await claimed(storage)).message.text == "the alert key-1"


async def test_all_of_several_are_tried_again(storage: Storage) -> None:
    await owe(storage, make_delivery("a"), make_delivery("b", OTHER))
    await attempt(storage, Failed(why="refused"))
    await attempt(storage, Failed(why="refused"))
    assert await retry(storage, "a", "b") == 2
    assert await count(storage, DeliveryState.PENDING) == 2


async def test_an_edit_that_failed_can_be_tried_again(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await send(storage, 77)
    await storage.record(make_batch(revisions=(make_revision(),)))
    await storage.revise(NOON + HOUR, limit=3, gap=timedelta(seconds=1))
    await attempt(storage, Failed(why="refused"), 3600)
    number = (await entry(storage, "the alert, revised")).id
    assert await storage.retry([number], NOON + HOUR) == 1
    assert (await claimed(storage, 3660)).target == 77


# Dropping.


async def test_what_is_dropped_is_never_sent(storage: Storage) -> None:
    await owe(storage, make_delivery())
    assert await drop(storage) == 1
    assert await claim(storage, 60) is None


async def test_what_is_dropped_says_why_and_since_when(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await drop(storage, seconds=60)
    found = await entry(storage)
    assert (found.state, found.why) == (DeliveryState.SUPPRESSED, "an operator dropped it")
    assert found.finished_at == NOON + timedelta(seconds=60)


async def test_what_failed_can_be_dropped(failed: Storage) -> None:
    assert await drop(failed) == 1
    assert await count(failed, DeliveryState.FAILED) == 0


async def test_what_is_in_doubt_can_be_dropped_and_its_doubt_ends_so(storage: Storage) -> None:
    await owe(storage, make_delivery(), make_delivery("next"))
    found = await doubt(storage)
    assert await drop(storage) == 1
    assert (await storage.doubt_counts())["dropped"] == 1
    assert await resolve(storage, found, Missing()) is None
    assert (await send(storage, 1, 60)).message.text == "the alert next"


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.SENDING])
async def test_what_may_stand_in_the_chat_cannot_be_dropped(storage: Storage, state: DeliveryState) -> None:
    await owe(storage, make_delivery())
    delivery = await claimed(storage)
    if state is DeliveryState.SENT:
        await finish(storage, delivery, Sent(message_id=1))
    assert await drop(storage) == 0
    assert (await entry(storage)).state is state


async def test_a_reply_to_what_was_dropped_goes_alone(storage: Storage) -> None:
    await owe(storage, make_delivery(), make_delivery("reply", replies_to="key-1"))
    await drop(storage)
    assert (await claimed(storage)).message.text == "the alert reply"


async def test_an_edit_that_is_dropped_is_not_owed_again(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await send(storage, 77)
    await storage.record(make_batch(revisions=(make_revision(),)))
    await storage.revise(NOON + HOUR, limit=3, gap=timedelta(seconds=1))
    await storage.drop([(await entry(storage, "the alert, revised")).id], NOON + HOUR)
    await storage.record(make_batch(revisions=(make_revision(text="revised again"),)))
    assert await storage.revise(NOON + 100 * HOUR, limit=3, gap=timedelta(seconds=1)) == 0


async def test_what_was_dropped_can_be_tried_again(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await drop(storage)
    assert await retry(storage) == 1
    await send(storage, 1)


async def test_a_story_that_was_dropped_is_not_owed_anew(storage: Storage) -> None:
    await owe(storage, make_delivery())
    await drop(storage)
    assert await storage.record(replace(make_batch(make_delivery()), at=NOON + HOUR)) == 0


# Beside the running bot.


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[SqliteStorage]:
    """The storage of a bot that holds the database."""
    storage = SqliteStorage(tmp_path / "newsbell.db")
    await storage.open(NOON)
    yield storage
    await storage.close()


@pytest.fixture
async def beside(running: SqliteStorage) -> AsyncIterator[SqliteStorage]:
    """A storage that an operator opens meanwhile."""
    storage = SqliteStorage(running._path, beside=True)
    await storage.open(NOON)
    yield storage
    await storage.close()


async def test_an_operator_can_drop_what_the_running_bot_owes(
    running: SqliteStorage, beside: SqliteStorage
) -> None:
    await owe(running, make_delivery())
    assert await drop(beside) == 1
    assert await claim(running, 60) is None


async def test_what_an_operator_tries_again_the_running_bot_sends(
    running: SqliteStorage, beside: SqliteStorage
) -> None:
    await owe(running, make_delivery())
    await attempt(running, ChatDead(why="deactivated"))
    assert await retry(beside) == 1
    await send(running, 1, 60)


async def test_opening_beside_it_leaves_alone_what_is_in_flight(
    running: SqliteStorage,
) -> None:
    await owe(running, make_delivery())
    delivery = await claimed(running)
    beside = SqliteStorage(running._path, beside=True)
    await beside.open(NOON + 5 * HOUR)
    assert (await entry(beside)).state is DeliveryState.SENDING
    await beside.close()
    await finish(running, delivery, Sent(message_id=1), 1)


async def test_closing_beside_it_lets_no_other_bot_in(running: SqliteStorage, beside: SqliteStorage) -> None:
    await beside.close()
    again = SqliteStorage(running._path)
    with pytest.raises(DatabaseHeld):
        await again.open(NOON)
    await again.close()


@pytest.mark.parametrize("way", [{"beside": True}, {"read_only": True}], ids=str)
async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, way: dict[str, bool]) -> None:
    storage = SqliteStorage(tmp_path / "absent.db", **way)
    with pytest.raises(DatabaseUnusable, match="there is none; start `newsbell run`"):
        await storage.open(NOON)
    await storage.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", [{"beside": True}, {"read_only": True}], ids=str)
async def test_a_database_of_an_older_version_is_left_as_it_is(tmp_path: Path, way: dict[str, bool]) -> None:
    path = tmp_path / "newsbell.db"
    made = SqliteStorage(path)
    await made.open(NOON)
    await made._write(lambda db: db.execute("DELETE FROM _sqlite_migrations WHERE name='m004_outbox'"))
    await made.close()
    storage = SqliteStorage(path, **way)
    with pytest.raises(DatabaseUnusable, match=r"m004_outbox is missing.*start `newsbell run`"):
        await storage.open(NOON)
    await storage.close()
