"""By which keys a feed's entry is known again.

The key is the feed's own id; where there is none the canonical URL, and where there is neither, the text.
An id that a feed gives to two pages counts from then on only together with the link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.models import Article
from bot.stories.fingerprint import digest, text_key

READABLE: Final = 200
"""Keys up to this length are kept as they are, for people; longer ones as their digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """An article and its keys: `keys[0]` is the one that it is known by, all are stored.

    `text_key` is what another copy of its text would share; `id_repeats` says that its id names other pages too.
    """

    article: Article
    keys: tuple[str, ...]
    text_key: str | None
    id_repeats: bool


def repeated_ids(articles: Sequence[Article]) -> frozenset[str]:
    """The ids that a document gives to entries with different links."""
    links: defaultdict[str, set[str | None]] = defaultdict(set)
    for article in articles:
        if article.entry_id is not None:
            links[article.entry_id].add(article.canonical_url)
    return frozenset(entry_id for entry_id, urls in links.items() if len(urls) > 1)


def keyed(articles: Sequence[Article], *, repeated: frozenset[str] = frozenset()) -> tuple[Keyed, ...]:
    """Each entry of a document once, with its keys; ids among `repeated` count only together with their links.

    Both kinds of key are stored for an entry with an id, so that an id that begins to repeat brings nothing anew.
    """
    entries: dict[str, Keyed] = {}
    for article in articles:
        repeats = article.entry_id in repeated
        keys = _keys(article, with_link=repeats)
        if keys[0] not in entries:
            entries[keys[0]] = Keyed(
                article=article, keys=keys, text_key=text_key(article), id_repeats=repeats
            )
    return tuple(entries.values())


def _keys(article: Article, *, with_link: bool) -> tuple[str, ...]:
    if article.entry_id is not None:
        alone = _key("id", article.entry_id)
        linked = _key("id+link", f"{article.entry_id} {article.canonical_url or ''}")
        return (linked, alone) if with_link else (alone, linked)
    if article.canonical_url is not None:
        return (_key("url", article.canonical_url),)
    return ("text:" + digest(article.title, article.summary, article.content),)


def _key(kind: str, value: str) -> str:
    return f"{kind}:{value if len(value) <= READABLE else digest(value)}"
