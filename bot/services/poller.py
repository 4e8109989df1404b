"""Polls each feed when it is due, and stores what the pipeline decides.

    due ─► fetch ─► parse ─► unseen ─► match ─► [ known ─► decide ─► record ]

The part in brackets runs for one feed at a time, so that two feeds with one story see each other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

from bot.errors import FeedRefused, FetchError, NewsbellError, StorageError
from bot.feeds.identity import ids_repeat, keyed
from bot.feeds.intervals import adopt_move, after_failure, jitter, next_interval
from bot.models import (
    Article,
    Batch,
    Feed,
    FeedState,
    Fetched,
    Match,
    NotModified,
    Parsed,
    Validators,
)
from bot.pipeline import decide, fold_keys, match_all
from bot.rules.definitions import RuleBook
from bot.services import Clock
from bot.storage import Storage

log = logging.getLogger(__name__)

CONCURRENT: Final = 20
"""Polls under way at once."""

GRACE: Final = timedelta(seconds=2)
"""How long a stop waits for polls; one that is cut off has stored nothing and is made again."""

CLOCK_SLACK: Final = timedelta(minutes=1)
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
        self._stopping = False

    async def start(self) -> None:
        """Load what is remembered of the feeds."""
        await self.use(self._rules)

    async def use(self, rules: LiveRules) -> None:
        """Go by these rules from now on. A poll under way ends by those that it began with.

        Entries that a feed brought before are not looked at again: a change of rules rings for the future only.
        """
        states = await self._storage.feed_states(rules.book.feeds, self._clock())
        for feed in rules.book.feeds:
            if feed.url not in self._polls:
                self._states[feed.url] = resumed(feed, states[feed.url])
        self._rules = rules

    async def tick(self) -> None:
        """Begin the polls that are due, and return at once."""
        now = self._clock()
        feeds = self._rules.book.feeds
        busy_hosts = {_host(feed) for feed in feeds if feed.url in self._polls}
        for feed in feeds:
            if self._stopping or len(self._polls) >= CONCURRENT:
                return
            state = self._states[feed.url]
            if feed.url in self._polls or not is_due(state, now):
                continue
            # A feed on a private address is the operator's own; others' servers get one request at a time.
            if not feed.allow_private:
                if _host(feed) in busy_hosts:
                    continue
                busy_hosts.add(_host(feed))
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
            log.error("poll_not_stored feed=%s error=%s", feed.url, error)
            self._states[feed.url] = replace(state, next_due_at=now + STORAGE_WAIT)
        except Exception as error:
            # One feed may not end the polling of others, whatever it is made of.
            log.exception("poll_broke feed=%s", feed.url)
            self._states[feed.url] = _failed(feed, state, error, now)
        finally:
            del self._polls[feed.url]

    async def _poll_once(self, feed: Feed, state: FeedState, now: datetime) -> None:
        try:
            fetched = await self._fetcher.fetch(
                feed, url=state.fetch_url, validators=state.validators, now=now
            )
            if isinstance(fetched, NotModified):
                await self._store(Batch(at=now, feed=_unchanged(feed, state, fetched, now)))
                log.debug("poll_unchanged feed=%s", feed.url)
                return
            parsed = await self._parser.parse(fetched, feed=feed, now=now)
        except NewsbellError as error:
            after = _failed(feed, state, error, now)
            log.warning(
                "poll_failed feed=%s failures=%d next=%s error=%s",
                feed.url,
                after.failures,
                after.next_due_at.isoformat(timespec="seconds"),
                error,
            )
            await self._store(Batch(at=now, feed=after))
            return
        await self._record(feed, state, fetched, parsed, now)

    async def _record(
        self, feed: Feed, state: FeedState, fetched: Fetched, parsed: Parsed, now: datetime
    ) -> None:
        rules = self._rules
        repeat = state.ids_repeat or ids_repeat(parsed.articles)
        entries = keyed(parsed.articles, with_links=repeat)
        unseen = await self._storage.unseen(feed.url, [entry.keys[0] for entry in entries])
        fresh = [entry for entry in entries if entry.keys[0] in unseen]
        candidates = await asyncio.to_thread(match_all, fresh, rules.match)
        async with self._folding:
            urls, texts = fold_keys(fresh)
            batch = decide(
                candidates,
                seen=[key for entry in entries for key in entry.keys],
                known=await self._storage.known(urls=urls, text_keys=texts),
                cooling=await self._storage.cooling(now),
                book=rules.book,
                before=state,
                after=_polled(feed, replace(state, ids_repeat=repeat), fetched, parsed, now),
                now=now,
            )
            pending = await self._store(batch)
        log.info(
            "poll_recorded feed=%s entries=%d new=%d matched=%d alerts=%d%s",
            feed.url,
            len(entries),
            len(fresh),
            sum(bool(candidate.matches) for candidate in candidates),
            pending,
            f" warning={parsed.warning}" if parsed.warning else "",
        )

    async def _store(self, batch: Batch) -> int:
        pending = await self._storage.record(batch)
        self._states[batch.feed.url] = batch.feed
        if pending:
            self._on_pending()
        return pending


def is_due(state: FeedState, now: datetime) -> bool:
    """Whether a feed's time has come, or the clock has jumped back behind its last poll."""
    return state.next_due_at <= now or (state.polled_at is not None and state.polled_at > now + CLOCK_SLACK)


