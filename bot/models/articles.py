"""Articles, and the places in them that made rules ring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


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
class Parsed:
    """What one poll of a feed gives, in the feed's order.

    `whole` is False where the document was cut short: its articles count, but the response's validators do
    not, or the rest would never come.
    """

    title: str | None
    articles: tuple[Article, ...]
    not_before: timedelta | None = None
    warning: str | None = None
    whole: bool = True


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
