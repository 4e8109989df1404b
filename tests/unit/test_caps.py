from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import FEED, NOON, make_article, make_match, make_state
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.caps import CHANNEL, QUIET, is_runaway, still_runs_away
from bot.alerts.caps import FEED as FEED_CAP
from bot.feeds.identity import keyed
from bot.models import Batch, Count, Feed, Pause, Place, Pulse
from bot.pipeline import Candidate, decide, fold
from bot.rules.definitions import Channel, Group, Priority, Rule, RuleBook
from bot.stories.folding import StoryIndex
from bot.stories.keys import Keys

WIRE = Place(chat="@wire")
HOUR = timedelta(hours=1)
RARE = Rule(id="rare-earth", title="Rare earths", when=Group())
BRICS = Rule(id="brics", title="BRICS", when=Group())


def book(*rules: Rule, cap: int = 100, feed_cap: int = 100, chats: tuple[str, ...] = ("@wire",)) -> RuleBook:
    return RuleBook(
        feeds=(Feed(url=FEED, cap=feed_cap),),
        rules=rules,
        channels=tuple(Channel(chat=chat, rules=tuple(r.id for r in rules), cap=cap) for chat in chats),
    )


def poll(
    of: RuleBook,
    number: int,
    *,
    rules: tuple[str, ...] = ("rare-earth",),
    pulse: Pulse = QUIET,
    pauses: tuple[Pause, ...] = (),
    now: datetime = NOON,
    first: int = 0,
) -> Batch:
    """What a poll decides that brings so many stories which these rules ring on."""
    articles = [
        make_article(
            entry_id=f"id-{n}",
            url=f"https://wire.example/{n}",
            canonical_url=f"https://wire.example/{n}",
            title=f"Story {n} of {'abcdefghij'[n % 10] * 5}{n}",
            summary="",
            published=now,
        )
        for n in range(first, first + number)
    ]
    candidates = [
        Candidate(keyed=entry, matches=tuple(make_match(rule) for rule in rules)) for entry in keyed(articles)
    ]
    index = StoryIndex(ends_after=timedelta(hours=72), fold_events=False)
    return decide(
        fold(candidates, index, Keys(()), now),
        seen=(),
        stories=(),
        told=(),
        cooling=(),
        book=of,
        before=make_state(),
        after=make_state(),
        now=now,
        pulse=pulse,
        pauses=pauses,
    )


def count(number: int, minutes_ago: int = 10) -> Count:
    return Count(number=number, first_at=NOON - timedelta(minutes=minutes_ago))


def causes(batch: Batch) -> Counter[str]:
    return Counter(held.rule for held in batch.held)


def test_below_every_cap_nothing_is_held() -> None:
    batch = poll(book(RARE), 100)
    assert (len(batch.deliveries), batch.held, batch.cooldowns) == (100, (), ())


def test_what_is_beyond_a_channels_cap_is_held_for_it() -> None:
    batch = poll(book(RARE, cap=3), 10)
    assert (len(batch.deliveries), causes(batch)) == (3, {CHANNEL: 7})


def test_what_is_beyond_a_rules_cap_is_held_for_the_rule() -> None:
    batch = poll(book(replace(RARE, cap=3)), 10)
    assert (len(batch.deliveries), causes(batch)) == (3, {"rare-earth": 7})


def test_what_is_beyond_a_feeds_cap_is_held_for_the_feed() -> None:
    batch = poll(book(RARE, feed_cap=3), 10)
    assert (len(batch.deliveries), causes(batch)) == (3, {FEED_CAP + FEED: 7})


def test_a_story_that_goes_to_many_chats_counts_once_for_its_rule_and_feed() -> None:
    batch = poll(book(replace(RARE, cap=3), feed_cap=3, chats=("@wire", "@watch")), 3)
    assert (len(batch.deliveries), batch.held) == (6, ())


def test_alerts_of_the_last_hour_count() -> None:
    pulse = replace(QUIET, places={WIRE: count(2)})
    batch = poll(book(RARE, cap=3), 2, pulse=pulse)
    assert (len(batch.deliveries), len(batch.held)) == (1, 1)


def test_what_is_held_waits_until_the_first_alert_is_an_hour_old() -> None:
    pulse = replace(QUIET, rules={"rare-earth": count(3, minutes_ago=10)})
    (cooldown,) = poll(book(replace(RARE, cap=3)), 2, pulse=pulse).cooldowns
    assert (cooldown.place, cooldown.rule, cooldown.until) == (
        WIRE,
        "rare-earth",
        NOON + timedelta(minutes=50),
    )


def test_an_alert_with_a_rule_that_has_room_goes_out_for_it() -> None:
    pulse = replace(QUIET, rules={"rare-earth": count(3)})
    batch = poll(book(replace(RARE, cap=3), BRICS), 1, rules=("rare-earth", "brics"), pulse=pulse)
    assert (len(batch.deliveries), batch.held) == (1, ())


