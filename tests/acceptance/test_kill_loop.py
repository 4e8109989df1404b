"""`kill -9` at random moments over the demo's world: every alert still comes, is edited, and is answered once.

`NEWSBELL_KILLS` sets how often (`make kill-loop`: 50), `NEWSBELL_SEED` repeats a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bot_process import Bot

from bot.demo.botapi import BotApiServer, Fault
from bot.demo.chats import Post, answered, posts, told
from bot.demo.newsroom import Expected, Newsroom
from bot.demo.newsroom.outlets import WITH_FEED

KILLS = int(os.environ.get("NEWSBELL_KILLS", "8"))
_WAITING = """
SELECT payload FROM revision WHERE wanted=1
UNION ALL SELECT payload FROM delivery WHERE kind='edit' AND state IN ('pending', 'uncertain')
"""
"""How messages are to read by edits whose time has not come: a third one waits 100 s after the second."""

SEED = int(os.environ.get("NEWSBELL_SEED") or secrets.randbelow(10**6))

PATIENCE = 150
"""Seconds for what was in doubt, which may wait for a lease of two minutes."""


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
        for method in ("sendMessage", "editMessageText"):
            telegram.script(Fault.delay(after=0.2), method=method, times=None)
        (tmp_path / "rules.yaml").write_text(newsroom.rules(), encoding="utf-8")
        variables = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}
        for life in range(KILLS):
            bot = await Bot.start(folder=tmp_path, **variables)
            await bot.line_with("started")
            if life == 0:
                await _all_polled(tmp_path / "newsbell.db")
            await asyncio.sleep(chance.uniform(0, 1.5))
            await bot.kill()
        expected = newsroom.expected()
        last = await Bot.start(folder=tmp_path, **variables)
        # What has not come by then is named below.
        with contextlib.suppress(TimeoutError):
            await telegram.history.wait_for(
                lambda: all(_is_told(alert, posts(telegram)) for alert in expected), within=PATIENCE
            )
        await asyncio.sleep(1)
        code, _, _ = await last.end()
    standing = posts(telegram)
    with sqlite3.connect(tmp_path / "newsbell.db") as db:
        states = dict(db.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
        (doubts,) = db.execute("SELECT sum(uncertain_count) FROM delivery WHERE kind<>'edit'").fetchone()
        (open_messages,) = db.execute(
            "SELECT count(*) FROM delivery WHERE kind<>'edit' AND state NOT IN ('sent', 'suppressed')"
        ).fetchone()
        waiting = [json.loads(payload)["text"] for (payload,) in db.execute(_WAITING)]
    edits = sum(post.edits for post in standing)
    print(f"{len(standing)} messages, {edits} edits, {doubts} doubts, states {states}")  # noqa: T201 - as above
    assert code == 0
    assert [alert for alert in expected if not _is_told(alert, standing)] == []
    texts = [*waiting, *(post.text for post in standing)]
    assert [alert for alert in expected if not any(alert.is_told_in_full_by(text) for text in texts)] == []
    owed = len(expected) + sum(alert.development is not None for alert in expected)
    assert owed <= len(standing) <= owed + doubts
    assert set(states) <= {"sent", "suppressed", "pending", "uncertain"}
    assert open_messages == 0, "only edits may wait for their time"


async def _all_polled(database: Path) -> None:
    """Wait until each feed that ever answers was polled once.

    Of a first poll only the newest is told, so that what breaks before it is no loss.
    """
    async with asyncio.timeout(30):
        while _polled(database) < len(WITH_FEED):
            await asyncio.sleep(0.05)


def _polled(database: Path) -> int:
    with sqlite3.connect(database) as db:
        (number,) = db.execute("SELECT count(*) FROM feed WHERE first_polled_at IS NOT NULL").fetchone()
    return int(number)


def _is_told(alert: Expected, standing: Sequence[Post]) -> bool:
    """Whether the alert stands in its chat, and what must answer it answers a copy of it.

    A message in doubt is sent again, so that there may be two. Where the bot comes up so late that the first feed it
    polls lists a story and its development at once, before there is other news to weigh them by, they are two stories.
    """
    copies = told(alert, standing)
    answers = [post.answers for post in answered(alert, standing)]
    if alert.development is None:
        return bool(copies)
    return bool(answers) and set(answers) <= {None, *(post.id for post in copies)}
