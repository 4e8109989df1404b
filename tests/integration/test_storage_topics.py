"""The part of the contract of `Storage` about forum topics that are closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOON, make_batch, make_delivery, make_revision
from outbox_steps import (
    NONE,
    attempt,
    claim,
    claimed,
    count,
    doubt,
    resolve,
    send,
    untold,
    whys,
)

from bot.models import (
    ChatFacts,
    ChatKind,
    ConditionKind,
    DeliveryState,
    Failed,
    Found,
    Handling,
    Missing,
    OnTopicClosed,
    Outcome,
    Retry,
    TopicClosed,
    Unreachable,
)
from bot.storage import Storage

CLOSED = TopicClosed(why="TOPIC_CLOSED")
FORUM, TOPIC = "-1000000000077", 5
WAIT = timedelta(minutes=10)


async def owe(
    storage: Storage,
    *keys: str,
    then: OnTopicClosed = OnTopicClosed.GENERAL,
    thread: int | None = TOPIC,
    **changes: object,
) -> None:
    """Deliveries to a topic of the forum, and what becomes of them where it is closed."""
    handling = Handling(on_topic_closed=then)
    await storage.record(
        make_batch(*(make_delivery(key, FORUM, thread=thread, handling=handling, **changes) for key in keys))
    )


async def close(storage: Storage, seconds: float = 0) -> None:
    """The next delivery finds its topic closed."""
    await attempt(storage, CLOSED, seconds, pause=WAIT)


# General instead.


async def test_a_message_whose_topic_is_closed_goes_to_general_at_once(storage: Storage) -> None:
    await owe(storage, "1")
    await close(storage)
    again = await claimed(storage)
    assert (again.message.text, again.thread) == ("the alert 1", None)


async def test_those_after_it_go_to_general_too(storage: Storage) -> None:
    await owe(storage, "1", "2")
    await close(storage)
    await send(storage, 1)
    assert (await claimed(storage, 2)).thread is None


async def test_other_topics_are_not_concerned(storage: Storage) -> None:
    await owe(storage, "1")
    await owe(storage, "2", thread=6)
    await close(storage)
    await send(storage, 1)
    assert (await claimed(storage, 2)).thread == 6


async def test_after_a_while_the_topic_is_tried_again(storage: Storage) -> None:
    await owe(storage, "1", "2", "3")
    await close(storage)
    await send(storage, 1)
    assert (await send(storage, 2, 599)).thread is None
    assert (await claimed(storage, 600)).thread == TOPIC


async def test_a_topic_that_is_still_closed_loses_no_message(storage: Storage) -> None:
    await owe(storage, "1", "2")
    await close(storage)
    await send(storage, 1)
    await close(storage, 600)
    again = await claimed(storage, 600)
    assert (again.message.text, again.thread) == ("the alert 2", None)


async def test_operators_hear_of_a_closed_topic_once(storage: Storage) -> None:
    await owe(storage, "1", "2")
    await close(storage)
    (condition,) = await untold(storage)
    await storage.tell(condition, None, NOON)
    await send(storage, 1)
    await close(storage, 600)
    told = (condition.kind, condition.subject, condition.why)
    assert told == (ConditionKind.TOPIC_CLOSED, f"{FORUM}/{TOPIC}", "TOPIC_CLOSED")
    assert await untold(storage) == ()


async def test_what_goes_to_general_says_nothing_of_the_topic(storage: Storage) -> None:
    await owe(storage, "1")
    await close(storage)
    await storage.tell((await untold(storage))[0], None, NOON)
    await send(storage, 1)
    assert await untold(storage) == ()


async def test_a_message_in_the_topic_shows_that_it_is_open(storage: Storage) -> None:
    await owe(storage, "1", "2", "3")
    await close(storage)
    await storage.tell((await untold(storage))[0], None, NOON)
    await send(storage, 1)
    await send(storage, 2, 600)
    (over,) = await untold(storage)
    assert (over.kind, over.ended_at) == (ConditionKind.TOPIC_CLOSED, NOON + timedelta(seconds=600))
    assert (await claimed(storage, 602)).thread == TOPIC


async def test_where_general_is_closed_too_the_chat_is_paused(storage: Storage) -> None:
    await owe(storage, "1")
    await close(storage)
    await close(storage)
    assert await claim(storage, 599) is None
    kinds = {condition.kind for condition in await untold(storage)}
    assert kinds == {ConditionKind.TOPIC_CLOSED, ConditionKind.CHAT_PAUSED}


# Nowhere for now.


async def test_what_is_to_wait_for_its_topic_waits(storage: Storage) -> None:
    await owe(storage, "1", "2", then=OnTopicClosed.HOLD)
    await close(storage)
    assert await count(storage, DeliveryState.PENDING) == 2
    assert await claim(storage, 599) is None


async def test_what_comes_later_for_the_topic_waits_too(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await close(storage)
    await owe(storage, "2", then=OnTopicClosed.HOLD, priority=9)
    assert await claim(storage, 599) is None


async def test_the_rest_of_the_chat_does_not_wait_for_the_topic(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await close(storage)
    await owe(storage, "2", then=OnTopicClosed.HOLD, thread=6)
    assert (await claimed(storage)).thread == 6


async def test_the_next_turn_is_when_the_topic_is_tried_again(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await close(storage)
    assert await storage.next_turn() == NOON + WAIT


async def test_one_message_tries_the_topic_for_all_that_wait_ever_more_rarely(storage: Storage) -> None:
    await owe(storage, "1", "2", then=OnTopicClosed.HOLD)
    await close(storage)
    await close(storage, 600)
    assert await claim(storage, 1799) is None
    assert (await claimed(storage, 1800)).message.text == "the alert 1"


async def test_a_topic_is_tried_with_the_most_urgent(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await close(storage)
    await owe(storage, "2", then=OnTopicClosed.HOLD, priority=1)
    feeler = await claimed(storage, 600)
    assert (feeler.message.text, feeler.thread) == ("the alert 2", TOPIC)


async def test_when_the_topic_is_open_again_all_that_waited_comes_in_order(storage: Storage) -> None:
    await owe(storage, "1", "2", "3", then=OnTopicClosed.HOLD)
    await close(storage)
    texts = [(await send(storage, n, 600 + 2 * n)).message.text for n in range(3)]
    assert texts == ["the alert 1", "the alert 2", "the alert 3"]


async def test_a_feeler_that_was_found_frees_the_others(storage: Storage) -> None:
    await owe(storage, "1", "2", then=OnTopicClosed.HOLD)
    await close(storage)
    await resolve(storage, await doubt(storage, 600), Found(message_id=7), 600)
    assert (await claimed(storage, 602)).message.text == "the alert 2"


@pytest.mark.parametrize("outcome", [Unreachable(why="refused"), Retry(after=NONE, why="flood")])
async def test_a_feeler_that_did_not_get_there_tries_again_alone(storage: Storage, outcome: Outcome) -> None:
    await owe(storage, "1", "2", then=OnTopicClosed.HOLD)
    await close(storage)
    await attempt(storage, outcome, 600)
    assert (await claimed(storage, 602)).message.text == "the alert 1"


async def test_while_one_message_tries_the_topic_a_more_urgent_one_waits(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await close(storage)
    await attempt(storage, Unreachable(why="refused"), 600)
    await owe(storage, "2", then=OnTopicClosed.HOLD, priority=9)
    assert (await claimed(storage, 602)).message.text == "the alert 1"


async def test_a_feeler_that_is_missing_tries_again(storage: Storage) -> None:
    await owe(storage, "1", "2", then=OnTopicClosed.HOLD)
    await close(storage)
    await resolve(storage, await doubt(storage, 600), Missing(), 600)
    await close(storage, 602)
    assert await claim(storage, 1201) is None


async def test_a_feeler_that_fails_for_a_reason_of_its_own_is_followed_by_another(storage: Storage) -> None:
    await owe(storage, "1", "2", then=OnTopicClosed.HOLD)
    await close(storage)
    await attempt(storage, Failed(why="refused"), 600)
    assert (await claimed(storage, 602)).message.text == "the alert 2"


async def test_a_reply_waits_for_its_message_and_for_its_topic(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await owe(storage, "reply", then=OnTopicClosed.HOLD, replies_to="1", priority=9)
    await close(storage)
    assert (await send(storage, 7, 600)).message.text == "the alert 1"
    assert (await claimed(storage, 602)).target == 7


async def test_a_reply_to_a_message_that_failed_still_waits_for_its_topic(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await owe(storage, "reply", "2", then=OnTopicClosed.HOLD, replies_to="1")
    await close(storage)
    await attempt(storage, Failed(why="refused"), 600)
    await close(storage, 602)
    assert await claim(storage, 1201) is None


async def test_a_clock_that_is_set_changes_no_wait_for_a_topic(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await close(storage)
    await storage.move_waits(timedelta(hours=-1))
    assert await storage.next_turn() == NOON + WAIT - timedelta(hours=1)


async def test_what_waits_for_a_topic_goes_on_waiting_when_its_chat_gets_another_name(
    storage: Storage,
) -> None:
    await storage.take_turn("@forum", NOON - timedelta(hours=1))
    await owe(storage, "1", then=OnTopicClosed.HOLD)
    await close(storage)
    await storage.learn_chat("@forum", ChatFacts(id=int(FORUM), kind=ChatKind.SUPERGROUP), NOON)
    assert await claim(storage, 599) is None
    assert (await claimed(storage, 600)).chat == "@forum"


# Nowhere ever.


async def test_what_is_to_be_dropped_fails_with_the_reason(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.DROP)
    await close(storage)
    assert await count(storage, DeliveryState.FAILED) == 1
    assert await whys(storage) == {"the alert 1": "TOPIC_CLOSED"}


async def test_what_comes_later_is_dropped_without_being_tried(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.DROP)
    await close(storage)
    await owe(storage, "2", then=OnTopicClosed.DROP)
    assert await claim(storage, 599) is None
    assert await count(storage, DeliveryState.FAILED) == 2


async def test_after_a_while_one_is_tried_before_more_are_dropped(storage: Storage) -> None:
    await owe(storage, "1", then=OnTopicClosed.DROP)
    await close(storage)
    await owe(storage, "2", then=OnTopicClosed.DROP)
    assert (await claimed(storage, 600)).thread == TOPIC


async def test_an_edit_has_no_topic_to_be_closed(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery(chat=FORUM, thread=TOPIC), revisions=(make_revision(),)))
    await send(storage, 7)
    await storage.revise(NOON + timedelta(seconds=60), limit=3, gap=timedelta(seconds=60))
    await close(storage, 60)
    assert await count(storage, DeliveryState.FAILED) == 1
    assert await untold(storage) == ()