def test_an_urgent_alert_is_not_held_by_its_chats_cap() -> None:
    batch = poll(book(replace(RARE, priority=Priority.HIGH), cap=3), 10)
    assert (len(batch.deliveries), batch.held) == (10, ())


def test_an_urgent_alert_is_held_by_its_rules_cap() -> None:
    batch = poll(book(replace(RARE, priority=Priority.HIGH, cap=3)), 10)
    assert (len(batch.deliveries), len(batch.held)) == (3, 7)


def test_a_rule_that_suddenly_rings_on_everything_is_paused() -> None:
    pulse = replace(QUIET, articles_before=1000, rang_before={"rare-earth": 20})
    (pause,) = poll(book(replace(RARE, cap=5)), 10, pulse=pulse).pauses
    assert (pause.rule, pause.until) == ("rare-earth", NOON + HOUR)
    assert pause.why == "rang on 10 of 10 articles in an hour, the day before on 2 %"


def test_no_rule_is_paused_below_its_cap() -> None:
    assert poll(book(RARE), 100).pauses == ()


def test_a_rule_that_always_rang_on_everything_is_not_paused() -> None:
    pulse = replace(QUIET, articles_before=1000, rang_before={"rare-earth": 900})
    batch = poll(book(replace(RARE, cap=5)), 10, pulse=pulse)
    assert (batch.pauses, len(batch.held)) == ((), 5)


def test_a_rule_that_rings_on_few_of_many_articles_is_not_paused() -> None:
    batch = poll(book(replace(RARE, cap=5)), 10, pulse=replace(QUIET, articles=100))
    assert (batch.pauses, len(batch.held)) == ((), 5)


def test_a_paused_rule_is_heard_in_no_place() -> None:
    pause = Pause(rule="rare-earth", until=NOON + HOUR, why="")
    batch = poll(book(RARE, chats=("@wire", "@watch")), 2, pauses=(pause,))
    assert (batch.deliveries, causes(batch)) == ((), {"rare-earth": 4})
    assert {(c.place.chat, c.until) for c in batch.cooldowns} == {
        ("@wire", NOON + HOUR),
        ("@watch", NOON + HOUR),
    }


def test_a_rule_stays_paused_until_somebody_has_looked_at_it_anew() -> None:
    batch = poll(book(RARE), 1, pauses=(Pause(rule="rare-earth", until=NOON - HOUR, why=""),))
    assert (batch.deliveries, len(batch.held)) == ((), 1)


def test_an_alert_with_a_rule_that_is_not_paused_goes_out_for_it() -> None:
    pause = Pause(rule="rare-earth", until=NOON + HOUR, why="")
    batch = poll(book(RARE, BRICS), 1, rules=("rare-earth", "brics"), pauses=(pause,))
    assert len(batch.deliveries) == 1


@pytest.mark.parametrize(
    ("rang", "articles", "before", "runs_away"),
    [(50, 100, 0.0, True), (49, 100, 0.0, False), (60, 100, 0.3, True), (60, 100, 0.31, False)],
)
def test_a_rule_runs_away_at_half_of_all_articles_and_twice_its_share_of_the_day_before(
    rang: int, articles: int, before: float, *, runs_away: bool
) -> None:
    pulse = replace(QUIET, articles_before=1000, rang_before={"rare-earth": round(1000 * before)})
    assert is_runaway(pulse, "rare-earth", rang=rang, articles=articles) is runs_away


def test_a_rule_has_calmed_down_once_it_rings_on_less_than_half() -> None:
    assert still_runs_away(replace(QUIET, articles=10, rang={"rare-earth": 5}), "rare-earth")
    assert not still_runs_away(replace(QUIET, articles=10, rang={"rare-earth": 4}), "rare-earth")
    assert not still_runs_away(QUIET, "rare-earth")


@given(
    polls=st.lists(st.integers(0, 12), max_size=5),
    cap=st.integers(1, 15),
    rule_cap=st.integers(1, 15),
    feed_cap=st.integers(1, 15),
)
def test_every_story_is_owed_or_held_once_and_no_more_than_the_caps_go_out(
    polls: list[int], cap: int, rule_cap: int, feed_cap: int
) -> None:
    of = book(replace(RARE, cap=rule_cap), cap=cap, feed_cap=feed_cap)
    pulse, told, keys = QUIET, 0, []
    for number in polls:
        batch = poll(of, number, pulse=pulse, first=len(keys))
        keys += [delivery.dedupe_key for delivery in batch.deliveries] + [
            held.dedupe_key for held in batch.held
        ]
        told += len(batch.deliveries)
        now = Count(number=told, first_at=NOON)
        pulse = (
            replace(QUIET, places={WIRE: now}, rules={"rare-earth": now}, feeds={FEED: now})
            if told
            else QUIET
        )
    assert len(keys) == len(set(keys)) == sum(polls)
    assert told == min(cap, rule_cap, feed_cap, sum(polls))
