"""The part of the contract of `Storage` that lets a story live on in a chat: what was told, replies, edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import CHAT, NOON, make_alert, make_batch, make_delivery, make_revision
from outbox_steps import NONE, claim, claimed, count, doubt, doubts, finish, resolve, send

from bot.models import (
    ChatMigrated,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Earlier,
    Failed,
    NewDelivery,
    Place,
    Retry,
    Revision,
    Sent,
    Told,
    Uncertain,
)
from bot.storage import Storage

GAP = timedelta(seconds=60)
GROUP, SUPERGROUP = "-55", "-1000000000055"


def first(key: str = "key-1", **changes: object) -> NewDelivery:
    """A first message of a story."""
    return replace(make_delivery(key, alert=make_alert()), **changes)  # type: ignore[arg-type]


def reply(key: str = "reply", to: str = "key-1", **changes: object) -> NewDelivery:
    return replace(make_delivery(key, replies_to=to), **changes)  # type: ignore[arg-type]


async def record(storage: Storage, *deliveries: NewDelivery, revisions: tuple[Revision, ...] = ()) -> None:
    await storage.record(make_batch(*deliveries, revisions=revisions))


async def revise(storage: Storage, seconds: float, limit: int = 3) -> int:
    return await storage.revise(NOON + timedelta(seconds=seconds), limit=limit, gap=GAP)


async def stands(storage: Storage, *revisions: str, chat: str = CHAT) -> None:
    """A message that was sent at noon under the id 7, and should read otherwise."""
    await record(storage, first(chat=chat))
    await send(storage, 7)
    await record(storage, revisions=tuple(make_revision(text=text) for text in revisions))


async def edit(storage: Storage, text: str, seconds: float) -> Delivery:
    """Want an edit, owe it and make it, at a time at which it is due."""
    await record(storage, revisions=(make_revision(text=text),))
    assert await revise(storage, seconds) == 1
    return await send(storage, 7, seconds)


async def moved(storage: Storage, seconds: float = 0, to: str = SUPERGROUP) -> None:
    """The next delivery finds that its group has moved."""
    delivery = await claimed(storage, seconds)
    await finish(storage, delivery, ChatMigrated(chat=to), seconds)


# What was told.


async def test_a_first_message_is_told_as_it_was_owed(storage: Storage) -> None:
    alert = make_alert(url=None, earlier=Earlier(title="Talks fail", url="https://wire.example/0"))
    await record(storage, first(chat="-5", thread=7, rules=("a", "b"), priority=1, alert=alert))
    assert await storage.told(["story-1", "absent"]) == (
        Told(
            dedupe_key="key-1",
            story_id="story-1",
            place=Place(chat="-5", thread=7),
            rules=("a", "b"),
            priority=1,
            alert=alert,
        ),
    )


async def test_what_is_told_comes_in_the_order_of_recording(storage: Storage) -> None:
    await record(storage, first("1", story_id="story-2"), first("2", story_id="story-1"))
    told = await storage.told(["story-1", "story-2"])
    assert [message.dedupe_key for message in told] == ["1", "2"]


async def test_what_a_chat_was_spared_was_not_told(storage: Storage) -> None:
    await record(storage, first(suppressed="too old"))
    assert await storage.told(["story-1"]) == ()


async def test_a_message_that_failed_was_not_told(storage: Storage) -> None:
    await record(storage, first())
    await finish(storage, await claimed(storage), Failed(why="refused"))
    assert await storage.told(["story-1"]) == ()


async def test_a_message_of_several_stories_tells_none(storage: Storage) -> None:
    await record(storage, make_delivery())
    assert await storage.told(["story-1"]) == ()


async def test_the_newest_reply_to_a_message_is_remembered(storage: Storage) -> None:
    await record(storage, first())
    for hours in (1, 2):
        await storage.record(make_batch(reply(f"{hours}"), at=NOON + timedelta(hours=hours)))
    (told,) = await storage.told(["story-1"])
    assert told.replied_at == NOON + timedelta(hours=2)


async def test_a_spared_reply_was_no_reply(storage: Storage) -> None:
    await record(storage, first(), reply(suppressed="muted"))
    (told,) = await storage.told(["story-1"])
    assert told.replied_at is None


async def test_neither_replies_nor_edits_are_first_messages(storage: Storage) -> None:
    await stands(storage, "revised")
    await record(storage, reply(alert=make_alert()))
    await revise(storage, 60)
    assert [message.dedupe_key for message in await storage.told(["story-1"])] == ["key-1"]


async def test_a_message_is_told_in_the_place_that_the_rules_name_though_its_chat_moved(
    storage: Storage,
) -> None:
    await record(storage, first(chat=GROUP))
    for second, to in ((0, "-1000000000050"), (2, SUPERGROUP)):
        await moved(storage, second, to)
    assert (await send(storage, 1, 4)).chat == SUPERGROUP
    (told,) = await storage.told(["story-1"])
    assert told.place == Place(chat=GROUP)


# Replies.


async def test_a_reply_answers_the_message_of_its_delivery(storage: Storage) -> None:
    await record(storage, first(), reply())
    message = await send(storage, 7)
    answer = await claimed(storage, 2)
    assert (message.kind, message.target) == (DeliveryKind.MESSAGE, None)
    assert (answer.kind, answer.target) == (DeliveryKind.REPLY, 7)


async def test_a_reply_waits_for_its_message_however_urgent_it_is(storage: Storage) -> None:
    await record(storage, first(), reply(priority=9))
    assert (await send(storage, 7)).kind is DeliveryKind.MESSAGE
    assert (await claimed(storage, 2)).kind is DeliveryKind.REPLY


async def test_a_reply_that_waits_holds_nobody_else(storage: Storage) -> None:
    await record(storage, first(), reply(priority=9), make_delivery("other", priority=5))
    assert (await claimed(storage)).message.text == "the alert other"


async def test_a_reply_waits_for_a_message_in_doubt(storage: Storage) -> None:
    await record(storage, first(), reply())
    await resolve(storage, await doubt(storage))
    assert (await send(storage, 7, 2)).kind is DeliveryKind.MESSAGE
    assert (await claimed(storage, 4)).target == 7


async def test_a_reply_to_a_message_that_failed_goes_alone(storage: Storage) -> None:
    await record(storage, first(), reply())
    await finish(storage, await claimed(storage), Failed(why="refused"))
    answer = await claimed(storage, 2)
    assert (answer.kind, answer.target) == (DeliveryKind.REPLY, None)


@pytest.mark.parametrize("answered", [first(suppressed="too old"), first("other", suppressed="too old")])
async def test_a_reply_to_what_was_never_owed_goes_alone(storage: Storage, answered: NewDelivery) -> None:
    await record(storage, answered, reply())
    assert (await claimed(storage)).target is None


async def test_a_reply_to_a_message_that_was_forgotten_goes_alone(storage: Storage) -> None:
    await stands(storage)
    await record(storage, reply())
    await storage.prune(articles_before=NOON + timedelta(days=1), keys_before=NOON)
    assert (await claimed(storage, 2)).target is None


async def test_a_reply_from_a_group_that_moved_answers_nothing_left_behind_in_it(storage: Storage) -> None:
    await stands(storage, chat=GROUP)
    await record(storage, reply(chat=GROUP))
    await moved(storage, 2)
    answer = await claimed(storage, 4)
    assert (answer.chat, answer.target) == (SUPERGROUP, None)


async def test_a_reply_answers_a_message_that_went_to_where_its_group_moved(storage: Storage) -> None:
    await record(storage, first(chat=GROUP), reply(chat=GROUP))
    await moved(storage)
    await send(storage, 7, 2)
    answer = await claimed(storage, 4)
    assert (answer.chat, answer.target) == (SUPERGROUP, 7)


# Edits.


async def test_an_edit_is_owed_the_gap_after_the_message_was_sent_and_not_before(storage: Storage) -> None:
    await stands(storage, "revised")
    assert await revise(storage, 59) == 0
    assert await revise(storage, 60) == 1


async def test_an_edit_is_owed_once(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    assert await revise(storage, 100_000) == 0


async def test_an_edit_names_the_message_that_it_changes(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    change = await claimed(storage, 60)
    assert (change.kind, change.target, change.message.text) == (DeliveryKind.EDIT, 7, "revised")


async def test_an_edit_makes_no_sound(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    assert (await claimed(storage, 60)).priority < 0


async def test_only_the_newest_revision_counts(storage: Storage) -> None:
    await stands(storage, "two sources", "three sources")
    await revise(storage, 60)
    assert (await claimed(storage, 60)).message.text == "three sources"


async def test_each_edit_waits_ten_times_as_long_as_the_one_before(storage: Storage) -> None:
    await stands(storage)
    await edit(storage, "1", 60)
    await record(storage, revisions=(make_revision(text="2"),))
    assert await revise(storage, 659) == 0
    await edit(storage, "2", 660)
    await record(storage, revisions=(make_revision(text="3"),))
    assert await revise(storage, 6659) == 0
    assert await revise(storage, 6660) == 1


async def test_a_message_is_edited_no_more_often_than_the_limit(storage: Storage) -> None:
    await stands(storage)
    await edit(storage, "1", 60)
    await edit(storage, "2", 660)
    await record(storage, revisions=(make_revision(text="3"),))
    assert await revise(storage, 10_000_000, limit=2) == 0


async def test_what_the_limit_forbade_is_not_owed_under_a_higher_one(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60, limit=0)
    assert await revise(storage, 100_000) == 0


async def test_a_revision_that_changes_nothing_is_not_owed(storage: Storage) -> None:
    await stands(storage, "the alert key-1")
    assert await revise(storage, 60) == 0


async def test_a_revision_that_is_taken_back_is_not_owed(storage: Storage) -> None:
    await stands(storage, "revised", "the alert key-1")
    assert await revise(storage, 60) == 0


async def test_a_revision_to_what_an_edit_has_made_is_not_owed(storage: Storage) -> None:
    await stands(storage)
    await edit(storage, "revised", 60)
    await record(storage, revisions=(make_revision(text="revised"),))
    assert await revise(storage, 100_000) == 0


async def test_a_revision_to_what_the_edit_in_hand_will_make_is_not_owed(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    change = await claimed(storage, 60)
    await record(storage, revisions=(make_revision(text="revised"),))
    await finish(storage, change, Sent(message_id=7), 60)
    assert await revise(storage, 100_000) == 0


async def test_a_revision_that_comes_while_an_edit_is_in_hand_is_owed_after_it(storage: Storage) -> None:
    await stands(storage, "two")
    await revise(storage, 60)
    change = await claimed(storage, 60)
    await record(storage, revisions=(make_revision(text="three"),))
    assert await revise(storage, 60) == 0
    await finish(storage, change, Sent(message_id=7), 60)
    assert await revise(storage, 60 + 600) == 1
    assert (await claimed(storage, 1000)).message.text == "three"


async def test_an_edit_that_was_not_tried_yet_says_the_newest(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    await record(storage, revisions=(make_revision(text="the newest"),))
    assert (await claimed(storage, 60)).message.text == "the newest"


async def test_a_message_that_is_not_sent_yet_is_not_edited(storage: Storage) -> None:
    await record(storage, first(), revisions=(make_revision(),))
    assert await revise(storage, 100_000) == 0
    await send(storage, 7, 100_000)
    assert await revise(storage, 100_059) == 0
    assert await revise(storage, 100_060) == 1


async def test_a_message_that_failed_is_not_edited(storage: Storage) -> None:
    await record(storage, first(), revisions=(make_revision(),))
    await finish(storage, await claimed(storage), Failed(why="refused"))
    await record(storage, revisions=(make_revision(),))
    assert await revise(storage, 100_000) == 0


@pytest.mark.parametrize("key", ["absent", "spared"])
async def test_a_revision_of_what_was_never_sent_is_let_go(storage: Storage, key: str) -> None:
    await record(storage, first("spared", suppressed="too old"), revisions=(make_revision(key),))
    assert await revise(storage, 100_000) == 0


async def test_news_goes_before_edits_also_in_other_chats(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    await record(
        storage, make_delivery("quiet news", priority=-9, chat="@brics_watch"), make_delivery("news")
    )
    kinds = [(await send(storage, 8, second)).kind for second in (60, 62, 64)]
    assert kinds == [DeliveryKind.MESSAGE, DeliveryKind.MESSAGE, DeliveryKind.EDIT]


async def test_an_edit_that_was_refused_is_the_last_of_its_message(storage: Storage) -> None:
    await stands(storage, "two")
    await revise(storage, 60)
    await finish(storage, await claimed(storage, 60), Failed(why="message to edit not found"), 60)
    await record(storage, revisions=(make_revision(text="three"),))
    assert await revise(storage, 10_000_000) == 0


async def test_an_edit_that_must_wait_is_made_later(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    await finish(storage, await claimed(storage, 60), Retry(after=NONE, why="flood"), 60)
    assert (await claimed(storage, 62)).kind is DeliveryKind.EDIT


async def test_an_edit_in_doubt_is_made_again_and_counts_as_no_double(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    await finish(storage, await claimed(storage, 60), Uncertain(why="timeout"), 60)
    assert await doubts(storage, 60) == ()
    assert (await send(storage, 7, 62)).message.text == "revised"
    assert await count(storage, DeliveryState.SENT) == 2


async def test_an_edit_in_doubt_does_not_hold_its_chat(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    await finish(storage, await claimed(storage, 60), Uncertain(why="timeout"), 60)
    await record(storage, make_delivery("news"))
    assert (await claimed(storage, 62)).message.text == "the alert news"


async def test_a_doubt_that_is_settled_while_news_is_in_flight_waits_for_it(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    await finish(storage, await claimed(storage, 60), Uncertain(why="timeout"), 60)
    await record(storage, make_delivery("news"))
    news = await claimed(storage, 62)
    await doubts(storage, 62)
    assert await claim(storage, 70) is None
    await finish(storage, news, Sent(message_id=8), 70)
    assert (await claimed(storage, 72)).kind is DeliveryKind.EDIT


async def test_what_a_moved_group_left_behind_is_not_edited(storage: Storage) -> None:
    await stands(storage, "revised", chat=GROUP)
    await record(storage, make_delivery("news", chat=GROUP))
    await moved(storage, 2)
    assert await revise(storage, 100_000) == 0


async def test_an_edit_that_finds_its_group_moved_is_dropped(storage: Storage) -> None:
    await stands(storage, "revised", chat=GROUP)
    await revise(storage, 60)
    await moved(storage, 60)
    assert await claim(storage, 70) is None
    await record(storage, revisions=(make_revision(text="again"),))
    assert await revise(storage, 100_000) == 0


async def test_a_message_is_edited_where_its_group_moved_to(storage: Storage) -> None:
    await record(storage, first(chat=GROUP), revisions=(make_revision(),))
    await moved(storage)
    await send(storage, 7, 2)
    await revise(storage, 62)
    change = await claimed(storage, 62)
    assert (change.chat, change.target) == (SUPERGROUP, 7)


async def test_a_clock_that_was_set_back_delays_an_edit_and_repeats_none(storage: Storage) -> None:
    await record(storage, first())
    await send(storage, 7, 3600)
    await record(storage, revisions=(make_revision(),))
    assert await revise(storage, 120) == 0
    assert await revise(storage, 3660) == 1
    await send(storage, 7, 3660)
    assert [await revise(storage, second) for second in (120, 3660, 100_000)] == [0, 0, 0]


async def test_recording_a_revision_again_changes_nothing(storage: Storage) -> None:
    await stands(storage, "revised", "revised")
    assert await revise(storage, 60) == 1
    await record(storage, revisions=(make_revision(text="revised"),))
    await send(storage, 7, 60)
    assert await revise(storage, 100_000) == 0


async def test_edits_are_forgotten_with_their_message(storage: Storage) -> None:
    await stands(storage, "revised")
    await edit(storage, "revised", 60)
    await storage.prune(articles_before=NOON + timedelta(days=1), keys_before=NOON)
    assert await count(storage, DeliveryState.SENT) == 0
    await record(storage, revisions=(make_revision(text="again"),))
    assert await revise(storage, 100_000) == 0


async def test_an_edit_of_a_forgotten_message_is_dropped(storage: Storage) -> None:
    await stands(storage, "revised")
    await revise(storage, 60)
    await storage.prune(articles_before=NOON + timedelta(days=1), keys_before=NOON)
    assert await claim(storage, 60) is None
    assert await count(storage, DeliveryState.FAILED) == 1
