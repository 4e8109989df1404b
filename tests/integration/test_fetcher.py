"""The fetcher against a real HTTP server on loopback, down to single bytes."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import AddressRefused, FeedRefused, FetchError, FetchTimeout
from bot.feeds.decoding import LONGEST_BODY
from bot.feeds.fetcher import Fetcher
from bot.models import Feed, Fetched, NotModified, Validators

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = b"<rss version='2.0'><channel><title>Harbour News</title></channel></rss>"

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Newsroom:
    """An HTTP/1.1 server that answers each path with bytes as they stand, or by a coroutine."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.port = 0

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                path = line.split()[1].decode()
                headers = {}
                while (field := await reader.readline()).strip():
                    name, _, value = field.decode("latin-1").partition(":")
                    headers[name.lower()] = value.strip()
                self.requests.append((path, headers))
                answer = self.answers[path]
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(writer)
                if b"Content-Length" not in (answer if isinstance(answer, bytes) else b""):
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()


@pytest.fixture
async def newsroom() -> AsyncIterator[Newsroom]:
    room = Newsroom()
    server = await asyncio.start_server(room.serve, "127.0.0.1", 0)
    room.port = server.sockets[0].getsockname()[1]
    yield room
    server.close()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(
        user_agent="Newsbell/test (+https://newsbell.example; ops@newsbell.example)"
    ) as fetcher:
        yield fetcher


