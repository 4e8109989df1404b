"""The outlets of the newsroom, none of them real: what each is called, how it writes, and how its server behaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """The kinds of feed document."""

    RSS = "rss"
    RDF = "rdf"
    ATOM = "atom"
    JSON = "json"


class Manner(StrEnum):
    """How an outlet's server treats those who ask."""

    PLAIN = "plain"
    MOVED = "moved"
    """301 to a new path, for ever."""
    BUSY_AT_FIRST = "busy at first"
    """429 with Retry-After on the first request."""
    FAILS_AT_FIRST = "fails at first"
    """500 on the first request."""
    WEB_PAGE = "web page"
    """200 with a page for people in place of the feed."""
    NEVER_ANSWERS = "never answers"
    """Takes the request and says nothing until the server closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One outlet with one feed.

    `slug` names it in paths and in the files of texts. `charset` is the name under which the document is
    encoded and declared, in the Content-Type too where `charset_in_header`. `malformed` leaves ampersands
    and a tag open. `gzip` compresses for whoever accepts it.
    """

    slug: str
    name: str
    language: str
    format: Format = Format.RSS
    manner: Manner = Manner.PLAIN
    charset: str = "utf-8"
    charset_in_header: bool = False
    malformed: bool = False
    etag: bool = True
    weak_etag: bool = False
    last_modified: bool = True
    gzip: bool = False

    @property
    def path(self) -> str:
        """Where the feed is listed."""
        return f"/{self.slug}/{_FILES[self.format]}"

    @property
    def new_path(self) -> str:
        """Where the feed went, if it moved."""
        return f"/{self.slug}/news/{_FILES[self.format]}"

    @property
    def site(self) -> str:
        """The outlet's front page; `.example` belongs to nobody (RFC 2606)."""
        return f"https://{self.slug}.example/"


_FILES: Final = {
    Format.RSS: "rss.xml",
    Format.RDF: "index.rdf",
    Format.ATOM: "atom.xml",
    Format.JSON: "feed.json",
}

OUTLETS: Final = (
    Outlet(slug="anatolian-ledger", name="Anatolian Ledger", language="en", gzip=True),
    Outlet(
        slug="meridian-dispatch",
        name="Meridian Dispatch",
        language="en",
        format=Format.ATOM,
        manner=Manner.MOVED,
    ),
    Outlet(slug="newsglean", name="Newsglean", language="en", format=Format.JSON, last_modified=False),
    Outlet(slug="basalt-review", name="Basalt Review", language="en", format=Format.RDF, weak_etag=True),
    Outlet(slug="pewter-business", name="Pewter Business", language="en", manner=Manner.BUSY_AT_FIRST),
    # Without validators, so that it is read whole every time.
    Outlet(
        slug="kiln-and-compass",
        name="Kiln & Compass",
        language="en",
        malformed=True,
        etag=False,
        last_modified=False,
    ),
    # By date alone. A date has whole seconds, so only an outlet where nothing breaks may rely on it.
    Outlet(
        slug="lantern-street",
        name="Lantern Street",
        language="en",
        manner=Manner.FAILS_AT_FIRST,
        etag=False,
    ),
    Outlet(slug="parked-gazette", name="Parked Gazette", language="en", manner=Manner.WEB_PAGE),
    Outlet(slug="slumber-hill", name="Slumber Hill Times", language="en", manner=Manner.NEVER_ANSWERS),
    Outlet(slug="sarnic-postasi", name="Sarnıç Postası", language="tr", charset="windows-1254"),
    Outlet(slug="turna-ekonomi", name="Turna Ekonomi", language="tr", format=Format.ATOM, gzip=True),
    Outlet(
        slug="sem-vetrov",
        name="Семь ветров",
        language="ru",
        charset="windows-1251",
        charset_in_header=True,
    ),
    Outlet(slug="yantarny-telegraf", name="Янтарный телеграф", language="ru", format=Format.RDF),
    Outlet(slug="qingshi-shangbao", name="青石商报", language="zh-CN", charset="gb18030"),
    Outlet(slug="tingtao-kuaixun", name="聽濤快訊", language="zh-Hant", format=Format.JSON, weak_etag=True),
    Outlet(slug="risalat-al-marsa", name="رسالة المرسى", language="ar", charset_in_header=True),
)

WITH_FEED: Final = tuple(o for o in OUTLETS if o.manner not in (Manner.WEB_PAGE, Manner.NEVER_ANSWERS))
"""The outlets that give a feed sooner or later."""
