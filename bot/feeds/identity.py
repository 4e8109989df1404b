"""By which keys a feed's entry is known again.

The key is the feed's own id; where there is none the canonical URL, and where there is neither, the text.
A feed that gives one id to two pages is believed in ids only together with links.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.models import Article
from bot.stories.fingerprint import digest

READABLE: Final = 200
"""Keys up to this length are kept as they are, for people; longer ones as their digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """An article and its keys: `keys[0]` is the one that it is known by, all are stored."""

    article: Article
    keys: tuple[str, ...]


def ids_repeat(articles: Sequence[Article]) -> bool:
    """Whether a document gives one id to entries with different links."""
    links: defaultdict[str, set[str | None]] = defaultdict(set)
    for article in articles:
        if article.entry_id is not None:
            links[article.entry_id].add(article.canonical_url)
    return any(len(urls) > 1 for urls in links.values())


def keyed(articles: Sequence[Article], *, with_links: bool) -> tuple[Keyed, ...]:
    """Each entry of a document once, with its keys; `with_links` where the feed's ids repeat.

    Both kinds of key are stored for an entry with an id, so that a feed whose ids begin to repeat brings
    nothing anew.
    """
    entries: dict[str, Keyed] = {}
    for article in articles:
        keys = _keys(article, with_links=with_links)
        entries.setdefault(keys[0], Keyed(article=article, keys=keys))
    return tuple(entries.values())


def _keys(article: Article, *, with_links: bool) -> tuple[str, ...]:
    if article.entry_id is not None:
        alone = _key("id", article.entry_id)
        linked = _key("id+link", f"{article.entry_id} {article.canonical_url or ''}")
        return (linked, alone) if with_links else (alone, linked)
    if article.canonical_url is not None:
        return (_key("url", article.canonical_url),)
    return ("text:" + digest(article.title, article.summary, article.content),)


def _key(kind: str, value: str) -> str:
    return f"{kind}:{value if len(value) <= READABLE else digest(value)}"
