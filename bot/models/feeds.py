"""Feeds and what comes from them, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as the operator listed it; `url` as written is its identity for ever.

    `every` is a fixed polling interval; without it the feed's own rhythm decides. `owner` is whose feed it is:
    feeds of one owner are one source. Of the sources of a story the one with the lowest `rank` (1 to 9) is shown
    first; None leaves that to what is known of its host. `paywall` says that its pages are not open to all.
    `cap` is how many stories an hour it may ring with.
    """

    url: str
    name: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    owner: str | None = None
    rank: int | None = None
    paywall: bool = False
    every: timedelta | None = None
    allow_private: bool = False
    cap: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to recognise an unchanged body by; sent back byte for byte."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body that came whole.

    `url` is where it came from after redirects. `moved_to` is set when every hop was permanent (301, 308).
    `not_before` is the shortest wait that the response's Cache-Control or Expires asks for.
    """

    url: str
    body: bytes
    content_type: str | None
    validators: Validators
    moved_to: str | None = None
    not_before: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says that the body is the one whose validators we sent."""

    url: str
    validators: Validators
    moved_to: str | None = None
    not_before: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item as the feed gave it: HTML still in it, dates read but not judged."""

    id: str | None
    link: str | None
    title: str
    summary: str
    content: str
    published: datetime | None
    updated: datetime | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's document. `not_before` is the shortest polling interval that it asks for (ttl, sy:update*)."""

    title: str | None
    language: str | None
    entries: tuple[Entry, ...]
    not_before: timedelta | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed between polls.

    `fetch_url` is where to ask, after adopted moves; `moved_to` a permanent redirect not yet adopted, seen
    since `moved_since` on `moved_polls` polls. `first_polled_at` is None until a first poll was recorded.
    `repeated_ids` are those that the feed gave to several pages, so that they alone mean nothing. `published` are its latest publication times, newest first; `listed_at` is when its entries were last marked as listed.
    """

    url: str
    fetch_url: str
    title: str | None = None
    validators: Validators = Validators()
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_polls: int = 0
    first_polled_at: datetime | None = None
    polled_at: datetime | None = None
    next_due_at: datetime
    interval: timedelta
    failures: int = 0
    last_error: str | None = None
    repeated_ids: frozenset[str] = frozenset()
    published: tuple[datetime, ...] = ()
    listed_at: datetime | None = None
