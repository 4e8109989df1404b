from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.intervals import LONGEST, SHORTEST, adopt_move, after_failure, jitter, next_interval
from bot.models import Feed

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Feed(url="https://gazette.example/rss")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

WAITS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))


def every(interval: timedelta) -> Feed:
    return Feed(url=FEED.url, every=interval)


def rhythm(gap: timedelta, *, since: timedelta | None = None) -> timedelta:
    newest = NOW - (gap if since is None else since)
    return next_interval(FEED, published=[newest - gap * n for n in range(20)], now=NOW, not_before=None)


def failed(
    feed: Feed = FEED,
    *,
    failures: int = 1,
    retry_after: timedelta | None = None,
    status: int | None = None,
    interval: timedelta = 10 * MINUTE,
) -> timedelta:
    return after_failure(feed, failures=failures, retry_after=retry_after, status=status, interval=interval)


def test_a_fixed_interval_is_kept_whatever_the_feed_does() -> None:
    assert next_interval(every(timedelta(seconds=1)), published=[], now=NOW, not_before=DAY) == timedelta(
        seconds=1
    )


@pytest.mark.parametrize("gap", [timedelta(seconds=1), timedelta(seconds=30)])
def test_a_ticker_is_asked_each_minute(gap: timedelta) -> None:
    assert rhythm(gap) == MINUTE


def test_a_feed_that_publishes_each_quarter_of_an_hour_is_asked_each_five_minutes() -> None:
    assert timedelta(minutes=4) < rhythm(15 * MINUTE) < timedelta(minutes=6)


def test_a_feed_that_publishes_each_day_is_asked_each_hour() -> None:
    assert timedelta(minutes=45) < rhythm(DAY) <= HOUR


def test_a_feed_that_falls_silent_is_asked_less_and_less() -> None:
    waits = [rhythm(5 * MINUTE, since=since) for since in (5 * MINUTE, 2 * HOUR, DAY, 30 * DAY)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def test_a_feed_without_dates_is_asked_each_hour() -> None:
    assert next_interval(FEED, published=[], now=NOW, not_before=None) == LONGEST


def test_dates_in_the_future_say_nothing_of_the_rhythm() -> None:
    assert next_interval(FEED, published=[NOW + DAY], now=NOW, not_before=None) == LONGEST


def test_articles_of_one_moment_count_once() -> None:
    burst = [NOW - DAY] * 50
    assert next_interval(FEED, published=burst, now=NOW, not_before=None) > 45 * MINUTE


def test_what_the_server_asks_for_is_a_lower_bound() -> None:
    recent = [NOW - timedelta(seconds=n) for n in range(20)]
    assert next_interval(FEED, published=recent, now=NOW, not_before=20 * MINUTE) == 20 * MINUTE


def test_a_server_cannot_ask_for_more_than_a_day() -> None:
    assert next_interval(FEED, published=[], now=NOW, not_before=30 * DAY) == DAY


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=30))
def test_a_rhythm_stays_within_its_bounds(published: list[datetime]) -> None:
    assert SHORTEST <= next_interval(FEED, published=published, now=NOW, not_before=None) <= LONGEST


@pytest.mark.parametrize("status", [429, 503, 403])
def test_retry_after_binds_a_fixed_interval_too(status: int) -> None:
    assert failed(every(timedelta(seconds=5)), retry_after=20 * MINUTE, status=status) == 20 * MINUTE


def test_retry_after_counts_for_no_more_than_a_week() -> None:
    assert failed(retry_after=400 * DAY, status=503) == 7 * DAY


@pytest.mark.parametrize("retry_after", [timedelta(), -DAY])
def test_a_retry_after_in_the_past_means_the_usual_shortest_wait(retry_after: timedelta) -> None:
    assert failed(retry_after=retry_after, status=429) == SHORTEST
    assert failed(every(timedelta(seconds=5)), retry_after=retry_after, status=429) == timedelta(seconds=5)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_refusal_without_a_wait_means_four_hours(status: int) -> None:
    assert failed(status=status) == 4 * HOUR


def test_a_fixed_interval_backs_off_to_a_minute_at_most() -> None:
    feed = every(timedelta(seconds=5))
    waits = [failed(feed, failures=n, status=500).total_seconds() for n in range(1, 7)]
    assert waits == [10, 20, 40, 60, 60, 60]


def test_a_fixed_interval_above_a_minute_stays_as_it_is() -> None:
    assert failed(every(5 * MINUTE), failures=9, status=429) == 5 * MINUTE


def test_trouble_without_a_fixed_interval_backs_off_to_four_hours() -> None:
    waits = [failed(failures=n) for n in (1, 2, 3, 20)]
    assert waits == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 4 * HOUR]


def test_a_missing_feed_backs_off_to_a_day() -> None:
    assert [failed(failures=n, status=404) for n in (1, 99)] == [20 * MINUTE, DAY]


@pytest.mark.parametrize("feed", [FEED, every(timedelta(seconds=5))])
def test_a_feed_that_is_gone_is_asked_once_a_week(feed: Feed) -> None:
    assert failed(feed, status=410) == 7 * DAY


def test_a_short_retry_after_does_not_bring_back_a_feed_that_is_gone() -> None:
    assert failed(retry_after=MINUTE, status=410) == 7 * DAY


@given(
    st.integers(1, 10**6),
    st.none() | WAITS,
    st.none() | st.integers(100, 999),
    WAITS.filter(lambda wait: wait >= SHORTEST),
)
def test_a_failed_feed_is_never_left_for_longer_than_it_may(
    failures: int, retry_after: timedelta | None, status: int | None, interval: timedelta
) -> None:
    wait = failed(failures=failures, retry_after=retry_after, status=status, interval=interval)
    assert SHORTEST <= wait <= max(7 * DAY, interval)


@given(st.text(), WAITS)
def test_jitter_is_stable_and_below_a_tenth(url: str, interval: timedelta) -> None:
    delay = jitter(url, interval)
    assert delay == jitter(url, interval)
    assert timedelta() <= delay <= interval / 10


def test_jitter_spreads_many_feeds() -> None:
    delays = {jitter(f"https://{number}.example/rss", HOUR) // timedelta(seconds=36) for number in range(200)}
    assert delays == set(range(10))


def moved(**changes: object) -> bool:
    facts: dict[str, object] = {
        "current": "http://old.example/rss",
        "target": "https://new.example/rss",
        "polls": 2,
        "first_seen": NOW - DAY,
        "now": NOW,
    }
    return adopt_move(**{**facts, **changes})  # type: ignore[arg-type]


def test_a_move_that_stands_for_a_day_is_adopted() -> None:
    assert moved()


@pytest.mark.parametrize(
    "changes",
    [
        {"polls": 1},
        {"first_seen": NOW - DAY + MINUTE},
        {"current": "https://old.example/rss", "target": "http://new.example/rss"},
        {"target": "http://old.example/rss"},
    ],
    ids=["seen once", "too young", "loses encryption", "no move"],
)
def test_any_other_move_is_not_adopted(changes: dict[str, object]) -> None:
    assert not moved(**changes)
