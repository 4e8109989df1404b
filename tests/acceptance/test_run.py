"""`newsbell run` as an operator sees it: what arrives, how it starts, how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bot_process import Bot, newsbell
from feed_server import FeedServer, Item
from running_bot import NEWS, World

from bot.demo.botapi import BotApiServer, Fault


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with FeedServer(items=[NEWS]) as feed, BotApiServer(accept_unknown_chats=True) as telegram:
        yield World(feed, telegram, tmp_path)


async def test_news_reaches_its_chat_and_sigterm_ends_with_0(world: World) -> None:
    bot = await world.start()
    (sent,) = await world.telegram.history.wait_for_messages(1, within=20)
    code, _, _ = await bot.end()
    assert code == 0
    assert sent.message.text.startswith("A refinery for rare earths\n")


async def test_news_that_breaks_while_the_bot_runs_arrives_within_seconds(world: World) -> None:
    bot = await world.start()
    await world.telegram.history.wait_for_messages(1, within=20)
    world.feed.items = [NEWS, Item(id="2", title="Rare earths again", text="Another day, another text.")]
    broke = time.monotonic()
    await world.telegram.history.wait_for_messages(2, within=10)
    assert time.monotonic() - broke < 5
    await bot.end()


async def test_a_restart_sends_nothing_again(world: World) -> None:
    for _ in range(2):
        bot = await world.start()
        await bot.line_with("poll_recorded" if not world.telegram.history.count() else "started")
        await world.telegram.history.wait_for_messages(1, within=20)
        await asyncio.sleep(1.5)
        await bot.end()
    assert world.telegram.history.count() == 1


async def test_ctrl_c_ends_with_0(world: World) -> None:
    bot = await world.start()
    await bot.line_with("started")
    code, _, err = await bot.end(signal.SIGINT)
    assert (code, "Traceback" in err) == (0, False), err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_while_the_bot_starts_ends_with_0(world: World, number: int) -> None:
    for wait in (0.3, 0.5, 0.7):
        bot = await world.start()
        await asyncio.sleep(wait)
        code, _, err = await bot.end(number)
        assert (code, "Traceback" in err, "Aborted" in err) == (0, False, False)


async def test_a_telegram_that_does_not_answer_the_check_delays_no_end(world: World) -> None:
    world.telegram.script(Fault.hang(accepted=True), method="getMe", times=None)
    bot = await world.start()
    await world.telegram.history.wait_for(lambda: bool(world.telegram.history.calls("getMe")), within=20)
    code, _, _ = await bot.end(within=8)
    assert code == 0


async def test_the_database_by_another_name_is_the_same_database(world: World) -> None:
    first = await world.start()
    await first.line_with("started")
    (world.folder / "alias.db").symlink_to("newsbell.db")
    variables = world.variables(NEWSBELL_DATABASE="alias.db")
    second = await asyncio.to_thread(lambda: newsbell("run", folder=world.folder, **variables))
    assert second.returncode == 5
    await first.end()


async def test_a_signal_to_the_whole_group_lets_what_is_in_flight_finish(world: World) -> None:
    world.telegram.script(Fault.delay(after=1.0), method="sendMessage")
    bot = await world.start()
    await world.telegram.history.wait_for_messages(1, within=20)
    os.killpg(bot.process.pid, signal.SIGTERM)
    code, _, _ = await bot.end()
    assert (code, world.deliveries()) == (0, ["sent"])


async def test_a_hanging_telegram_delays_the_end_by_ten_seconds_at_most(world: World) -> None:
    world.telegram.script(Fault.hang(accepted=True), method="sendMessage", times=None)
    bot = await world.start()
    await world.telegram.history.wait_for_messages(1, within=20)
    began = time.monotonic()
    code, _, _ = await bot.end()
    assert (code, world.deliveries()) == (0, ["uncertain"])
    assert time.monotonic() - began < 10


async def test_no_worker_outlives_a_killed_bot(world: World) -> None:
    bot = await world.start()
    await bot.line_with("poll_recorded")
    group = bot.process.pid
    await bot.kill()
    async with asyncio.timeout(5):
        while _alive(group):
            await asyncio.sleep(0.05)


async def test_the_token_reaches_no_log(world: World) -> None:
    world.telegram.script(Fault.gateway(502), method="sendMessage")
    bot = await world.start(NEWSBELL_LOG_LEVEL="DEBUG")
    await world.telegram.history.wait_for_messages(1, within=20)
    _, out, err = await bot.end()
    assert "delivery_sent" in err
    assert world.telegram.token.split(":")[1] not in out + err


async def test_health_is_green_while_the_bot_runs_and_red_without_it(world: World) -> None:
    def health() -> int:
        return newsbell("health", folder=world.folder).returncode

    assert await asyncio.to_thread(health) == 1
    bot = await world.start()
    await bot.line_with("poll_recorded")
    assert await asyncio.to_thread(health) == 0
    await bot.end()
    assert await asyncio.to_thread(health) == 1


async def test_telegram_out_of_reach_at_the_start_ends_nothing(world: World) -> None:
    await world.telegram.refuse_connections()
    bot = await world.start()
    await bot.line_with("delivery_unreachable")
    await world.telegram.accept_connections()
    await world.telegram.history.wait_for_messages(1, within=20)
    await bot.end()
    assert world.deliveries() == ["sent"]


async def test_a_token_refused_at_the_start_ends_with_6(world: World) -> None:
    bot = await world.start(TELEGRAM_BOT_TOKEN="999:somebody-else")
    code, _, err = await bot.end(0)
    assert (code, err.count("\n")) == (6, 1)
    assert "does not accept the bot token" in err


async def test_a_token_refused_later_stops_the_sending_and_not_the_polling(world: World) -> None:
    world.telegram.script(Fault.unauthorized(), method="sendMessage", times=None)
    bot = await world.start()
    await bot.line_with("delivery_stopped")
    polls = len(world.feed.requests)
    async with asyncio.timeout(10):
        while len(world.feed.requests) < polls + 2:
            await asyncio.sleep(0.05)
    await bot.end()
    assert world.deliveries() == ["pending"]


async def test_a_second_instance_ends_with_5(world: World) -> None:
    first = await world.start()
    await first.line_with("started")
    second = await asyncio.to_thread(lambda: newsbell("run", folder=world.folder, **world.variables()))
    assert (second.returncode, second.stderr.count("\n")) == (5, 1)
    await first.end()


async def test_a_dry_run_prints_changes_nothing_and_needs_no_token(world: World) -> None:
    bot = await world.start("--dry-run", TELEGRAM_BOT_TOKEN="")
    await bot.line_with("delivery_sent")
    code, out, _ = await bot.end()
    assert (code, world.telegram.history.calls()) == (0, ())
    assert "A refinery for rare earths" in out
    assert [path.name for path in world.folder.iterdir()] == ["rules.yaml"]


async def test_a_dry_run_beside_a_running_bot_leaves_its_database_alone(world: World) -> None:
    bot = await world.start()
    await bot.line_with("delivery_sent")
    await asyncio.sleep(0.2)
    before = world.deliveries()
    dry = await world.start("--dry-run")
    await dry.line_with("started")
    assert (await dry.end())[0] == 0
    assert world.deliveries() == before
    await bot.end()


async def test_stories_that_a_cooldown_holds_back_come_as_one_message(world: World) -> None:
    variables = world.variables()
    rules = world.feed.rules().replace("title: Rare earths\n", "title: Rare earths\n    cooldown: 4s\n")
    (world.folder / "rules.yaml").write_text(rules, encoding="utf-8")
    bot = await Bot.start(folder=world.folder, **variables)
    await world.telegram.history.wait_for_messages(1, within=20)
    more = [Item(id=str(n), title=f"Rare earths, part {n}", text=f"Text {n}.") for n in (2, 3)]
    world.feed.items = [NEWS, *more]
    _, gathered = await world.telegram.history.wait_for_messages(2, within=15)
    assert gathered.message.text.startswith("Rare earths: 2 more stories\n")
    await bot.end()
    assert world.telegram.history.count() == 2


async def test_a_rule_for_two_sources_rings_when_the_second_feed_tells_the_story(world: World) -> None:
    variables = world.variables()
    second = (
        f"  - url: {world.feed.url}/second.xml\n    name: Second\n    every: 1s\n    allow_private: true\n"
    )
    rules = world.feed.rules().replace("title: Rare earths\n", "title: Rare earths\n    min_sources: 2\n")
    (world.folder / "rules.yaml").write_text(rules, encoding="utf-8")
    bot = await Bot.start(folder=world.folder, **variables)
    await bot.line_with("poll_recorded")
    await asyncio.sleep(1)
    assert world.telegram.history.count() == 0
    (world.folder / "rules.yaml").write_text(rules.replace("rules:\n  - id", f"{second}rules:\n  - id"))
    (sent,) = await world.telegram.history.wait_for_messages(1, within=15)
    assert "2 sources" in sent.message.text
    await bot.end()


async def test_a_saved_rules_file_is_taken_up(world: World) -> None:
    bot = await world.start()
    await world.telegram.history.wait_for_messages(1, within=20)
    saved = world.feed.rules().replace("[rare earth]", "[rare earth, dam]")
    (world.folder / "rules.yaml").write_text(saved, encoding="utf-8")
    await bot.line_with("rules_reloaded")
    world.feed.items = [NEWS, Item(id="2", title="A dam is built", text="Nobody asked for it.")]
    await world.telegram.history.wait_for_messages(2, within=10)
    await bot.end()


async def test_a_bad_rules_file_leaves_the_old_rules_live(world: World) -> None:
    bot = await world.start()
    await world.telegram.history.wait_for_messages(1, within=20)
    (world.folder / "rules.yaml").write_text("version: 1\nfeedz: []\n", encoding="utf-8")
    await bot.line_with("rules_refused")
    world.feed.items = [NEWS, Item(id="2", title="Rare earths again", text="Another day.")]
    await world.telegram.history.wait_for_messages(2, within=10)
    assert (await bot.end())[0] == 0


async def test_what_was_owed_before_a_stop_is_sent_after_it(world: World) -> None:
    await world.telegram.refuse_connections()
    first = await world.start()
    await first.line_with("delivery_unreachable")
    await first.end()
    await world.telegram.accept_connections()
    world.feed.items = []
    second = await world.start()
    await world.telegram.history.wait_for_messages(1, within=20)
    await second.end()
    assert world.telegram.history.count() == 1


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
