"""`newsbell match` and `newsbell stories`: JSON Lines in, JSON Lines out, one for one and in order.

Both read articles as anybody may have them, without a feed and without a database, and go through the same
code as the bot.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.models import Article, Match
from bot.stories.fingerprint import text_key
from bot.stories.folding import Placement, StoryIndex
from bot.stories.keys import Keys
from bot.stories.urls import canonical_url
from bot.text.language import language_of

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_FOR_EVER = 1_000_000
"""Spans of time for which an archive is remembered while it is thin: no database sets a limit here."""

TEXTS = ("title", "summary", "content", "url", "published", "language", "feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A good line: the id as it came, and the article."""

    id: Any
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that holds no article; `number` counts from 1."""

    number: int
    what: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.what}"


class _BadNumber(ValueError):
    """A number that JSON, or we, cannot hold."""


def read_lines(lines: Iterable[bytes]) -> Iterator[Line | BadLine]:
    """Read each line that is not blank."""
    for number, raw in enumerate(lines, start=1):
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if text.strip():
            try:
                yield _line(text)
            except ValueError as error:
                yield BadLine(number=number, what=str(error))


def read_article(data: bytes) -> Article:
    """One article as JSON, in the form of a line; the id may be left out. Raises ValueError with a sentence."""
    value = _object(data)
    return _article({**value, "id": value.get("id", "")})


def plain_article(*, title: str = "", content: str = "") -> Article:
    """An article of which only the text is known."""
    return _article({"id": "", "title": title, "content": content})


def matches(line: Line, match: Callable[[Article], tuple[Match, ...]]) -> dict[str, Any]:
    """The rules that ring on a line's article, with the places that made them."""
    return {
        "id": line.id,
        "matches": [
            {
                "rule": found.rule,
                "evidence": [
                    {"field": s.field.value, "start": s.start, "end": s.end, "text": s.text}
                    for s in found.evidence
                ],
            }
            for found in match(line.article)
        ],
    }


class Stories:
    """The stories of the lines so far.

    An article without a date is as new as the newest before it, or where none has a date, of the time `undated`.
    """

    def __init__(self, *, undated: datetime) -> None:
        self._index = StoryIndex(longest=_FOR_EVER)
        self._keys = Keys()
        self._undated = undated
        self._newest: datetime | None = None

    def place(self, article: Article) -> Placement:
        """Find an article's story, and remember it for the next."""
        at = article.published
        if at is not None:
            # What claims to come from the future is as new as now, or all that comes after it would be old.
            at = min(at, self._undated)
            self._newest = at if self._newest is None else max(at, self._newest)
        self._index.mark()  # nothing here is ever taken back
        return self._index.place(
            article, at=at or self._newest or self._undated, keys=self._keys, text=text_key(article)
        )


def story(line: Line, stories: Stories, *, explain: bool = False) -> dict[str, Any]:
    """The story of a line's article, and why it belongs there; with `explain` what spoke for and against."""
    place = stories.place(line.article)
    answer = {"id": line.id, "story": place.story_id, "reason": place.reason.value}
    return {**answer, "parts": list(place.parts)} if explain else answer


def encode(value: dict[str, Any]) -> bytes:
    """An object as a line. Half a surrogate pair, which has no UTF-8, goes out as the escape that it came as."""
    try:
        return json.dumps(value, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode() + b"\n"


def _line(raw: bytes) -> Line:
    value = _object(raw)
    if value.get("id") is None:
        raise ValueError('no id; give each article an "id"')
    return Line(id=value["id"], article=_article(value))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start + 1}); write the file in UTF-8") from error
    except RecursionError as error:
        raise ValueError("nested too deeply; an article is a flat object") from error
    except json.JSONDecodeError as error:
        raise ValueError(
            f"not JSON ({error.msg} at column {error.colno}); write one object a line"
        ) from error
    except _BadNumber:
        raise
    except ValueError as error:
        # Python refuses to read whole numbers of thousands of digits.
        raise ValueError("a number has too many digits; put it in quotes") from error
    if not isinstance(value, dict):
        raise ValueError('not an object; write {"id": ..., "title": ..., "summary": ...}')  # noqa: TRY004 - a fault of the line, not of the caller
    for name in TEXTS:
        if not isinstance(value.get(name, ""), str | None):
            raise ValueError(f"{name} is not a text; put it in quotes, or leave it out")  # noqa: TRY004 - as above
    tags = value.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise ValueError("tags is not a list of texts; write [...], or leave it out")
    return value


def _article(value: dict[str, Any]) -> Article:
    title, summary, content = (value.get(name) or "" for name in ("title", "summary", "content"))
    url = value.get("url") or None
    feed = value.get("feed") or ""
    return Article(
        feed_url=feed,
        source=feed,
        entry_id=json.dumps(value["id"], sort_keys=True),
        url=url,
        canonical_url=canonical_url(url) if url else None,
        title=title,
        summary=summary,
        content=content,
        language=language_of("\n".join((title, summary, content)), value.get("language")),
        published=_published(value.get("published") or ""),
        tags=tuple(value.get("tags") or ()),
    )


def _published(text: str) -> datetime | None:
    """A date of ISO 8601 in UTC, which it also is without a zone; one that cannot be read or be is unknown.

    Wide bounds keep dates that stand for "none" (year 1, year 9999) from being taken for times.
    """
    try:
        at = datetime.fromisoformat(text.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _EARLIEST <= at < _LATEST else None


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _BadNumber(f"the number {digits[:20]} is too large; put it in quotes")
    return value


def _no_constant(name: str) -> float:
    raise _BadNumber(f"not JSON ({name} is no number there); write null, or leave it out")
