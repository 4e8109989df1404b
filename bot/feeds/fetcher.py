"""Polite, conditional, guarded GET of one feed.

httpx's API over aiohttp's transport: at 200 requests in flight httpx's own pool costs 12 ms of processor time
each, aiohttp's a tenth of that. aiohttp also lets the guard stand where it must, between the name service and
the connection (`bot.feeds.guard`). The transport wraps whatever went wrong, so the reason is read from the
chain of causes.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.errors import AddressRefused, FeedRefused, FetchError, FetchTimeout
from bot.feeds.decoding import LONGEST_BODY, BodyRefused, decoder_for, require_within_bounds
from bot.feeds.guard import GuardedResolver, PrivateAddress, check_url, guarded_socket
from bot.feeds.headers import freshness, kept_validators, refusal, retry_after
from bot.models import Feed, Fetched, NotModified, Validators

MOST_HOPS: Final = 5
"""Redirects followed in one fetch."""

LONGEST_HEADERS: Final = 64 * 1024
"""Octets of all response headers together."""

_LONGEST_FIELD: Final = 16 * 1024
_MOST_FIELDS: Final = 200
_MOST_CONNECTIONS: Final = 256

_PERMANENT: Final = frozenset({301, 308})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.9, */*;q=0.1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """A redirect that was answered: where to, and whether for ever."""

    target: str
    permanent: bool


class Fetcher:
    """An async context manager that holds the connections; its `fetch` may run many times at once.

    `user_agent` names Newsbell and how to reach its operator, never a browser. `deadline` bounds one whole
    fetch, redirects and body included, in seconds. Cookies are neither kept nor sent, and no proxy or
    certificate is taken from the environment.
    """

    def __init__(self, *, user_agent: str, deadline: float = 30.0) -> None:
        self._user_agent = user_agent
        self._deadline = deadline
        self._stack = AsyncExitStack()
        self._public: httpx.AsyncClient | None = None
        self._any: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        context = httpx.create_ssl_context(trust_env=False)
        self._public = await self._stack.enter_async_context(self._client(context, guarded=True))
        self._any = await self._stack.enter_async_context(self._client(context, guarded=False))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        self._public = self._any = None

    async def fetch(
        self, feed: Feed, *, url: str, validators: Validators, now: datetime
    ) -> Fetched | NotModified:
        """GET `url` for `feed`, unless it is unchanged since `validators` were given.

        `url` is the feed's own or the one it moved to. Raises FetchError or one of its kinds with a sentence
        that names the host only, since the rest of a URL may be a secret.
        """
        try:
            async with asyncio.timeout(self._deadline):
                return await self._follow(feed, url, validators, now)
        except TimeoutError as error:
            raise FetchTimeout(
                f"{_host(url)} did not send the whole feed within {self._deadline:g} s; Newsbell tries again later",
                url=url,
            ) from error
        except FetchError:
            raise
        # What the network, TLS, the name service and two HTTP libraries may raise is an open set: their own
        # errors, OSError, UnicodeError, ValueError. One feed's trouble must never be more than that.
        except Exception as error:
            raise _explained(error, url) from error

    async def _follow(
        self, feed: Feed, url: str, validators: Validators, now: datetime
    ) -> Fetched | NotModified:
        current = check_url(url)
        permanent = True
        for hop in range(MOST_HOPS + 1):
            moved_to = current if hop and permanent else None
            answer = await self._ask(feed, current, validators, now, moved_to)
            if not isinstance(answer, _Hop):
                return answer
            downgrade = current.startswith("https:") and answer.target.startswith("http:")
            permanent = permanent and answer.permanent and not downgrade
            current = answer.target
        raise FetchError(
            f"{_host(url)} redirects more than {MOST_HOPS} times, perhaps in a circle; check the address",
            url=url,
        )

    async def _ask(
        self, feed: Feed, url: str, validators: Validators, now: datetime, moved_to: str | None
    ) -> Fetched | NotModified | _Hop:
        client = self._any if feed.allow_private else self._public
        if client is None:
            raise RuntimeError("enter the Fetcher with `async with` before fetching")
        async with client.stream("GET", url, headers=_conditions(validators)) as response:
            if sum(len(name) + len(value) for name, value in response.headers.raw) > LONGEST_HEADERS:
                raise FetchError(
                    f"{_host(url)} sends more than 64 KiB of headers; Newsbell tries again later", url=url
                )
            status, headers = response.status_code, response.headers
            if status in _REDIRECTS and "location" in headers:
                return _Hop(target=_target(url, headers["location"]), permanent=status in _PERMANENT)
            given = kept_validators(headers)
            wait = freshness(headers, now=now)
            if status == httpx.codes.NOT_MODIFIED and validators != Validators():
                still = Validators(
                    etag=given.etag or validators.etag,
                    last_modified=given.last_modified or validators.last_modified,
                )
                return NotModified(url=url, validators=still, moved_to=moved_to, not_before=wait)
            if status != httpx.codes.OK:
                raise FeedRefused(
                    f"{_host(url)} {refusal(status, headers)}",
                    url=url,
                    status=status,
                    retry_after=retry_after(headers, now=now),
                )
            return Fetched(
                url=url,
                body=await _body(response, url),
                content_type=headers.get("content-type"),
                validators=given,
                moved_to=moved_to,
                not_before=wait,
            )

    def _client(self, context: ssl.SSLContext, *, guarded: bool) -> httpx.AsyncClient:
        def session() -> aiohttp.ClientSession:
            connector = aiohttp.TCPConnector(
                ssl=context,
                limit=_MOST_CONNECTIONS,
                resolver=GuardedResolver() if guarded else aiohttp.ThreadedResolver(),
                socket_factory=guarded_socket if guarded else None,
            )
            return aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                max_line_size=_LONGEST_FIELD,
                max_field_size=_LONGEST_FIELD,
                max_headers=_MOST_FIELDS,
            )

        return httpx.AsyncClient(
            transport=AiohttpTransport(verify=context, client=session),
            headers={"User-Agent": self._user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"},
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            timeout=None,  # noqa: S113 - the deadline around the whole fetch is the only one needed
            follow_redirects=False,
            trust_env=False,
        )


def _conditions(validators: Validators) -> dict[str, str]:
    conditions = {}
    if validators.etag is not None:
        conditions["If-None-Match"] = validators.etag
    if validators.last_modified is not None:
        conditions["If-Modified-Since"] = validators.last_modified
    return conditions


def _target(url: str, location: str) -> str:
    """Where a redirect leads; raises AddressRefused where that is nowhere to go."""
    try:
        return check_url(urljoin(url, location.strip().replace(" ", "%20")))
    except ValueError:
        raise AddressRefused(
            f"{_host(url)} redirects to a malformed address; check the feed's address", url=url
        ) from None
    except AddressRefused as error:
        raise AddressRefused(
            f"{_host(url)} redirects to where Newsbell does not go: {error}", url=url
        ) from None


async def _body(response: httpx.Response, url: str) -> bytes:
    try:
        announced = response.headers.get("content-length", "").strip()
        if announced.isascii() and announced.isdigit():
            require_within_bounds(int(announced) if len(announced) < 15 else LONGEST_BODY + 1)
        decoder = decoder_for(response.headers.get("content-encoding", ""))
        async for piece in response.aiter_raw():
            decoder.feed(piece)
        return decoder.finish()
    except BodyRefused as error:
        raise FetchError(f"{_host(url)} {error}; Newsbell tries again later", url=url) from None


def _explained(error: Exception, url: str) -> FetchError:
    """Our error for one of theirs, by what stands in its chain of causes."""
    host = _host(url)
    causes = list(_chain(error))
    if any(isinstance(cause, PrivateAddress) for cause in causes):
        return AddressRefused(
            f"{host} leads to an address that is not on the public internet; "
            "set allow_private: true on the feed if that is meant",
            url=url,
        )
    if isinstance(error, (httpx.InvalidURL, httpx.RemoteProtocolError)):
        # httpx reads a redirect's target before we do; our own URL was checked already.
        return AddressRefused(f"{host} redirects to a malformed address; check the feed's address", url=url)
    for kind, sentence in _TROUBLES:
        if any(isinstance(cause, kind) for cause in causes):
            return FetchError(f"{host} {sentence}", url=url)
    return FetchError(
        f"{host} cannot be read ({type(causes[-1]).__name__}); Newsbell tries again later", url=url
    )


_TROUBLES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (aiohttp.ClientConnectorDNSError, "is unknown to the name service; check the address or the network"),
    (
        aiohttp.ClientConnectorCertificateError,
        "shows a certificate that cannot be trusted; check the address",
    ),
    (aiohttp.ClientSSLError, "cannot agree with us on encryption; check the address"),
    (ConnectionRefusedError, "refuses the connection; Newsbell tries again later"),
    (aiohttp.ClientConnectorError, "cannot be reached; Newsbell tries again later"),
    (aiohttp.ClientPayloadError, "broke off in the middle of the feed; Newsbell tries again later"),
    (aiohttp.ServerDisconnectedError, "hung up without an answer; Newsbell tries again later"),
    (ConnectionError, "broke the connection; Newsbell tries again later"),
    (aiohttp.http_exceptions.LineTooLong, "sends headers that are too long; Newsbell tries again later"),
    (aiohttp.ClientResponseError, "does not answer in valid HTTP; check the address"),
    (aiohttp.http_exceptions.HttpProcessingError, "does not answer in valid HTTP; check the address"),
)
"""Looked through in this order, so the narrower kinds stand before the wider."""


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it came from, also where a library keeps the cause in a field of its own."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or cause in found:
            continue
        found.append(cause)
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "os_error", None)]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
    return found


def _host(url: str) -> str:
    """The host for a sentence; a URL too broken to have one is called the address."""
    try:
        return urlsplit(url).hostname or "the address"
    except ValueError:
        return "the address"