def response(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    fields = {
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    head = "".join(f"{name}: {text}\r\n" for name, text in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


async def fetch(
    fetcher: Fetcher, url: str, *, validators: Validators | None = None, private: bool = True
) -> Fetched | NotModified:
    feed = Feed(url=url, allow_private=private)
    return await fetcher.fetch(feed, url=url, validators=validators or Validators(), now=NOW)


async def fetched(fetcher: Fetcher, url: str) -> Fetched:
    answer = await fetch(fetcher, url)
    assert isinstance(answer, Fetched)
    return answer


@asynccontextmanager
async def refused(kind: type[FetchError], sentence: str) -> AsyncIterator[pytest.ExceptionInfo[FetchError]]:
    with pytest.raises(kind, match=sentence) as caught:
        yield caught
    assert caught.type is kind


async def test_a_feed_comes_whole_with_what_its_headers_say(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response(
        body=FEED,
        Content_Type="application/rss+xml; charset=utf-8",
        ETag='W/"x-1"',
        Last_Modified="Mon, 02 Mar 2026 10:00:00 GMT",
        Cache_Control="public, max-age=600",
        Age="60",
    )
    assert await fetch(fetcher, newsroom.root + "/feed") == Fetched(
        url=newsroom.root + "/feed",
        body=FEED,
        content_type="application/rss+xml; charset=utf-8",
        validators=Validators(etag='W/"x-1"', last_modified="Mon, 02 Mar 2026 10:00:00 GMT"),
        not_before=timedelta(seconds=540),
    )


async def test_the_request_says_who_asks_and_offers_gzip_and_deflate_only(
    newsroom: Newsroom, fetcher: Fetcher
) -> None:
    newsroom.answers["/feed"] = response(body=FEED)
    await fetch(fetcher, newsroom.root + "/feed")
    [(_, headers)] = newsroom.requests
    assert headers["user-agent"].startswith("Newsbell/test")
    assert headers["accept-encoding"] == "gzip, deflate"
    assert not headers.keys() & {"cookie", "referer", "if-none-match", "if-modified-since", "authorization"}


async def test_validators_go_back_byte_for_byte(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response("304 Not Modified")
    kept = Validators(etag='W/"odd  one"', last_modified="yesterday, 10:00 or so")
    answer = await fetch(fetcher, newsroom.root + "/feed", validators=kept)
    [(_, headers)] = newsroom.requests
    assert (headers["if-none-match"], headers["if-modified-since"]) == (kept.etag, kept.last_modified)
    assert answer == NotModified(url=newsroom.root + "/feed", validators=kept)


async def test_a_304_may_bring_a_new_validator(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response("304 Not Modified", ETag='"b"', Cache_Control="max-age=90")
    answer = await fetch(
        fetcher, newsroom.root + "/feed", validators=Validators(etag='"a"', last_modified="then")
    )
    assert answer == NotModified(
        url=newsroom.root + "/feed",
        validators=Validators(etag='"b"', last_modified="then"),
        not_before=timedelta(seconds=90),
    )


async def test_a_304_that_nobody_asked_for_is_no_success(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response("304 Not Modified")
    async with refused(FeedRefused, "304"):
        await fetch(fetcher, newsroom.root + "/feed")


@pytest.mark.parametrize(
    "etag", ['"' + "x" * 1023 + '"', '"tab\there"', '"\xe9"'], ids=["long", "tab", "latin-1"]
)
async def test_a_validator_that_is_too_long_or_not_visible_ascii_is_not_kept(
    newsroom: Newsroom, fetcher: Fetcher, etag: str
) -> None:
    newsroom.answers["/feed"] = response(body=FEED, ETag=etag)
    assert (await fetched(fetcher, newsroom.root + "/feed")).validators == Validators()


async def test_cookies_are_neither_kept_nor_sent(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response(body=FEED, Set_Cookie="visitor=1; Path=/")
    await fetch(fetcher, newsroom.root + "/feed")
    await fetch(fetcher, newsroom.root + "/feed")
    assert [headers.get("cookie") for _, headers in newsroom.requests] == [None, None]


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "raw deflate", "identity"])
async def test_a_packed_body_is_unpacked(newsroom: Newsroom, fetcher: Fetcher, coding: str) -> None:
    packed = {"deflate": zlib.compress(FEED), "raw deflate": zlib.compress(FEED)[2:-4], "identity": FEED}
    newsroom.answers["/feed"] = response(
        body=packed.get(coding, gzip.compress(FEED)), Content_Encoding=coding.removeprefix("raw ")
    )
    assert (await fetched(fetcher, newsroom.root + "/feed")).body == FEED


async def test_gzip_in_two_members_is_one_body(newsroom: Newsroom, fetcher: Fetcher) -> None:
    body = gzip.compress(FEED[:30]) + gzip.compress(FEED[30:]) + b"\0\0\0"
    newsroom.answers["/feed"] = response(body=body, Content_Encoding="gzip")
    assert (await fetched(fetcher, newsroom.root + "/feed")).body == FEED


async def test_a_gzip_bomb_is_stopped_at_the_bound(newsroom: Newsroom, fetcher: Fetcher) -> None:
    bomb = gzip.compress(bytes(8 * LONGEST_BODY))
    newsroom.answers["/feed"] = response(body=bomb, Content_Encoding="gzip")
    async with refused(FetchError, "more than 10 MiB"):
        await fetch(fetcher, newsroom.root + "/feed")


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "nonsense\\"])
async def test_a_coding_that_was_not_offered_is_refused(
    newsroom: Newsroom, fetcher: Fetcher, coding: str
) -> None:
    newsroom.answers["/feed"] = response(body=FEED, Content_Encoding=coding)
    async with refused(FetchError, "only one of gzip and deflate"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_gzip_that_is_none_is_an_error(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response(body=FEED, Content_Encoding="gzip")
    async with refused(FetchError, "not the gzip that it says"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_gzip_that_is_cut_short_is_an_error(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response(body=gzip.compress(FEED)[:-9], Content_Encoding="gzip")
    async with refused(FetchError, "cut short"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_a_body_shorter_than_it_says_is_an_error(newsroom: Newsroom, fetcher: Fetcher) -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.write(response(body=FEED)[:-10])
        await writer.drain()

    newsroom.answers["/feed"] = cut
    async with refused(FetchError, "broke off in the middle"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_a_body_without_length_ends_with_the_connection(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = b"HTTP/1.0 200 OK\r\n\r\n" + FEED
    assert (await fetched(fetcher, newsroom.root + "/feed")).body == FEED


async def test_a_body_that_never_ends_is_stopped_at_the_bound(newsroom: Newsroom, fetcher: Fetcher) -> None:
    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    newsroom.answers["/feed"] = pour
    async with refused(FetchError, "more than 10 MiB"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_a_body_announced_as_too_large_is_not_read(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    async with refused(FetchError, "more than 10 MiB"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_a_feed_that_trickles_runs_into_the_deadline(newsroom: Newsroom) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    newsroom.answers["/feed"] = trickle
    impatient = Fetcher(user_agent="Newsbell/test", deadline=0.2)
    async with impatient, refused(FetchTimeout, "within 0.2 s"):
        await fetch(impatient, newsroom.root + "/feed")


async def test_the_deadline_covers_all_redirects_together(newsroom: Newsroom) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(response("302 Found", Location="/feed"))
        await writer.drain()

    newsroom.answers["/feed"] = slow
    impatient = Fetcher(user_agent="Newsbell/test", deadline=0.3)
    async with impatient, refused(FetchTimeout, "within 0.3 s"):
        await fetch(impatient, newsroom.root + "/feed")


async def test_endless_headers_are_refused(newsroom: Newsroom, fetcher: Fetcher) -> None:
    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")
            await writer.drain()

    newsroom.answers["/feed"] = pour
    async with refused(FetchError, "headers|valid HTTP"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_many_large_headers_are_refused(newsroom: Newsroom, fetcher: Fetcher) -> None:
    filler = {f"X-Filler-{number}": "x" * 8000 for number in range(9)}
    newsroom.answers["/feed"] = response("200 OK", FEED, **filler)
    async with refused(FetchError, "64 KiB of headers"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_what_is_not_http_is_an_error(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = b"SSH-2.0-OpenSSH_9.2\r\n"
    async with refused(FetchError, "does not answer in valid HTTP"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_a_server_that_hangs_up_is_an_error(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = b""
    async with refused(FetchError, "hung up without an answer"):
        await fetch(fetcher, newsroom.root + "/feed")


async def test_a_refused_connection_is_an_error(fetcher: Fetcher) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with refused(FetchError, "refuses the connection"):
        await fetch(fetcher, f"http://127.0.0.1:{port}/")


async def test_a_host_that_does_not_exist_is_an_error(fetcher: Fetcher) -> None:
    async with refused(FetchError, "unknown to the name service"):
        await fetch(fetcher, "http://nowhere.invalid/feed")


async def test_a_server_without_tls_is_an_error(fetcher: Fetcher) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response("400 Bad Request"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with refused(FetchError, "cannot agree with us on encryption"):
            await fetch(fetcher, f"https://127.0.0.1:{port}/feed")


async def test_an_error_names_the_host_and_not_the_rest_of_the_url(
    newsroom: Newsroom, fetcher: Fetcher
) -> None:
    newsroom.answers["/feed?key=s3cret"] = response("404 Not Found")
    async with refused(FeedRefused, "127.0.0.1 answers 404") as caught:
        await fetch(fetcher, newsroom.root + "/feed?key=s3cret")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 308])
async def test_a_permanent_redirect_says_where_the_feed_moved_to(
    newsroom: Newsroom, fetcher: Fetcher, status: int
) -> None:
    newsroom.answers["/old"] = response(f"{status} Moved", Location="new feed#top")
    newsroom.answers["/new%20feed"] = response(body=FEED)
    answer = await fetched(fetcher, newsroom.root + "/old")
    assert answer.url == answer.moved_to == newsroom.root + "/new%20feed"


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_temporary_redirect_moves_nothing(newsroom: Newsroom, fetcher: Fetcher, status: int) -> None:
    newsroom.answers["/old"] = response(f"{status} Elsewhere", Location=newsroom.root + "/new")
    newsroom.answers["/new"] = response(body=FEED)
    answer = await fetched(fetcher, newsroom.root + "/old")
    assert (answer.url, answer.moved_to) == (newsroom.root + "/new", None)


async def test_one_temporary_hop_makes_the_whole_chain_temporary(
    newsroom: Newsroom, fetcher: Fetcher
) -> None:
    newsroom.answers["/a"] = response("301 Moved", Location="/b")
    newsroom.answers["/b"] = response("302 Found", Location="/c")
    newsroom.answers["/c"] = response("301 Moved", Location="/d")
    newsroom.answers["/d"] = response(body=FEED)
    assert (await fetched(fetcher, newsroom.root + "/a")).moved_to is None


async def test_five_hops_are_followed_and_a_sixth_is_not(newsroom: Newsroom, fetcher: Fetcher) -> None:
    for hop in range(6):
        newsroom.answers[f"/{hop}"] = response("301 Moved", Location=f"/{hop + 1}")
    newsroom.answers["/6"] = response(body=FEED)
    assert (await fetched(fetcher, newsroom.root + "/1")).body == FEED
    async with refused(FetchError, "more than 5 times"):
        await fetch(fetcher, newsroom.root + "/0")


async def test_a_loop_of_redirects_ends(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response("302 Found", Location="/feed")
    async with refused(FetchError, "in a circle"):
        await fetch(fetcher, newsroom.root + "/feed")
    assert len(newsroom.requests) == 6


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://x.example/", "data:,x", "http://a@b.example/", "//[", "javascript:1"],
)
async def test_a_redirect_to_what_is_not_plain_http_is_refused(
    newsroom: Newsroom, fetcher: Fetcher, location: str
) -> None:
    newsroom.answers["/feed"] = response("302 Found", Location=location)
    async with refused(AddressRefused, "redirects to"):
        await fetch(fetcher, newsroom.root + "/feed")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("204 No Content", "without a whole feed"),
        ("206 Partial Content", "without a whole feed"),
        ("400 Bad Request", "check the address"),
        ("401 Unauthorized", "password"),
        ("403 Forbidden", "forbids"),
        ("404 Not Found", "no feed at this address"),
        ("410 Gone", "gone for good"),
        ("429 Too Many Requests", "too often"),
        ("451 Unavailable", "legal"),
        ("503 Service Unavailable", "fault of its own"),
        ("999 Request denied", "no feed"),
    ],
)
async def test_a_status_is_explained(
    newsroom: Newsroom, fetcher: Fetcher, status: str, sentence: str
) -> None:
    newsroom.answers["/feed"] = b"HTTP/1.1 " + status.encode() + b"\r\nConnection: close\r\n\r\n"
    with pytest.raises(FeedRefused, match=sentence) as caught:
        await fetch(fetcher, newsroom.root + "/feed")
    assert caught.value.status == int(status[:3])


async def test_a_browser_check_is_called_a_block(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response("403 Forbidden", body=b"<html>", cf_mitigated="challenge")
    async with refused(FeedRefused, "blocked us"):
        await fetch(fetcher, newsroom.root + "/feed")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "120"}, timedelta(seconds=120)),
        ({"Retry_After": "1000000000"}, timedelta(days=7)),
        ({"Retry_After": "9" * 5000}, timedelta(days=7)),
        ({"Retry_After": "-5"}, None),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "Mon, 02 Mar 2026 12:05:00 GMT"}, timedelta(minutes=5)),
        ({"Retry_After": "Mon, 02 Mar 1999 12:05:00 GMT"}, timedelta()),
        (
            {"Retry_After": "Mon, 02 Mar 2020 12:05:00 GMT", "Date": "Mon, 02 Mar 2020 12:00:00 GMT"},
            timedelta(minutes=5),
        ),
        ({}, None),
    ],
)
async def test_retry_after_is_read_relative_to_the_servers_clock(
    newsroom: Newsroom, fetcher: Fetcher, headers: dict[str, str], wait: timedelta | None
) -> None:
    newsroom.answers["/feed"] = response("429 Too Many Requests", b"", **headers)
    with pytest.raises(FeedRefused) as caught:
        await fetch(fetcher, newsroom.root + "/feed")
    assert caught.value.retry_after == wait


async def test_expires_asks_for_a_wait_too(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response(
        body=FEED, Date="Mon, 02 Mar 2026 10:00:00 GMT", Expires="Mon, 02 Mar 2026 10:30:00 GMT"
    )
    assert (await fetched(fetcher, newsroom.root + "/feed")).not_before == timedelta(minutes=30)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "017700000001", "[::ffff:127.0.0.1]"],
)
async def test_no_packet_goes_to_a_private_address(newsroom: Newsroom, fetcher: Fetcher, host: str) -> None:
    newsroom.answers["/feed"] = response(body=FEED)
    async with refused(AddressRefused, "not on the public internet|no valid host"):
        await fetch(fetcher, f"http://{host}:{newsroom.port}/feed", private=False)
    assert newsroom.requests == []


async def test_one_private_answer_among_public_ones_spoils_them_all(
    newsroom: Newsroom, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mixed(*_: object, **__: object) -> list[object]:
        return [(2, 1, 6, "", (address, newsroom.port)) for address in ("93.184.216.34", "127.0.0.1")]

    monkeypatch.setattr("socket.getaddrinfo", mixed)
    async with refused(AddressRefused, "not on the public internet"):
        await fetch(fetcher, f"http://rebind.example:{newsroom.port}/feed", private=False)
    assert newsroom.requests == []


async def test_a_redirect_is_guarded_as_the_first_address_was(
    newsroom: Newsroom, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feeds.guard.is_public", lambda address: str(address) == "127.0.0.1")
    newsroom.answers["/feed"] = response("302 Found", Location=f"http://127.0.0.2:{newsroom.port}/inside")
    async with refused(AddressRefused, "not on the public internet"):
        await fetch(fetcher, newsroom.root + "/feed", private=False)
    assert [path for path, _ in newsroom.requests] == ["/feed"]


async def test_leave_for_one_feed_is_none_for_another(newsroom: Newsroom, fetcher: Fetcher) -> None:
    newsroom.answers["/feed"] = response(body=FEED)
    await fetch(fetcher, newsroom.root + "/feed")
    async with refused(AddressRefused, "not on the public internet"):
        await fetch(fetcher, newsroom.root + "/feed", private=False)


async def test_proxies_in_the_environment_are_ignored(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    newsroom.answers["/feed"] = response(body=FEED)
    async with Fetcher(user_agent="Newsbell/test") as fetcher:
        assert (await fetched(fetcher, newsroom.root + "/feed")).body == FEED


async def test_a_cancelled_fetch_ends_at_once_and_leaves_the_fetcher_usable(
    newsroom: Newsroom, fetcher: Fetcher
) -> None:
    async def hang(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(60)

    newsroom.answers["/hang"] = hang
    newsroom.answers["/feed"] = response(body=FEED)
    task = asyncio.create_task(fetch(fetcher, newsroom.root + "/hang"))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    assert (await fetched(fetcher, newsroom.root + "/feed")).body == FEED


async def test_fifty_feeds_come_at_once(newsroom: Newsroom, fetcher: Fetcher) -> None:
    for number in range(50):
        newsroom.answers[f"/{number}"] = response(body=FEED + str(number).encode())
    answers = await asyncio.gather(*(fetched(fetcher, f"{newsroom.root}/{number}") for number in range(50)))
    assert [answer.body for answer in answers] == [FEED + str(number).encode() for number in range(50)]
