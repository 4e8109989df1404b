"""An entry made comparable: plain text, canonical address, a date that can be, a language. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from bot.feeds.html_text import to_line, to_lines
from bot.feeds.links import resolve
from bot.models import Article, Entry, Feed
from bot.stories.urls import canonical_url
from bot.text.language import detect, language_of

ENOUGH: Final = 100
"""Code points of a text from which on what it is seen to be outweighs what is declared."""

LONGEST_TITLE: Final = 1_000
LONGEST_SUMMARY: Final = 10_000
LONGEST_CONTENT: Final = 100_000
"""Code points; what is longer is cut."""

LONGEST_ID: Final = 4_096
LONGEST_LINK: Final = 4_096

_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""No news site is older; an earlier date is a clock that was never set."""


def normalise(
    entry: Entry, *, feed: Feed, source: str, feed_language: str | None, url: str, now: datetime
) -> Article:
    """The article that an entry tells.

    `source` is the name to show, `url` where the feed came from, `feed_language` what the feed says of
    itself. The language is the operator's word, else the entry's, else the feed's, else what the text reads
    as.
    """
    title = to_line(entry.title)[:LONGEST_TITLE].rstrip()
    summary, content = _body(to_lines(entry.summary), to_lines(entry.content))
    link = _link(entry.link, url)
    return Article(
        feed_url=feed.url,
        source=source,
        entry_id=_id(entry.id),
        url=link,
        canonical_url=canonical_url(link) if link else None,
        title=title,
        summary=summary,
        content=content,
        language=feed.language
        or _language(entry.language, feed_language, text=f"{title}\n{summary or content}"),
        published=_published(entry, now),
        tags=feed.tags,
    )


def _body(summary: str, content: str) -> tuple[str, str]:
    """Summary and content within their bounds; what both say stands once, where it fits whole."""
    if summary == content:
        if len(summary) <= LONGEST_SUMMARY:
            content = ""
        else:
            summary = ""
    return summary[:LONGEST_SUMMARY].rstrip(), content[:LONGEST_CONTENT].rstrip()


def _id(entry_id: str | None) -> str | None:
    """The feed's id as it stands, but storable: NULs and halves of characters are no part of any honest id."""
    if not entry_id:
        return None
    return entry_id.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")[:LONGEST_ID] or None


def _link(link: str | None, url: str) -> str | None:
    """The absolute http(s) address to show; None for every other scheme and for what is no address."""
    absolute = resolve(link, url) if link else None
    if absolute is None or len(absolute) > LONGEST_LINK or not absolute.isprintable():
        return None
    parts = urlsplit(absolute)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or "\\" in parts.netloc
    ):
        return None
    return absolute


def _language(*tags: str | None, text: str) -> str | None:
    """What the text is seen to be, or else what is declared: blog software declares en-US over any language."""
    return (detect(text) if len(text) >= ENOUGH else None) or language_of(text, *tags)


def _published(entry: Entry, now: datetime) -> datetime | None:
    """The first date that can be; one in the future is taken for now."""
    for date in (entry.published, entry.updated):
        if date is not None and date >= _EARLIEST:
            return min(date, now)
    return None
