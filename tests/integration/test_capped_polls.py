"""Polls over hours, with caps, cooldowns, pauses and restarts, on the real database: nothing is lost or told twice."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from builders import NOON, make_article, make_match
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Article, Feed, Fetched, Match, Parsed, Validators
from bot.rules.definitions import Channel, Defaults, Group, Priority, Rule, RuleBook
from bot.services.digests import Digests
from bot.services.poller import LiveRules, Poller
from bot.storage.sqlite import SqliteStorage

FEEDS = ("https://wire.example/rss.xml", "https://other.example/feed")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LONG_AGO = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry to come: the rules that ring on it. A copy has the address of one that the other feed brought."""

    rules: tuple[str, ...] = ()
    old: bool = False
    copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """After some minutes, and maybe a restart, each feed brings entries."""

    minutes: int
    items: tuple[tuple[Item, ...], tuple[Item, ...]]
    restart: bool = False


@dataclass
class Wire:
    """Two feeds that list all that they ever brought; the edges of the poller."""

    listed: dict[str, list[Article]] = field(default_factory=lambda: {url: [] for url in FEEDS})
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    to_copy: dict[str, str] = field(default_factory=dict)

    def add(self, feed_url: str, item: Item, now: datetime) -> None:
        number = sum(map(len, self.listed.values()))
        (other,) = set(FEEDS) - {feed_url}
        page = self.to_copy.pop(other, None) if item.copy else None
        if page is None:
            page = f"https://{feed_url.split('/')[2]}/{number}"
            if not item.old:
                self.to_copy[feed_url] = page
        self.listed[feed_url].append(
            make_article(
                feed_url=feed_url,
                entry_id=str(number),
                url=page,
                canonical_url=page,
                title=" ".join(
                    hashlib.sha256(page.encode()).hexdigest()[at : at + 8] for at in range(0, 32, 8)
                ),
                summary="",
                published=now - (LONG_AGO if item.old else timedelta()),
            )
        )
        self.rules[f"{feed_url} {number}"] = item.rules

    def match(self, article: Article) -> tuple[Match, ...]:
        return tuple(make_match(rule) for rule in self.rules[f"{article.feed_url} {article.entry_id}"])

    async def fetch(self, *_: Feed, url: str, **__: object) -> Fetched:
        return Fetched(url=url, body=b"", content_type=None, validators=Validators())

    async def parse(self, *_: Fetched, feed: Feed, **__: object) -> Parsed:
        return Parsed(title=None, articles=tuple(self.listed[feed.url]))

    def owed(self, book: RuleBook) -> set[tuple[str, str]]:
        """Each page and each chat that follows a rule which rings on it."""
        return {
            (article.canonical_url or "", channel.chat)
            for articles in self.listed.values()
            for article in articles
            for channel in book.channels
            if set(channel.rules) & {match.rule for match in self.match(article)}
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert as the outbox has it."""

    page: str
    chat: str
    rules: str
    feed_url: str
    at: float
    is_urgent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of some hours: alerts, what was spared, what was held by page and chat, and what is held still."""

    alerts: list[Told]
    spared: list[tuple[str, str]]
    held: list[tuple[str, str]]
    waiting: int


async def live(book: RuleBook, steps: Iterable[Step], wire: Wire, path: Path) -> Outcome:
    """Live through some hours, and on until nothing waits."""
    clock = [NOON]
    storage = SqliteStorage(path)
    poller, digests = await start(book, storage, wire, clock)
    for step in [Step(minutes=0, items=((), ())), *steps]:
        clock[0] += step.minutes * MINUTE
        if step.restart:
            await storage.close()
            storage = SqliteStorage(path)
            poller, digests = await start(book, storage, wire, clock)
        for feed_url, items in zip(FEEDS, step.items, strict=True):
            for item in items:
                wire.add(feed_url, item, clock[0])
        await poller.tick()
        await asyncio.gather(*poller._polls.values())
        await digests.tick()
    for _ in range(12):
        clock[0] += HOUR
        await digests.tick()
    outcome = look(storage)
    await storage.close()
    return outcome


async def start(
    book: RuleBook, storage: SqliteStorage, wire: Wire, clock: list[datetime]
) -> tuple[Poller, Digests]:
    await storage.open(clock[0])
    poller = Poller(
        rules=LiveRules(book=book, match=wire.match),
        storage=storage,
        fetcher=wire,
        parser=wire,
        clock=lambda: clock[0],
        on_pending=lambda: None,
    )
    await poller.start()
    return poller, Digests(book=book, storage=storage, clock=lambda: clock[0], on_pending=lambda: None)


def look(storage: SqliteStorage) -> Outcome:
    db = storage._open_db
    pages = dict(db.execute("SELECT story_id, canonical_url FROM article"))
    alerts = list(db.query("SELECT * FROM delivery WHERE alert IS NOT NULL ORDER BY id"))
    ((waiting,),) = db.execute("SELECT count(*) FROM held WHERE released_at IS NULL")
    return Outcome(
        alerts=[
            Told(
                page=pages[row["story_id"]],
                chat=row["chat"],
                rules=row["rules"],
                feed_url=row["feed_url"],
                at=row["created_at"],
                is_urgent=row["priority"] > 0,
            )
            for row in alerts
            if row["state"] != "suppressed"
        ],
        spared=[(pages[row["story_id"]], row["chat"]) for row in alerts if row["state"] == "suppressed"],
        held=[(pages[story_id], chat) for story_id, chat in db.execute("SELECT story_id, chat FROM held")],
        waiting=waiting,
    )


def busiest(times: Iterable[tuple[str, float]]) -> int:
    """The most different things that happened within any hour; `times` are each thing's name and time."""
    happened = sorted(times, key=lambda pair: pair[1])
    return max(
        (len({name for name, at in happened if end - 3600 < at <= end}) for _, end in happened), default=0
    )


RULE_SETS = st.sampled_from([(), ("wide",), ("wide",), ("wide",), ("rare",), ("wide", "rare")])
ITEMS = st.builds(Item, rules=RULE_SETS, copy=st.booleans()) | st.builds(
    Item, rules=RULE_SETS, old=st.booleans()
)
SOME = st.lists(ITEMS, max_size=6).map(tuple)
STEPS = st.lists(
    st.builds(
        Step, minutes=st.sampled_from([2, 7, 25, 61]), items=st.tuples(SOME, SOME), restart=st.booleans()
    ),
    min_size=1,
    max_size=7,
)
CAPS = st.sampled_from([1, 2, 3, 5, 8, 100])
BOOKS = st.builds(
    lambda feed_caps, rule_caps, chat_caps, cooldown, priority: RuleBook(
        defaults=Defaults(fold_events=False),
        feeds=tuple(Feed(url=url, every=MINUTE, cap=cap) for url, cap in zip(FEEDS, feed_caps, strict=True)),
        rules=(
            Rule(id="wide", title="Wide", when=Group(), cap=rule_caps[0], cooldown=cooldown),
            Rule(id="rare", title="Rare", when=Group(), cap=rule_caps[1], priority=priority),
        ),
        channels=(
            Channel(chat="@all", rules=("wide", "rare"), cap=chat_caps[0]),
            Channel(chat="@wide", rules=("wide",), cap=chat_caps[1]),
        ),
    ),
    st.tuples(CAPS, CAPS),
    st.tuples(CAPS, CAPS),
    st.tuples(CAPS, CAPS),
    st.sampled_from([None, None, timedelta(minutes=20), 2 * HOUR]),
    st.sampled_from([Priority.NORMAL, Priority.HIGH]),
)


@settings(max_examples=40, deadline=None)
@given(book=BOOKS, steps=STEPS)
def test_each_story_is_owed_held_or_spared_once_in_a_place_and_no_cap_is_exceeded(
    book: RuleBook, steps: list[Step]
) -> None:
    wire = Wire()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(live(book, steps, wire, Path(folder) / "newsbell.db"))
    accounted = Counter(
        [*((each.page, each.chat) for each in outcome.alerts), *outcome.held, *outcome.spared]
    )
    assert accounted == dict.fromkeys(wire.owed(book), 1)
    assert outcome.waiting == 0
    exceeded = [name for name, most, cap in loads(outcome, book) if most > cap]
    assert exceeded == []


def loads(outcome: Outcome, book: RuleBook) -> Iterable[tuple[str, int, int]]:
    """The most alerts in an hour of each chat, and stories of each rule and feed, beside its cap.

    Urgent alerts do not wait for their chat's cap, and those of several rules go out for the one that has room.
    """
    by_name: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for told in outcome.alerts:
        by_name[told.rules].append((told.page, told.at))
        by_name[told.feed_url].append((told.page, told.at))
        if not told.is_urgent:
            by_name[told.chat].append((told.page, told.at))
    for feed in book.feeds:
        yield feed.url, busiest(by_name[feed.url]), feed.cap
    for rule in book.rules:
        yield rule.id, busiest(by_name[f'["{rule.id}"]']), rule.cap
    for channel in book.channels:
        yield channel.chat, busiest(by_name[channel.chat]), channel.cap
