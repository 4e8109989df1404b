"""The part of the contract of `Storage` about what was not sent in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import CHAT, NOON, make_alert, make_batch, make_delivery, make_revision
from outbox_steps import attempt, claim, claimed, count, doubt, finish, resolve, send

from bot.models import (
    Backlog,
    ChatFacts,
    ChatKind,
    ChatMigrated,
    ChatPaused,
    DeliveryState,
    EntityKind,
    Handling,
    Headline,
    Message,
    NewDelivery,
    Place,
    Sent,
    TextEntity,
    Uncertain,
)
from bot.storage import Storage
from bot.storage.sqlite import SqliteStorage

HOUR = timedelta(hours=1)
LATER = NOON + 2 * HOUR
LATE = 2 * HOUR.total_seconds()
"""Seconds after noon at which all that `lapsing` makes is overdue."""


def lapsing(key: str = "key-1", chat: str = CHAT, **changes: Any) -> NewDelivery:
    """A delivery that expires an hour after noon."""
    return make_delivery(key, chat, **{"handling": Handling(expires=HOUR), **changes})


def digest(key: str = "digest", chat: str = CHAT, **changes: Any) -> NewDelivery:
    return make_delivery(key, chat, **{"message": Message(text=f"the digest {key}"), **changes})


async def owe(storage: Storage, *deliveries: NewDelivery) -> None:
    await storage.record(make_batch(*deliveries))


async def overdue(storage: Storage) -> Backlog:
    """The backlog of the one place that has one."""
    (backlog,) = await storage.overdue(LATER)
    return backlog


async def expire(storage: Storage, key: str = "digest", **changes: Any) -> int:
    """Let all that is overdue expire into a digest of this key."""
    return await storage.expire(await overdue(storage), digest(key, **changes), LATER)


async def texts(storage: Storage, state: DeliveryState) -> list[str]:
    return [entry.message.text for entry in await storage.outbox(states=[state])][::-1]


async def titles(storage: Storage) -> list[str]:
    return [headline.title for headline in (await overdue(storage)).headlines]


# What is overdue.


async def test_nothing_is_overdue_before_its_time(storage: Storage) -> None:
    await owe(storage, lapsing())
    assert await storage.overdue(NOON + HOUR - timedelta(seconds=1)) == ()


async def test_what_waited_until_its_time_is_overdue(storage: Storage) -> None:
    await owe(storage, lapsing())
    (backlog,) = await storage.overdue(NOON + HOUR)
    assert (backlog.place, backlog.count) == (Place(chat=CHAT), 1)


async def test_what_has_no_time_never_is(storage: Storage) -> None:
    await owe(storage, make_delivery())
    assert await storage.overdue(NOON + timedelta(days=1000)) == ()


async def test_what_was_sent_is_not_overdue(storage: Storage) -> None:
    await owe(storage, lapsing())
    await send(storage, 1)
    assert await storage.overdue(LATER) == ()


async def test_what_is_being_sent_is_not(storage: Storage) -> None:
    await owe(storage, lapsing())
    await claimed(storage)
    assert await storage.overdue(LATER) == ()


async def test_what_is_in_doubt_is_not(storage: Storage) -> None:
    await owe(storage, lapsing())
    await attempt(storage, Uncertain(why="timeout"))
    assert await storage.overdue(LATER) == ()


async def test_an_edit_never_is(storage: Storage) -> None:
    await owe(storage, lapsing())
    await send(storage, 1)
    await storage.record(make_batch(revisions=(make_revision(),)))
    assert await storage.revise(LATER, limit=3, gap=timedelta(seconds=1)) == 1
    assert await storage.overdue(LATER) == ()


async def test_each_chat_and_each_topic_has_a_backlog_of_its_own(storage: Storage) -> None:
    await owe(storage, lapsing("a"), lapsing("b", thread=7), lapsing("c", "@brics_watch"), lapsing("d"))
    found = {backlog.place: backlog.count for backlog in await storage.overdue(LATER)}
    assert found == {Place(chat=CHAT): 2, Place(chat=CHAT, thread=7): 1, Place(chat="@brics_watch"): 1}


async def test_a_place_is_named_as_the_rules_name_it_after_its_group_moved(storage: Storage) -> None:
    await owe(storage, lapsing(chat="-42"))
    await attempt(storage, ChatMigrated(chat="-1001"))
    assert (await overdue(storage)).place == Place(chat="-42")


async def test_what_may_have_been_sent_before_a_restore_is_looked_for_first(tmp_path: Path) -> None:
    path = tmp_path / "newsbell.db"
    before = SqliteStorage(path)
    await before.open(NOON)
    await owe(before, lapsing())
    await before.close()
    restored = SqliteStorage(path)
    await restored.open(LATER, restored=True)
    assert await restored.overdue(LATER) == ()
    assert await claim(restored, LATE) is None
    (found,) = await restored.doubts(LATER)
    await resolve(restored, found, seconds=LATE)
    assert (await overdue(restored)).count == 1
    await restored.close()


async def test_a_flood_is_gathered_in_several_calls_and_counted_whole(storage: Storage) -> None:
    await owe(storage, *(lapsing(str(number)) for number in range(2500)))
    first = await overdue(storage)
    assert await storage.expire(first, digest(), LATER) == len(first.ids) < 2500
    rest = await overdue(storage)
    assert (rest.count, len(first.ids) + len(rest.ids)) == (2500, 2500)


# Headlines.


async def test_a_headline_is_title_link_and_first_source_of_the_alert(storage: Storage) -> None:
    alert = make_alert(title="Gallium", url="https://wire.example/ga", sources=("Wire", "Post"))
    await owe(storage, lapsing(alert=alert))
    assert (await overdue(storage)).headlines == (
        Headline(title="Gallium", url="https://wire.example/ga", source="Wire"),
    )


async def test_without_an_alert_it_is_the_first_line_and_its_link(storage: Storage) -> None:
    link = TextEntity(kind=EntityKind.TEXT_LINK, offset=3, length=7, url="https://wire.example/ga")
    message = Message(text="🔄 Gallium\nNew: 12 %", entities=(link,))
    await owe(storage, lapsing(message=message))
    assert (await overdue(storage)).headlines == (
        Headline(title="🔄 Gallium", url="https://wire.example/ga", source=""),
    )


async def test_a_link_further_down_is_not_that_of_the_first_line(storage: Storage) -> None:
    link = TextEntity(kind=EntityKind.TEXT_LINK, offset=10, length=3, url="https://wire.example/1")
    await owe(storage, lapsing(message=Message(text="2 stories\nOne\nTwo", entities=(link,))))
    assert (await overdue(storage)).headlines == (Headline(title="2 stories", url=None, source=""),)


async def test_the_most_urgent_come_first_and_then_the_newest(storage: Storage) -> None:
    await owe(storage, lapsing("old"), lapsing("urgent", priority=1), lapsing("new"))
    assert await titles(storage) == ["the alert urgent", "the alert new", "the alert old"]


async def test_fifteen_headlines_are_enough(storage: Storage) -> None:
    await owe(storage, *(lapsing(str(number)) for number in range(20)))
    backlog = await overdue(storage)
    assert (backlog.count, len(backlog.headlines)) == (20, 15)


@pytest.mark.parametrize("broken", ["no JSON", "{}", "[]", '{"text": 1, "entities": 2}'])
async def test_a_message_that_cannot_be_read_is_counted_and_hinders_nobody(
    tmp_path: Path, broken: str
) -> None:
    storage = SqliteStorage(tmp_path / "newsbell.db")
    await storage.open(NOON)
    await owe(storage, lapsing("bad"), lapsing("good"))
    await storage._write(
        lambda db: db.execute("UPDATE delivery SET payload=? WHERE dedupe_key='bad'", [broken])
    )
    backlog = await overdue(storage)
    assert (backlog.count, await titles(storage)) == (2, ["the alert good"])
    await storage.close()


# Expiring.


async def test_what_expires_is_told_of_in_one_message(storage: Storage) -> None:
    await owe(storage, lapsing("a"), lapsing("b"))
    assert await expire(storage) == 2
    assert await texts(storage, DeliveryState.EXPIRED) == ["the alert a", "the alert b"]
    assert await texts(storage, DeliveryState.PENDING) == ["the digest digest"]


async def test_what_expired_says_why_and_since_when(storage: Storage) -> None:
    await owe(storage, lapsing())
    await expire(storage)
    (entry,) = await storage.outbox(states=[DeliveryState.EXPIRED])
    assert (entry.why, entry.finished_at) == ("it was not sent in time", LATER)


async def test_a_digest_goes_out_as_any_message_and_is_not_overdue_itself(storage: Storage) -> None:
    await owe(storage, lapsing())
    await expire(storage, handling=Handling(expires=timedelta(seconds=1)))
    assert await storage.overdue(NOON + timedelta(days=9)) == ()
    assert (await send(storage, 1, LATE)).message.text == "the digest digest"


async def test_expiring_again_changes_nothing(storage: Storage) -> None:
    await owe(storage, lapsing())
    backlog = await overdue(storage)
    assert await storage.expire(backlog, digest("one"), LATER) == 1
    assert await storage.expire(backlog, digest("two"), LATER) == 0
    assert await texts(storage, DeliveryState.PENDING) == ["the digest one"]


async def test_what_was_claimed_meanwhile_does_not_expire(storage: Storage) -> None:
    await owe(storage, lapsing("a"), lapsing("b"))
    backlog = await overdue(storage)
    await claimed(storage)
    assert await storage.expire(backlog, digest(), LATER) == 1
    assert await texts(storage, DeliveryState.SENDING) == ["the alert a"]


async def test_a_later_backlog_does_not_count_what_was_claimed_meanwhile(storage: Storage) -> None:
    await owe(storage, lapsing("a"), lapsing("b"))
    backlog = await overdue(storage)
    delivery = await claimed(storage)
    await storage.expire(backlog, digest(), LATER)
    await finish(storage, delivery, Sent(message_id=1))
    await owe(storage, lapsing("c"))
    assert (await overdue(storage)).count == 2


async def test_a_chat_is_not_blocked_by_what_expired(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage)
    await owe(storage, make_delivery("b", priority=1))
    assert (await send(storage, 1, LATE)).message.text == "the alert b"


async def test_a_reply_to_what_expired_goes_alone(storage: Storage) -> None:
    await owe(storage, lapsing(), make_delivery("reply", replies_to="key-1"))
    assert await expire(storage) == 1
    delivery = await claimed(storage, LATE)
    assert (delivery.message.text, delivery.target) == ("the alert reply", None)


async def test_a_reply_expires_with_what_it_answers(storage: Storage) -> None:
    await owe(storage, lapsing(), lapsing("reply", replies_to="key-1"))
    assert await expire(storage) == 2


async def test_what_expired_is_revised_no_more(storage: Storage) -> None:
    await owe(storage, lapsing())
    await storage.record(make_batch(revisions=(make_revision(),)))
    await expire(storage)
    (entry,) = await storage.outbox(states=[DeliveryState.EXPIRED])
    await storage.retry([entry.id], LATER)
    await send(storage, 1, LATE)
    await send(storage, 2, LATE + 5)
    assert await storage.revise(LATER + HOUR, limit=3, gap=timedelta(seconds=1)) == 0


async def test_a_digest_for_a_topic_goes_to_the_topic(storage: Storage) -> None:
    await owe(storage, lapsing(thread=7))
    await expire(storage, thread=7)
    assert (await claimed(storage, LATE)).thread == 7


# One digest a place.


async def test_what_expires_before_the_digest_is_sent_joins_it(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage, "one")
    await owe(storage, lapsing("b"), lapsing("c"))
    backlog = await overdue(storage)
    assert (len(backlog.ids), backlog.count) == (2, 3)
    await storage.expire(backlog, digest("two"), LATER)
    assert await texts(storage, DeliveryState.PENDING) == ["the digest two"]


async def test_it_is_counted_over_any_number_of_calls(storage: Storage) -> None:
    for key in "abcde":
        await owe(storage, lapsing(key))
        await expire(storage, f"digest-{key}")
    await owe(storage, lapsing("f"))
    assert (await overdue(storage)).count == 6


async def test_the_headlines_of_an_unsent_digest_stay_beside_the_new(storage: Storage) -> None:
    await owe(storage, lapsing("a", priority=1), lapsing("b"))
    await expire(storage)
    await owe(storage, lapsing("c"))
    assert await titles(storage) == ["the alert a", "the alert c", "the alert b"]


async def test_a_place_does_not_take_up_the_digest_of_another(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage)
    await owe(storage, lapsing("b", thread=7))
    backlog = await overdue(storage)
    assert (backlog.place, backlog.count) == (Place(chat=CHAT, thread=7), 1)


async def test_after_a_digest_was_sent_the_next_tells_of_what_came_since(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage)
    await send(storage, 1, LATE)
    later = LATER + HOUR
    await storage.record(replace(make_batch(lapsing("b")), at=LATER))
    (backlog,) = await storage.overdue(later)
    assert (backlog.count, [line.title for line in backlog.headlines]) == (1, ["the alert b"])


async def test_a_digest_that_was_refused_for_now_still_takes_up_more(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage)
    await attempt(storage, ChatPaused(why="kicked"), LATE)
    await owe(storage, lapsing("b"))
    assert (await overdue(storage)).count == 2


async def test_a_digest_that_was_in_doubt_stays_as_it_is(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage, "one")
    await resolve(storage, await doubt(storage, LATE), seconds=LATE)
    await owe(storage, lapsing("b"))
    assert (await overdue(storage)).count == 1
    await expire(storage, "two")
    assert await texts(storage, DeliveryState.PENDING) == ["the digest one", "the digest two"]


async def test_a_digest_on_its_way_stays_as_it_is(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage, "one")
    await claimed(storage, LATE)
    await owe(storage, lapsing("b"))
    assert (await overdue(storage)).count == 1


async def test_a_digest_goes_on_gathering_under_another_address_of_its_chat(storage: Storage) -> None:
    await owe(storage, lapsing("a", "-42"))
    await expire(storage, "one", chat="-42")
    await attempt(storage, ChatMigrated(chat="-1001"), LATE)
    await owe(storage, lapsing("b", "-42"))
    assert (await overdue(storage)).count == 2
    await expire(storage, "two", chat="-42")
    assert await texts(storage, DeliveryState.PENDING) == ["the digest two"]


async def test_it_does_so_where_the_address_turns_out_to_be_another_chats(storage: Storage) -> None:
    await owe(storage, lapsing("a", "@wire"), make_delivery("other", "-1001"))
    await expire(storage, "one", chat="@wire")
    facts = ChatFacts(id=-1001, kind=ChatKind.CHANNEL)
    await storage.learn_chat("-1001", facts, LATER)
    await storage.learn_chat("@wire", facts, LATER)
    await owe(storage, lapsing("b", "@wire"))
    assert (await overdue(storage)).count == 2


async def test_a_digest_that_was_dropped_takes_up_no_more(storage: Storage) -> None:
    await owe(storage, lapsing("a"))
    await expire(storage)
    await storage.drop([entry.id for entry in await storage.outbox(states=[DeliveryState.PENDING])], LATER)
    await owe(storage, lapsing("b"))
    assert (await overdue(storage)).count == 1


async def test_what_expired_can_be_tried_again_and_then_waits_for_as_long_as_it_takes(
    storage: Storage,
) -> None:
    await owe(storage, lapsing())
    await expire(storage)
    (entry,) = await storage.outbox(states=[DeliveryState.EXPIRED])
    assert await storage.retry([entry.id], LATER) == 1
    assert await storage.overdue(NOON + timedelta(days=30)) == ()
    assert await count(storage, DeliveryState.PENDING) == 2
