from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.demo.newsroom import Newsroom
from bot.demo.newsroom.feeds import content_type, render
from bot.demo.newsroom.outlets import OUTLETS, Manner
from bot.demo.newsroom.timeline import Timeline
from bot.rules.loader import parse_rules

START = datetime(2031, 5, 4, 12, 30, 15, 250_000, tzinfo=UTC)
OUTLETS_BY_SLUG = {outlet.slug: outlet for outlet in OUTLETS}
LEDGER = "/anatolian-ledger/rss.xml"


@dataclass
class SetClock:
    """A clock that moves when a test says so."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def newsroom(clock: SetClock) -> AsyncIterator[Newsroom]:
    async with Newsroom(now=clock) as newsroom:
        yield newsroom


@pytest.fixture
async def client(newsroom: Newsroom) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=newsroom.url, trust_env=False, timeout=5) as client:
        yield client


@pytest.mark.parametrize("slug", [o.slug for o in OUTLETS if o.manner is Manner.PLAIN])
async def test_a_feed_is_served_as_it_is_rendered(client: httpx.AsyncClient, slug: str) -> None:
    outlet = OUTLETS_BY_SLUG[slug]
    response = await client.get(outlet.path)
    assert response.headers["content-type"] == content_type(outlet)
    assert response.content == render(Timeline(start=START, pace=1).edition(outlet, START))


@pytest.mark.parametrize("slug", [o.slug for o in OUTLETS if o.etag and o.manner is Manner.PLAIN])
async def test_an_unchanged_feed_answers_304_to_its_tag(client: httpx.AsyncClient, slug: str) -> None:
    path = OUTLETS_BY_SLUG[slug].path
    etag = (await client.get(path)).headers["etag"]
    response = await client.get(path, headers={"If-None-Match": etag})
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)


async def test_a_feed_without_a_tag_answers_304_to_its_date(client: httpx.AsyncClient) -> None:
    path = OUTLETS_BY_SLUG["lantern-street"].path
    await client.get(path)
    date = (await client.get(path)).headers["last-modified"]
    assert (await client.get(path, headers={"If-Modified-Since": date})).status_code == 304


async def test_a_feed_without_validators_is_read_whole_again(client: httpx.AsyncClient) -> None:
    response = await client.get(OUTLETS_BY_SLUG["kiln-and-compass"].path)
    assert not {"etag", "last-modified"} & response.headers.keys()


async def test_a_tag_no_longer_holds_when_a_story_has_broken(
    client: httpx.AsyncClient, clock: SetClock
) -> None:
    etag = (await client.get(LEDGER)).headers["etag"]
    clock.pass_by(4)
    response = await client.get(LEDGER, headers={"If-None-Match": etag})
    assert "Türkiye sends its energy minister to China" in response.text


async def test_the_moved_feed_leads_to_its_new_place(client: httpx.AsyncClient) -> None:
    moved = await client.get(OUTLETS_BY_SLUG["meridian-dispatch"].path)
    assert moved.status_code == 301
    assert (await client.get(moved.headers["location"])).status_code == 200


async def test_the_busy_feed_asks_for_two_seconds_and_then_serves(client: httpx.AsyncClient) -> None:
    path = OUTLETS_BY_SLUG["pewter-business"].path
    busy = await client.get(path)
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "2")
    assert (await client.get(path)).status_code == 200


async def test_the_feed_that_fails_at_first_then_serves(client: httpx.AsyncClient) -> None:
    path = OUTLETS_BY_SLUG["lantern-street"].path
    assert [(await client.get(path)).status_code for _ in range(2)] == [500, 200]


async def test_a_web_page_stands_in_for_the_parked_feed(client: httpx.AsyncClient) -> None:
    response = await client.get(OUTLETS_BY_SLUG["parked-gazette"].path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")


async def test_what_is_not_there_answers_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).status_code == 404


async def test_some_feeds_come_compressed(client: httpx.AsyncClient) -> None:
    response = await client.get(LEDGER, headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"


async def test_the_silent_feed_never_answers(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await client.get(OUTLETS_BY_SLUG["slumber-hill"].path, timeout=0.3)


async def test_a_request_that_hangs_does_not_hold_up_the_closing(clock: SetClock) -> None:
    async with Newsroom(now=clock) as newsroom:
        url = httpx.URL(newsroom.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(
            f"GET {OUTLETS_BY_SLUG['slumber-hill'].path} HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode()
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        before = time.monotonic()
    assert time.monotonic() - before < 0.5
    writer.close()


async def test_the_requests_are_recorded_with_what_they_asked(
    newsroom: Newsroom, client: httpx.AsyncClient
) -> None:
    etag = (await client.get(LEDGER)).headers["etag"]
    await client.get(LEDGER, headers={"If-None-Match": etag})
    told = [(r.at, r.path, r.status, r.if_none_match) for r in newsroom.requests()]
    assert told == [(START, LEDGER, 200, None), (START, LEDGER, 304, etag)]
    assert newsroom.statuses() == Counter({200: 1, 304: 1})


async def test_a_newsroom_that_was_not_entered_says_so(clock: SetClock) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        _ = Newsroom(now=clock).url


async def test_the_pace_stretches_expectations_and_the_end(clock: SetClock) -> None:
    slow = Newsroom(now=clock, pace=2.0)
    usual = Newsroom(now=clock)
    assert [a.breaks_at for a in slow.expected()] == [a.breaks_at * 2 for a in usual.expected()]
    assert slow.finished_at == usual.finished_at * 2


async def test_the_rules_file_lists_every_feed_under_this_server(newsroom: Newsroom) -> None:
    book = parse_rules(newsroom.rules().encode(), file="rules.yaml", require_running=True)
    assert sorted(feed.url for feed in book.feeds) == sorted(newsroom.url + outlet.path for outlet in OUTLETS)
