"""What became of an attempt to send, and of the doubt that some leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.models.deliveries import Delivery


class ChatKind(StrEnum):
    """Telegram's kinds of chats. In channels and supergroups message ids count up by one, a chat at a time."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFacts:
    """What Telegram says of a chat: its id, whatever name it was asked for by, and its kind."""

    id: int
    kind: ChatKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The message stands in the chat under this id; `plain` if Telegram took it only without its formatting."""

    message_id: int
    chat: ChatFacts | None = None
    plain: bool = False


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
class ChatPaused:
    """The chat does not let us in now; somebody may mend that, and its queue waits."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMigrated:
    """The group became a supergroup under this id."""

    chat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDead:
    """The chat is gone for good."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicClosed:
    """The chat lets us in, but the forum topic is closed, deleted or out of reach."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFault:
    """Telegram refuses the message itself, also as plain text cut to size: our mistake, and final."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Certainly not done, and never to be, for a reason that lies in this delivery alone."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The token is no longer accepted; no chat can be reached until it is."""

    why: str


Outcome = (
    Sent
    | Retry
    | Unreachable
    | Uncertain
    | ChatPaused
    | ChatMigrated
    | ChatDead
    | TopicClosed
    | RenderFault
    | Failed
    | Stopped
)
"""What became of an attempt to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A message stands in a chat, and reads so."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacant:
    """No message stands in the chat under the id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Nobody can tell what stands in the chat; `final` if asking again would not help."""

    why: str
    after: timedelta = timedelta()
    final: bool = False


Sight = Standing | Vacant | Unseen
"""What a look at one message of a chat shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A delivery of which nobody knows whether it arrived; `kind` is the chat's, None where it was never told."""

    delivery: Delivery
    kind: ChatKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The doubtful message did arrive, and has this id."""

    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The doubtful message did not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """It cannot be found out; what the channel says under `on_uncertain` is done."""

    why: str


Verdict = Found | Missing | Undecided
"""How a doubt ends."""
