"""The address that a page itself calls canonical (RFC 6596), and when it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

from bot.stories.hosts import is_site
from bot.stories.urls import canonical_url

_LONGEST_REFERENCE: Final = 8_192


def believed_url(page: str, declared: Sequence[str]) -> str | None:
    """The canonical form of a page's address, or of the one that the page declares, where it may speak for it.

    It may for its own site: the declared host is the page's, lies above it or below it, layouts such as `amp.`
    aside. Any other host is not believed, or a hostile page could pass for an article of another publisher; two
    hosts side by side are not, since under `blogspot.com` and its like they belong to different people. Nor is a
    home page believed to be an article, which is the common mistake of templates, nor a page that declares
    several addresses.
    """
    own = canonical_url(page)
    named = {canonical for reference in declared if (canonical := _resolved(page, reference))}
    if own is None or len(named) != 1:
        return own
    claimed = named.pop()
    if _is_home(claimed) and not _is_home(own):
        return own
    return claimed if _same_site(_host(own), _host(claimed)) else own


def _resolved(page: str, reference: str) -> str | None:
    """An absolute canonical address; None for what is none."""
    if len(reference) > _LONGEST_REFERENCE:
        return None
    try:
        return canonical_url(urljoin(page, reference.strip()))
    except ValueError:
        return None


def _is_home(canonical: str) -> bool:
    parts = urlsplit(canonical)
    return parts.path == "/" and not parts.query and not parts.fragment


def _host(canonical: str) -> str:
    return urlsplit(canonical).hostname or ""


def _same_site(host: str, other: str) -> bool:
    return host == other or _lies_under(host, other) or _lies_under(other, host)


def _lies_under(host: str, parent: str) -> bool:
    return host.endswith("." + parent) and is_site(parent.split("."))
