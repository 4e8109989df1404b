"""The pull half as it runs: HTTP, worker processes, database; what is owed is read from the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from feed_server import FeedServer, Item

from bot.errors import StorageError
from bot.feeds.fetcher import Fetcher
from bot.feeds.parsing_pool import ParserPool
from bot.models import Batch, ConditionKind, Pause, Pulse
from bot.rules.engine import compile_rules
from bot.rules.loader import parse_rules
from bot.services.poller import LiveRules, Poller
from bot.storage.sqlite import SqliteStorage


class FailingOnce(SqliteStorage):
    """A database whose next write fails, as on a full disk, or waits for `slow`, as on a busy one.

    `pulses` counts how often it was asked what has rung.
    """

    fails = False
    slow: asyncio.Event | None = None
    pulses = 0

    async def pulse(self, now: datetime) -> Pulse:
        self.pulses += 1
        return await super().pulse(now)

    async def record(self, batch: Batch) -> int:
        if self.slow is not None:
            await self.slow.wait()
        if self.fails:
            self.fails = False
            raise StorageError("the disk is full")
        return await super().record(batch)


@dataclass
class World:
    feed: FeedServer
    path: Path
    parser: ParserPool
    ahead: timedelta = timedelta()
    storage: FailingOnce = field(init=False)
    poller: Poller = field(init=False)
    fetcher: Fetcher = field(init=False)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def start(self, **rules: str) -> None:
        """Start the pull half, as after a restart: nothing is remembered but the database."""
        self.storage = FailingOnce(self.path)
        await self.storage.open(self.now())
        self.fetcher = await Fetcher(user_agent="Newsbell/test").__aenter__()
        book = parse_rules(self.feed.rules(**rules).encode(), file="rules.yaml")
        self.poller = Poller(
            rules=LiveRules(book=book, match=compile_rules(book).match),
            storage=self.storage,
            fetcher=self.fetcher,
            parser=self.parser,
            clock=self.now,
            on_pending=lambda: None,
        )
        await self.poller.start()

    async def stop(self) -> None:
        await self.poller.stop()
        await self.fetcher.__aexit__(None, None, None)
        await self.storage.close()

    async def poll(self) -> None:
        """Poll the feed once more, to the end."""
        self.ahead += timedelta(seconds=2)
        asked = len(self.feed.requests)
        await self.poller.tick()
        async with asyncio.timeout(20):
            while self.poller._polls:
                await asyncio.sleep(0.01)
        assert len(self.feed.requests) > asked

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database answers."""
        return list(self.storage._open_db.execute(query))

    def owed(self) -> list[str]:
        """The first lines of all messages that are owed, in order."""
        rows = self.storage._open_db.query("SELECT payload FROM delivery WHERE state='pending' ORDER BY id")
        return [row["payload"].split('"')[3].split("\\n")[0] for row in rows]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        feed = await stack.enter_async_context(FeedServer())
        pool = await stack.enter_async_context(ParserPool(workers=1))
        made = World(feed, tmp_path / "newsbell.db", pool)
        await made.start()
        yield made
        await made.stop()


def numbered(number: int, **changes: object) -> Item:
    item = Item(
        id=f"id-{number}",
        title=f"Rare earth news {number}",
        text=f"Report number {number} says more.",
        link=f"https://wire.example/{number}",
        age=timedelta(minutes=number),
    )
    return replace(item, **changes)  # type: ignore[arg-type]


async def test_news_is_owed_once_however_often_the_feed_lists_it(world: World) -> None:
    world.feed.items = [numbered(1)]
    await world.poll()
    world.feed.items = [numbered(1), numbered(2, title="Nothing of interest")]
    await world.poll()
    assert world.owed() == ["Rare earth news 1"]


async def test_an_unchanged_feed_is_asked_with_its_validators_and_answers_304(world: World) -> None:
    world.feed.items = [numbered(1)]
    await world.poll()
    await world.poll()
    assert world.feed.statuses == [200, 304]


