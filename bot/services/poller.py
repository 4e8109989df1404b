"""Polls each feed when it is due, and stores what the pipeline decides.

    due ─► fetch ─► parse ─► unseen ─► match ─► [ known ─► fold ─► stories, told, cooling ─► decide ─► record ]

The part in brackets runs for one feed at a time, so that two feeds with one story see each other. It is not cut off:
the index of stories, which is kept in memory, and the database must say the same at its end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

from bot.alerts.caps import QUIET
from bot.alerts.routing import NO_TWINS
from bot.errors import FetchError, ParseError, StorageError
from bot.feeds.identity import keyed, repeated_ids
from bot.feeds.schedule import failed, is_due, polled, relisted_since, resumed, unchanged
from bot.models import (
    Article,
    Batch,
    Feed,
    FeedState,
    Fetched,
    FoldReason,
    Match,
    NotModified,
    Parsed,
    Validators,
)
from bot.pipeline import Candidate, Placed, decide, fold, fold_keys, match_all, touched
from bot.rules.definitions import Defaults, RuleBook
from bot.services import Clock
from bot.storage import Storage
from bot.stories.folding import ENOUGH, LONGEST_REMEMBERED, StoryIndex, earliest
from bot.stories.keys import Keys

log = logging.getLogger(__name__)

CONCURRENT: Final = 20
"""Polls under way at once."""

GRACE: Final = timedelta(seconds=2)
"""How long a stop waits for polls; one that is cut off has stored nothing and is made again."""

_COPIES: Final = frozenset({FoldReason.SAME_URL, FoldReason.SAME_TEXT, FoldReason.NEAR_TEXT})

STORAGE_WAIT: Final = timedelta(seconds=10)


class FeedFetcher(Protocol):
    """Gets a feed's document; raises FetchError."""

    async def fetch(
        self, feed: Feed, *, url: str, validators: Validators, now: datetime
    ) -> Fetched | NotModified:
        """Ask for the document at `url`, which may have moved from the feed's own."""


class FeedParser(Protocol):
    """Reads a document into articles; raises ParseError."""

    async def parse(self, fetched: Fetched, *, feed: Feed, now: datetime) -> Parsed:
        """Parse and normalise, apart from the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRules:
    """A rules file and its compiled form, which are only ever exchanged together."""

    book: RuleBook
    match: Callable[[Article], tuple[Match, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a poll found in a feed, before it is placed among the stories; `entries` is how many it lists."""

    feed: Feed
    entries: int
    rules: LiveRules
    candidates: tuple[Candidate, ...]
    seen: tuple[str, ...]
    before: FeedState
    after: FeedState
    now: datetime


