"""The newsroom's HTTP server."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from types import TracebackType
from typing import Final, Self

from aiohttp import ETag, hdrs, web

from bot.demo.newsroom import expectations
from bot.demo.newsroom.feeds import WEB_PAGE, content_type, render
from bot.demo.newsroom.outlets import OUTLETS, Manner, Outlet
from bot.demo.newsroom.timeline import Timeline, last_change

RETRY_AFTER: Final = 2
"""Seconds that the busy outlet asks for."""

URL_IN_RULES: Final = "http://127.0.0.1:8070"
"""What stands in rules.yaml for the address that is not known until the server listens."""

_CLOSING: Final = 0.2
"""Seconds that a handler in flight gets when the server closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came, and the status of its answer; None for one that was never answered."""

    at: datetime
    path: str
    status: int | None
    if_none_match: str | None
    if_modified_since: str | None


class Newsroom:
    """Serves the outlets' feeds on 127.0.0.1 while entered; the stories begin to break at that moment.

    `now` is the clock, aware. `pace` multiplies the times at which stories break: 0.1 is ten times as fast.
    Enter it once.
    """

    def __init__(self, *, now: Callable[[], datetime], pace: float = 1.0) -> None:
        self._now = now
        self._pace = pace
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._timeline: Timeline | None = None
        self._requests: list[Request] = []
        self._asked: Counter[Outlet] = Counter()
        self._at: dict[str, Outlet] = {}
        for outlet in OUTLETS:
            self._at[outlet.path] = self._at[outlet.new_path] = outlet

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=_CLOSING
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._timeline = Timeline(start=self._now(), pace=self._pace)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The root of all feeds, without a slash at its end."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("enter the Newsroom with `async with` before asking where it is")
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    @property
    def started_at(self) -> datetime:
        """The moment from which the stories' times count."""
        return self._running().start

    @property
    def finished_at(self) -> timedelta:
        """When the last story has broken, from the start."""
        return last_change(self._pace)

    def rules(self) -> str:
        """The demo's rules file, with the address of this server."""
        text = (files("bot.demo") / "rules.yaml").read_text(encoding="utf-8")
        return text.replace(URL_IN_RULES, self.url)

    def expected(self) -> tuple[expectations.Expected, ...]:
        """Every alert that must come, each exactly once, by the time at which its story breaks."""
        return expectations.expected(self._pace)

    def requests(self) -> tuple[Request, ...]:
        """All requests so far."""
        return tuple(self._requests)

    def statuses(self) -> Counter[int | None]:
        """How many requests were answered with each status; None counts those that never were."""
        return Counter(request.status for request in self._requests)

    def _running(self) -> Timeline:
        if self._timeline is None:
            raise RuntimeError("enter the Newsroom with `async with` before asking for its times")
        return self._timeline

    async def _handle(self, request: web.Request) -> web.Response:
        at = self._now()
        outlet = self._at.get(request.path)
        if outlet is not None and outlet.manner is Manner.NEVER_ANSWERS:
            self._record(request, at, None)
            await self._closing.wait()
            return web.Response(status=503)
        response = self._answer(request, outlet, at) if outlet else web.Response(status=404)
        self._record(request, at, response.status)
        return response

    def _record(self, request: web.Request, at: datetime, status: int | None) -> None:
        self._requests.append(
            Request(
                at=at,
                path=request.path,
                status=status,
                if_none_match=request.headers.get(hdrs.IF_NONE_MATCH),
                if_modified_since=request.headers.get(hdrs.IF_MODIFIED_SINCE),
            )
        )

    def _answer(self, request: web.Request, outlet: Outlet, now: datetime) -> web.Response:
        self._asked[outlet] += 1
        is_first = self._asked[outlet] == 1
        match outlet.manner:
            case Manner.MOVED if request.path == outlet.path:
                return web.Response(status=301, headers={hdrs.LOCATION: outlet.new_path})
            case Manner.BUSY_AT_FIRST if is_first:
                return web.Response(status=429, headers={hdrs.RETRY_AFTER: str(RETRY_AFTER)})
            case Manner.FAILS_AT_FIRST if is_first:
                return web.Response(status=500)
            case Manner.WEB_PAGE:
                return web.Response(body=WEB_PAGE, headers={hdrs.CONTENT_TYPE: "text/html; charset=utf-8"})
            case _:
                return self._document(request, outlet, now)

    def _document(self, request: web.Request, outlet: Outlet, now: datetime) -> web.Response:
        """The feed, or 304 where the client has it already (RFC 9110, 13.2.2: the tag before the date)."""
        edition = self._running().edition(outlet, now)
        body = render(edition)
        etag = ETag(value=hashlib.sha256(body).hexdigest()[:20], is_weak=outlet.weak_etag)
        changed = edition.changed.replace(microsecond=0)
        if outlet.etag and request.if_none_match is not None:
            unchanged = any(theirs.value in (etag.value, "*") for theirs in request.if_none_match)
        elif outlet.last_modified and request.if_modified_since is not None:
            unchanged = changed <= request.if_modified_since
        else:
            unchanged = False
        response = web.Response(status=304) if unchanged else web.Response(body=body)
        response.headers[hdrs.CONTENT_TYPE] = content_type(outlet)
        if outlet.etag:
            response.etag = etag
        if outlet.last_modified:
            response.last_modified = changed
        if outlet.gzip and not unchanged:
            response.enable_compression()
        return response
