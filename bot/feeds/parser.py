"""Bytes to entries as the feed gave them: RSS 0.9x to 2.0, RDF, Atom and CDF by feedparser, JSON Feed by our own.

Pure, but of unbounded cost on hostile input: run it in `bot.feeds.parsing_pool`.

feedparser is the reference for what feeds mean. It gets bytes only, since it opens a string that looks like a
path; no `content-location`, against which it would resolve ids, so that a move to https would change them
all; and neither sanitises nor resolves HTML, which takes two thirds of its time and is of no use to plain text.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any, Final

import feedparser
import feedparser.api
import feedparser.encodings

from bot.errors import ParseError
from bot.feeds import jsonfeed
from bot.feeds.dates import names_no_day, read_date
from bot.feeds.links import resolve
from bot.feeds.prescan import Scan, prescan
from bot.models import Entry, ParsedFeed

MOST_ENTRIES: Final = 2_000
"""Of more, the newest are used."""

CUT_SHORT: Final = "the document ends before it is complete; an entry that was cut is left out"
"""The `warning` of a feed that ends too early. Its validators must not be stored: it may be whole next time."""

_PERIODS: Final = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
"""sy:updatePeriod of the RSS 1.0 syndication module."""

_LEAST_PROOF: Final = 8
"""Octets beyond ASCII that make valid UTF-8 so unlikely by chance that it outweighs any declared charset."""

for _class in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    # An id is compared, never followed: resolving it against xml:base would change it when the base does.
    _class.can_be_relative_uri = _class.can_be_relative_uri - {"id"}


def parse(body: bytes, *, content_type: str | None, url: str) -> ParsedFeed:
    """Read a feed's document.

    `content_type` is the response's header, whose charset counts as feedparser judges; `url` is where the
    body came from, for relative links. Raises ParseError with a sentence where the body is no feed or exceeds
    what one feed may hold; MemoryError comes through.
    """
    if not body.strip(b"\x00 \t\r\n"):
        raise ParseError("the server sent an empty body instead of a feed; Newsbell tries again later")
    parsed = jsonfeed.parse(body) if jsonfeed.looks_like(body) else _parse_xml(body, content_type)
    return replace(parsed, entries=tuple(_resolved(entry, url) for entry in newest(parsed.entries)))


def newest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The MOST_ENTRIES newest in the feed's order; the undated count as older than the dated."""
    if len(entries) <= MOST_ENTRIES:
        return entries
    oldest = datetime.min.replace(tzinfo=UTC)
    ranked = sorted(
        range(len(entries)),
        key=lambda index: entries[index].published or entries[index].updated or oldest,
        reverse=True,
    )
    return tuple(entries[index] for index in sorted(ranked[:MOST_ENTRIES]))


