"""The part of the contract of `Storage` about what has rung in the last hour, and rules that are paused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import (
    CHAT,
    FEED,
    NOON,
    make_alert,
    make_article,
    make_batch,
    make_delivery,
    make_folded,
    make_match,
)
from outbox_steps import attempt, send, untold

from bot.models import (
    ChatMigrated,
    Condition,
    ConditionKind,
    Cooldown,
    Count,
    Failed,
    Folded,
    Held,
    Message,
    NewDelivery,
    Pause,
    Place,
    Pulse,
)
from bot.storage import Storage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def alert(key: str = "key-1", chat: str = CHAT, **changes: Any) -> NewDelivery:
    return make_delivery(key, chat, **{"alert": make_alert(), "feed_url": FEED, **changes})


def found(start: int, number: int, *rules: str) -> Iterable[Folded]:
    """So many articles on which these rules rang."""
    for index in range(start, start + number):
        yield make_folded(
            article=make_article(url=None, canonical_url=None),
            keys=(f"article-{index}",),
            matches=tuple(make_match(rule) for rule in rules),
        )


async def record(storage: Storage, *deliveries: NewDelivery, at: datetime = NOON) -> None:
    await storage.record(make_batch(*deliveries, at=at))


async def find(storage: Storage, *folded: Folded, at: datetime = NOON) -> None:
    await storage.record(make_batch(articles=folded, at=at))


def once(at: datetime = NOON) -> Count:
    return Count(number=1, first_at=at)


# Alerts of the last hour.


async def test_a_quiet_database_has_no_pulse(storage: Storage) -> None:
    assert await storage.pulse(NOON) == Pulse(
        places={}, rules={}, feeds={}, articles=0, rang={}, articles_before=0, rang_before={}
    )


async def test_an_alert_counts_for_its_place_its_rules_and_its_feed(storage: Storage) -> None:
    await record(storage, alert(thread=7, rules=("rare-earth", "brics")))
    pulse = await storage.pulse(NOON)
    assert pulse.places == {Place(chat=CHAT, thread=7): once()}
    assert pulse.rules == {"rare-earth": once(), "brics": once()}
    assert pulse.feeds == {FEED: once()}


async def test_a_story_counts_once_for_rule_and_feed_however_many_chats_hear_it(storage: Storage) -> None:
    await record(storage, alert("a"), alert("b", "@brics_watch"))
    pulse = await storage.pulse(NOON)
    assert len(pulse.places) == 2
    assert (pulse.rules["rare-earth"].number, pulse.feeds[FEED].number) == (1, 1)


async def test_two_stories_count_twice(storage: Storage) -> None:
    await record(storage, alert("a"), alert("b", story_id="story-2"))
    pulse = await storage.pulse(NOON)
    assert (pulse.places[Place(chat=CHAT)].number, pulse.rules["rare-earth"].number) == (2, 2)


async def test_the_hour_counts_from_the_first_alert(storage: Storage) -> None:
    for minutes in (10, 20, 30):
        at = NOON + minutes * MINUTE
        await record(storage, alert(str(minutes), story_id=str(minutes)), at=at)
    assert (await storage.pulse(NOON + HOUR)).feeds[FEED] == Count(number=3, first_at=NOON + 10 * MINUTE)


@pytest.mark.parametrize(
    ("age", "number"), [(timedelta(), 1), (HOUR - timedelta(seconds=1), 1), (HOUR, 0), (DAY, 0)], ids=str
)
async def test_an_alert_counts_for_an_hour(storage: Storage, age: timedelta, number: int) -> None:
    await record(storage, alert(), at=NOON - age)
    assert len((await storage.pulse(NOON)).places) == number


async def test_an_alert_counts_whatever_became_of_it(storage: Storage) -> None:
    await record(storage, alert("sent"), alert("failed"), alert("waiting"))
    await send(storage, 1)
    await attempt(storage, Failed(why="refused"), 5)
    assert (await storage.pulse(NOON)).places[Place(chat=CHAT)].number == 3


async def test_what_was_suppressed_does_not_count(storage: Storage) -> None:
    await record(storage, alert(suppressed="first poll"))
    assert (await storage.pulse(NOON)).places == {}


async def test_what_shows_no_single_story_does_not_count(storage: Storage) -> None:
    await record(storage, make_delivery())
    assert (await storage.pulse(NOON)).places == {}


async def test_a_reply_does_not_count(storage: Storage) -> None:
    await record(storage, alert(), alert("reply", replies_to="key-1"))
    assert (await storage.pulse(NOON)).places[Place(chat=CHAT)].number == 1


async def test_an_alert_of_no_feed_counts_for_none(storage: Storage) -> None:
    await record(storage, alert(feed_url=None))
    pulse = await storage.pulse(NOON)
    assert (len(pulse.places), pulse.feeds) == (1, {})


async def test_a_place_counts_under_the_name_that_the_rules_give_it(storage: Storage) -> None:
    await record(storage, alert("a", "-42"))
    await attempt(storage, ChatMigrated(chat="-1001"))
    await record(storage, alert("b", "-42"))
    assert (await storage.pulse(NOON)).places == {Place(chat="-42"): Count(number=2, first_at=NOON)}


# Articles of the last hour and of the day before it.


async def test_articles_and_what_rang_on_them_are_counted(storage: Storage) -> None:
    await find(storage, *found(0, 3, "rare-earth"), *found(3, 2, "rare-earth", "brics"), *found(5, 4))
    pulse = await storage.pulse(NOON)
    assert (pulse.articles, pulse.rang) == (9, {"rare-earth": 5, "brics": 2})


async def test_those_of_the_day_before_the_hour_are_counted_apart(storage: Storage) -> None:
    await find(storage, *found(0, 5, "long ago"), at=NOON - HOUR - DAY)
    await find(storage, *found(5, 4, "yesterday"), at=NOON - HOUR - DAY + MINUTE)
    await find(storage, *found(9, 3, "yesterday"), at=NOON - HOUR)
    await find(storage, *found(12, 2, "today"), at=NOON - HOUR + MINUTE)
    pulse = await storage.pulse(NOON)
    assert (pulse.articles, pulse.rang) == (2, {"today": 2})
    assert (pulse.articles_before, pulse.rang_before) == (7, {"yesterday": 7})


async def test_what_comes_later_is_not_counted(storage: Storage) -> None:
    await find(storage, *found(0, 5, "rare-earth"), at=NOON + MINUTE)
    assert (await storage.pulse(NOON)).articles == 0


@pytest.mark.parametrize("poll", [24, 60, 600])
async def test_of_very_many_articles_some_speak_for_all_however_long_the_polls_are(
    storage: Storage, poll: int
) -> None:
    for start in range(0, 6000, poll):
        often, seldom = poll // 3, poll // 6
        few = [
            *found(start, often, "often"),
            *found(start + often, seldom, "seldom"),
            *found(start + often + seldom, poll - often - seldom),
        ]
        await find(storage, *few, at=NOON - HOUR + timedelta(milliseconds=1 + start))
    pulse = await storage.pulse(NOON)
    assert pulse.articles == 6000
    assert pulse.rang["often"] == pytest.approx(2000, abs=6000 * 0.03)
    assert pulse.rang["seldom"] == pytest.approx(1000, abs=6000 * 0.03)


# Rules that are paused.


def pause(
    until: datetime = NOON + HOUR, why: str = "rang on 812 of 900 articles", rule: str = "brics"
) -> Pause:
    return Pause(rule=rule, until=until, why=why)


async def test_no_rule_is_paused_at_first(storage: Storage) -> None:
    assert await storage.pauses() == ()


async def test_a_rule_that_is_paused_stays_so_beyond_its_time(storage: Storage) -> None:
    await storage.pause_rule(pause(NOON - HOUR), NOON - 2 * HOUR)
    assert await storage.pauses() == (pause(NOON - HOUR),)


async def test_a_poll_can_pause_rules(storage: Storage) -> None:
    await storage.record(make_batch(pauses=(pause(), pause(rule="rare-earth"))))
    assert [each.rule for each in await storage.pauses()] == ["brics", "rare-earth"]


async def test_pausing_again_only_extends_the_pause(storage: Storage) -> None:
    await storage.pause_rule(pause(), NOON)
    await storage.pause_rule(pause(NOON + 2 * HOUR, "otherwise"), NOON + HOUR)
    assert await storage.pauses() == (pause(NOON + 2 * HOUR),)


async def test_pausing_again_never_shortens_it(storage: Storage) -> None:
    await storage.pause_rule(pause(), NOON)
    await storage.pause_rule(pause(NOON + MINUTE), NOON)
    assert await storage.pauses() == (pause(),)


async def test_a_rule_that_is_resumed_is_paused_no_more(storage: Storage) -> None:
    await storage.pause_rule(pause(), NOON)
    await storage.resume_rule("brics", NOON + MINUTE)
    assert await storage.pauses() == ()


async def test_resuming_a_rule_that_is_not_paused_changes_nothing(storage: Storage) -> None:
    await storage.pause_rule(pause(), NOON)
    await storage.resume_rule("rare-earth", NOON)
    assert await storage.pauses() == (pause(),)


def condition(ended_at: datetime | None = None) -> Condition:
    return Condition(
        kind=ConditionKind.RULE_PAUSED, subject="brics", why=pause().why, began_at=NOON, ended_at=ended_at
    )


async def test_operators_are_to_hear_that_a_rule_is_paused(storage: Storage) -> None:
    await storage.pause_rule(pause(), NOON)
    assert await untold(storage) == (condition(),)


async def test_they_are_to_hear_it_of_one_that_a_poll_paused(storage: Storage) -> None:
    await storage.record(make_batch(pauses=(pause(),)))
    assert await untold(storage) == (condition(),)


async def test_they_hear_nothing_of_a_pause_that_goes_on(storage: Storage) -> None:
    await storage.pause_rule(pause(), NOON)
    await storage.tell(condition(), None, NOON)
    await storage.pause_rule(pause(NOON + 2 * HOUR), NOON + HOUR)
    assert await untold(storage) == ()


async def test_they_are_to_hear_that_it_is_over(storage: Storage) -> None:
    await storage.pause_rule(pause(), NOON)
    await storage.tell(condition(), None, NOON)
    await storage.resume_rule("brics", NOON + HOUR)
    assert await untold(storage) == (condition(NOON + HOUR),)


def waiting(key: str) -> Held:
    return Held(
        dedupe_key=key,
        place=Place(chat=CHAT),
        rule="brics",
        story_id=key,
        title="A story",
        url=None,
        source="Example Wire",
        message=Message(text="the alert"),
    )


async def test_a_rule_that_is_resumed_is_waited_for_no_longer(storage: Storage) -> None:
    place, until = Place(chat=CHAT), NOON + HOUR
    paused = Pause(rule="brics", until=until, why="")
    held = Cooldown(place=place, rule="brics", until=until)
    await storage.record(make_batch(held=(waiting("key-1"),), cooldowns=(held,), pauses=(paused,)))
    await storage.resume_rule("brics", NOON)
    assert (await storage.cooling(NOON), len(await storage.due_held(NOON))) == ((), 1)


async def test_a_cooldown_of_a_rules_own_outlasts_its_pause(storage: Storage) -> None:
    own = Cooldown(place=Place(chat=CHAT), rule="brics", until=NOON + 6 * HOUR)
    await storage.record(
        make_batch(cooldowns=(own,), pauses=(Pause(rule="brics", until=NOON + HOUR, why=""),))
    )
    await storage.resume_rule("brics", NOON)
    assert await storage.cooling(NOON) == (own,)
