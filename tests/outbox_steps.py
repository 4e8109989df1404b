"""What a sender does with a storage, as the tests of its contract do it by hand."""

from __future__ import annotations

from datetime import timedelta

from builders import NOON

from bot.models import (
    Condition,
    Delivery,
    DeliveryState,
    Doubt,
    Outcome,
    Sent,
    Uncertain,
    Undecided,
    Verdict,
)
from bot.storage import Storage

LEASE = timedelta(seconds=120)
NONE = timedelta()
UNDECIDED = Undecided(why="nobody can look")


async def claim(storage: Storage, seconds: float = 0) -> Delivery | None:
    """The next delivery, so many seconds after noon."""
    return await storage.claim(NOON + timedelta(seconds=seconds), lease=LEASE)


async def claimed(storage: Storage, seconds: float = 0) -> Delivery:
    """The next delivery, where there must be one."""
    delivery = await claim(storage, seconds)
    assert delivery is not None
    return delivery


async def finish(
    storage: Storage, delivery: Delivery, outcome: Outcome, seconds: float = 0, *, pause: timedelta = NONE
) -> None:
    """End an attempt, so many seconds after noon."""
    assert await storage.finish(delivery, outcome, NOON + timedelta(seconds=seconds), pause=pause)


async def attempt(
    storage: Storage, outcome: Outcome, seconds: float = 0, *, pause: timedelta = NONE
) -> Delivery:
    """Claim the next delivery and end its attempt."""
    delivery = await claimed(storage, seconds)
    await finish(storage, delivery, outcome, seconds, pause=pause)
    return delivery


async def doubt(storage: Storage, seconds: float = 0) -> Doubt:
    """Claim the next delivery, let it end in doubt, and return that."""
    await attempt(storage, Uncertain(why="timeout"), seconds)
    (found,) = await doubts(storage, seconds)
    return found


async def doubts(storage: Storage, seconds: float = 0) -> tuple[Doubt, ...]:
    """The doubts that may be looked into, so many seconds after noon."""
    return await storage.doubts(NOON + timedelta(seconds=seconds))


async def resolve(
    storage: Storage, doubt: Doubt, verdict: Verdict = UNDECIDED, seconds: float = 0
) -> DeliveryState | None:
    """End a doubt, so many seconds after noon; without a verdict its message is sent again."""
    return await storage.resolve(doubt, verdict, NOON + timedelta(seconds=seconds))


async def send(storage: Storage, message_id: int, seconds: float = 0) -> Delivery:
    """Claim the next delivery and find it sent."""
    delivery = await claimed(storage, seconds)
    await finish(storage, delivery, Sent(message_id=message_id), seconds)
    return delivery


async def count(storage: Storage, state: DeliveryState) -> int:
    """How many deliveries are in a state."""
    return (await storage.totals()).deliveries[state]


async def whys(storage: Storage) -> dict[str, str | None]:
    """Why each delivery stands as it does, by its text."""
    return {entry.message.text: entry.why for entry in await storage.outbox(limit=1000)}


async def untold(storage: Storage) -> tuple[Condition, ...]:
    """The conditions that operators are still to hear of."""
    return await storage.untold()
