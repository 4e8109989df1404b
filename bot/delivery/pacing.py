"""Telegram's flood limits, kept by us so that it never has to (core.telegram.org/bots/faq).

A message a second in a chat, twenty a minute in a group or channel, and some thirty a second in all. Times are
seconds; within a chat they are those at which a message was accepted, or may have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.models import ChatKind

GAP: Final = 1.0
"""Seconds between two messages to one chat."""

PER_MINUTE: Final = 20
"""Messages a minute to one group or channel."""

MINUTE: Final = 60.0

PER_SECOND: Final = 28.0
"""Messages a second of the whole bot: a little under Telegram's 30."""

SLACK: Final = 0.2
"""What part of a message may go out early, so that a timer that wakes late costs no throughput.

No more than that: calls that set out evenly may be bunched on their way, and 28 a second leave room for some 60 ms of it
below Telegram's 30.
"""


def is_broad(chat: str, kind: ChatKind | None) -> bool:
    """Whether a chat is a group or channel, for which there is a limit a minute; told by its address if need be."""
    if kind is not None:
        return kind is not ChatKind.PRIVATE
    return chat.startswith(("@", "-"))


def next_turn(sends: Sequence[float], *, broad: bool) -> float:
    """When a chat may be sent to next, by the times of the latest `PER_MINUTE` messages to it, oldest first."""
    if not sends:
        return 0.0
    turn = sends[-1] + GAP
    if broad and len(sends) >= PER_MINUTE:
        turn = max(turn, sends[-PER_MINUTE] + MINUTE)
    return turn


class Gate:
    """The pace of the whole bot, as a leaky bucket (GCRA). Times are monotonic seconds."""

    def __init__(self, *, per_second: float = PER_SECOND, slack: float = SLACK) -> None:
        self._interval = 1.0 / per_second
        self._allowance = slack * self._interval
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next message may go out; 0.0 where it may now."""
        return max(0.0, self._due - self._allowance - now)

    def take(self, now: float) -> None:
        """Count a message that goes out now."""
        self._due = max(self._due, now) + self._interval

    def hold(self, until: float) -> None:
        """Let nothing out before a time."""
        self._due = max(self._due, until + self._allowance)
