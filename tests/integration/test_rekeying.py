"""Feeds that change the names of their entries: each story is told once, whatever they do.

Histories of a feed are polled from a loopback server into SQLite by the real poller; what is owed is read from the
outbox. A story is told apart by a made-up place in its title, which no edit changes.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from feed_server import FeedServer, Item

from bot.feeds.fetcher import Fetcher
from bot.feeds.parsing_worker import read_feed
from bot.models import Feed, Fetched, Parsed
from bot.rules.engine import compile_rules
from bot.rules.loader import parse_rules
from bot.services.poller import LiveRules, Poller
from bot.storage.sqlite import SqliteStorage

SITE: Final = "https://wire.example"

_WHO: Final = (
    "dockers teachers surgeons brewers judges divers farmers painters pilots bakers miners weavers".split()
)
_DID: Final = (
    "opened praised rejected surveyed flooded repaired guarded auctioned renamed mapped emptied lit".split()
)
_WHAT: Final = (
    "quay orchard tunnel archive lighthouse stadium reservoir granary observatory foundry ferry vineyard "
    "courthouse greenhouse windmill aqueduct market chapel shipyard cinema quarry barracks nursery museum"
).split()
_HOW: Final = "quietly yesterday together overnight cheaply reluctantly twice abroad indoors proudly".split()
_SYLLABLES: Final = "ka lo mi ren dor sta vel nor bri tan os ul pe gri hal mon ser tu".split()


class InThread:
    """The parser, without processes of its own."""

    async def parse(self, fetched: Fetched, *, feed: Feed, now: datetime) -> Parsed:
        return await asyncio.to_thread(read_feed, fetched, feed, now)


@dataclass
class World:
    feed: FeedServer
    storage: SqliteStorage
    fetcher: Fetcher
    poller: Poller
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def poll(self, items: Iterable[Item], *, later: timedelta = timedelta(seconds=2)) -> None:
        """Let every feed list these items, and poll them all to the end."""
        self.feed.items = list(items)
        self.ahead += later
        await self.poller.tick()
        async with asyncio.timeout(20):
            while self.poller._polls:
                await asyncio.sleep(0.002)

    def told(self) -> Counter[str]:
        """How often each story is owed, by the made-up place that its title ends with."""
        rows = self.storage._open_db.execute("SELECT payload FROM delivery WHERE state='pending'")
        return Counter(str(row[0]).split('"')[3].split("\\n")[0].split(" in ")[-1] for row in rows)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A feed under two addresses, both polled once while they were empty."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(FeedServer())
        storage = SqliteStorage(tmp_path / "newsbell.db")
        await storage.open(datetime.now(UTC))
        stack.push_async_callback(storage.close)
        fetcher = await stack.enter_async_context(Fetcher(user_agent="Newsbell/test"))
        second = f"  - {{url: {server.url}/second.xml, name: Second, every: 1s, allow_private: true}}\n"
        book = parse_rules(server.rules(feed=second).encode(), file="rules.yaml")
        poller = Poller(
            rules=LiveRules(book=book, match=compile_rules(book).match),
            storage=storage,
            fetcher=fetcher,
            parser=InThread(),
            clock=lambda: made.now(),
            on_pending=lambda: None,
        )
        stack.push_async_callback(poller.stop)
        made = World(server, storage, fetcher, poller)
        await poller.start()
        await made.poll([])
        yield made


def place(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=4)).capitalize()


def sentence(chance: random.Random, where: str) -> str:
    who, did, what = chance.choice(_WHO), chance.choice(_DID), chance.choice(_WHAT)
    made_up = " ".join(place(chance).lower() for _ in range(4))
    return (
        f"The {who} of {where} {did} the {what} near {place(chance)}, where {made_up}, said {place(chance)}."
    )


def story(number: int, **changes: object) -> Item:
    """Made-up news of rare earths, always the same for a number."""
    chance = random.Random(number)  # noqa: S311 - the same each time, and no secret
    where = place(chance)
    item = Item(
        id=f"id-{number}",
        title=f"Rare earth {chance.choice(_WHO)} {chance.choice(_DID)} {chance.choice(_WHAT)} in {where}",
        text=" ".join(sentence(chance, where) for _ in range(4)),
        link=f"{SITE}/news/{number}",
        age=timedelta(minutes=number),
    )
    return replace(item, **changes)  # type: ignore[arg-type]


def typo(text: str) -> str:
    """Two letters of the third word changed places."""
    words = text.split(" ")
    words[2] = words[2][1] + words[2][0] + words[2][2:]
    return " ".join(words)


def once(*numbers: int) -> Counter[str]:
    """Each of these stories told once."""
    return Counter(story(number).title.split(" in ")[-1] for number in numbers)


FIVE: Final = [story(number) for number in range(1, 6)]

Change = Callable[[Item], Item]

CHANGES: Final[dict[str, Change]] = {
    "all ids": lambda item: replace(item, id=f"new-{item.id}"),
    "all ids, and the titles mended": lambda item: replace(item, id=f"new-{item.id}", title=typo(item.title)),
    "all ids and addresses": lambda item: replace(item, id=f"new-{item.id}", link=f"{item.link}/moved"),
    "all ids and addresses, and the dates": lambda item: replace(
        item, id=f"new-{item.id}", link=f"{item.link}/moved", age=timedelta()
    ),
    "the ids vanish": lambda item: replace(item, id=None),
    "the ids and addresses vanish": lambda item: replace(item, id=None, link=None),
    "the scheme and the host's www": lambda item: replace(
        item, id=None, link=str(item.link).replace("https://", "http://www.")
    ),
    "tracking parameters": lambda item: replace(item, id=None, link=f"{item.link}?utm_source=rss&fbclid=x1"),
    "the dates": lambda item: replace(item, age=timedelta()),
    "titles under the old ids": lambda item: replace(item, title=typo(item.title)),
    "bodies under the old ids": lambda item: replace(item, text="Altogether other words. " + item.text[:80]),
    "addresses under the old ids": lambda item: replace(item, link=f"{SITE}/moved/{item.id}"),
    "the headline is the id now": lambda item: replace(item, id=item.title),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_of_every_entry_sends_nothing(world: World, what: str) -> None:
    await world.poll(FIVE)
    await world.poll([CHANGES[what](item) for item in FIVE])
    assert world.told() == once(1, 2, 3, 4, 5)


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_back_sends_nothing_either(world: World, what: str) -> None:
    await world.poll([CHANGES[what](item) for item in FIVE])
    before = world.told()
    await world.poll(FIVE)
    assert (world.told(), before) == (once(1, 2, 3, 4, 5), once(1, 2, 3, 4, 5))


async def test_new_ids_of_all_entries_are_noticed_once_a_feed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for generation in ("", "new-", "newer-"):
        await world.poll([replace(item, id=f"{generation}{item.id}") for item in FIVE])
    warned = [record.getMessage() for record in caplog.records if "ids_changed" in record.getMessage()]
    assert len(warned) == 2, "one for either address of the feed"
    assert all("entries=5" in line for line in warned)


async def test_new_entries_are_no_new_ids(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.poll(FIVE)
    await world.poll([story(number) for number in range(6, 12)])
    assert "ids_changed" not in caplog.text


async def test_a_headline_that_is_the_id_may_be_edited(world: World) -> None:
    headed = [replace(item, id=item.title) for item in FIVE]
    await world.poll(headed)
    await world.poll([replace(item, id=typo(item.title), title=typo(item.title)) for item in headed])
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_entries_without_id_and_address_may_be_edited(world: World) -> None:
    bare = [replace(item, id=None, link=None) for item in FIVE]
    await world.poll(bare)
    await world.poll([replace(item, title=typo(item.title)) for item in bare])
    await world.poll([replace(item, text=typo(item.text)) for item in bare])
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_daily_new_dates_send_nothing(world: World) -> None:
    for day in range(5):
        await world.poll(
            [replace(item, age=timedelta(minutes=1) - timedelta(days=day + 1)) for item in FIVE],
            later=timedelta(days=1),
        )
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_another_order_sends_nothing(world: World) -> None:
    await world.poll(FIVE)
    await world.poll(reversed(FIVE))
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_what_comes_back_after_many_polls_sends_nothing(world: World) -> None:
    await world.poll(FIVE)
    for number in range(6, 16):
        await world.poll([story(number, age=-world.ahead)], later=timedelta(hours=20))
    await world.poll(FIVE)
    assert world.told() == once(*range(1, 16))


async def test_an_id_on_two_items_and_then_on_three_tells_each(world: World) -> None:
    same = [replace(item, id="same") for item in FIVE]
    for count in (1, 2, 3, 2, 3):
        await world.poll(same[:count])
    assert world.told() == once(1, 2, 3)


async def test_items_of_one_page_are_each_told(world: World) -> None:
    listed = [replace(item, id=None, link=f"{SITE}/news.html#a{n}") for n, item in enumerate(FIVE)]
    for count in (1, 2, 4, 1, 5):
        await world.poll(listed[:count])
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_items_of_one_page_with_ids_are_each_told(world: World) -> None:
    listed = [replace(item, link=f"{SITE}/news.html#a{n}") for n, item in enumerate(FIVE)]
    for count in (2, 4, 1, 5):
        await world.poll(listed[:count])
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_an_item_that_comes_alone_to_a_shared_page_is_told(world: World) -> None:
    listed = [replace(item, id=None, link=f"{SITE}/news.html#a{n}") for n, item in enumerate(FIVE)]
    await world.poll(listed[:2])
    await world.poll(listed[2:3])
    assert world.told() == once(1, 2, 3)


async def test_impossible_dates_hide_nothing_and_send_nothing_twice(world: World) -> None:
    dated = [story(1, age=timedelta(days=20_000)), story(2, age=-timedelta(days=20_000)), *FIVE[2:]]
    await world.poll(dated)
    await world.poll([replace(item, id=f"new-{item.id}", link=f"{item.link}/moved") for item in dated])
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_entries_without_anything_stop_nothing(world: World) -> None:
    nothing = Item(id=None, title="", text="", link=None)
    await world.poll([nothing, *FIVE, nothing])
    await world.poll([nothing, *reversed(FIVE)])
    assert world.told() == once(1, 2, 3, 4, 5)


async def test_an_old_id_on_another_article_is_taken_for_an_edit(world: World) -> None:
    await world.poll(FIVE)
    await world.poll([replace(story(6), id="id-1", link=FIVE[0].link)])
    assert world.told() == once(1, 2, 3, 4, 5)


class History:
    """A feed that lists up to twelve items, and at each step does one of the things that feeds do to them."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - as above
        self._first = 1000 * seed
        self._published = 0
        self._dropped: list[Item] = []
        self.items: list[Item] = []
        self.edits = 0

    @property
    def published(self) -> range:
        """The numbers of all stories so far."""
        return range(self._first, self._first + self._published)

    def step(self) -> None:
        """Publish something, or change what there is."""
        steps = (
            self._rekey,
            self._lose_ids,
            self._move,
            self._track,
            self._redate,
            self._mend_titles,
            self._edit_bodies,
            self._reorder,
            self._drop,
            self._bring_back,
        )
        if not self.items or self._chance.random() < 0.3:
            self._publish()
        else:
            self._chance.choice(steps)()

    def _publish(self) -> None:
        for _ in range(self._chance.randint(1, 3)):
            self.items.insert(0, story(self._first + self._published, age=timedelta(minutes=1)))
            self._published += 1
        self._dropped += self.items[12:]
        del self.items[12:]

    def _change(self, change: Change) -> None:
        self.items = [change(item) for item in self.items]
        self.edits += len(self.items)

    def _rekey(self) -> None:
        salt = self._chance.random()
        self._change(lambda item: replace(item, id=f"{salt}-{item.title}"))

    def _lose_ids(self) -> None:
        self._change(lambda item: replace(item, id=None))

    def _move(self) -> None:
        salt = self._chance.randint(1, 10**6)
        self._change(lambda item: replace(item, link=f"{item.link}/{salt}"))

    def _track(self) -> None:
        salt = self._chance.randint(1, 10**6)
        self._change(lambda item: replace(item, link=f"{str(item.link).split('?')[0]}?utm_campaign={salt}"))

    def _redate(self) -> None:
        self._change(lambda item: replace(item, age=timedelta()))

    def _mend_titles(self) -> None:
        self._change(lambda item: replace(item, title=typo(item.title)))

    def _edit_bodies(self) -> None:
        added = self._chance.choice(_HOW)
        self._change(lambda item: replace(item, text=f"{item.text} More follows {added}."))

    def _reorder(self) -> None:
        self._chance.shuffle(self.items)
        self.edits += len(self.items)

    def _drop(self) -> None:
        self._dropped += [self.items.pop() for _ in range(self._chance.randint(1, len(self.items)))]

    def _bring_back(self) -> None:
        self.items += self._dropped[:5]
        del self._dropped[:5]


@pytest.mark.parametrize("seed", range(1, 7))
async def test_no_history_of_a_feed_sends_a_story_twice(world: World, seed: int) -> None:
    history = History(seed)
    for _ in range(25):
        history.step()
        await world.poll(history.items, later=timedelta(minutes=5))
    told = world.told()
    again = sum(times - 1 for times in told.values())
    print(f"feed {seed}: {history.edits} edits of {len(history.published)} stories, {again} told again")  # noqa: T201 - a figure to read
    assert told == once(*history.published)
