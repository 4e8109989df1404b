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

    `every` is a fixed polling interval; without it the feed's own rhythm decides. `owner` is whose feed it is:
    feeds of one owner are one source. Of the sources of a story the one with the lowest `rank` (1 to 9) is shown
    first; None leaves that to what is known of its host. `paywall` says that its pages are not open to all.
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


class FoldReason(StrEnum):
    """Why an article belongs to its story."""

    SAME_URL = "same_url"
    SAME_ID = "same_id"
    SAME_TEXT = "same_text"
    NEAR_TEXT = "near_text"
    SAME_EVENT = "same_event"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """A stored article under the keys by which it is known again, and its story."""

    story_id: str
    canonical_url: str | None
    text_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketched:
    """What the index of stories remembers of a stored article.

    `sketch` is the article's text as `bot.stories.sketch` packs it; `at` when it was published, or found.
    """

    story_id: str
    feed_url: str
    at: datetime
    sketch: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """An article with its place, and the sketch by which later ones are held against it.

    `repeats` says that the same feed told this story before and nothing has happened since, so that it can be
    no news. `keys` are the names under which the feed will not be believed to bring this entry anew.
    """

    article: Article
    keys: tuple[str, ...]
    text_key: str | None
    story_id: str
    reason: FoldReason
    repeats: bool
    at: datetime
    sketch: bytes
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A feed that tells a story, and the name of its source."""

    feed_url: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What is shown of the article that represents a story."""

    feed_url: str
    source: str
    title: str
    url: str | None
    summary: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is remembered of a story beside its articles.

    `tellers` are the feeds that tell it, first to last; `words` for each rule that rang the words that matched;
    `facts` what its headlines have told. `last_at` is the time of its newest article, `developed_at` of its last
    development. `follows` is the ended story that it returns to.
    """

    id: str
    lead: Lead
    tellers: tuple[Teller, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]
    facts: frozenset[str]
    began_at: datetime
    last_at: datetime
    developed_at: datetime | None = None
    follows: str | None = None


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
    """What a chat is shown: text and its formatting, nothing left to be parsed."""

    text: str
    entities: tuple[TextEntity, ...] = ()


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
class Place:
    """Where in Telegram something is said: a chat, "@name" or a decimal id, and a topic in it."""

    chat: str
    thread: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """After an alert of a rule, later ones wait in that place until a time."""

    place: Place
    rule: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A story that waits for the cooldown of its rule in a place, to come in one message with others that wait.

    `dedupe_key` and `message` are those of the delivery that it would have been.
    """

    dedupe_key: str
    place: Place
    rule: str
    story_id: str
    title: str
    url: str | None
    source: str
    message: Message


class DeliveryState(StrEnum):
    """Where a delivery stands; sent, failed, expired and suppressed are final."""

    PENDING = "pending"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


class DeliveryKind(StrEnum):
    """What a delivery does in its chat."""

    MESSAGE = "message"
    REPLY = "reply"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A message that a chat is owed, or, with `suppressed` saying why, was spared.

    `dedupe_key` names the debt: a second delivery under the same key is never stored. A higher `priority` goes
    first, one below zero makes no sound. `cooldowns` begin once it is stored. `alert` is what the message shows,
    where it shows one story and may be revised later. `replies_to` is the key of the delivery whose message it
    answers, in the same place.
    """

    dedupe_key: str
    story_id: str
    chat: str
    thread: int | None
    rules: tuple[str, ...]
    message: Message
    priority: int = 0
    suppressed: str | None = None
    cooldowns: tuple[Cooldown, ...] = ()
    alert: Alert | None = None
    replies_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A first message of a story that a place was sent, or is still owed.

    `dedupe_key` is its delivery's; `replied_at` is when the newest reply to it was owed.
    """

    dedupe_key: str
    story_id: str
    place: Place
    rules: tuple[str, ...]
    priority: int
    alert: Alert
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How the message of a delivery should read by now. Only the newest of a message counts."""

    dedupe_key: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery in our hands, to be sent under `token`, the fence that keeps a late sender from finishing it.

    `target` is the message that an edit changes, or that a reply answers; None also for a reply whose first
    message never came to stand in the chat.
    """

    id: int
    token: int
    chat: str
    thread: int | None
    message: Message
    attempt: int
    doubts: int
    created_at: datetime
    priority: int = 0
    kind: DeliveryKind = DeliveryKind.MESSAGE
    target: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The message stands in the chat under this id."""

    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Certainly not sent, and worth another try after the wait; `everywhere` when it holds for all chats."""

    after: timedelta
    why: str
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """Telegram was not reached, so that certainly nothing was sent."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """It may have been sent or not."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatClosed:
    """The chat does not let us in now; somebody may mend that."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMoved:
    """The group became a supergroup under this id."""

    chat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Certainly not sent, and never to be."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The token is no longer accepted; no chat can be reached until it is."""

    why: str


Outcome = Sent | Retry | Unreachable | Uncertain | ChatClosed | ChatMoved | Failed | Stopped
"""What became of an attempt to send."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that one poll wants stored, at once or not at all.

    `seen` are the keys of every entry in the document, known ones too, so that they stay known. Of a document
    that is unchanged, `relisted_since` stands for them: whatever was listed since then still is.
    """

    at: datetime
    feed: FeedState
    seen: tuple[str, ...] = ()
    relisted_since: datetime | None = None
    articles: tuple[Folded, ...] = ()
    stories: tuple[Story, ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()
    revisions: tuple[Revision, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts over the whole database."""

    feeds_polled: int
    entries_seen: int
    articles_matched: int
    stories: int
    deliveries: dict[DeliveryState, int]
