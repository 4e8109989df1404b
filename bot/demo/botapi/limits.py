"""Telegram's flood limits, as far as they are known: soft in truth, hard here.

One message a second in a chat with a short burst allowed, twenty a minute in a group or channel, thirty a second
for the whole bot (core.telegram.org/bots/faq).
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many messages Telegram takes. `burst` is how many a rested chat takes at once."""

    per_second: int = 30
    per_chat_second: float = 1.0
    burst: int = 3
    per_minute: int = 20


class FloodGate:
    """Counts accepted messages and says how long the next one has to wait."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bot: deque[float] = deque()
        self._broad: defaultdict[int, deque[float]] = defaultdict(deque)
        self._rested_at: defaultdict[int, float] = defaultdict(float)

    def wait(self, chat_id: int, *, broad: bool, now: float) -> float:
        """Seconds until a message to this chat is within all limits; 0.0 where it is now. Counts nothing."""
        waits = [self._bucket_wait(chat_id, now), _window_wait(self._bot, self._limits.per_second, 1.0, now)]
        if broad:
            waits.append(_window_wait(self._broad[chat_id], self._limits.per_minute, 60.0, now))
        return max(waits)

    def count(self, chat_id: int, *, broad: bool, now: float) -> None:
        """Count a message that was accepted."""
        self._bot.append(now)
        if broad:
            self._broad[chat_id].append(now)
        self._rested_at[chat_id] = max(self._rested_at[chat_id], now) + 1.0 / self._limits.per_chat_second

    def _bucket_wait(self, chat_id: int, now: float) -> float:
        """A leaky bucket (GCRA): each message fills it by its interval, `burst` of them fit."""
        allowance = self._limits.burst / self._limits.per_chat_second
        interval = 1.0 / self._limits.per_chat_second
        return max(0.0, self._rested_at[chat_id] + interval - allowance - now)


def _window_wait(times: deque[float], limit: int, seconds: float, now: float) -> float:
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[-limit] + seconds - now if len(times) >= limit else 0.0
