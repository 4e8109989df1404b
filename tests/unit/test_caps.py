from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import FEED, NOON, make_article, make_match, make_state
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.caps import CHANNEL, QUIET, is_runaway, still_runs_away
from bot.alerts.caps import FEED as FEED_CAP
from bot.alerts.routing import NO_TWINS
from bot.feeds.identity import keyed
from bot.models import Batch, Cooldown, Count, Feed, Pause, Place, Pulse
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
    cooling: tuple[Cooldown, ...] = (),
    same: Mapping[str, str] = NO_TWINS,
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
        cooling=cooling,
        book=of,
        before=make_state(),
        after=make_state(),
        now=now,
        pulse=pulse,
        pauses=pauses,
        same=same,
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


def test_alerts_of_a_chat_under_all_its_names_count_together() -> None:
    pulse = replace(
        QUIET,
        places={WIRE: count(1, minutes_ago=30), Place(chat="@WIRE"): count(1), Place(chat="-100"): count(1)},
    )
    batch = poll(book(RARE, cap=3), 1, pulse=pulse, same={"@wire": "-100"})
    assert (batch.deliveries, causes(batch)) == ((), {CHANNEL: 1})
    assert batch.cooldowns[0].until == NOON + timedelta(minutes=30)


def test_alerts_of_another_topic_do_not_count() -> None:
    pulse = replace(QUIET, places={Place(chat="@wire", thread=7): count(3)})
    assert len(poll(book(RARE, cap=3), 1, pulse=pulse).deliveries) == 1


def test_urgent_alerts_count_for_their_chat() -> None:
    of = book(replace(RARE, priority=Priority.HIGH), BRICS, cap=3)
    urgent = poll(of, 3).deliveries
    pulse = replace(QUIET, places={WIRE: Count(number=len(urgent), first_at=NOON)})
    assert causes(poll(of, 1, rules=("brics",), pulse=pulse)) == {CHANNEL: 1}


def test_one_cooldown_begins_however_much_is_held() -> None:
    assert len(poll(book(RARE, cap=3), 10).cooldowns) == 1


def test_what_waits_for_a_cap_waits_on_when_the_cap_is_raised() -> None:
    running = Cooldown(place=WIRE, rule=CHANNEL, until=NOON + HOUR)
    assert causes(poll(book(RARE, cap=1000), 1, cooling=(running,))) == {CHANNEL: 1}


def test_a_rule_that_cools_down_for_longer_than_a_cap_does_not_come_with_the_cap() -> None:
    running = (
        Cooldown(place=WIRE, rule=FEED_CAP + FEED, until=NOON + HOUR),
        Cooldown(place=WIRE, rule="rare-earth", until=NOON + 6 * HOUR),
    )
    assert causes(poll(book(replace(RARE, cooldown=6 * HOUR)), 1, cooling=running)) == {"rare-earth": 1}


def test_what_is_held_begins_no_cooldown_of_its_rule() -> None:
    pulse = replace(QUIET, feeds={FEED: count(3)})
    batch = poll(book(replace(RARE, cooldown=6 * HOUR), feed_cap=3), 1, pulse=pulse)
    assert [cooldown.rule for cooldown in batch.cooldowns] == [FEED_CAP + FEED]


def test_an_alert_of_rules_that_are_all_beyond_their_caps_waits_for_the_first() -> None:
    pulse = replace(QUIET, rules={"rare-earth": count(3), "brics": count(3, minutes_ago=50)})
    rules = (replace(RARE, cap=3), replace(BRICS, cap=3))
    assert causes(poll(book(*rules), 1, rules=("rare-earth", "brics"), pulse=pulse)) == {"rare-earth": 1}


