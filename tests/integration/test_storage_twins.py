"""The part of the contract of `Storage` about addresses that are one chat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import CHAT, NOON, make_alert, make_batch, make_delivery, make_revision
from outbox_steps import attempt, claim, claimed, count, doubt, finish, resolve, send, untold, whys

from bot.models import (
    ChatFacts,
    ChatKind,
    ChatPaused,
    ConditionKind,
    DeliveryKind,
    DeliveryState,
    Found,
    NewDelivery,
    Place,
    Retry,
    Sent,
)
from bot.storage import Storage

ID = "-1000000000042"
FACTS = ChatFacts(id=int(ID), kind=ChatKind.CHANNEL)
OTHER = ChatFacts(id=-1000000000043, kind=ChatKind.CHANNEL)


def alert(key: str, chat: str, **changes: object) -> NewDelivery:
    """A first message of the story."""
    return make_delivery(key, chat, alert=make_alert(), **changes)


async def record(storage: Storage, *deliveries: NewDelivery) -> int:
    return await storage.record(make_batch(*deliveries))


async def learn(storage: Storage, chat: str = CHAT, facts: ChatFacts = FACTS) -> None:
    await storage.learn_chat(chat, facts, NOON)


async def test_what_is_learnt_of_a_chat_is_remembered(storage: Storage) -> None:
    await learn(storage, "@Rare_Earth_Wire")
    assert await storage.known_chats() == {CHAT: FACTS}


async def test_nothing_is_known_of_a_chat_that_was_only_owed_something(storage: Storage) -> None:
    await record(storage, make_delivery(chat=ID))
    assert await storage.known_chats() == {}


async def test_a_message_that_was_sent_tells_of_its_chat(storage: Storage) -> None:
    await record(storage, make_delivery())
    await attempt(storage, Sent(message_id=1, chat=FACTS))
    assert await storage.known_chats() == {CHAT: FACTS}


async def test_names_are_the_same_whatever_their_case(storage: Storage) -> None:
    await record(storage, make_delivery("1"), make_delivery("2", CHAT.upper()))
    assert (await send(storage, 1)).chat == CHAT
    assert await claim(storage, 0.9) is None
    assert (await claimed(storage, 1)).chat == CHAT


async def test_names_that_differ_in_case_alone_are_not_told_of(storage: Storage) -> None:
    await record(storage, make_delivery("1"), make_delivery("2", CHAT.upper()))
    assert (await storage.same_chats(), await untold(storage)) == ({}, ())


async def test_chats_of_different_ids_are_different_chats(storage: Storage) -> None:
    await learn(storage)
    await learn(storage, "@brics_watch", OTHER)
    assert await storage.same_chats() == {}


async def test_a_name_and_an_id_of_one_chat_are_one_queue(storage: Storage) -> None:
    await record(storage, make_delivery("1"), make_delivery("2", ID))
    await learn(storage)
    assert (await send(storage, 1)).chat == CHAT
    assert await claim(storage, 0.9) is None
    assert (await claimed(storage, 1)).chat == CHAT


@pytest.mark.parametrize(("first", "second"), [(CHAT, ID), (ID, CHAT)])
async def test_one_chat_goes_under_the_address_that_was_there_first(
    storage: Storage, first: str, second: str
) -> None:
    await record(storage, make_delivery("1", first))
    await learn(storage)
    await record(storage, make_delivery("2", second))
    assert await storage.same_chats() == {second: first}


async def test_an_id_that_comes_later_is_known_by_itself(storage: Storage) -> None:
    await learn(storage)
    await record(storage, make_delivery(chat=ID))
    assert (await claimed(storage)).chat == CHAT


async def test_operators_hear_that_a_chat_is_listed_twice(storage: Storage) -> None:
    await record(storage, make_delivery("1"), make_delivery("2", ID))
    await learn(storage)
    (condition,) = await untold(storage)
    assert (condition.kind, condition.subject, condition.why) == (ConditionKind.CHAT_TWICE, ID, CHAT)


async def test_what_was_learnt_before_changes_nothing(storage: Storage) -> None:
    await record(storage, make_delivery("1"), make_delivery("2", ID))
    await learn(storage)
    await storage.tell((await untold(storage))[0], None, NOON)
    await learn(storage)
    await learn(storage, ID)
    assert await untold(storage) == ()


async def test_one_chat_keeps_one_pace(storage: Storage) -> None:
    await record(storage, make_delivery("1"), make_delivery("2"), make_delivery("3", ID))
    await send(storage, 1)
    await send(storage, 2, 0.5)
    await learn(storage)
    assert await claim(storage, 1.4) is None
    assert await claim(storage, 1.5) is not None


async def test_both_addresses_count_towards_the_minute(storage: Storage) -> None:
    for second in range(0, 20, 2):
        await storage.take_turn(CHAT, NOON + timedelta(seconds=second))
        await storage.take_turn(ID, NOON + timedelta(seconds=second + 1))
    await learn(storage)
    assert await storage.take_turn(ID, NOON + timedelta(seconds=30)) == timedelta(seconds=30)


@pytest.mark.parametrize(("flooded", "other"), [(CHAT, ID), (ID, CHAT)])
async def test_a_wait_that_telegram_asked_for_holds_under_both_addresses(
    storage: Storage, flooded: str, other: str
) -> None:
    await storage.take_turn(CHAT, NOON - timedelta(hours=1))
    await record(storage, make_delivery("1", flooded))
    await attempt(storage, Retry(after=timedelta(), why="flood"), pause=timedelta(seconds=300))
    await record(storage, make_delivery("2", other))
    await learn(storage)
    assert await claim(storage, 299) is None


async def test_what_is_told_keeps_the_name_that_the_rules_use(storage: Storage) -> None:
    await record(storage, make_delivery("0"))
    await learn(storage)
    await record(storage, alert("1", ID))
    (told,) = await storage.told(["story-1"])
    assert told.place == Place(chat=ID)


async def test_what_moved_to_another_address_keeps_the_name_that_the_rules_use(storage: Storage) -> None:
    await record(storage, make_delivery("0"), alert("1", ID))
    await learn(storage)
    (told,) = await storage.told(["story-1"])
    assert told.place == Place(chat=ID)


# A story that both addresses were owed.


async def test_a_story_that_both_addresses_are_owed_comes_once(storage: Storage) -> None:
    await record(storage, alert("1", CHAT), alert("2", ID))
    await learn(storage)
    assert (await send(storage, 1)).message.text == "the alert 1"
    assert await claim(storage, 60) is None
    assert (await whys(storage))["the alert 2"] == f"the chat gets it as {CHAT}"


async def test_a_story_that_the_first_address_was_told_is_not_told_again(storage: Storage) -> None:
    await record(storage, alert("1", CHAT))
    await send(storage, 1)
    await record(storage, alert("2", ID))
    await learn(storage)
    assert await claim(storage, 60) is None


async def test_a_story_that_the_second_address_was_told_is_not_told_again(storage: Storage) -> None:
    await record(storage, make_delivery("0"), alert("2", ID))
    await send(storage, 1)
    await send(storage, 2)
    await record(storage, alert("1", CHAT))
    await learn(storage)
    assert await claim(storage, 60) is None


async def test_the_message_that_shows_the_sameness_is_told_and_the_other_is_not(storage: Storage) -> None:
    await record(storage, make_delivery("0"), alert("2", ID, priority=1))
    await record(storage, alert("1", CHAT, priority=1))
    await learn(storage, CHAT)
    texts = [(await send(storage, n, 2 * n)).message.text for n in (1, 2)]
    assert texts == ["the alert 1", "the alert 0"]
    assert await claim(storage, 60) is None


async def test_a_story_in_two_topics_of_a_chat_comes_in_both(storage: Storage) -> None:
    await record(storage, alert("1", CHAT, thread=5), alert("2", ID, thread=6))
    await learn(storage)
    assert [(await send(storage, n, 2 * n)).thread for n in (1, 2)] == [5, 6]


async def test_notices_are_no_stories_that_come_once(storage: Storage) -> None:
    await record(storage, make_delivery("1", story_id=""), make_delivery("2", ID, story_id=""))
    await learn(storage)
    assert await count(storage, DeliveryState.SUPPRESSED) == 0


async def test_a_reply_to_what_was_spared_answers_what_was_sent(storage: Storage) -> None:
    await record(storage, alert("1", CHAT), alert("2", ID), make_delivery("reply", ID, replies_to="2"))
    await learn(storage)
    await send(storage, 7)
    answer = await claimed(storage, 2)
    assert (answer.message.text, answer.target) == ("the alert reply", 7)


async def test_a_reply_to_what_was_spared_waits_for_nothing_where_the_other_was_sent(
    storage: Storage,
) -> None:
    await record(storage, alert("1", CHAT))
    await send(storage, 7)
    await record(storage, alert("2", ID), make_delivery("reply", ID, replies_to="2"))
    await learn(storage)
    assert (await claimed(storage, 2)).target == 7


async def test_replies_to_both_come_once(storage: Storage) -> None:
    await record(storage, alert("1", CHAT), alert("2", ID))
    await record(storage, alert("r1", CHAT, replies_to="1"), alert("r2", ID, replies_to="2"))
    await learn(storage)
    texts = [(await send(storage, n, 2 * n)).message.text for n in (1, 2)]
    assert texts == ["the alert 1", "the alert r1"]
    assert await claim(storage, 60) is None


async def test_a_message_is_edited_under_whatever_name_its_chat_goes_by(storage: Storage) -> None:
    await record(storage, make_delivery("0"))
    await storage.record(make_batch(make_delivery("1", ID), revisions=(make_revision("1"),)))
    await send(storage, 6)
    await send(storage, 7)
    await learn(storage)
    await storage.revise(NOON + timedelta(seconds=60), limit=3, gap=timedelta(seconds=60))
    edit = await claimed(storage, 60)
    assert (edit.kind, edit.chat, edit.target) == (DeliveryKind.EDIT, CHAT, 7)


# Messages that are in flight while their chat turns out to be another.


async def test_what_is_in_flight_ends_where_its_chat_goes(storage: Storage) -> None:
    await record(storage, make_delivery("0"))
    await send(storage, 6)
    await record(storage, make_delivery("1", ID), make_delivery("reply", ID, replies_to="1"))
    delivery = await claimed(storage, 2)
    await learn(storage)
    await finish(storage, delivery, Sent(message_id=7, chat=FACTS), 3)
    answer = await claimed(storage, 5)
    assert (answer.chat, answer.target, answer.previous) == (CHAT, 7, 7)


async def test_what_is_in_doubt_ends_where_its_chat_goes(storage: Storage) -> None:
    await record(storage, make_delivery("0"))
    await send(storage, 6)
    await record(storage, make_delivery("1", ID), make_delivery("2", ID))
    found = await doubt(storage, 2)
    await learn(storage)
    await resolve(storage, found, Found(message_id=7), 3)
    following = await claimed(storage, 5)
    assert (following.chat, following.previous) == (CHAT, 7)


async def test_a_message_that_gets_through_opens_the_chat_under_its_other_name(storage: Storage) -> None:
    await record(storage, make_delivery("1"))
    await attempt(storage, ChatPaused(why="kicked"), pause=timedelta(minutes=10))
    await storage.tell((await untold(storage))[0], None, NOON)
    await learn(storage)
    await record(storage, make_delivery("2", ID))
    await send(storage, 7, 600)
    ended = [condition.kind for condition in await untold(storage) if condition.ended_at is not None]
    assert ended == [ConditionKind.CHAT_PAUSED]


async def test_an_address_that_has_passed_to_another_chat_knows_nothing_of_it(storage: Storage) -> None:
    await record(storage, make_delivery("1"), make_delivery("2"))
    await attempt(storage, Sent(message_id=900, chat=FACTS))
    await learn(storage, CHAT, OTHER)
    assert (await claimed(storage, 2)).previous is None
