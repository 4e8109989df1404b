"""What a response's headers ask of us: waits, validators, and why a status is no feed. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpx

from bot.models import Validators

LONGEST_WAIT: Final = timedelta(days=7)
"""No server may silence a feed for longer than this, whether by mistake or by malice."""

LONGEST_VALIDATOR: Final = 1_024
"""Octets of an ETag or a Last-Modified that are kept and sent back."""

_VISIBLE: Final = re.compile(rb"[\x20-\x7e]+")
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)

_SENTENCES: Final = {
    401: "wants a password; use the publisher's public feed instead",
    403: "forbids us to read the feed; ask the publisher to let Newsbell in, or remove the feed",
    404: "has no feed at this address; look for the new one on the publisher's site",
    406: "cannot answer with a feed at this address; look for another one on the publisher's site",
    410: "says that the feed is gone for good; remove it or look for its successor",
    429: "says that we ask too often; Newsbell waits longer",
    451: "withholds the feed for legal reasons; remove it or read it from elsewhere",
}


def kept_validators(headers: httpx.Headers) -> Validators:
    """The validators as they came, without those too long or not visible ASCII."""
    return Validators(etag=_visible(headers, b"etag"), last_modified=_visible(headers, b"last-modified"))


def _visible(headers: httpx.Headers, name: bytes) -> str | None:
    for key, value in headers.raw:
        if key.lower() == name:
            fits = len(value) <= LONGEST_VALIDATOR and _VISIBLE.fullmatch(value)
            return value.decode("ascii") if fits else None
    return None


def retry_after(headers: httpx.Headers, *, now: datetime) -> timedelta | None:
    """The wait that Retry-After asks for, within 0 and LONGEST_WAIT; None where it says nothing readable.

    A date counts from the response's own Date, so that a wrong clock on either side does no harm.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return _clamped(_seconds(text))
    until = _http_date(text)
    if until is None:
        return None
    return _clamped(until - (_http_date(headers.get("date", "")) or now))


def freshness(headers: httpx.Headers, *, now: datetime) -> timedelta | None:
    """How long Cache-Control or Expires calls the body fresh; None where not at all. At most LONGEST_WAIT."""
    max_age = _MAX_AGE.search(headers.get("cache-control", ""))
    if max_age:
        age = headers.get("age", "").strip()
        fresh = _seconds(max_age[1]) - (_seconds(age) if age.isascii() and age.isdigit() else timedelta())
    else:
        expires = _http_date(headers.get("expires", ""))
        if expires is None:
            return None
        fresh = expires - (_http_date(headers.get("date", "")) or now)
    return _clamped(fresh) or None


def refusal(status: int, headers: httpx.Headers) -> str:
    """What a status other than 200 and 304 means, as the rest of a sentence that starts with the host."""
    if status == HTTPStatus.FORBIDDEN and headers.get("cf-mitigated", "").strip().lower() == "challenge":
        return (
            "blocked us: it answers 403 with a browser check (Cloudflare), which no feed reader can pass; "
            "ask the publisher to let Newsbell in, or remove the feed"
        )
    if status in _SENTENCES:
        return f"answers {status}: it {_SENTENCES[status]}"
    if 500 <= status <= 599:
        return f"answers {status}: it has a fault of its own; Newsbell tries again later"
    if 200 <= status <= 299:
        return f"answers {status} without a whole feed; Newsbell tries again later"
    return f"answers {status}, which is no feed; check the address"


def _seconds(digits: str) -> timedelta:
    longest = int(LONGEST_WAIT.total_seconds())
    return timedelta(seconds=longest if len(digits) > 9 else min(int(digits), longest))


def _clamped(wait: timedelta) -> timedelta:
    return min(max(wait, timedelta()), LONGEST_WAIT)


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except OverflowError:
        return None
