"""The operators' view of the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.models import DeliveryState, OutboxEntry


class Ledger(Protocol):
    """The outbox as operators see it, and what they may do to it."""

    async def outbox(
        self, *, states: Collection[DeliveryState] = (), chat: str | None = None, limit: int = 50
    ) -> tuple[OutboxEntry, ...]:
        """The newest deliveries, of these states and this chat where they are given; the newest first."""

    async def outbox_entry(self, number: int) -> OutboxEntry | None:
        """One delivery with its doubts."""

    async def outbox_numbers(
        self, *, states: Collection[DeliveryState] = (), chat: str | None = None
    ) -> tuple[int, ...]:
        """The numbers of all deliveries of these states and this chat, in the order of recording."""

    async def state_counts(self) -> Mapping[DeliveryState, int]:
        """How many deliveries are in each state."""

    async def doubt_counts(self) -> Mapping[str, int]:
        """How many doubts ended in each way, as `SettledDoubt` names it, and how many are `open`."""

    async def retry(self, numbers: Collection[int], now: datetime) -> int:
        """Make deliveries pending again that failed, expired or were suppressed; how many.

        Their chats are tried at once, also those that are paused or dead; so are the chats of what is pending.
        """

    async def drop(self, numbers: Collection[int], now: datetime) -> int:
        """Suppress deliveries that are pending, uncertain or failed; how many."""

    async def open_chat(self, chat: str, now: datetime) -> int:
        """Try a chat that is paused or dead at once, and owe it again what failed because it was dead; how many wait."""
