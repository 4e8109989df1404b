"""What is held back, what has rung, and what was not sent in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.models import Backlog, Cooldown, Held, NewDelivery, Pause, Pulse


class Caps(Protocol):
    """What the caps, the circuit breaker and the digests go by."""

    async def cooling(self, now: datetime) -> tuple[Cooldown, ...]:
        """The cooldowns that run."""

    async def due_held(self, now: datetime) -> tuple[Held, ...]:
        """The stories whose rule has cooled down in their place, in the order of holding."""

    async def release(self, held: Sequence[Held], delivery: NewDelivery, now: datetime) -> int:
        """Owe one delivery in place of stories that waited, in one transaction.

        Returns the number of deliveries newly pending: 0 where the stories were released before.
        """

    async def pulse(self, now: datetime) -> Pulse:
        """What has rung in the last hour."""

    async def pauses(self) -> tuple[Pause, ...]:
        """The rules that are paused, also those whose time is over and that were not looked at since."""

    async def pause_rule(self, pause: Pause, now: datetime) -> None:
        """Pause a rule, or a paused one for longer."""

    async def resume_rule(self, rule: str, now: datetime) -> None:
        """End the pause of a rule."""

    async def overdue(self, now: datetime) -> tuple[Backlog, ...]:
        """The deliveries that were not sent before they expired, gathered by place."""

    async def expire(self, backlog: Backlog, digest: NewDelivery, now: datetime) -> int:
        """Owe a digest in place of deliveries that expired, in one transaction; how many did.

        A digest of the place that certainly was not sent takes the new one's message, so that there is only one.
        """
