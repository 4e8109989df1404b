"""The values that flow from a feed to a chat, in the order in which they come to be.

All are frozen; text is Unicode; every datetime is aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as the operator listed it; `url` as written is its identity for ever.

    `every` is a fixed polling interval; without it the feed's own rhythm decides.
    """

    url: str
    name: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    every: timedelta | None = None
    allow_private: bool = False


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


class Field(StrEnum):
    """The parts of an article that are searched, in reading order."""

    TITLE = "title"
    SUMMARY = "summary"
    CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An entry made comparable: plain text, canonical address, UTC time.

    `entry_id` is the feed's own id, meaningful only within `feed_url`. `url` is the link to show;
    `canonical_url` the one to compare by. `published` is None where the feed gave no date that can be.
    """

    feed_url: str
    source: str
    entry_id: str | None
    url: str | None
    canonical_url: str | None
    title: str
    summary: str
    content: str
    language: str | None
    published: datetime | None
    tags: tuple[str, ...] = ()

    def text_of(self, field: Field) -> str:
        """The text of one field."""
        match field:
            case Field.TITLE:
                return self.title
            case Field.SUMMARY:
                return self.summary
            case Field.CONTENT:
                return self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in an article: half-open code-point offsets into the field as it stands, and the text there."""

    field: Field
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that rang on an article, and every place that made it ring, in reading order."""

    rule: str
    evidence: tuple[Span, ...]


class FoldReason(StrEnum):
    """Why an article belongs to its story."""

    SAME_URL = "same_url"
    SAME_ID = "same_id"
    SAME_TEXT = "same_text"
    NEW = "new"
