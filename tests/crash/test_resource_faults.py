"""The running bot on a machine that fails it: a full disk, a file it may not write, a lock, a stop, a second instance."""

from __future__ import annotations

import asyncio
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bot_process import Bot, environment
from feed_server import FeedServer, Item
from running_bot import NEWS, World

from bot.demo.botapi import BotApiServer, Fault

MORE = Item(id="2", title="Rare earths again", text="Another day, another text.")

NOBODY = """
import os, pathlib, sys
import bot.app, bot.cli
from bot.rules.loader import load_rules
load_rules(pathlib.Path("rules.yaml"))  # whatever is read late is read before the rights are gone
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
sys.argv = ["newsbell", "run"]
bot.cli.main()
"""
"""The command as a user who may write nowhere; whoever is root may write anywhere."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with FeedServer(items=[NEWS]) as feed, BotApiServer(accept_unknown_chats=True) as telegram:
        yield World(feed, telegram, tmp_path)


async def running(world: World) -> Bot:
    """A bot that has sent its first message."""
    bot = await world.start()
    await world.telegram.history.wait_for_messages(1, within=20)
    await bot.line_with("delivery_sent")
    return bot


async def test_a_full_disk_keeps_the_bot_running_and_sends_nothing_that_is_not_stored(world: World) -> None:
    bot = await running(world)
    limits = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
    world.feed.items = [NEWS, MORE]
    await bot.line_with("poll_not_stored")
    assert world.telegram.history.count() == 1
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, limits)
    await world.telegram.history.wait_for_messages(2, within=20)
    code, _, _ = await bot.end()
    assert (code, world.telegram.history.count(), world.deliveries()) == (0, 2, ["sent", "sent"])


async def test_a_result_that_meets_a_full_disk_is_kept_until_there_is_room(world: World) -> None:
    bot = await running(world)
    limits = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    world.telegram.script(
        Fault.delay(after=0.3).calling(
            after=lambda: resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
        ),
        method="sendMessage",
    )
    world.feed.items = [NEWS, MORE]
    await bot.line_with("delivery_not_stored")
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, limits)
    await asyncio.sleep(3)
    code, _, _ = await bot.end()
    assert (code, world.telegram.history.count(), world.deliveries()) == (0, 2, ["sent", "sent"])


async def test_a_database_that_may_not_be_written_ends_with_7_before_anything_is_sent(world: World) -> None:
    bot = await running(world)
    await bot.end()
    (world.folder / "newsbell.db").chmod(0o444)
    world.folder.chmod(0o555)
    for parent in list(world.folder.parents)[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", NOBODY],
        cwd=world.folder,
        env=environment(world_variables(world)),
        capture_output=True,
        timeout=30,
        check=False,
    )
    world.folder.chmod(0o755)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 7, lines
    assert len(lines) == 1
    assert "newsbell.db" in lines[0]
    assert world.telegram.history.count() == 1


async def test_a_database_locked_for_ten_seconds_loses_no_claim(world: World) -> None:
    bot = await running(world)
    with sqlite3.connect(world.folder / "newsbell.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        world.feed.items = [NEWS, MORE]
        await asyncio.sleep(10)
        assert world.telegram.history.count() == 1
        other.execute("ROLLBACK")
    other.close()
    await world.telegram.history.wait_for_messages(2, within=20)
    code, _, _ = await bot.end()
    assert (code, world.telegram.history.count(), world.deliveries()) == (0, 2, ["sent", "sent"])


async def test_of_two_instances_the_second_ends_with_5_and_the_first_goes_on(world: World) -> None:
    first = await running(world)
    second = await world.start()
    await second.process.wait()
    world.feed.items = [NEWS, MORE]
    await world.telegram.history.wait_for_messages(2, within=20)
    assert (second.process.returncode, (await first.end())[0], world.telegram.history.count()) == (5, 0, 2)


async def test_a_bot_that_is_stopped_while_telegram_answers_sends_nothing_twice(world: World) -> None:
    bot = await running(world)
    world.telegram.script(
        Fault.delay(after=0.1).calling(after=lambda: bot.process.send_signal(signal.SIGSTOP)),
        method="sendMessage",
    )
    world.feed.items = [NEWS, MORE]
    await world.telegram.history.wait_for_messages(2, within=20)
    await asyncio.sleep(3)
    bot.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(2)
    code, _, _ = await bot.end()
    assert (code, world.telegram.history.count(), world.deliveries()) == (0, 2, ["sent", "sent"])


def world_variables(world: World) -> dict[str, str]:
    """The environment of a bot in this world, its rules file as it stands."""
    return {"TELEGRAM_BOT_TOKEN": world.telegram.token, "TELEGRAM_API_URL": world.telegram.url}