async def test_validators_survive_a_restart(world: World) -> None:
    world.feed.items = [numbered(1)]
    await world.poll()
    await world.stop()
    await world.start()
    await world.poll()
    assert world.feed.statuses == [200, 304]


async def test_a_first_poll_sends_only_the_newest_and_never_the_others(world: World) -> None:
    world.feed.items = [numbered(number) for number in range(1, 9)]
    await world.poll()
    assert world.owed() == [f"Rare earth news {number}" for number in (3, 2, 1)]
    world.feed.items = [numbered(number, id=f"new-{number}") for number in range(1, 9)]
    await world.poll()
    assert len(world.owed()) == 3


async def test_a_new_link_or_title_under_an_old_id_sends_nothing(world: World) -> None:
    world.feed.items = [numbered(1)]
    await world.poll()
    world.feed.items = [numbered(1, title="Rare earth news, corrected", link="https://wire.example/moved")]
    await world.poll()
    assert len(world.owed()) == 1


async def test_a_redated_entry_sends_nothing(world: World) -> None:
    world.feed.items = [numbered(1)]
    await world.poll()
    world.feed.items = [numbered(1, age=timedelta())]
    await world.poll()
    assert len(world.owed()) == 1


async def test_an_entry_that_was_dropped_and_comes_back_sends_nothing(world: World) -> None:
    for items in ([numbered(1)], [numbered(2, title="Other")], [numbered(1)]):
        world.feed.items = items
        await world.poll()
    assert len(world.owed()) == 1


async def test_two_pages_under_one_id_are_both_news(world: World) -> None:
    world.feed.items = [numbered(1, id="same"), numbered(2, id="same")]
    await world.poll()
    assert len(world.owed()) == 2


async def test_an_entry_with_nothing_but_a_title_is_news(world: World) -> None:
    world.feed.items = [Item(id=None, title="Rare earth flash", text="", link=None)]
    await world.poll()
    assert world.owed() == ["Rare earth flash"]


async def test_a_poll_that_could_not_be_stored_is_made_again(world: World) -> None:
    world.feed.items = [numbered(1)]
    world.storage.fails = True
    await world.poll()
    assert world.owed() == []
    world.ahead += timedelta(seconds=15)
    await world.poll()
    assert (world.owed(), world.feed.statuses) == (["Rare earth news 1"], [200, 200])


async def test_what_could_not_be_stored_is_taken_out_of_the_index(world: World) -> None:
    world.feed.items = [numbered(1)]
    await world.poll()
    mark = world.poller._index.mark()
    world.feed.items = [numbered(2), numbered(3)]
    world.storage.fails = True
    await world.poll()
    assert world.poller._index.mark() == mark


async def test_a_poll_that_could_not_be_stored_changes_no_later_decision(world: World) -> None:
    text = "The ministry will build a refinery for rare earths on the coast, and work begins in spring."
    world.feed.items = [numbered(1, text=text)]
    world.storage.fails = True
    await world.poll()
    world.ahead += timedelta(seconds=15)
    await world.poll()
    assert world.rows("SELECT reason FROM article") == [("new",)]


async def test_a_poll_that_is_cut_off_while_it_is_stored_is_stored(world: World) -> None:
    world.feed.items = [numbered(1)]
    world.storage.slow = asyncio.Event()
    world.ahead += timedelta(seconds=2)
    await world.poller.tick()
    (poll,) = world.poller._polls.values()
    async with asyncio.timeout(20):
        while not world.poller._folding.locked():
            await asyncio.sleep(0.01)
    poll.cancel()
    await asyncio.sleep(0.05)
    world.storage.slow.set()
    await asyncio.gather(poll, return_exceptions=True)
    assert (poll.cancelled(), world.owed()) == (True, ["Rare earth news 1"])