class Poller:
    """Keeps every feed polled at its own pace. `on_pending` is called when deliveries have become due."""

    def __init__(
        self,
        *,
        rules: LiveRules,
        storage: Storage,
        fetcher: FeedFetcher,
        parser: FeedParser,
        clock: Clock,
        on_pending: Callable[[], None],
    ) -> None:
        self._rules = rules
        self._storage = storage
        self._fetcher = fetcher
        self._parser = parser
        self._clock = clock
        self._on_pending = on_pending
        self._states: dict[str, FeedState] = {}
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._folding = asyncio.Lock()
        self._index = StoryIndex()
        self._renamed: set[str] = set()
        self._stopping = False

    async def start(self) -> None:
        """Load what is remembered of the feeds and of the stories."""
        defaults = self._rules.book.defaults
        now, ends_after = self._clock(), defaults.story_ends_after
        sketched = await self._storage.sketched(since=earliest(now, ends_after))
        if sum(bool(each.sketch) for each in sketched) < ENOUGH:
            sketched = await self._storage.sketched(since=earliest(now, ends_after, spans=LONGEST_REMEMBERED))
        self._index = await asyncio.to_thread(
            StoryIndex.of,
            sketched,
            ends_after=defaults.story_ends_after,
            fold_events=defaults.fold_events,
        )
        await self.use(self._rules)

    async def use(self, rules: LiveRules) -> None:
        """Go by these rules from now on. A poll under way ends by those that it began with.

        Entries that a feed brought before are not looked at again: a change of rules rings for the future only.
        """
        states = await self._storage.feed_states(rules.book.feeds, self._clock())
        async with self._folding:
            _use(self._index, rules.book.defaults)
        for feed in rules.book.feeds:
            if feed.url not in self._polls:
                self._states[feed.url] = resumed(feed, states[feed.url])
        self._rules = rules

    async def tick(self) -> None:
        """Begin the polls that are due, and return at once."""
        now = self._clock()
        busy_hosts = {_host(self._states[url].fetch_url) for url in self._polls}
        waiting = [
            (self._states[feed.url], feed)
            for feed in self._rules.book.feeds
            if feed.url not in self._polls and is_due(self._states[feed.url], now)
        ]
        # The longest overdue first, so that none starves behind those that are due all the time.
        for state, feed in sorted(waiting, key=lambda pair: pair[0].next_due_at):
            if self._stopping or len(self._polls) >= CONCURRENT:
                return
            # A feed on a private address is the operator's own; others' servers get one request at a time.
            host = _host(state.fetch_url)
            if not feed.allow_private and host in busy_hosts:
                continue
            busy_hosts.add(host)
            self._polls[feed.url] = asyncio.create_task(self._poll(feed, state), name=f"poll {feed.url}")

    async def stop(self) -> None:
        """Begin no more polls; let those under way finish within the grace, then cut them off."""
        self._stopping = True
        if self._polls:
            _, late = await asyncio.wait(self._polls.values(), timeout=GRACE.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _poll(self, feed: Feed, state: FeedState) -> None:
        now = self._clock()
        try:
            await self._poll_once(feed, state, now)
        except StorageError as error:
            # Not stored, so not done: the same poll is made again, with the same validators.
            log.error("poll_not_stored feed=%s error=%s", label(feed), error)
            self._states[feed.url] = replace(state, next_due_at=now + STORAGE_WAIT)
        except Exception as error:
            # One feed may not end the polling of others, whatever it is made of.
            log.exception("poll_broke feed=%s", label(feed))
            self._states[feed.url] = failed(feed, state, error, now)
        finally:
            del self._polls[feed.url]

    async def _poll_once(self, feed: Feed, state: FeedState, now: datetime) -> None:
        try:
            fetched = await self._fetcher.fetch(
                feed, url=state.fetch_url, validators=state.validators, now=now
            )
            parsed = (
                await self._parser.parse(fetched, feed=feed, now=now)
                if isinstance(fetched, Fetched)
                else None
            )
        except (FetchError, ParseError) as error:
            after = failed(feed, state, error, now)
            log.warning(
                "poll_failed feed=%s failures=%d next=%s error=%s",
                label(feed),
                after.failures,
                after.next_due_at.isoformat(timespec="seconds"),
                error,
            )
            await self._store(Batch(at=now, feed=after))
            return
        if isinstance(fetched, Fetched) and parsed is not None:
            await self._record(feed, state, fetched, parsed, now)
        elif isinstance(fetched, NotModified):
            after = unchanged(feed, state, fetched, now)
            await self._store(Batch(at=now, feed=after, relisted_since=relisted_since(state, now)))
            log.debug("poll_unchanged feed=%s", label(feed))

    async def _record(
        self, feed: Feed, state: FeedState, fetched: Fetched, parsed: Parsed, now: datetime
    ) -> None:
        rules = self._rules
        repeated = state.repeated_ids | repeated_ids(parsed.articles)
        entries = keyed(parsed.articles, repeated=repeated)
        unseen = await self._storage.unseen(feed.url, [entry.keys[0] for entry in entries])
        fresh = [entry for entry in entries if entry.keys[0] in unseen]
        candidates = await asyncio.to_thread(match_all, fresh, rules.match)
        found = _Found(
            feed=feed,
            entries=len(entries),
            rules=rules,
            candidates=candidates,
            seen=tuple(key for entry in entries for key in entry.keys),
            before=state,
            after=polled(feed, replace(state, repeated_ids=repeated), fetched, parsed, now),
            now=now,
        )
        async with self._folding:
            pending = await _uncut(self._fold_and_store(found))
        log.info(
            "poll_recorded feed=%s entries=%d new=%d matched=%d alerts=%d%s",
            label(feed),
            len(entries),
            len(fresh),
            sum(bool(candidate.matches) for candidate in candidates),
            pending,
            f" warning={parsed.warning}" if parsed.warning else "",
        )

    async def _fold_and_store(self, found: _Found) -> int:
        mark = self._index.mark()
        try:
            urls, texts = fold_keys(candidate.keyed for candidate in found.candidates)
            keys = Keys(await self._storage.known(urls=urls, text_keys=texts))
            placed = await asyncio.to_thread(fold, found.candidates, self._index, keys, found.now)
            batch = await self._decide(found, placed)
            self._notice_new_ids(found, batch)
            return await self._store(batch)
        except BaseException:
            # Nothing of it is stored, so the index must not know of it either.
            self._index.rewind(mark)
            raise

    def _notice_new_ids(self, found: _Found, batch: Batch) -> None:
        """Say once that a feed gives its entries other ids; they are known by their pages and texts all the same."""
        known = sum(folded.repeats and folded.reason in _COPIES for folded in batch.articles)
        url = found.feed.url
        if url in self._renamed or known <= found.entries / 2:
            return
        self._renamed.add(url)
        log.warning(
            "ids_changed feed=%s entries=%d known_by_page_or_text=%d", label(found.feed), found.entries, known
        )

    async def _decide(self, found: _Found, placed: tuple[Placed, ...]) -> Batch:
        ids = touched(placed)
        stories = await self._storage.stories(ids)
        ended = {story.follows for story in stories if story.follows} - ids
        if ended:
            stories = (*stories, *await self._storage.stories(ended))
        # A rule may ring on a story that it rang on before, whatever brings the second source.
        rang = any(each.matches for each in found.candidates) or any(story.words for story in stories)
        return await asyncio.to_thread(
            decide,
            placed,
            seen=found.seen,
            stories=stories,
            told=await self._storage.told(ids),
            cooling=await self._storage.cooling(found.now),
            book=found.rules.book,
            before=found.before,
            after=found.after,
            now=found.now,
            same=await self._storage.same_chats() if rang else NO_TWINS,
            pulse=await self._storage.pulse(found.now) if rang else QUIET,
            pauses=await self._storage.pauses() if rang else (),
        )

    async def _store(self, batch: Batch) -> int:
        pending = await self._storage.record(batch)
        self._states[batch.feed.url] = batch.feed
        if pending:
            self._on_pending()
        return pending


async def _uncut(step: Coroutine[None, None, int]) -> int:
    """Run a step to its end, even if the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _use(index: StoryIndex, defaults: Defaults) -> None:
    index.use(ends_after=defaults.story_ends_after, fold_events=defaults.fold_events)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def label(feed: Feed) -> str:
    """A feed as the log names it: without the query, which may hold a key."""
    parts = urlsplit(feed.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
