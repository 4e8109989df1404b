"""Worker processes for real: killed, starved, orphaned and signalled."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ParseError
from bot.feeds.parsing_pool import ParserPool
from bot.models import Feed, Fetched, Validators

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Feed(url="https://gazette.example/rss", language="en")
GOOD = b"<rss version='2.0'><channel><title>Gazette</title><item><title>Ferry late</title></item></channel></rss>"
SLOW = b"<rss version='2.0'></x>" + b"<item>" * 300_000


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool(workers=1, deadline=1.0) as pool:
        yield pool


def body(document: bytes) -> Fetched:
    return Fetched(url=FEED.url, body=document, content_type=None, validators=Validators())


async def titles(pool: ParserPool, document: bytes = GOOD) -> list[str]:
    parsed = await pool.parse(body(document), feed=FEED, now=NOW)
    return [article.title for article in parsed.articles]


def workers() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid is not None]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def test_a_feed_is_parsed_in_another_process(pool: ParserPool) -> None:
    parsed = await pool.parse(body(GOOD), feed=FEED, now=NOW)
    assert (parsed.title, [(a.title, a.source) for a in parsed.articles], parsed.whole) == (
        "Gazette",
        [("Ferry late", "Gazette")],
        True,
    )


async def test_the_operators_name_for_a_feed_is_its_source(pool: ParserPool) -> None:
    parsed = await pool.parse(body(GOOD), feed=Feed(url=FEED.url, name="The Gazette", language="en"), now=NOW)
    assert parsed.articles[0].source == "The Gazette"


async def test_a_feed_that_was_cut_short_is_not_whole(pool: ParserPool) -> None:
    parsed = await pool.parse(body(GOOD.removesuffix(b"</channel></rss>")), feed=FEED, now=NOW)
    assert (len(parsed.articles), parsed.whole) == (1, False)


async def test_what_is_no_feed_is_a_parse_error_that_names_the_host(pool: ParserPool) -> None:
    with pytest.raises(ParseError, match=r"^gazette\.example: .* web page"):
        await titles(pool, b"<html><body>Log in</body></html>")


async def test_a_slow_feed_is_killed_and_the_next_one_parsed(pool: ParserPool) -> None:
    started = time.monotonic()
    with pytest.raises(ParseError, match="longer than 1 s"):
        await titles(pool, SLOW)
    assert time.monotonic() - started < 3
    assert await titles(pool) == ["Ferry late"]


async def test_a_feed_that_needs_too_much_memory_is_a_parse_error() -> None:
    large = (
        b"<rss version='2.0'><channel><item><title>" + b"x" * 9_000_000 + b"</title></item></channel></rss>"
    )
    async with ParserPool(workers=1, memory=150 * 1024 * 1024) as starved:
        with pytest.raises(ParseError, match="more than 150 MiB"):
            await titles(starved, large)
        assert await titles(starved) == ["Ferry late"]


async def test_a_worker_killed_at_work_costs_only_its_feed(pool: ParserPool) -> None:
    await titles(pool)
    task = asyncio.create_task(titles(pool, SLOW))
    await asyncio.sleep(0.3)
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(ParseError, match="brought its parser down"):
        await task
    assert await titles(pool) == ["Ferry late"]


async def test_a_worker_killed_at_rest_costs_nothing(pool: ParserPool) -> None:
    await titles(pool)
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(0.3)
    assert await titles(pool) == ["Ferry late"]


async def test_signals_to_the_group_leave_workers_at_work(pool: ParserPool) -> None:
    await titles(pool)
    for pid in workers():
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    before = workers()
    assert await titles(pool) == ["Ferry late"]
    assert workers() == before


async def test_a_cancelled_parse_frees_its_worker(pool: ParserPool) -> None:
    await titles(pool)
    task = asyncio.create_task(titles(pool, SLOW))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await titles(pool) == ["Ferry late"]


async def test_leaving_the_pool_is_quick_and_leaves_no_process() -> None:
    async with ParserPool(workers=2, deadline=30.0) as pool:
        await pool.warm()
        task = asyncio.create_task(titles(pool, SLOW))
        await asyncio.sleep(0.3)
        pids = workers()
        started = time.monotonic()
    assert time.monotonic() - started < 1
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [pid for pid in pids if is_alive(pid)] == []


async def test_a_warm_pool_parses_in_the_worker_that_stands_ready() -> None:
    async with ParserPool(workers=1) as pool:
        await pool.warm()
        ready = workers()
        await titles(pool)
        assert (len(ready), workers()) == (1, ready)


async def test_many_feeds_share_few_workers(pool: ParserPool) -> None:
    assert await asyncio.gather(*(titles(pool) for _ in range(30))) == [["Ferry late"]] * 30


ORPHANS = """
import asyncio, multiprocessing
from bot.feeds.parsing_pool import ParserPool

async def main():
    async with ParserPool(workers=2) as pool:
        await pool.warm()
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_workers_die_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(ORPHANS)
    root = Path(__file__).parents[2]
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={"PYTHONPATH": str(root)},
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    patience = time.monotonic() + 5
    while any(is_alive(pid) for pid in pids) and time.monotonic() < patience:
        time.sleep(0.05)
    assert len(pids) == 2
    assert [pid for pid in pids if is_alive(pid)] == []
