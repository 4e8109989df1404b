"""Worker processes that parse, each of which can be killed: a hostile feed costs its own parse and no more."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import pebble

from bot.errors import ParseError
from bot.feeds.parsing_worker import OUT_OF_MEMORY, prepare, read_feed, ready
from bot.models import Feed, Fetched, Parsed

MEMORY: Final = 512 * 1024 * 1024
"""Octets of address space for one worker."""

_TASKS_PER_WORKER: Final = 200
_PATIENCE: Final = 20.0
"""Seconds beyond the deadline after which the pool itself is held to be stuck and is built anew."""

_NOTICE: Final = 0.0
"""Seconds between asking a worker to end, which it ignores as it should, and killing it."""


class ParserPool:
    """An async context manager around `workers` processes; `parse` may run many times at once.

    `deadline` bounds one parse in seconds from when a worker takes it up, `memory` one worker in octets of
    address space. Leaving the context kills what still runs.
    """

    def __init__(self, *, workers: int = 2, deadline: float = 10.0, memory: int = MEMORY) -> None:
        self._workers = workers
        self._deadline = deadline
        self._memory = memory
        self._slots = asyncio.Semaphore(workers)
        self._pool: pebble.ProcessPool | None = None
        self._in_flight: set[Future[Parsed]] = set()

    async def __aenter__(self) -> Self:
        pebble.CONSTS.term_timeout = _NOTICE
        self._pool = self._build()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pool, self._pool = self._pool, None
        for future in tuple(self._in_flight):
            future.cancel()
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    async def warm(self) -> None:
        """Return once a worker stands ready, so that the first parse need not wait for one to start."""
        async with self._slots:
            await asyncio.wrap_future(self._running().schedule(ready))

    async def parse(self, fetched: Fetched, *, feed: Feed, now: datetime) -> Parsed:
        """The feed's articles.

        Raises ParseError where the body is no feed, or where parsing it takes longer than the deadline, more
        memory than a worker may have, or the worker's life.
        """
        host = urlsplit(feed.url).hostname or "the feed"
        async with self._slots:
            try:
                return await self._twice_if_need_be(fetched, feed, now)
            except ParseError as error:
                raise ParseError(f"{host}: {error}") from error
            except TimeoutError as error:
                raise ParseError(
                    f"{host}: the feed takes longer than {self._deadline:g} s to parse; it is not read"
                ) from error
            except pebble.ProcessExpired as error:
                raise ParseError(f"{host}: the feed {self._end_of(error)}; it is not read") from error

    async def _twice_if_need_be(self, fetched: Fetched, feed: Feed, now: datetime) -> Parsed:
        """Parse; once more with a fresh worker or pool where the old one may be to blame."""
        pool = self._running()
        try:
            return await self._scheduled(pool, fetched, feed, now)
        except pebble.ProcessExpired as error:
            if error.exitcode != OUT_OF_MEMORY:
                raise
        except (BrokenProcessPool, RuntimeError):
            if pool.active:
                raise
            await self._rebuild(pool)
        return await self._scheduled(self._running(), fetched, feed, now)

    def _end_of(self, expired: pebble.ProcessExpired) -> str:
        if expired.exitcode == OUT_OF_MEMORY:
            return f"takes more than {self._memory // 1024 // 1024} MiB to parse"
        return "brought its parser down"

    async def _scheduled(
        self, pool: pebble.ProcessPool, fetched: Fetched, feed: Feed, now: datetime
    ) -> Parsed:
        future: Future[Parsed] = pool.schedule(read_feed, args=(fetched, feed, now), timeout=self._deadline)
        self._in_flight.add(future)
        future.add_done_callback(self._in_flight.discard)
        patience = asyncio.timeout(self._deadline + _PATIENCE)
        try:
            async with patience:
                return await asyncio.wrap_future(future)
        except TimeoutError:
            if patience.expired():
                await self._rebuild(pool)
            raise

    async def _rebuild(self, broken: pebble.ProcessPool) -> None:
        """Put a new pool in the place of a broken one, unless another parse has done so."""
        if self._pool is broken:
            self._pool = self._build()
            await asyncio.to_thread(_end, broken)

    def _running(self) -> pebble.ProcessPool:
        if self._pool is None:
            raise RuntimeError("enter the ParserPool with `async with` before parsing")
        return self._pool

    def _build(self) -> pebble.ProcessPool:
        # Spawned, not forked: a fork of a process with threads and connections copies their locks as they are.
        return pebble.ProcessPool(
            max_workers=self._workers,
            max_tasks=_TASKS_PER_WORKER,
            initializer=prepare,
            initargs=(self._memory,),
            context=multiprocessing.get_context("spawn"),
        )


def _end(pool: pebble.ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
