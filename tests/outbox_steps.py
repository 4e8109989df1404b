"""What a sender does with a storage, as the tests of its contract do it by hand."""

from __future__ import annotations

from datetime import timedelta

from builders import NOON

from bot.models import Delivery, DeliveryState, Outcome, Sent
from bot.storage import Storage

LEASE = timedelta(seconds=120)
PACE = timedelta(seconds=1)
NONE = timedelta()


async def claim(storage: Storage, seconds: float = 0) -> Delivery | None:
    """The next delivery, so many seconds after noon."""
    return await storage.claim(NOON + timedelta(seconds=seconds), lease=LEASE, pace=PACE)


async def claimed(storage: Storage, seconds: float = 0) -> Delivery:
    """The next delivery, where there must be one."""
    delivery = await claim(storage, seconds)
    assert delivery is not None
    return delivery


async def finish(storage: Storage, delivery: Delivery, outcome: Outcome, seconds: float = 0) -> None:
    """End an attempt, so many seconds after noon."""
    assert await storage.finish(delivery, outcome, NOON + timedelta(seconds=seconds), pause=NONE)


async def send(storage: Storage, message_id: int, seconds: float = 0) -> Delivery:
    """Claim the next delivery and find it sent."""
    delivery = await claimed(storage, seconds)
    await finish(storage, delivery, Sent(message_id=message_id), seconds)
    return delivery


async def count(storage: Storage, state: DeliveryState) -> int:
    """How many deliveries are in a state."""
    return (await storage.totals()).deliveries[state]
