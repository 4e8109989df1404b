"""What the bot notices of its own state: conditions that operators hear of, and the pulse that caps go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models.deliveries import Place


class ConditionKind(StrEnum):
    """What operators hear of when it begins, and most of it when it ends."""

    CHAT_PAUSED = "chat_paused"
    CHAT_DEAD = "chat_dead"
    CHAT_MIGRATED = "chat_migrated"
    CHAT_TWICE = "chat_twice"
    TOPIC_CLOSED = "topic_closed"
    AUDIT_CLOSED = "audit_closed"
    RULE_PAUSED = "rule_paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that an operator should know of and may mend.

    `subject` is the chat, the chat and topic as `chat/topic`, or the rule; `why` what Telegram said, the chat's new
    id or other name, or how the rule behaved.
    """

    kind: ConditionKind
    subject: str
    why: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many alerts there were in a stretch of time, and when the first of them was owed."""

    number: int
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What has rung in the last hour, which the caps and the circuit breaker go by.

    `places`, `rules` and `feeds` count alerts, one a story for rules and feeds. `rang` says on how many of the
    `articles` each rule rang, `rang_before` and `articles_before` the same of the day before that hour.
    """

    places: Mapping[Place, Count]
    rules: Mapping[str, Count]
    feeds: Mapping[str, Count]
    articles: int
    rang: Mapping[str, int]
    articles_before: int
    rang_before: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A rule that rings on nearly everything is heard in digests only, until a time at which it is looked at anew."""

    rule: str
    until: datetime
    why: str
