"""The part of the contract of `Storage` that keeps the pace of chats, and says whose turn it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import CHAT, NOON, make_batch, make_delivery, make_revision
from outbox_steps import LEASE, NONE, attempt, claim, claimed, doubt, doubts, finish, resolve, send

from bot.models import (
    ChatFacts,
    ChatKind,
    Cooldown,
    DeliveryKind,
    Failed,
    Handling,
    Held,
    Message,
    Missing,
    Outcome,
    Pause,
    Place,
    Retry,
    Sent,
    Stopped,
    Uncertain,
    Unreachable,
)
from bot.storage import Storage

PRIVATE = "4711"
OTHER = "@brics_watch"


async def owe(storage: Storage, number: int, chat: str = CHAT, **changes: object) -> None:
    """So many deliveries to a chat."""
    await storage.record(make_batch(*(make_delivery(f"{chat}-{n}", chat, **changes) for n in range(number))))


async def send_many(storage: Storage, number: int, step: float = 1.0) -> None:
    """Send so many, one each step from noon on."""
    for n in range(number):
        await send(storage, n + 1, n * step)


async def test_a_second_lies_between_two_messages_to_a_chat(storage: Storage) -> None:
    await owe(storage, 2)
    await send(storage, 1)
    assert await claim(storage, 0.9) is None
    assert await claim(storage, 1) is not None


async def test_the_second_counts_from_the_end_of_the_attempt(storage: Storage) -> None:
    await owe(storage, 2)
    await finish(storage, await claimed(storage), Sent(message_id=1), 5)
    assert await claim(storage, 5.9) is None
    assert await claim(storage, 6) is not None


async def test_a_channel_gets_twenty_messages_a_minute(storage: Storage) -> None:
    await owe(storage, 21)
    await send_many(storage, 20)
    assert await claim(storage, 59.9) is None
    assert await claim(storage, 60) is not None


async def test_a_private_chat_gets_a_message_a_second(storage: Storage) -> None:
    await owe(storage, 21, PRIVATE)
    await send_many(storage, 20)
    assert await claim(storage, 20) is not None


async def test_a_chat_that_turns_out_to_be_a_group_keeps_to_a_groups_pace(storage: Storage) -> None:
    await owe(storage, 21, PRIVATE)
    await storage.learn_chat(PRIVATE, ChatFacts(id=4711, kind=ChatKind.GROUP), NOON)
    await send_many(storage, 20)
    assert await claim(storage, 59.9) is None


@pytest.mark.parametrize(
    "outcome",
    [
        Retry(after=NONE, why="flood"),
        Unreachable(why="refused"),
        Failed(why="refused"),
        Stopped(why="unauthorized"),
    ],
    ids=lambda outcome: type(outcome).__name__,
)
async def test_what_was_certainly_not_accepted_takes_no_turn(storage: Storage, outcome: Outcome) -> None:
    await owe(storage, 2)
    await attempt(storage, outcome)
    assert await claim(storage, 0) is not None


async def test_what_may_have_been_accepted_takes_a_turn(storage: Storage) -> None:
    await owe(storage, 2)
    await resolve(storage, await doubt(storage), Missing())
    assert await claim(storage, 0.9) is None
    assert await claim(storage, 1) is not None


async def test_edits_take_turns_like_messages(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery(), revisions=(make_revision(),)))
    await send(storage, 1)
    assert await storage.revise(NOON + timedelta(seconds=60), limit=3, gap=timedelta(seconds=60)) == 1
    assert (await send(storage, 1, 60)).kind is DeliveryKind.EDIT
    await owe(storage, 1)
    assert await claim(storage, 60.9) is None


async def test_a_wait_that_telegram_asks_for_is_the_chats_alone(storage: Storage) -> None:
    await owe(storage, 1)
    await owe(storage, 1, OTHER)
    first = await attempt(storage, Retry(after=NONE, why="flood"), pause=timedelta(seconds=300))
    assert (await claimed(storage)).chat != first.chat
    assert await claim(storage, 299) is None


async def test_a_wait_for_all_chats_is_left_to_the_sender(storage: Storage) -> None:
    await owe(storage, 1)
    outcome = Retry(after=NONE, why="flood", everywhere=True)
    await attempt(storage, outcome, pause=timedelta(seconds=300))
    assert await claim(storage, 0) is not None


# Whose turn it is.


async def test_nothing_that_waits_has_no_turn(storage: Storage) -> None:
    await owe(storage, 1)
    await send(storage, 1)
    assert await storage.next_turn() is None


async def test_what_waits_for_nothing_has_its_turn_already(storage: Storage) -> None:
    await owe(storage, 1)
    turn = await storage.next_turn()
    assert turn is not None
    assert turn <= NOON


async def test_the_next_turn_is_the_first_of_all_chats(storage: Storage) -> None:
    await owe(storage, 2)
    await owe(storage, 2, OTHER, priority=1)
    await send(storage, 1, 0)
    await send(storage, 1, 0.25)
    assert await storage.next_turn() == NOON + timedelta(seconds=1)


async def test_a_chat_with_a_message_in_flight_has_no_turn(storage: Storage) -> None:
    await owe(storage, 2)
    await claimed(storage)
    assert await storage.next_turn() is None


async def test_a_chat_with_a_message_in_doubt_has_no_turn(storage: Storage) -> None:
    await owe(storage, 2)
    await attempt(storage, Uncertain(why="timeout"))
    assert await storage.next_turn() is None


async def test_the_most_urgent_goes_first_over_all_chats(storage: Storage) -> None:
    await owe(storage, 1)
    await owe(storage, 1, OTHER, priority=1)
    assert (await claimed(storage)).chat == OTHER


async def test_a_chat_that_has_to_wait_leaves_the_turn_to_what_is_less_urgent(storage: Storage) -> None:
    await owe(storage, 2, priority=1)
    await owe(storage, 1, OTHER)
    await send(storage, 1)
    assert (await claimed(storage, 0.5)).chat == OTHER


async def test_of_equal_chats_the_one_that_waited_longest_goes_first(storage: Storage) -> None:
    await owe(storage, 3)
    await owe(storage, 3, OTHER)
    chats = [(await send(storage, second, second)).chat for second in range(6)]
    assert chats == [CHAT, OTHER] * 3


# Turns of what is no delivery.


async def test_a_turn_may_be_taken_for_what_is_no_delivery(storage: Storage) -> None:
    assert await storage.take_turn(CHAT, NOON) == NONE
    assert await storage.take_turn(CHAT, NOON + timedelta(seconds=0.25)) == timedelta(seconds=0.75)


async def test_a_turn_that_was_not_taken_counts_for_nothing(storage: Storage) -> None:
    await storage.take_turn(CHAT, NOON)
    await storage.take_turn(CHAT, NOON)
    assert await storage.take_turn(CHAT, NOON + timedelta(seconds=1)) == NONE


async def test_deliveries_wait_for_a_turn_that_was_taken(storage: Storage) -> None:
    await owe(storage, 1)
    await storage.take_turn(CHAT, NOON)
    assert await claim(storage, 0.9) is None


async def test_turns_that_were_taken_count_towards_the_minute(storage: Storage) -> None:
    for second in range(20):
        await storage.take_turn(CHAT, NOON + timedelta(seconds=second))
    assert await storage.take_turn(CHAT, NOON + timedelta(seconds=30)) == timedelta(seconds=30)


async def test_a_turn_is_taken_in_a_chat_whatever_its_case(storage: Storage) -> None:
    await storage.take_turn(CHAT, NOON)
    assert await storage.take_turn(CHAT.upper(), NOON) == timedelta(seconds=1)


async def test_a_turn_that_is_taken_while_a_message_is_in_flight_is_kept_in_mind(storage: Storage) -> None:
    await owe(storage, 2)
    delivery = await claimed(storage)
    assert await storage.take_turn(CHAT, NOON + timedelta(seconds=1)) == NONE
    await finish(storage, delivery, Retry(after=NONE, why="flood"), 1.5)
    assert await claim(storage, 1.9) is None
    assert await claim(storage, 2) is not None


# When anything was last sent.


async def test_nothing_was_sent_before_anything_was_tried(storage: Storage) -> None:
    await owe(storage, 1)
    assert await storage.last_send() is None


async def test_the_last_send_is_the_last_of_all_chats(storage: Storage) -> None:
    await owe(storage, 1)
    await owe(storage, 1, OTHER)
    await send(storage, 1, 3)
    await send(storage, 1, 2)
    assert await storage.last_send() == NOON + timedelta(seconds=3)


async def test_what_is_in_flight_was_tried(storage: Storage) -> None:
    await owe(storage, 1)
    await claimed(storage, 3)
    assert await storage.last_send() == NOON + timedelta(seconds=3)


async def test_a_turn_that_was_taken_is_a_send(storage: Storage) -> None:
    await storage.take_turn(CHAT, NOON)
    assert await storage.last_send() == NOON


# A clock that is set.

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("by", [-HOUR, timedelta(days=1)], ids=["back", "forward"])
async def test_a_clock_that_is_set_changes_no_wait_of_a_chat(storage: Storage, by: timedelta) -> None:
    await owe(storage, 22)
    await send_many(storage, 20)
    await storage.move_waits(by)
    moved = by.total_seconds()
    assert await claim(storage, moved + 59.9) is None
    await send(storage, 21, moved + 60)
    assert await storage.next_turn() == NOON + by + timedelta(seconds=61)


async def test_a_clock_that_is_set_while_a_message_is_in_flight_makes_no_second_send_of_it(
    storage: Storage,
) -> None:
    await owe(storage, 2)
    delivery = await claimed(storage, 0.1)
    await storage.move_waits(-HOUR)
    await finish(storage, delivery, Unreachable(why="refused"), -3600)
    assert await claim(storage, -3600) is not None


async def test_a_clock_that_is_set_changes_no_wait_of_a_doubt(storage: Storage) -> None:
    await owe(storage, 1)
    await attempt(storage, Uncertain(why="timeout"), pause=timedelta(seconds=15))
    await storage.move_waits(-HOUR)
    assert await doubts(storage, -3600 + 14) == ()
    assert len(await doubts(storage, -3600 + 15)) == 1


async def test_a_clock_that_is_set_ends_no_lease_early(storage: Storage) -> None:
    await owe(storage, 1)
    await claimed(storage)
    await storage.move_waits(timedelta(days=1))
    end = timedelta(days=1) + LEASE
    assert await storage.doubts(NOON + end) == ()
    assert len(await storage.doubts(NOON + end + timedelta(seconds=1))) == 1


async def test_a_clock_that_is_set_changes_no_cooldown(storage: Storage) -> None:
    cooldown = Cooldown(place=Place(chat=CHAT), rule="rare-earth", until=NOON + HOUR)
    await storage.record(make_batch(make_delivery(cooldowns=(cooldown,))))
    await storage.move_waits(-HOUR)
    (moved,) = await storage.cooling(NOON - HOUR)
    assert moved.until == NOON


async def test_a_clock_that_is_set_changes_no_pause_of_a_rule(storage: Storage) -> None:
    await storage.pause_rule(Pause(rule="brics", until=NOON + HOUR, why="it rang on everything"), NOON)
    await storage.move_waits(-HOUR)
    assert [pause.until for pause in await storage.pauses()] == [NOON]


async def test_a_clock_that_is_set_forward_lets_nothing_expire(storage: Storage) -> None:
    await owe(storage, 1, handling=Handling(expires=HOUR))
    await storage.move_waits(timedelta(days=1))
    assert await storage.overdue(NOON + timedelta(days=1)) == ()


async def test_cooldowns_of_a_poll_begin_with_it(storage: Storage) -> None:
    cooldown = Cooldown(place=Place(chat=CHAT), rule="*", until=NOON + HOUR)
    held = Held(
        dedupe_key="held",
        place=cooldown.place,
        rule="*",
        story_id="story-1",
        title="A refinery",
        url=None,
        source="Example Wire",
        message=Message(text="the alert"),
    )
    await storage.record(make_batch(held=(held,), cooldowns=(cooldown,)))
    assert await storage.cooling(NOON) == (cooldown,)
    assert await storage.due_held(NOON + HOUR / 2) == ()
