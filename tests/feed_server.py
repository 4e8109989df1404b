"""A feed on loopback whose entries a test changes as it goes."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry of the feed; `age` is how long before now it was published, None for an undated one."""

    id: str | None
    title: str
    text: str = "The ministry said so on Sunday. Work begins in spring."
    link: str | None = None
    age: timedelta | None = timedelta(minutes=1)


@dataclass
class FeedServer:
    """Serves `items` as RSS 2.0 under any path, with an ETag; `status` other than 200 answers that instead."""

    items: list[Item] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    requests: list[web.Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    url: str = ""

    def rules(self, *, extra: str = "", feed: str = "", chats: str = "@wire") -> str:
        """A rules file that polls this feed each second for rare earths."""
        return (
            "version: 1\n"
            f"{extra}"
            "feeds:\n"
            f"  - url: {self.url}/rss.xml\n    every: 1s\n    allow_private: true\n{feed}"
            "rules:\n  - id: rare-earth\n    title: Rare earths\n    any: [rare earth]\n"
            f'channels:\n  - chat: "{chats}"\n    rules: all\n'
        )

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if self.hangs:
            await asyncio.sleep(3600)
        response = self._response(request)
        self.statuses.append(response.status)
        return response

    def _response(self, request: web.Request) -> web.Response:
        if self.status != 200:
            return web.Response(status=self.status, headers=self.headers)
        etag = '"' + hashlib.sha256(repr(self.items).encode()).hexdigest()[:16] + '"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        body = "".join(_item(item) for item in self.items)
        return web.Response(
            body=f'<rss version="2.0"><channel><title>Example Wire</title>{body}</channel></rss>'.encode(),
            headers={"ETag": etag, "Content-Type": "application/rss+xml; charset=utf-8", **self.headers},
        )


def _item(item: Item) -> str:
    parts = [f"<title>{escape(item.title)}</title><description>{escape(item.text)}</description>"]
    if item.id is not None:
        parts.append(f'<guid isPermaLink="false">{escape(item.id)}</guid>')
    if item.link is not None:
        parts.append(f"<link>{escape(item.link)}</link>")
    if item.age is not None:
        parts.append(f"<pubDate>{format_datetime(datetime.now(UTC) - item.age)}</pubDate>")
    return "<item>" + "".join(parts) + "</item>"
