"""When a feed is polled next, and what is remembered of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from builders import FEED, NOON, make_article, make_state

from bot.errors import FeedRefused, FetchError
from bot.feeds.schedule import failed, is_due, polled, relisted_since, resumed, unchanged
from bot.models import Feed, FeedState, Fetched, NotModified, Parsed, Validators

PLAIN = Feed(url=FEED)
FIXED = Feed(url=FEED, every=timedelta(minutes=10))
NEW_HOME = "https://new.example/rss.xml"
VALIDATORS = Validators(etag='"2"')


def document(**changes: object) -> Fetched:
    values: dict[str, object] = {
        "url": FEED,
        "body": b"",
        "content_type": None,
        "validators": VALIDATORS,
        **changes,
    }
    return Fetched(**values)  # type: ignore[arg-type]


def after(state: FeedState, now: datetime = NOON, *, feed: Feed = FIXED, **changes: object) -> FeedState:
    parsed = Parsed(title="Example Wire", articles=(make_article(),))
    return polled(feed, state, document(**changes), parsed, now)


def test_a_feed_is_due_at_its_time() -> None:
    assert [is_due(make_state(), NOON - timedelta(seconds=s)) for s in (1, 0)] == [False, True]


def test_a_clock_that_went_back_makes_a_feed_due() -> None:
    assert is_due(make_state(polled_at=NOON, next_due_at=NOON), NOON - timedelta(hours=1))


def test_a_shorter_interval_holds_at_once_after_a_restart() -> None:
    state = make_state(next_due_at=NOON + timedelta(hours=1))
    assert resumed(FIXED, state).next_due_at == NOON + timedelta(minutes=5)


def test_what_a_failing_server_is_owed_outlives_a_restart() -> None:
    state = make_state(next_due_at=NOON + timedelta(hours=1), failures=1)
    assert resumed(FIXED, state) == state


def test_a_good_poll_forgets_failures_and_keeps_validators() -> None:
    state = after(make_state(failures=3, last_error="x"))
    assert (state.failures, state.last_error, state.validators) == (0, None, VALIDATORS)


def test_validators_of_a_body_that_was_cut_short_are_not_kept() -> None:
    parsed = Parsed(title=None, articles=(), whole=False)
    assert polled(FIXED, make_state(), document(), parsed, NOON).validators == Validators()


def test_a_fixed_interval_is_kept() -> None:
    assert after(make_state()).next_due_at == NOON + timedelta(minutes=10)


def test_of_two_wishes_of_the_feed_the_longer_holds() -> None:
    parsed = Parsed(title=None, articles=(), not_before=timedelta(hours=2))
    state = polled(PLAIN, make_state(), document(not_before=timedelta(hours=3)), parsed, NOON)
    assert state.interval == timedelta(hours=3)


def test_a_silent_feed_is_asked_less_and_less() -> None:
    answer = NotModified(url=FEED, validators=VALIDATORS)
    state = after(make_state(), feed=PLAIN)
    intervals = []
    for hours in (1, 12, 48):
        state = unchanged(PLAIN, state, answer, NOON + timedelta(hours=hours))
        intervals.append(state.interval)
    assert intervals == sorted(intervals)
    assert intervals[0] < intervals[-1]


def test_an_unchanged_feed_may_ask_for_a_day_at_most() -> None:
    answer = NotModified(url=FEED, validators=VALIDATORS, not_before=timedelta(days=7))
    assert unchanged(PLAIN, make_state(), answer, NOON).interval == timedelta(days=1)


def test_the_marks_of_an_unchanged_document_are_renewed_daily() -> None:
    state = after(make_state())
    assert relisted_since(state, NOON + timedelta(hours=23)) is None
    later = NOON + timedelta(hours=25)
    assert relisted_since(state, later) == NOON - timedelta(days=1)
    renewed = unchanged(FIXED, state, NotModified(url=FEED, validators=VALIDATORS), later)
    assert relisted_since(renewed, later + timedelta(hours=1)) is None


def test_a_failure_is_remembered_with_its_reason() -> None:
    state = failed(FIXED, make_state(), FetchError("no answer", url=FEED), NOON)
    assert (state.failures, state.last_error, state.next_due_at > NOON) == (1, "no answer", True)


def test_a_server_that_asks_for_time_gets_it() -> None:
    error = FeedRefused("busy", url=FEED, status=429, retry_after=timedelta(hours=2))
    assert failed(FIXED, make_state(), error, NOON).next_due_at == NOON + timedelta(hours=2)


def test_a_permanent_move_is_adopted_once_it_has_stood_for_a_day() -> None:
    state = make_state()
    for hours in (0, 12, 25):
        state = after(state, NOON + timedelta(hours=hours), moved_to=NEW_HOME)
    assert (state.fetch_url, state.moved_to) == (NEW_HOME, None)


def test_a_permanent_move_seen_for_an_hour_is_not_adopted() -> None:
    state = after(after(make_state(), moved_to=NEW_HOME), NOON + timedelta(hours=1), moved_to=NEW_HOME)
    assert (state.fetch_url, state.moved_to, state.moved_polls) == (FEED, NEW_HOME, 2)


def test_a_move_that_is_taken_back_is_forgotten() -> None:
    state = after(after(make_state(), moved_to=NEW_HOME))
    assert (state.fetch_url, state.moved_to, state.moved_polls) == (FEED, None, 0)


def test_a_move_to_another_target_is_counted_anew() -> None:
    state = after(after(make_state(), moved_to=NEW_HOME), moved_to="https://third.example/rss.xml")
    assert state.moved_polls == 1
