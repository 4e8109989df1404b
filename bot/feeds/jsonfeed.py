"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), which feedparser does not know."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.errors import ParseError
from bot.models import Entry, ParsedFeed

MOST_ITEMS: Final = 200_000
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def looks_like(body: bytes) -> bool:
    """Whether the body begins as a JSON object, which no XML does."""
    start = body[:1024].replace(b"\x00", b"")
    return (
        start.removeprefix(_BYTE_ORDER_MARK).removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()[:1]
        == b"{"
    )


def parse(body: bytes) -> ParsedFeed:
    """Read a JSON Feed; raises ParseError with a sentence where it is none.

    Members of a wrong type count as absent: what is readable is used.
    """
    try:
        document = json.loads(body.removeprefix(_BYTE_ORDER_MARK))
    except (ValueError, RecursionError) as error:
        raise ParseError(
            "the body begins as JSON but is not valid JSON; it is cut short or not a feed"
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise ParseError("the JSON that the server sent is not a JSON Feed: it has no list of items")
    if "jsonfeed.org/version/" not in _string(document, "version"):
        raise ParseError("the JSON that the server sent is not a JSON Feed: its version does not say so")
    if len(document["items"]) > MOST_ITEMS:
        raise ParseError(f"the feed holds more than {MOST_ITEMS} items; it is not read")
    items = [item for item in document["items"] if isinstance(item, dict)]
    odd = len(document["items"]) - len(items)
    return ParsedFeed(
        title=_plain(document, "title") or None,
        language=_string(document, "language") or None,
        entries=tuple(_entry(item) for item in items),
        warning=f"{odd} items of the feed are no JSON objects; they are left out" if odd else None,
    )


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(
        id=_id(item),
        link=_string(item, "url") or _string(item, "external_url") or None,
        title=_plain(item, "title"),
        summary=_plain(item, "summary"),
        content=max(_string(item, "content_html"), _plain(item, "content_text"), key=len),
        published=_date(item, "date_published"),
        updated=_date(item, "date_modified"),
        language=_string(item, "language") or None,
    )


def _id(item: Mapping[str, Any]) -> str | None:
    """The id as a string, which the specification asks readers to make of a number."""
    value = item.get("id")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value or None if isinstance(value, str) else None


def _string(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _plain(holder: Mapping[str, Any], name: str) -> str:
    """A member that is plain text, as HTML."""
    return html.escape(_string(holder, name), quote=False)


def _date(item: Mapping[str, Any], name: str) -> datetime | None:
    """A date of RFC 3339; one without a zone is taken for UTC."""
    try:
        date = datetime.fromisoformat(_string(item, name).strip())
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