def resumed(feed: Feed, state: FeedState) -> FeedState:
    """A remembered state under the operator's present wish: a shorter `every` holds at once.

    The wait that a failing server was granted stands.
    """
    if feed.every is None or state.polled_at is None or state.failures:
        return state
    return replace(state, next_due_at=min(state.next_due_at, state.polled_at + feed.every))


def _polled(feed: Feed, state: FeedState, fetched: Fetched, parsed: Parsed, now: datetime) -> FeedState:
    waits = [wait for wait in (fetched.not_before, parsed.not_before) if wait is not None]
    published = [article.published for article in parsed.articles if article.published is not None]
    interval = next_interval(feed, published=published, now=now, not_before=max(waits, default=None))
    return replace(
        _moved(state, fetched.moved_to, now),
        title=parsed.title or state.title,
        # The validators of a body that was cut short would keep its end from us for ever.
        validators=fetched.validators if parsed.whole else Validators(),
        first_polled_at=state.first_polled_at or now,
        polled_at=now,
        next_due_at=now + interval + _spread(feed, interval),
        interval=interval,
        failures=0,
        last_error=None,
    )


def _unchanged(feed: Feed, state: FeedState, answer: NotModified, now: datetime) -> FeedState:
    wait = max(feed.every or state.interval, timedelta() if feed.every else answer.not_before or timedelta())
    return replace(
        _moved(state, answer.moved_to, now),
        validators=answer.validators,
        polled_at=now,
        next_due_at=now + wait + _spread(feed, wait),
        failures=0,
        last_error=None,
    )


def _failed(feed: Feed, state: FeedState, error: Exception, now: datetime) -> FeedState:
    failures = state.failures + 1
    wait = after_failure(
        feed,
        failures=failures,
        retry_after=error.retry_after if isinstance(error, FetchError) else None,
        status=error.status if isinstance(error, FeedRefused) else None,
        interval=state.interval,
    )
    return replace(
        state, polled_at=now, next_due_at=now + wait, failures=failures, last_error=str(error)[:500]
    )


def _moved(state: FeedState, target: str | None, now: datetime) -> FeedState:
    """Count a permanent redirect, and adopt it once it has stood for long enough."""
    if target is None or target == state.fetch_url:
        return replace(state, moved_to=None, moved_since=None, moved_polls=0)
    same = target == state.moved_to and state.moved_since is not None
    counted = replace(
        state,
        moved_to=target,
        moved_since=state.moved_since if same else now,
        moved_polls=state.moved_polls + 1 if same else 1,
    )
    if adopt_move(
        current=state.fetch_url,
        target=target,
        polls=counted.moved_polls,
        first_seen=counted.moved_since or now,
        now=now,
        parsed=True,
    ):
        return replace(counted, fetch_url=target, moved_to=None, moved_since=None, moved_polls=0)
    return counted


def _spread(feed: Feed, interval: timedelta) -> timedelta:
    return timedelta() if feed.every else jitter(feed.url, interval)


def _host(feed: Feed) -> str:
    return urlsplit(feed.url).netloc.lower()
