"""Conditions that begin and end."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.models import Condition, ConditionKind, NewDelivery


class Conditions(Protocol):
    """What operators hear of."""

    async def begin(self, kind: ConditionKind, subject: str, why: str, now: datetime) -> None:
        """Write down a condition, unless it is there."""

    async def end(self, kind: ConditionKind, subject: str, now: datetime) -> None:
        """Write down that a condition is over, if it is there."""

    async def untold(self) -> tuple[Condition, ...]:
        """The conditions whose beginning, or end, operators have not been told; one over before it was told is none."""

    async def tell(self, condition: Condition, notice: NewDelivery | None, now: datetime) -> int:
        """Owe a notice of a condition, or none where nobody is to hear; 1 where it is newly pending."""
