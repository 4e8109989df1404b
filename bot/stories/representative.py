"""Which article of a story is shown: the earliest of its best source.

The operator's `rank` decides first. Among equals what anybody can read goes before what is behind a paywall, and
that before an aggregator's copy. Both are known by the host of the article's link, since that is where readers
are led: a feed of an aggregator that links to the publishers themselves is as good as theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final
from urllib.parse import urlsplit

from bot.models import Feed, Lead
from bot.stories.urls import ascii_host

MIDDLE_RANK: Final = 5
"""The rank of a source of which the operator says nothing, so that others can be put before it and behind it."""

LAST_RANK: Final = 9
"""The rank of an aggregator of which the operator says nothing."""

_AGGREGATORS: Final = frozenset(
    """
    apple.news bing.com dailyhunt.in dzen.ru flipboard.com ground.news msn.com news.google.com news.line.me
    news.naver.com news.rambler.ru news.yahoo.co.jp news.ycombinator.com newsbreak.com newsnow.co.uk reddit.com
    smartnews.com toutiao.com v.daum.net yahoo.com
    """.split()
)
"""Sites whose pages are copies of what others wrote, redirects to it, or talk about it. Portals that are known
for a newsroom of their own (sina.com.cn, t-online.de) are none."""

_PAYWALLED: Final = frozenset(
    """
    afr.com asia.nikkei.com barrons.com bloomberg.com bostonglobe.com caixinglobal.com economist.com ft.com
    haaretz.com nytimes.com theaustralian.com.au theinformation.com thetimes.co.uk thetimes.com
    washingtonpost.com wsj.com
    """.split()
)
"""Newspapers that close nearly every article. Those that close some, as most do, are open until the operator's
`paywall` says otherwise."""


class Access(IntEnum):
    """What readers find behind the link, the best first."""

    OPEN = 0
    PAYWALLED = 1
    AGGREGATED = 2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Standing:
    """What decides between articles of one story before their times do; the least is the best."""

    rank: int
    access: Access
    unlinked: bool


def better(candidate: Lead, current: Lead, feeds: Mapping[str, Feed]) -> bool:
    """Whether an article should be shown in place of the one that is.

    `feeds` are those that are listed, by URL. Of equal articles the one that was published first is better, and
    of those published at once neither, so that no two articles ever take each other's place in turns.
    """
    return _order(candidate, feeds) < _order(current, feeds)


def standing(lead: Lead, feed: Feed | None) -> Standing:
    """How an article stands among those of its story; `feed` is None once it is no longer listed."""
    access = _access(_host(lead.url) or _host(lead.feed_url))
    if feed is not None and feed.paywall:
        access = max(access, Access.PAYWALLED)
    rank = feed.rank if feed is not None else None
    if rank is None:
        rank = LAST_RANK if access is Access.AGGREGATED else MIDDLE_RANK
    return Standing(rank=rank, access=access, unlinked=_host(lead.url) is None)


def _order(lead: Lead, feeds: Mapping[str, Feed]) -> tuple[Standing, datetime]:
    return standing(lead, feeds.get(lead.feed_url)), lead.published


def _access(host: str | None) -> Access:
    if host is None:
        return Access.OPEN
    if _is_under(host, _AGGREGATORS):
        return Access.AGGREGATED
    return Access.PAYWALLED if _is_under(host, _PAYWALLED) else Access.OPEN


def _is_under(host: str, domains: frozenset[str]) -> bool:
    """Whether a host is one of these domains or lies within one."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def _host(url: str | None) -> str | None:
    """The host of an address as `ascii_host` spells it; None where there is none."""
    try:
        host = ascii_host(urlsplit(url or "").hostname or "")
    except ValueError:
        return None
    return host.removesuffix(".") if host else None