def test_an_alert_waits_where_one_rule_cools_down_and_the_other_is_beyond_its_cap() -> None:
    running = Cooldown(place=WIRE, rule="brics", until=NOON + HOUR)
    pulse = replace(QUIET, rules={"rare-earth": count(3)})
    batch = poll(
        book(replace(RARE, cap=3), BRICS), 1, rules=("rare-earth", "brics"), pulse=pulse, cooling=(running,)
    )
    assert causes(batch) == {"rare-earth": 1}


def test_an_alert_that_goes_out_for_one_rule_makes_no_room_for_it_under_another() -> None:
    """In the second chat, which follows only the rule that is beyond its cap."""
    of = book(replace(RARE, cap=3), BRICS, chats=("@wire", "@watch"))
    of = replace(of, channels=(of.channels[0], replace(of.channels[1], rules=("rare-earth",))))
    pulse = replace(QUIET, rules={"rare-earth": count(3)})
    batch = poll(of, 1, rules=("rare-earth", "brics"), pulse=pulse)
    assert [delivery.chat for delivery in batch.deliveries] == ["@wire"]
    assert [held.place.chat for held in batch.held] == ["@watch"]


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


def test_an_urgent_alert_does_not_wait_with_those_that_are_beyond_its_chats_cap() -> None:
    running = Cooldown(place=WIRE, rule=CHANNEL, until=NOON + HOUR)
    batch = poll(book(replace(RARE, priority=Priority.HIGH)), 1, cooling=(running,))
    assert (len(batch.deliveries), batch.held) == (1, ())


def test_an_urgent_alert_is_held_by_its_rules_cap() -> None:
    batch = poll(book(replace(RARE, priority=Priority.HIGH, cap=3)), 10)
    assert (len(batch.deliveries), len(batch.held)) == (3, 7)


def test_a_rule_that_suddenly_rings_on_everything_is_paused() -> None:
    pulse = replace(QUIET, articles_before=1000, rang_before={"rare-earth": 20})
    (pause,) = poll(book(replace(RARE, cap=5)), 10, pulse=pulse).pauses
    assert (pause.rule, pause.until) == ("rare-earth", NOON + HOUR)
    assert pause.why == "rang on 10 of 10 articles in an hour, the day before on 2 %"


def test_what_a_rule_rings_on_beyond_its_cap_waits_for_the_end_of_its_pause() -> None:
    batch = poll(book(replace(RARE, cap=5), chats=("@wire", "@watch")), 10)
    assert (len(batch.deliveries), causes(batch)) == (10, {"rare-earth": 10})
    assert [(c.place.chat, c.until) for c in batch.cooldowns] == [
        ("@wire", NOON + HOUR),
        ("@watch", NOON + HOUR),
    ]


def test_a_rule_is_not_judged_by_fewer_articles_than_its_cap() -> None:
    pulse = replace(QUIET, rules={"rare-earth": count(5)}, articles=3, rang={"rare-earth": 3})
    assert poll(book(replace(RARE, cap=5)), 1, pulse=pulse).pauses == ()


def test_the_articles_of_the_hour_and_of_the_poll_count_together() -> None:
    pulse = replace(QUIET, rules={"rare-earth": count(5)}, articles=5, rang={"rare-earth": 1})
    assert poll(book(replace(RARE, cap=5)), 3, pulse=pulse).pauses[0].why == (
        "rang on 4 of 8 articles in an hour, the day before on 0 %"
    )


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
    assert [cooldown.until > NOON for cooldown in batch.cooldowns] == [True]


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
    rule = replace(RARE, cap=3)
    assert still_runs_away(replace(QUIET, articles=10, rang={"rare-earth": 5}), rule)
    assert not still_runs_away(replace(QUIET, articles=10, rang={"rare-earth": 4}), rule)
    assert not still_runs_away(QUIET, rule)


def test_a_rule_has_calmed_down_once_its_cap_lets_all_of_it_through() -> None:
    assert not still_runs_away(replace(QUIET, articles=5, rang={"rare-earth": 5}), replace(RARE, cap=5))


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
    pulse, told = QUIET, 0
    keys: list[str] = []
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
