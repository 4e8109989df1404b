"""Telegram's side of a delivery, spoken to through python-telegram-bot.

Sender      what the dispatcher needs of whoever brings messages to chats
"""

from __future__ import annotations

from typing import Protocol

from bot.models import Delivery, Outcome, Stopped, Unreachable


class Sender(Protocol):
    """Brings one message, reply or edit to one chat, and tells truly what became of it."""

    async def check(self) -> Stopped | Unreachable | None:
        """Ask whether the token is good: None if so; Unreachable where nobody answered."""

    async def send(self, delivery: Delivery) -> Outcome:
        """Try once. Never raises for anything that the network or Telegram does, and never waits to retry."""

    async def close(self) -> None:
        """Close connections. May be called twice."""
