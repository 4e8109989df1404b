"""When a feed is polled next, and what is remembered of it: one state before a poll, another after it."""

from __future__ import annotations

import heapq
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.errors import FeedRefused, FetchError
from bot.feeds.intervals import adopt_move, after_failure, jitter, next_interval
from bot.models import Feed, FeedState, Fetched, NotModified, Parsed, Validators

CLOCK_SLACK: Final = timedelta(minutes=1)
"""How far ahead of the clock a last poll may lie before the clock is held to have been set back."""

REMEMBERED: Final = 20
"""Publication times that are kept, so that a feed's rhythm is known while it answers that nothing is new."""

MARK_AGE: Final = timedelta(days=1)
"""How old the marks of listed entries may grow before they are renewed; each poll would be a write too many."""


def is_due(state: FeedState, now: datetime) -> bool:
    """Whether a feed's time has come, or the clock has jumped back behind its last poll."""
    return state.next_due_at <= now or (state.polled_at is not None and state.polled_at > now + CLOCK_SLACK)


def resumed(feed: Feed, state: FeedState) -> FeedState:
    """A remembered state under the operator's present wish: a shorter `every` holds at once.

    The wait that a failing server was granted stands.
    """
    if feed.every is None or state.polled_at is None or state.failures:
        return state
    return replace(state, next_due_at=min(state.next_due_at, state.polled_at + feed.every))


def polled(feed: Feed, state: FeedState, fetched: Fetched, parsed: Parsed, now: datetime) -> FeedState:
    """The state after a document came."""
    published = heapq.nlargest(REMEMBERED, {a.published for a in parsed.articles if a.published is not None})
    waits = [wait for wait in (fetched.not_before, parsed.not_before) if wait is not None]
    return replace(
        _scheduled(
            feed, _moved(state, fetched.moved_to, now), tuple(published), max(waits, default=None), now
        ),
        title=parsed.title or state.title,
        # The validators of a body that was cut short would keep its end from us for ever.
        validators=fetched.validators if parsed.whole else Validators(),
        first_polled_at=state.first_polled_at or now,
        listed_at=now,
    )


def unchanged(feed: Feed, state: FeedState, answer: NotModified, now: datetime) -> FeedState:
    """The state after the server said that nothing is new."""
    after = _scheduled(feed, _moved(state, answer.moved_to, now), state.published, answer.not_before, now)
    return replace(
        after,
        validators=answer.validators,
        listed_at=now if relisted_since(state, now) is not None else state.listed_at,
    )


def relisted_since(state: FeedState, now: datetime) -> datetime | None:
    """From which time on the marks of entries are those of the present document; None while they are fresh.

    An unchanged document still lists its entries, and what is listed may not be forgotten.
    """
    if state.listed_at is None or now - state.listed_at < MARK_AGE:
        return None
    return state.listed_at - MARK_AGE


def failed(feed: Feed, state: FeedState, error: Exception, now: datetime) -> FeedState:
    """The state after a poll that brought no document."""
    failures = state.failures + 1
    wait = after_failure(
        feed,
        failures=failures,
        retry_after=error.retry_after if isinstance(error, FetchError) else None,
        status=error.status if isinstance(error, FeedRefused) else None,
        interval=state.interval,
    )
    return replace(
        state, polled_at=now, next_due_at=now + wait, failures=failures, last_error=str(error)[:500]
    )


def _scheduled(
    feed: Feed,
    state: FeedState,
    published: tuple[datetime, ...],
    not_before: timedelta | None,
    now: datetime,
) -> FeedState:
    """A good poll behind, the next one ahead."""
    interval = next_interval(feed, published=published, now=now, not_before=not_before)
    spread = timedelta() if feed.every else jitter(feed.url, interval)
    return replace(
        state,
        published=published,
        polled_at=now,
        next_due_at=now + interval + spread,
        interval=interval,
        failures=0,
        last_error=None,
    )


def _moved(state: FeedState, target: str | None, now: datetime) -> FeedState:
    """Count a permanent redirect, and adopt it once it has stood for long enough."""
    if target is None or target == state.fetch_url:
        return replace(state, moved_to=None, moved_since=None, moved_polls=0)
    same = target == state.moved_to and state.moved_since is not None
    counted = replace(
        state,
        moved_to=target,
        moved_since=state.moved_since if same else now,
        moved_polls=state.moved_polls + 1 if same else 1,
    )
    if adopt_move(
        current=state.fetch_url,
        target=target,
        polls=counted.moved_polls,
        first_seen=counted.moved_since or now,
        now=now,
    ):
        return replace(counted, fetch_url=target, moved_to=None, moved_since=None, moved_polls=0)
    return counted
