"""The one address that all addresses of a page share, so that two links to one page are one link.

Only what is known to be noise goes: two pages that differ in a parameter that may carry meaning stay two. The
parts: `hosts` and `paths` spell an address, `tracking` and `publishers` know the parameters that mean nothing,
`redirects` reads the address that an aggregator's link carries.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from bot.stories.hosts import ascii_host, site_of
from bot.stories.paths import page_path, spelt
from bot.stories.redirects import TAIL_IS_TARGET, carried_url
from bot.stories.tracking import is_noise

__all__ = ["ascii_host", "canonical_url"]

_LONGEST_URL: Final = 8_192
_LONGEST_CHAIN: Final = 5
"""Links within links that are followed; mail filters and social networks wrap each other two or three deep."""

_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")
_TEXT_FRAGMENT: Final = re.compile(r":~:.*")


def canonical_url(url: str) -> str | None:
    """The address to compare a page by; None where it is not a valid http(s) URL.

    Always https, lower-case host without `www.` and the like, no default port, no fragment (but routes, `#!` and
    `#/`, stay), resolved dot segments, one spelling of percent-encoding, no tracking parameters, parameters in
    the order of their names, no slash at the end; AMP and mobile pages, and links that carry their target, as
    the page itself. Canonical of canonical is itself.
    """
    page = outermost = _normal(url)
    for _ in range(_LONGEST_CHAIN + 1):
        target = carried_url(page) if page else None
        inner = _normal(target) if target else None
        if inner is None:
            return page
        page = inner
    return outermost


def _normal(url: str) -> str | None:
    """The address in its one spelling, not looking at what it carries."""
    url = url.strip()
    if len(url) > _LONGEST_URL or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    site = site_of(parts.hostname or "")
    if site is None:
        return None
    authority = site if port in (None, 80, 443) else f"{site}:{port}"
    query = f"?{_query(parts.query, site)}" if parts.query else ""
    route = _route(parts.fragment) if parts.fragment else ""
    normal = f"https://{authority}{page_path(parts.path, site)}{query if query != '?' else ''}{route}"
    return normal if len(normal) <= _LONGEST_URL else None


def _query(query: str, site: str) -> str:
    """The parameters that may choose the page, ordered by name; one name's values keep their order."""
    if site in TAIL_IS_TARGET:
        return spelt(query)
    kept = []
    for parameter in query.split("&"):
        text = spelt(parameter)
        while text[:4].lower() == "amp;":  # what is left of an & that was escaped twice
            text = text[4:]
        text = _without_appended(text, site) if "?" in text else text
        name, _, value = text.partition("=")
        if text and not is_noise(name.lower(), value.lower(), site):
            kept.append((name, text))
    kept.sort(key=lambda parameter: parameter[0])
    return "&".join(text for _, text in kept)


def _without_appended(parameter: str, site: str) -> str:
    """Without the noise that a feed appended after a second `?`, as in `?id=7?utm_source=rss`."""
    head, mark, tail = parameter.rpartition("?")
    while mark:
        name, _, value = tail.partition("=")
        if tail and not is_noise(name.lower(), value.lower(), site):
            break
        parameter = head
        head, mark, tail = parameter.rpartition("?")
    return parameter


def _route(fragment: str) -> str:
    """The part after `#` where a script reads from it which page to show."""
    return "#" + _TEXT_FRAGMENT.sub("", spelt(fragment)) if fragment[0] in "!/" else ""
