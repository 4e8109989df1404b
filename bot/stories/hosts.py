"""Host names in one spelling, and the site behind the hosts that only serve other layouts of its pages."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import idna

_LONGEST_HOST: Final = 253
_LONGEST_LABEL: Final = 63
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST: Final = re.compile(r"[a-z0-9._-]+")

_LAYOUTS: Final = re.compile(r"www\d{0,2}|m|mobile|amp|touch|wap|mobi")
"""First labels under which publishers serve the very pages of the bare host.

`www` with a number is folded as the Internet Archive folds it (surt, `IAURLCanonicalizer`). `news`, `edition` and
the like name editions, whose pages differ.
"""

_INNER_LAYOUTS: Final = frozenset({"m", "mobile", "amp"})
"""Second labels of that kind, as in `en.m.wikipedia.org`."""

_ALIASES: Final = {
    "bbc.co.uk": "bbc.com",
    "guardian.co.uk": "theguardian.com",
    "twitter.com": "x.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "telegram.me": "t.me",
}
"""Sites that serve the same pages under two names."""

_REGISTRIES: Final = frozenset("co com net org gov edu ac go or ne gob gouv govt mil nom sch".split())
"""Under these, countries register names: `amp.com.au` is a company, not a layout of `com.au`."""


def ascii_host(host: str) -> str | None:
    """A host in lower-case ASCII (IDNA 2008 after UTS 46), an IPv6 literal in brackets; None where invalid."""
    if ":" in host:
        try:
            return f"[{IPv6Address(host)}]" if "%" not in host else None
        except ValueError:
            return None
    if not host or len(host) > _LONGEST_HOST:
        return None
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    host = host.lower()
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        return None
    labels = host.removesuffix(".").split(".")
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        return None
    return _ipv4(host) if _NUMBER.fullmatch(labels[-1]) else host


def _ipv4(host: str) -> str | None:
    """A host that ends in a number is an IPv4 address (URL Standard, 3.5), here in dotted decimals only."""
    try:
        return str(IPv4Address(host.removesuffix(".")))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def site_of(host: str) -> str | None:
    """The host in ASCII without labels that only say which layout of the page is served; None where invalid."""
    spelt = ascii_host(host)
    if spelt is None or spelt.startswith("["):
        return spelt
    labels = spelt.removesuffix(".").split(".")
    while _LAYOUTS.fullmatch(labels[0]) and is_site(labels[1:]):
        labels = labels[1:]
    while len(labels) > 1 and labels[1] in _INNER_LAYOUTS and is_site(labels[2:]):
        del labels[1]
    site = ".".join(labels)
    return _ALIASES.get(site, site)


def is_site(labels: list[str]) -> bool:
    """Whether a name of these labels can be somebody's: not one under which countries register names."""
    if len(labels) < 2 or labels[-1].isdigit():
        return False
    return not (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _REGISTRIES)