STORY = "The quake near the coast destroyed homes; rescuers search for rare earth miners in the {} village."
EDITIONS = (
    [numbered(1, text=STORY.format("first"))],
    [numbered(1), numbered(2, text=STORY.format("second"), title="Rare earth miners missing")],
    [numbered(3, link="https://wire.example/1", title="Rare earth toll: 23"), numbered(4)],
)


async def decisions(world: World, *, restarts: bool) -> list[tuple[object, ...]]:
    """All that was decided on some editions of the feed."""
    for items in EDITIONS:
        world.feed.items = items
        await world.poll()
        if restarts:
            await world.stop()
            await world.start()
    return [
        *world.rows("SELECT key, story_id, reason, matches FROM article ORDER BY id"),
        *world.rows("SELECT id, tellers, words, facts, follows FROM story ORDER BY id"),
        *world.rows("SELECT dedupe_key, kind, state, rules FROM delivery ORDER BY id"),
    ]


async def test_a_restart_changes_no_decision(world: World, tmp_path: Path) -> None:
    without = await decisions(world, restarts=False)
    await world.stop()
    world.path = tmp_path / "restarted.db"
    await world.start()
    assert await decisions(world, restarts=True) == without


async def test_a_second_source_revises_the_message(world: World) -> None:
    await world.stop()
    second = f"  - {{url: {world.feed.url}/second.xml, name: Second, every: 1s, allow_private: true}}\n"
    await world.start(feed=second)
    world.feed.items = [numbered(1)]
    await world.poll()
    ((revised,),) = world.rows("SELECT payload FROM revision WHERE wanted=1")
    assert "2 sources" in str(revised)
    assert len(world.owed()) == 1


async def test_a_failing_feed_is_left_alone_for_as_long_as_it_asks(world: World) -> None:
    world.feed.status, world.feed.headers = 429, {"Retry-After": "60"}
    await world.poll()
    world.ahead += timedelta(seconds=50)
    await world.poller.tick()
    await asyncio.sleep(0.2)
    assert len(world.feed.requests) == 1
    world.feed.status, world.feed.headers = 200, {}
    world.feed.items = [numbered(1)]
    world.ahead += timedelta(seconds=12)
    await world.poll()
    assert world.owed() == ["Rare earth news 1"]


async def test_a_clock_that_went_back_stops_no_polling(world: World) -> None:
    world.feed.items = [numbered(1)]
    await world.poll()
    world.ahead -= timedelta(hours=1)
    await world.poll()
    assert len(world.feed.requests) == 2


def live(text: str) -> LiveRules:
    book = parse_rules(text.encode(), file="rules.yaml")
    return LiveRules(book=book, match=compile_rules(book).match)


async def test_a_change_of_rules_rings_for_the_future_only(world: World) -> None:
    world.feed.items = [numbered(1, title="A dam is built")]
    await world.poll()
    await world.poller.use(live(world.feed.rules().replace("[rare earth]", "[dam]")))
    world.feed.items = [numbered(1, title="A dam is built"), numbered(2, title="Another dam")]
    await world.poll()
    assert world.owed() == ["Another dam"]


async def test_a_feed_that_is_added_to_the_rules_is_polled(world: World) -> None:
    world.feed.items = [numbered(1)]
    text = world.feed.rules(
        feed=f"  - url: {world.feed.url}/second.xml\n    every: 1s\n    allow_private: true\n"
    )
    await world.poller.use(live(text))
    await world.poll()
    assert {request.path for request in world.feed.requests} == {"/rss.xml", "/second.xml"}


async def go_by(world: World, old: str, new: str, **rules: str) -> None:
    """Go by rules in which something is written otherwise."""
    text = world.feed.rules(**rules)
    assert old in text
    await world.poller.use(live(text.replace(old, new)))


async def list_anew(world: World, *numbers: int) -> None:
    """Poll the feed, which lists these."""
    world.feed.items = [numbered(number) for number in numbers]
    await world.poll()


CAPPED = ("rules: all", "rules: all\n    cap: 3")


