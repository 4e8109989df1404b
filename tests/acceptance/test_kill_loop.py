"""`kill -9` at random moments over the demo's world: every alert still comes.

`NEWSBELL_KILLS` sets how often (`make kill-loop`: 50), `NEWSBELL_SEED` repeats a run.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bot_process import Bot

from bot.demo.botapi import BotApiServer, Fault
from bot.demo.newsroom import Expected, Newsroom

KILLS = int(os.environ.get("NEWSBELL_KILLS", "8"))
SEED = int(os.environ.get("NEWSBELL_SEED") or secrets.randbelow(10**6))


@pytest.mark.timeout(900)
async def test_a_bot_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a seed that can be repeated is the point
    print(f"seed {SEED}, {KILLS} kills")  # noqa: T201 - pytest shows it with a failure
    # The world lasts about as long as the killing, so that news breaks all through it.
    async with (
        Newsroom(now=lambda: datetime.now(UTC), pace=max(1.0, KILLS / 8)) as newsroom,
        BotApiServer(accept_unknown_chats=True) as telegram,
    ):
        # A reply that takes its time leaves room for a kill between Telegram's yes and our hearing of it.
        telegram.script(Fault.delay(after=0.2), method="sendMessage", times=None)
        (tmp_path / "rules.yaml").write_text(newsroom.rules(), encoding="utf-8")
        variables = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}
        for _ in range(KILLS):
            bot = await Bot.start(folder=tmp_path, **variables)
            await bot.line_with("started")
            await asyncio.sleep(chance.uniform(0, 1.5))
            await bot.kill()
        expected = newsroom.expected()
        last = await Bot.start(folder=tmp_path, **variables)
        try:
            await telegram.history.wait_for(
                lambda: all(_copies(telegram, alert) for alert in expected), within=120
            )
        finally:
            await asyncio.sleep(1)
            code, _, _ = await last.end()
    with sqlite3.connect(tmp_path / "newsbell.db") as db:
        states = dict(db.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
        (doubts,) = db.execute("SELECT sum(uncertain_count) FROM delivery").fetchone()
    print(f"{telegram.history.count()} messages, {doubts} doubts, states {states}")  # noqa: T201 - as above
    assert code == 0
    assert [alert for alert in expected if not _copies(telegram, alert)] == []
    assert len(expected) <= telegram.history.count() <= len(expected) + doubts
    assert set(states) <= {"sent", "suppressed"}


def _copies(telegram: BotApiServer, alert: Expected) -> int:
    """How often an expected alert came to its chat."""
    chat = telegram.chats.find(alert.chat)
    return 0 if chat is None else sum(map(alert.is_told_by, telegram.history.texts(chat.id)))
