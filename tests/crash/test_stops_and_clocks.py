"""A process that is stopped for longer than its claims hold, and clocks that are set, in one life and between two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from delivery_life import RATE, SPEED
from delivery_plan import planned
from invariants import rows, violations
from zygote import KILLED, Order, Zygote

from bot.demo.botapi import BotApiServer, Limits

LIMITS = Limits(per_second=int(30 * RATE), per_chat_second=SPEED, burst=2, per_minute=10**6)
"""Telegram's, as much faster as lives are."""

HOUR, DAY = 3600.0, 86_400.0
LEASE = 0.2
ASLEEP = 3 * LEASE
"""Seconds, as a laptop sleeps for longer than the two minutes of a true lease."""


@dataclass(frozen=True, slots=True)
class World:
    """A server that keeps to its limits, and what a life is to do with it."""

    server: BotApiServer
    order: Order
    zygote: Zygote

    def broken(self) -> list[str]:
        """Every breach of an invariant."""
        looks = self.order.audit is not None
        return violations(self.server, Path(self.order.database), planned(self.order), looked_for=looks)

    def doubts(self) -> list[str]:
        """How all doubts ended."""
        return [verdict for row in rows(Path(self.order.database)) for verdict in row.verdicts]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with-an-audit-chat", "without"])
async def world(tmp_path: Path, zygote: Zygote, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with BotApiServer(accept_unknown_chats=True, enforce_limits=True, limits=LIMITS) as server:
        audit = str(server.chats.add_private(200000001).id)
        order = Order(
            database=str(tmp_path / "newsbell.db"),
            url=server.url,
            token=server.token,
            chats=("@wire", str(server.chats.add_supergroup().id), "@watch"),
            polls=4,
            audit=audit if request.param else None,
        )
        yield World(server, order, zygote)


@pytest.mark.parametrize(
    "point", ["after_claim", "after_reply", "before_finish", "in_finish", "after_finish"]
)
async def test_a_process_that_is_stopped_for_longer_than_its_lease_sends_nothing_twice(
    world: World, point: str
) -> None:
    await world.zygote.begin(replace(world.order, crash=point, passage=2, stops=True, lease=LEASE, last=True))
    await world.zygote.wait_for_stop()
    await asyncio.sleep(ASLEEP)
    world.zygote.go_on()
    async with asyncio.timeout(20):
        assert await world.zygote.end() == 0
    assert world.broken() == []
    assert world.server.history.duplicates() == ()
    assert set(world.doubts()) <= {"present"}


@pytest.mark.parametrize("leap", [-HOUR, DAY], ids=["back-an-hour", "forward-a-day"])
async def test_a_clock_that_is_set_in_the_midst_of_a_life_loses_and_repeats_nothing(
    world: World, leap: float
) -> None:
    assert await world.zygote.live(replace(world.order, leap=leap, last=True)) == 0
    assert world.broken() == []
    assert world.doubts() == []


@pytest.mark.parametrize("ahead", [-HOUR, DAY], ids=["back-an-hour", "forward-a-day"])
@pytest.mark.parametrize("point", ["after_claim", "after_reply", "in_finish"])
async def test_a_clock_that_is_set_between_a_crash_and_the_next_start_loses_nothing(
    world: World, point: str, ahead: float
) -> None:
    assert await world.zygote.live(replace(world.order, crash=point, passage=2)) == KILLED
    assert await world.zygote.live(replace(world.order, ahead=ahead, last=True)) == 0
    assert world.broken() == []
    assert len(world.doubts()) >= 1