def _parse_xml(body: bytes, content_type: str | None) -> ParsedFeed:
    document, encoding_fault = _as_utf8(body, content_type)
    scan = prescan(document)
    try:
        result = feedparser.parse(
            document,
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    # The tolerant parser meets input that nobody foresaw; whatever it raises is the document's fault.
    except Exception as error:
        raise ParseError(f"the feed is too malformed to be read ({type(error).__name__})") from error
    entries = result.entries[:-1] if scan.cut_short and scan.inside_entry else result.entries
    _require_feed(result, scan, document)
    is_atom = str(result.version).startswith("atom")
    return ParsedFeed(
        title=_text(result.feed, "title", is_atom=is_atom) or None,
        language=result.feed.get("language") or None,
        entries=tuple(_entry(entry, is_atom=is_atom) for entry in entries),
        not_before=_not_before(result.feed),
        warning=_warning(scan, encoding_fault),
    )


def _as_utf8(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """The document in UTF-8 as feedparser understands its charset, and what was wrong with the declared one.

    One lie is common enough to be caught first: UTF-8 under the name of a single-byte charset, which would
    decode without an error and read as gibberish.
    """
    if _is_surely_utf8(body):
        content_type = "application/xml; charset=utf-8"
    result: dict[str, Any] = {}
    try:
        document = feedparser.encodings.convert_to_utf8(
            {"content-type": _xml_type(content_type)}, body, result
        )
    except MemoryError:
        raise
    # Python's codecs raise UnicodeError, LookupError, ValueError and more for charsets that are none.
    except Exception as error:
        raise ParseError(
            f"the feed's charset cannot be read ({type(error).__name__}); it may be garbage"
        ) from error
    if not result.get("encoding"):
        raise ParseError("the body is in no charset that makes sense; it is not a feed")
    fault = result.get("bozo_exception")
    return document, str(fault) if isinstance(fault, feedparser.CharacterEncodingOverride) else None


def _is_surely_utf8(body: bytes) -> bool:
    if b"\x00" in body[:1024] or len(body.translate(None, bytes(range(0x80)))) < _LEAST_PROOF:
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _xml_type(content_type: str | None) -> str:
    """A media type under which feedparser takes a declared charset first, else what the document declares.

    Its own reading of text/xml without a charset is US-ASCII, as a withdrawn RFC 3023 had it; RFC 7303 lets
    the document speak.
    """
    message = Message()
    message["content-type"] = content_type or ""
    charset = message.get_content_charset("")
    return f"application/xml; charset={charset}" if charset else "application/xml"


def _require_feed(result: Any, scan: Scan, document: bytes) -> None:
    """Raise ParseError where nothing in the document says that it is a feed."""
    if result.version or result.entries:
        return
    if scan.root in ("rss", "rdf", "feed", "channel"):
        return
    start = document[:4096].lower()
    if scan.root == "html" or b"<html" in start or b"<!doctype html" in start:
        raise ParseError(
            "the server sent a web page instead of a feed; check the address or whether it blocks bots"
        )
    raise ParseError("what the server sent is not a feed; check the address")


def _warning(scan: Scan, encoding_fault: str | None) -> str | None:
    if scan.cut_short:
        return CUT_SHORT
    if scan.fault is not None:
        return f"the feed is malformed ({scan.fault}); what could be read is used"
    return encoding_fault


def _entry(entry: dict[str, Any], *, is_atom: bool) -> Entry:
    contents = [_markup(content, is_atom=is_atom) for content in entry.get("content", ())]
    return Entry(
        id=entry.get("id") or None,
        link=_link(entry),
        title=_text(entry, "title", is_atom=is_atom),
        summary=_text(entry, "summary", is_atom=is_atom),
        content=max(contents, key=len, default=""),
        published=_date(entry, "published") or _date(entry, "created"),
        updated=_date(entry, "updated"),
        language=_language(entry),
    )


def _text(holder: Mapping[str, Any], name: str, *, is_atom: bool) -> str:
    detail = holder.get(f"{name}_detail")
    value = str(holder.get(name) or "")
    if isinstance(detail, Mapping):
        return _markup({"type": detail.get("type"), "value": value}, is_atom=is_atom)
    return value


def _markup(content: Mapping[str, Any], *, is_atom: bool) -> str:
    """HTML. Atom says which texts are plain, and its `<` are no tags; in RSS nobody can know."""
    value = str(content.get("value") or "")
    return html.escape(value, quote=False) if is_atom and content.get("type") == "text/plain" else value


def _link(entry: dict[str, Any]) -> str | None:
    """The entry's page: before a proxy counted its clicks, else as it stands, else the first that shows it."""
    link = entry.get("feedburner_origlink") or entry.get("link")
    if link:
        return str(link)
    links: Iterable[Mapping[str, Any]] = entry.get("links", ())
    return next(
        (str(other["href"]) for other in links if other.get("rel") == "alternate" and other.get("href")), None
    )


def _language(entry: dict[str, Any]) -> str | None:
    details = [*entry.get("content", ()), entry.get("summary_detail"), entry.get("title_detail")]
    return next((detail["language"] for detail in details if detail and detail.get("language")), None)


def _date(entry: dict[str, Any], name: str) -> datetime | None:
    # Not `entry.get`: feedparser answers for an absent date with another one and a warning.
    fields, text = dict.get(entry, f"{name}_parsed"), str(dict.get(entry, name) or "")
    if not fields:
        return read_date(text)
    if names_no_day(text):
        return None
    year, month, day, hour, minute, second, *_ = fields
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _not_before(channel: Mapping[str, Any]) -> timedelta | None:
    """The longest of the waits that the feed asks for by ttl and sy:updatePeriod."""
    waits = []
    ttl = _count(channel.get("ttl"))
    if ttl:
        waits.append(timedelta(minutes=ttl))
    period = _PERIODS.get(str(channel.get("sy_updateperiod", "")).strip().lower())
    if period is not None:
        waits.append(period / (_count(channel.get("sy_updatefrequency")) or 1))
    return max(waits, default=None)


def _count(text: object) -> int:
    digits = str(text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else 0


def _resolved(entry: Entry, url: str) -> Entry:
    """The entry with its link made absolute; feedparser has seen to xml:base."""
    return replace(entry, link=resolve(entry.link, url)) if entry.link else entry