async def test_beyond_its_cap_a_chat_is_owed_no_more_in_a_later_poll(world: World) -> None:
    await go_by(world, *CAPPED)
    await list_anew(world)
    await list_anew(world, 1, 2)
    await list_anew(world, 1, 2, 3, 4, 5)
    assert len(world.owed()) == 3
    assert world.rows("SELECT DISTINCT rule FROM held WHERE released_at IS NULL") == [("*",)]


async def test_a_cap_counts_on_after_a_restart(world: World) -> None:
    await go_by(world, *CAPPED)
    await list_anew(world)
    await list_anew(world, 1, 2)
    await world.stop()
    await world.start()
    await go_by(world, *CAPPED)
    await list_anew(world, 3, 4, 5)
    assert (len(world.owed()), world.rows("SELECT count(*) FROM held")) == (3, [(2,)])


async def test_an_hour_later_a_cap_has_room_again(world: World) -> None:
    await go_by(world, *CAPPED)
    await list_anew(world)
    await list_anew(world, 1, 2, 3, 4)
    world.ahead += timedelta(hours=1)
    await list_anew(world, 5, 6)
    assert (len(world.owed()), world.rows("SELECT count(*) FROM held")) == (5, [(1,)])


async def test_a_rule_that_rings_on_everything_beyond_its_cap_is_paused(world: World) -> None:
    await go_by(world, "any: [rare earth]", "any: [rare earth]\n    cap: 5")
    await list_anew(world)
    await list_anew(world, *range(1, 13))
    assert (len(world.owed()), world.rows("SELECT count(*) FROM held")) == (5, [(7,)])
    (pause,) = await world.storage.pauses()
    assert (pause.rule, pause.why) == (
        "rare-earth",
        "rang on 12 of 12 articles in an hour, the day before on 0 %",
    )
    assert [condition.kind for condition in await world.storage.untold()] == [ConditionKind.RULE_PAUSED]


async def test_what_has_rung_is_asked_only_where_a_rule_rings_on_something_new(world: World) -> None:
    await list_anew(world)
    world.feed.items = [numbered(1, title="A dam is built")]
    await world.poll()
    assert world.storage.pulses == 0
    world.feed.items = [*world.feed.items, numbered(2)]
    await world.poll()
    await list_anew(world, 2)
    assert world.storage.pulses == 1


async def test_a_pause_holds_what_a_source_without_the_words_makes_sure(world: World) -> None:
    sure = ("any: [rare earth]", "any: [rare earth]\n    min_sources: 2")
    await go_by(world, *sure)
    await list_anew(world, 1)
    await world.storage.pause_rule(
        Pause(rule="rare-earth", until=world.now() + timedelta(hours=1), why=""), world.now()
    )
    second = f"  - {{url: {world.feed.url}/second.xml, name: Second, every: 1s, allow_private: true}}\n"
    await go_by(world, *sure, feed=second)
    world.feed.items = [numbered(1, id="other", title="A mine opens", text="It is deep.")]
    await world.poll()
    assert (world.owed(), world.rows("SELECT rule FROM held")) == ([], [("rare-earth",)])


async def test_a_hanging_feed_delays_no_stop(world: World) -> None:
    world.feed.hangs = True
    await world.poller.tick()
    async with asyncio.timeout(5):
        while not world.feed.requests:
            await asyncio.sleep(0.01)
        await world.poller.stop()


async def test_a_feed_on_a_private_address_is_refused_unless_allowed(world: World) -> None:
    await world.stop()
    text = world.feed.rules().replace("allow_private: true", "allow_private: false")
    await world.start()
    book = parse_rules(text.encode(), file="rules.yaml")
    world.poller = Poller(
        rules=LiveRules(book=book, match=compile_rules(book).match),
        storage=world.storage,
        fetcher=world.fetcher,
        parser=world.parser,
        clock=world.now,
        on_pending=lambda: None,
    )
    await world.poller.start()
    await world.poller.tick()
    while world.poller._polls:
        await asyncio.sleep(0.01)
    assert world.feed.requests == []
