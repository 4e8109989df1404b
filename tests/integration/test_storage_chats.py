"""The part of the contract of `Storage` about chats that do not let us in, are gone, or have become others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import CHAT, NOON, make_alert, make_batch, make_delivery, make_revision
from outbox_steps import NONE, attempt, claim, claimed, count, doubts, send, untold, whys

from bot.models import (
    ChatDead,
    ChatFacts,
    ChatKind,
    ChatMigrated,
    ChatPaused,
    ConditionKind,
    DeliveryState,
    Failed,
    NewDelivery,
    Sent,
    Uncertain,
    Unreachable,
)
from bot.storage import Storage

KICKED = ChatPaused(why="bot was kicked from the channel chat")
GONE = ChatDead(why="the group chat was deleted")
OTHER = "@brics_watch"
GROUP, SUPERGROUP = "-55", "-1000000000055"
TEN_MINUTES = timedelta(minutes=10)


async def record(storage: Storage, *deliveries: NewDelivery) -> int:
    return await storage.record(make_batch(*deliveries))


async def owe(storage: Storage, number: int = 2, chat: str = CHAT) -> None:
    """So many deliveries to a chat."""
    await record(storage, *(make_delivery(str(n), chat) for n in range(number)))


# Chats that do not let us in.


async def test_a_paused_chat_keeps_its_queue_until_it_is_tried_again(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, KICKED, pause=TEN_MINUTES)
    assert await count(storage, DeliveryState.PENDING) == 2
    assert await claim(storage, 599) is None
    assert (await claimed(storage, 600)).message.text == "the alert 0"


async def test_a_paused_chat_holds_only_itself(storage: Storage) -> None:
    await owe(storage)
    await record(storage, make_delivery("other", OTHER))
    await attempt(storage, KICKED, pause=TEN_MINUTES)
    assert (await claimed(storage)).chat == OTHER


async def test_one_message_tries_a_paused_chat_for_all(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, KICKED, pause=TEN_MINUTES)
    await attempt(storage, KICKED, 600, pause=TEN_MINUTES)
    assert await claim(storage, 1199) is None


async def test_operators_hear_of_a_paused_chat_once(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, KICKED, pause=TEN_MINUTES)
    (condition,) = await untold(storage)
    await storage.tell(condition, None, NOON)
    await attempt(storage, KICKED, 600, pause=TEN_MINUTES)
    assert (condition.kind, condition.subject, condition.why) == (ConditionKind.CHAT_PAUSED, CHAT, KICKED.why)
    assert await untold(storage) == ()


async def test_a_message_that_gets_through_ends_the_pause(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, KICKED, pause=TEN_MINUTES)
    (condition,) = await untold(storage)
    await storage.tell(condition, None, NOON)
    await send(storage, 1, 600)
    (over,) = await untold(storage)
    assert (over.kind, over.ended_at) == (ConditionKind.CHAT_PAUSED, NOON + timedelta(seconds=600))
    assert (await claimed(storage, 601)).message.text == "the alert 1"


@pytest.mark.parametrize(
    "outcome", [Unreachable(why="refused"), Failed(why="refused"), Uncertain(why="timeout")]
)
async def test_an_attempt_that_shows_nothing_ends_no_pause(
    storage: Storage, outcome: Unreachable | Failed | Uncertain
) -> None:
    await owe(storage)
    await attempt(storage, KICKED)
    (condition,) = await untold(storage)
    await storage.tell(condition, None, NOON)
    await attempt(storage, outcome, 600)
    assert await untold(storage) == ()


async def test_an_edit_that_succeeds_says_nothing_of_the_right_to_post(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("first"), revisions=(make_revision("first"),)))
    await send(storage, 7)
    await record(storage, make_delivery("second"))
    await attempt(storage, KICKED, 2)
    await attempt(storage, Failed(why="refused"), 4)
    await storage.tell((await untold(storage))[0], None, NOON)
    await storage.revise(NOON + timedelta(seconds=60), limit=3, gap=timedelta(seconds=60))
    await send(storage, 7, 60)
    assert await untold(storage) == ()


async def test_an_operator_may_have_a_paused_chat_tried_at_once(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, KICKED, pause=TEN_MINUTES)
    assert await storage.open_chat(CHAT.upper(), NOON) == 2
    assert await claim(storage, 1) is not None


async def test_opening_a_chat_that_is_open_changes_nothing(storage: Storage) -> None:
    await owe(storage)
    assert await storage.open_chat(CHAT, NOON) == 2
    assert await untold(storage) == ()


async def test_opening_a_chat_that_nobody_knows_finds_nothing_that_waits(storage: Storage) -> None:
    assert await storage.open_chat("@nobody", NOON) == 0


# Chats that are gone.


async def test_all_that_a_dead_chat_is_owed_fails(storage: Storage) -> None:
    await owe(storage, 3)
    await attempt(storage, GONE)
    assert await count(storage, DeliveryState.FAILED) == 3
    assert await claim(storage, 3600) is None


async def test_a_dead_chat_holds_only_itself(storage: Storage) -> None:
    await owe(storage)
    await record(storage, make_delivery("other", OTHER))
    await attempt(storage, GONE)
    assert (await claimed(storage)).chat == OTHER


async def test_what_comes_later_for_a_dead_chat_is_spared(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, GONE)
    assert await record(storage, make_delivery("later")) == 0
    assert await count(storage, DeliveryState.SUPPRESSED) == 1


async def test_every_delivery_of_a_dead_chat_says_why(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, GONE)
    await record(storage, make_delivery("later"))
    assert set((await whys(storage)).values()) == {"the chat is gone: the group chat was deleted"}


async def test_operators_hear_of_a_dead_chat_once(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, KICKED)
    await attempt(storage, GONE, 600)
    (condition,) = await untold(storage)
    assert (condition.kind, condition.subject, condition.why) == (ConditionKind.CHAT_DEAD, CHAT, GONE.why)


async def test_a_paused_chat_that_dies_is_not_said_to_be_open_again(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, KICKED)
    await storage.tell((await untold(storage))[0], None, NOON)
    await attempt(storage, GONE, 600)
    assert [condition.kind for condition in await untold(storage)] == [ConditionKind.CHAT_DEAD]


async def test_a_dead_chat_was_told_nothing_of_what_failed(storage: Storage) -> None:
    await record(storage, make_delivery(alert=make_alert()))
    await attempt(storage, GONE)
    assert await storage.told(["story-1"]) == ()


async def test_what_stands_in_a_dead_chat_is_edited_no_more(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery(), revisions=(make_revision(),)))
    await send(storage, 7)
    await record(storage, make_delivery("second"))
    await attempt(storage, GONE, 2)
    await storage.record(make_batch(revisions=(make_revision(text="newest"),)))
    assert await storage.revise(NOON + timedelta(days=1), limit=3, gap=timedelta(seconds=60)) == 0


async def test_what_stands_in_a_dead_chat_is_not_even_edited_for_the_first_time(storage: Storage) -> None:
    await record(storage, make_delivery())
    await send(storage, 7)
    await record(storage, make_delivery("second"))
    await attempt(storage, GONE, 2)
    await storage.record(make_batch(revisions=(make_revision(),)))
    assert await storage.revise(NOON + timedelta(days=1), limit=3, gap=timedelta(seconds=60)) == 0


async def test_an_edit_in_doubt_fails_with_its_chat(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery(), revisions=(make_revision(),)))
    await send(storage, 7)
    await storage.revise(NOON + timedelta(seconds=60), limit=3, gap=timedelta(seconds=60))
    await attempt(storage, Uncertain(why="timeout"), 60)
    await record(storage, make_delivery("second"))
    await attempt(storage, GONE, 62)
    await doubts(storage, 70)
    assert await claim(storage, 70) is None


async def test_an_operator_may_open_a_dead_chat_which_is_then_owed_again_what_failed(
    storage: Storage,
) -> None:
    await owe(storage)
    await attempt(storage, GONE)
    assert await storage.open_chat(CHAT, NOON) == 2
    assert (await claimed(storage, 1)).message.text == "the alert 0"
    assert await record(storage, make_delivery("later")) == 1


async def test_opening_a_dead_chat_owes_nothing_that_failed_for_a_reason_of_its_own(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, Failed(why="refused"))
    await attempt(storage, GONE, 2)
    assert await storage.open_chat(CHAT, NOON) == 1


async def test_a_dead_chat_that_is_opened_in_vain_is_told_of_no_second_time(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, GONE)
    await storage.tell((await untold(storage))[0], None, NOON)
    await storage.open_chat(CHAT, NOON)
    await attempt(storage, GONE, 2)
    assert await untold(storage) == ()
    assert await count(storage, DeliveryState.FAILED) == 2


async def test_a_dead_chat_that_lets_us_in_again_is_told_of(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, GONE)
    await storage.tell((await untold(storage))[0], None, NOON)
    await storage.open_chat(CHAT, NOON)
    await send(storage, 1, 2)
    assert [(c.kind, c.ended_at) for c in await untold(storage)] == [
        (ConditionKind.CHAT_DEAD, NOON + timedelta(seconds=2))
    ]


async def test_replies_to_what_failed_with_a_dead_chat_wait_for_it_again(storage: Storage) -> None:
    await record(storage, make_delivery("0"), make_delivery("reply", replies_to="0", priority=9))
    await attempt(storage, GONE)
    await storage.open_chat(CHAT, NOON)
    await send(storage, 7, 2)
    assert (await claimed(storage, 4)).target == 7


# Groups that became supergroups.


async def migrate(storage: Storage, seconds: float = 0, to: str = SUPERGROUP) -> None:
    """The next delivery finds that its group has become a supergroup."""
    await attempt(storage, ChatMigrated(chat=to), seconds)


async def test_all_that_is_owed_follows_a_group_that_migrated(storage: Storage) -> None:
    await owe(storage, 2, GROUP)
    await migrate(storage)
    texts = [
        (delivery.chat, delivery.message.text) for delivery in [await send(storage, n, 2 * n) for n in (1, 2)]
    ]
    assert texts == [(SUPERGROUP, "the alert 0"), (SUPERGROUP, "the alert 1")]


async def test_what_comes_later_follows_a_group_that_migrated(storage: Storage) -> None:
    await owe(storage, 1, GROUP)
    await migrate(storage)
    await send(storage, 1, 2)
    await record(storage, make_delivery("later", GROUP))
    assert (await claimed(storage, 4)).chat == SUPERGROUP


async def test_a_migrated_group_is_known_as_the_same_chat(storage: Storage) -> None:
    await owe(storage, 1, GROUP)
    await migrate(storage)
    assert await storage.same_chats() == {GROUP: SUPERGROUP}


async def test_operators_hear_of_a_migration_and_the_new_id(storage: Storage) -> None:
    await owe(storage, 1, GROUP)
    await migrate(storage)
    (condition,) = await untold(storage)
    assert (condition.kind, condition.subject, condition.why) == (
        ConditionKind.CHAT_MIGRATED,
        GROUP,
        SUPERGROUP,
    )


async def test_a_group_and_its_supergroup_keep_one_pace(storage: Storage) -> None:
    await owe(storage, 2, GROUP)
    await send(storage, 1)
    await migrate(storage, 1)
    await storage.take_turn(SUPERGROUP, NOON + timedelta(seconds=1))
    assert await claim(storage, 1.9) is None


async def test_ids_of_a_group_mean_nothing_in_its_supergroup(storage: Storage) -> None:
    await owe(storage, 2, GROUP)
    await send(storage, 41)
    await migrate(storage, 2)
    assert (await claimed(storage, 4)).previous is None


async def test_a_group_that_migrates_twice_is_one_chat_all_along(storage: Storage) -> None:
    await owe(storage, 1, GROUP)
    await migrate(storage, 0, "-1000000000050")
    await migrate(storage, 2)
    await record(storage, make_delivery("later", GROUP))
    assert await storage.same_chats() == {GROUP: SUPERGROUP, "-1000000000050": SUPERGROUP}
    assert {(await send(storage, n, 2 * n)).chat for n in (2, 3)} == {SUPERGROUP}


async def test_a_group_that_is_said_to_become_itself_is_paused(storage: Storage) -> None:
    await owe(storage, 1, GROUP)
    await migrate(storage, 0, GROUP)
    assert await claim(storage, 599) is None
    assert [condition.kind for condition in await untold(storage)] == [ConditionKind.CHAT_PAUSED]


async def test_a_supergroup_that_was_known_before_takes_the_queue_in(storage: Storage) -> None:
    await storage.learn_chat("@club", ChatFacts(id=int(SUPERGROUP), kind=ChatKind.SUPERGROUP), NOON)
    await owe(storage, 1, GROUP)
    await migrate(storage)
    assert (await claimed(storage, 2)).chat == "@club"
    assert await storage.same_chats() == {GROUP: "@club", SUPERGROUP: "@club"}


async def test_a_paused_group_that_turns_out_to_have_migrated_is_told_of_as_such(storage: Storage) -> None:
    await owe(storage, 1, GROUP)
    await attempt(storage, KICKED)
    await migrate(storage, 600)
    assert [condition.kind for condition in await untold(storage)] == [ConditionKind.CHAT_MIGRATED]


# Messages that fail alone.


async def test_a_message_that_is_refused_fails_alone(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, Failed(why="refused"))
    assert await count(storage, DeliveryState.FAILED) == 1
    assert (await claimed(storage)).message.text == "the alert 1"


async def test_an_attempt_of_somebody_else_changes_nothing(storage: Storage) -> None:
    await owe(storage)
    delivery = await claimed(storage)
    await storage.finish(delivery, Sent(message_id=1), NOON, pause=NONE)
    assert not await storage.finish(delivery, GONE, NOON, pause=NONE)
    assert await count(storage, DeliveryState.PENDING) == 1
