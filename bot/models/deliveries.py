"""What chats are owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.models.messages import Alert, Headline, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in Telegram something is said: a chat, "@name" or a decimal id, and a topic in it."""

    chat: str
    thread: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """After an alert of a rule, later ones wait in that place until a time.

    A cap that is reached is a cooldown as well; `rule` is then what `bot.alerts.caps` names it by.
    """

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


class OnUncertain(StrEnum):
    """What becomes of a message of which nobody can find out whether it arrived."""

    RESEND = "resend"
    DROP = "drop"


class OnTopicClosed(StrEnum):
    """Where a message goes whose forum topic is closed or deleted: to General, nowhere for now, or nowhere ever."""

    GENERAL = "general"
    HOLD = "hold"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What is done with a delivery that does not go out as it should.

    One that is not sent after `expires` becomes a line of a digest; None waits for ever.
    """

    expires: timedelta | None = None
    on_uncertain: OnUncertain = OnUncertain.RESEND
    on_topic_closed: OnTopicClosed = OnTopicClosed.GENERAL


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A message that a chat is owed, or, with `suppressed` saying why, was spared.

    `dedupe_key` names the debt: a second delivery under the same key is never stored. A higher `priority` goes
    first, one below zero makes no sound. `cooldowns` begin once it is stored. `alert` is what the message shows,
    where it shows one story and may be revised later. `replies_to` is the key of the delivery whose message it
    answers, in the same place. `feed_url` is the feed that rang, whose cap it counts against.
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
    handling: Handling = Handling()
    feed_url: str | None = None


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

    `chat` is where it goes, whatever the rules call the chat. `thread` is the topic, None as well where that is
    closed and the message goes to General. `target` is the message that an edit changes, or that a reply answers; None also for a reply whose first
    message never came to stand in the chat. `previous` is the newest message of ours that is known to stand in the
    chat; this one's id will be greater.
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
    previous: int | None = None
    on_topic_closed: OnTopicClosed = OnTopicClosed.GENERAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Deliveries to a place that were not sent in time: the `ids` of those newly so, and the `count` to tell of.

    `count` includes those that an earlier digest, itself not yet sent, was to tell of. `headlines` are the most
    urgent and newest.
    """

    place: Place
    ids: tuple[int, ...]
    count: int
    headlines: tuple[Headline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A delivery as operators see it."""

    id: int
    state: DeliveryState
    kind: DeliveryKind
    chat: str
    thread: int | None
    rules: tuple[str, ...]
    priority: int
    message: Message
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    attempts: int
    message_id: int | None
    why: str | None
    doubts: tuple[SettledDoubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledDoubt:
    """A doubt about a delivery and how it ended: `present`, `absent`, `resent` or `dropped`; None while open."""

    began_at: datetime
    why: str
    verdict: str | None
