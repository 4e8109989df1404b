"""`kill -9` at random moments over the delivery half of the bot: nothing lost, nothing repeated beyond the doubts.

`NEWSBELL_KILLS` sets how often (`make soak`: 2,000), `NEWSBELL_SEED` repeats a run.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections import Counter
from pathlib import Path

import pytest
from delivery_life import Order, Zygote, planned
from invariants import rows, violations

from bot.demo.botapi import BotApiServer, Fault, Limits

KILLS = int(os.environ.get("NEWSBELL_KILLS", "200"))
SEED = int(os.environ.get("NEWSBELL_SEED") or secrets.randbelow(10**6))

LIMITS = Limits(per_chat_second=60.0, burst=2, per_minute=10**6)
"""Telegram's, sixty times as fast; its limit a minute is kept in the tests of the dispatcher."""


SHORTEST, LONGEST = 0.02, 0.3
"""Seconds of a life: some end before anything is sent, in some a doubt that an earlier one left is looked into."""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("looks", [True, False], ids=["with-an-audit-chat", "without"])
async def test_a_delivery_that_is_killed_again_and_again_loses_nothing(
    tmp_path: Path, *, looks: bool
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a seed that can be repeated is the point
    kills = KILLS // 2
    print(f"seed {SEED}, {kills} kills")  # noqa: T201 - pytest shows it with a failure
    async with BotApiServer(accept_unknown_chats=True, enforce_limits=True, limits=LIMITS) as server:
        chats = [
            *(f"@wire_{number}" for number in range(12)),
            *(str(server.chats.add_supergroup().id) for _ in range(4)),
            *(() if looks else ("100000001", "100000002")),
        ]
        audit = str(server.chats.add_private(200000001).id)
        # A reply that takes its time leaves room for a kill between Telegram's yes and our hearing of it.
        for method in ("sendMessage", "editMessageText", "forwardMessage"):
            server.script(Fault.delay(after=0.02), method=method, times=None)
        order = Order(
            database=str(tmp_path / "newsbell.db"),
            url=server.url,
            token=server.token,
            chats=tuple(chats),
            polls=max(20, kills),
            audit=audit if looks else None,
        )
        with Zygote() as zygote:
            for _ in range(kills):
                await zygote.begin(order)
                await asyncio.sleep(chance.uniform(SHORTEST, LONGEST))
                zygote.kill()
                assert await zygote.end() == 137
            last = Order(**{**{name: getattr(order, name) for name in order.__slots__}, "last": True})
            assert await zygote.live(last, within=60 + KILLS) == 0
        broken = violations(server, tmp_path / "newsbell.db", planned(order), looked_for=looks)
        found = rows(tmp_path / "newsbell.db")
    doubts = Counter(verdict for row in found for verdict in row.verdicts)
    print(f"{len(found)} deliveries, doubts {dict(doubts)}")  # noqa: T201 - as above
    assert broken == []
    assert doubts.total() >= kills // 5, "too few kills fell into a doubtful moment to prove anything"
