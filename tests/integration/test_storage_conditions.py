"""The part of the contract of `Storage` about conditions that operators hear of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from builders import NOON, make_delivery
from outbox_steps import claim, claimed, untold

from bot.models import Condition, ConditionKind
from bot.storage import Storage

KIND = ConditionKind.AUDIT_CLOSED
CHAT = "-1000000000099"
LATER = NOON + timedelta(hours=1)
BEGUN = Condition(kind=KIND, subject=CHAT, why="kicked", began_at=NOON)
ENDED = replace(BEGUN, ended_at=LATER)


async def begin(storage: Storage, why: str = "kicked") -> None:
    await storage.begin(KIND, CHAT, why, NOON)


async def begun_and_told(storage: Storage) -> None:
    await begin(storage)
    await storage.tell(BEGUN, None, NOON)


async def test_a_condition_that_begins_is_to_be_told(storage: Storage) -> None:
    await begin(storage)
    assert await untold(storage) == (BEGUN,)


async def test_a_condition_begins_once(storage: Storage) -> None:
    await begin(storage)
    await storage.begin(KIND, CHAT, "blocked", LATER)
    assert await untold(storage) == (BEGUN,)


async def test_conditions_are_told_in_the_order_in_which_they_came(storage: Storage) -> None:
    await storage.begin(KIND, "later", "kicked", LATER)
    await storage.begin(KIND, "earlier", "kicked", NOON)
    assert [condition.subject for condition in await untold(storage)] == ["earlier", "later"]


async def test_a_condition_is_told_by_a_notice_and_only_once(storage: Storage) -> None:
    await begin(storage)
    assert await storage.tell(BEGUN, make_delivery("notice"), NOON) == 1
    assert await storage.tell(BEGUN, make_delivery("again"), NOON) == 0
    assert await untold(storage) == ()
    assert (await claimed(storage)).message.text == "the alert notice"
    assert await claim(storage, 60) is None


async def test_where_nobody_is_to_hear_a_condition_counts_as_told(storage: Storage) -> None:
    await begin(storage)
    assert await storage.tell(BEGUN, None, NOON) == 0
    assert await untold(storage) == ()


async def test_the_end_of_what_was_told_is_to_be_told(storage: Storage) -> None:
    await begun_and_told(storage)
    await storage.end(KIND, CHAT, LATER)
    assert await untold(storage) == (ENDED,)


async def test_an_end_is_told_once(storage: Storage) -> None:
    await begun_and_told(storage)
    await storage.end(KIND, CHAT, LATER)
    assert await storage.tell(ENDED, make_delivery("notice"), LATER) == 1
    assert await storage.tell(ENDED, make_delivery("again"), LATER) == 0
    assert await untold(storage) == ()


async def test_what_is_over_before_it_was_told_is_not_told(storage: Storage) -> None:
    await begin(storage)
    await storage.end(KIND, CHAT, LATER)
    assert await untold(storage) == ()


async def test_what_ends_while_it_is_being_told_is_not_told(storage: Storage) -> None:
    await begin(storage)
    (condition,) = await untold(storage)
    await storage.end(KIND, CHAT, LATER)
    assert await storage.tell(condition, make_delivery("notice"), LATER) == 0


async def test_what_is_on_again_before_its_end_was_told_has_not_ended(storage: Storage) -> None:
    await begun_and_told(storage)
    await storage.end(KIND, CHAT, LATER)
    await storage.begin(KIND, CHAT, "blocked", LATER)
    assert await untold(storage) == ()


async def test_what_begins_anew_after_its_end_was_told_is_told_anew(storage: Storage) -> None:
    await begun_and_told(storage)
    await storage.end(KIND, CHAT, LATER)
    await storage.tell(ENDED, None, LATER)
    await storage.begin(KIND, CHAT, "blocked", LATER)
    assert await untold(storage) == (replace(BEGUN, why="blocked", began_at=LATER),)


async def test_what_never_began_does_not_end(storage: Storage) -> None:
    await storage.end(KIND, CHAT, NOON)
    assert await untold(storage) == ()


async def test_conditions_that_are_over_are_forgotten_in_the_end(storage: Storage) -> None:
    await begun_and_told(storage)
    await storage.end(KIND, CHAT, LATER)
    await storage.tell(ENDED, None, LATER)
    assert await storage.prune(articles_before=LATER, keys_before=NOON) == 0
    assert await storage.prune(articles_before=LATER + timedelta(days=1), keys_before=NOON) == 1


async def test_conditions_that_last_are_never_forgotten(storage: Storage) -> None:
    await begun_and_told(storage)
    assert await storage.prune(articles_before=LATER + timedelta(days=999), keys_before=NOON) == 0
    await storage.end(KIND, CHAT, LATER)
    assert await untold(storage) == (ENDED,)
