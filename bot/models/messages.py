"""What a chat is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntityKind(StrEnum):
    """The kinds of message entity that our messages hold, under the Bot API's names."""

    BOLD = "bold"
    ITALIC = "italic"
    TEXT_LINK = "text_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEntity:
    """Formatting of a part of a message; `offset` and `length` count UTF-16 code units."""

    kind: EntityKind
    offset: int
    length: int
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a chat is shown: text and its formatting, nothing left to be parsed.

    A `silent` one makes no sound; `preview` lets Telegram show a picture of the page that its first link leads to.
    """

    text: str
    entities: tuple[TextEntity, ...] = ()
    silent: bool = False
    preview: bool = True


class MessagePart(StrEnum):
    """The parts of which a channel may compose its alerts."""

    TITLE = "title"
    SUMMARY = "summary"
    WHY = "why"
    SOURCES = "sources"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a story rang: the rule's title, and the words that matched, as they stand in the article."""

    rule: str
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An ended story that a new one returns to."""

    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A story as one chat is to see it. `sources` are all that tell it, the linked one first."""

    title: str
    url: str | None
    summary: str
    reasons: tuple[Reason, ...]
    sources: tuple[str, ...]
    published: datetime
    earlier: Earlier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What one line of a digest says of a story."""

    title: str
    url: str | None
    source: str
