from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bot.rules.engine import compile_rules

from bot.demo.newsroom import Newsroom
from bot.demo.newsroom.expectations import FOLLOWERS
from bot.demo.newsroom.feeds import content_type, render
from bot.demo.newsroom.outlets import OUTLETS, Manner, Outlet
from bot.demo.newsroom.stories import Piece, pieces
from bot.demo.newsroom.timeline import Timeline
from bot.feeds.article import normalise
from bot.feeds.identity import keyed
from bot.feeds.parser import parse
from bot.models import Article, Feed, FeedState, KnownArticle, Match, NewDelivery
from bot.pipeline import decide, match_all
from bot.rules.cases import failures
from bot.rules.definitions import RuleBook
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


async def test_the_publication_of_every_expected_title_is_known(newsroom: Newsroom) -> None:
    published = newsroom.published()
    assert [published[alert.title] for alert in newsroom.expected()] == [
        START + alert.breaks_at for alert in newsroom.expected()
    ]


async def test_the_pace_stretches_expectations_and_the_end(clock: SetClock) -> None:
    slow = Newsroom(now=clock, pace=2.0)
    usual = Newsroom(now=clock)
    assert [a.breaks_at for a in slow.expected()] == [a.breaks_at * 2 for a in usual.expected()]
    assert slow.finished_at == usual.finished_at * 2


@pytest.fixture
async def book(newsroom: Newsroom) -> RuleBook:
    return parse_rules(newsroom.rules().encode(), file="rules.yaml", require_running=True)


@pytest.fixture
def match(book: RuleBook) -> Callable[[Article], tuple[Match, ...]]:
    return compile_rules(book).match


async def test_the_rules_file_lists_every_feed(newsroom: Newsroom, book: RuleBook) -> None:
    assert {feed.url for feed in book.feeds} == {newsroom.url + outlet.path for outlet in OUTLETS}


async def test_the_feeds_bear_the_names_of_their_outlets(book: RuleBook) -> None:
    names = [feed.name for feed in book.feeds if feed.name is not None]
    assert set(names) <= {outlet.name for outlet in OUTLETS}


async def test_the_rules_file_s_channels_are_those_of_the_expectations(book: RuleBook) -> None:
    assert {channel.chat: channel.rules for channel in book.channels} == FOLLOWERS


async def test_the_rules_file_s_own_tests_pass(
    book: RuleBook, match: Callable[[Article], tuple[Match, ...]]
) -> None:
    assert failures(book, "rules.yaml", match) == ()


@pytest.mark.parametrize("piece", pieces(), ids=lambda piece: f"{piece.outlet.slug}/{piece.id}")
async def test_an_entry_rings_what_it_must_and_nothing_else(
    book: RuleBook, match: Callable[[Article], tuple[Match, ...]], piece: Piece
) -> None:
    articles = read(piece.outlet, book, now=START + timedelta(seconds=11))
    article = next(a for a in articles if a.url == piece.link)
    assert tuple(found.rule for found in match(article)) == piece.rings


@pytest.mark.parametrize("first_poll", [0.0, 1.5, 4.5, 6.1, 9.0, 60.0])
async def test_the_expected_alerts_come_and_no_others_whenever_the_first_poll_is(
    newsroom: Newsroom, book: RuleBook, match: Callable[[Article], tuple[Match, ...]], first_poll: float
) -> None:
    reader = Reader(book=book, match=match)
    for seconds in (first_poll, *(first_poll + second for second in range(1, 12))):
        for feed in book.feeds:
            reader.poll(feed, START + timedelta(seconds=seconds))
    owed = [
        (delivery.chat, delivery.rules, delivery.message.text)
        for delivery in reader.deliveries.values()
        if delivery.suppressed is None
    ]
    for alert in newsroom.expected():
        told = [text for chat, rules, text in owed if (chat, rules) == (alert.chat, alert.rules)]
        assert sum(alert.is_told_by(text) for text in told) == 1
    assert len(owed) == len(newsroom.expected())


async def test_the_lead_reaches_the_group_as_one_message_that_names_all_three_rules(
    newsroom: Newsroom,
) -> None:
    lead = [alert for alert in newsroom.expected() if alert.title.startswith("Türkiye sends its energy")]
    assert [alert.rules for alert in lead if alert.chat == "-1002000000001"] == [
        ("rare-earth", "brics", "byd-turkiye")
    ]


def read(outlet: Outlet, book: RuleBook, now: datetime) -> list[Article]:
    """An outlet's feed as articles."""
    feed = next(feed for feed in book.feeds if feed.url.endswith(outlet.path))
    document = render(Timeline(start=START, pace=1).edition(outlet, now))
    parsed = parse(document, content_type=content_type(outlet), url=feed.url)
    return [
        normalise(
            entry,
            feed=feed,
            source=feed.name or parsed.title or "",
            feed_language=parsed.language,
            url=feed.url,
            now=now,
        )
        for entry in parsed.entries
    ]


@dataclass
class Reader:
    """The pipeline over the newsroom's feeds, with a memory in place of the database."""

    book: RuleBook
    match: Callable[[Article], tuple[Match, ...]]
    deliveries: dict[str, NewDelivery] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)
    known: list[KnownArticle] = field(default_factory=list)

    def poll(self, feed: Feed, now: datetime) -> None:
        outlet = next(outlet for outlet in OUTLETS if feed.url.endswith(outlet.path))
        if outlet.manner in (Manner.WEB_PAGE, Manner.NEVER_ANSWERS):
            return
        entries = keyed(read(outlet, self.book, now), with_links=False)
        polled_before = self.seen.get(feed.url)
        fresh = [entry for entry in entries if entry.keys[0] not in (polled_before or ())]
        state = FeedState(
            url=feed.url,
            fetch_url=feed.url,
            first_polled_at=None if polled_before is None else START,
            next_due_at=now,
            interval=timedelta(seconds=1),
        )
        keys = [key for entry in entries for key in entry.keys]
        batch = decide(
            match_all(fresh, self.match),
            seen=keys,
            known=self.known,
            book=self.book,
            before=state,
            after=state,
            now=now,
        )
        self.seen.setdefault(feed.url, set()).update(keys)
        for delivery in batch.deliveries:
            self.deliveries.setdefault(delivery.dedupe_key, delivery)
        self.known += [
            KnownArticle(
                story_id=folded.story_id,
                feed_url=feed.url,
                source=folded.article.source,
                canonical_url=folded.article.canonical_url,
                text_key=folded.text_key,
            )
            for folded in batch.articles
        ]
