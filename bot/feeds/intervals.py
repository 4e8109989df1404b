"""When to ask a feed again. Pure: the caller brings the clock and keeps what was seen."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.models import Feed

SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=1)
"""Bounds of a feed's own rhythm."""

LONGEST_NOT_BEFORE: Final = timedelta(hours=24)
LONGEST_RETRY_AFTER: Final = timedelta(days=7)

_RECENT: Final = 12
_FACTOR: Final = 10.0
"""An interval of 10·√gap seconds. For a given number of requests the mean delay over all articles is least
where intervals go with the square root of the gaps. Over 180 newsrooms' publication times this factor gives a
mean delay of 7 to 8 minutes at 63 requests a day and feed; as many requests at a fixed interval give 11."""

_FIRST_STEP: Final = timedelta(minutes=5)
_LONGEST_BACKOFF: Final = timedelta(hours=4)
_LEAST_WHEN_REFUSED: Final = timedelta(hours=4)
_LONGEST_WHEN_MISSING: Final = timedelta(days=1)
_WHEN_GONE: Final = timedelta(days=7)
_LONGEST_FIXED_BACKOFF: Final = timedelta(seconds=60)

_JITTER: Final = 0.1

_POLLS_TO_ADOPT: Final = 2
_TIME_TO_ADOPT: Final = timedelta(hours=24)


def next_interval(
    feed: Feed, *, published: Sequence[datetime], now: datetime, not_before: timedelta | None
) -> timedelta:
    """How long to wait after a good poll.

    `every` where the operator set it, else the feed's own rhythm, but at least `not_before`, the wait that
    the feed or its server asked for, of which no more than LONGEST_NOT_BEFORE counts.
    """
    if feed.every is not None:
        return feed.every
    rhythm = _rhythm(published, now)
    return max(rhythm, min(not_before, LONGEST_NOT_BEFORE)) if not_before is not None else rhythm


def after_failure(
    feed: Feed, *, failures: int, retry_after: timedelta | None, status: int | None, interval: timedelta
) -> timedelta:
    """How long to wait after the `failures`-th failed poll in a row, counted from 1.

    `retry_after` is the server's wish and binds whatever else is set; `status` the HTTP status, None where
    there was no answer; `interval` the wait that a good poll would have had.
    """
    wait = _backoff(feed, failures=max(failures, 1), status=status, interval=interval)
    if retry_after is None or status in (404, 410):
        return wait
    return max(min(max(retry_after, timedelta()), LONGEST_RETRY_AFTER), feed.every or SHORTEST)


def jitter(feed_url: str, interval: timedelta) -> timedelta:
    """A delay below a tenth of the interval, always the same for a feed, so that many do not start together."""
    share = int.from_bytes(hashlib.sha256(feed_url.encode("utf-8", "surrogatepass")).digest()[:6]) / 2**48
    return interval * (share * _JITTER)


def adopt_move(*, current: str, target: str, polls: int, first_seen: datetime, now: datetime) -> bool:
    """Whether a permanent redirect has shown itself long enough to become the address that is fetched.

    `polls` counts those in a row that led to `target` and found a feed there, this one included, since
    `first_seen`. Never from https to http: one forged answer would take the
    encryption away for ever.
    """
    if current.lower().startswith("https:") and not target.lower().startswith("https:"):
        return False
    return target != current and polls >= _POLLS_TO_ADOPT and now - first_seen >= _TIME_TO_ADOPT


def _rhythm(published: Sequence[datetime], now: datetime) -> timedelta:
    """An interval by the mean gap of the recent articles; the time since the last one counts as a gap too."""
    recent = sorted({moment for moment in published if moment <= now}, reverse=True)[:_RECENT]
    if not recent:
        return LONGEST
    gap = (now - recent[-1]).total_seconds() / len(recent)
    return min(max(timedelta(seconds=_FACTOR * math.sqrt(gap)), SHORTEST), LONGEST)


def _backoff(feed: Feed, *, failures: int, status: int | None, interval: timedelta) -> timedelta:
    if status == 410:
        return max(_WHEN_GONE, interval)
    if status == 404:
        return max(_doubled(interval, failures, _LONGEST_WHEN_MISSING), interval)
    if feed.every is not None:
        return _doubled(feed.every, failures, max(feed.every, _LONGEST_FIXED_BACKOFF))
    if status in (401, 403, 429):
        return max(_LEAST_WHEN_REFUSED, interval)
    return max(_doubled(min(interval, _FIRST_STEP), failures, _LONGEST_BACKOFF), interval)


def _doubled(step: timedelta, failures: int, longest: timedelta) -> timedelta:
    """step·2^failures, at most `longest`."""
    seconds = max(step.total_seconds(), 1.0)
    if failures >= math.log2(max(longest.total_seconds() / seconds, 1.0)):
        return longest
    return timedelta(seconds=seconds * 2**failures)
