"""By which keys a feed's entry is known again.

The key is the feed's own id; where there is none the canonical URL, and where there is neither, the text.
An id that a feed gives to two pages counts from then on only together with the link. A page that lists its news by
fragment, as in news.html#a1 and news.html#a2, counts from then on only together with the fragment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urldefrag

from bot.models import Article
from bot.stories.fingerprint import digest, text_key
from bot.text.fold import fold_key

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
    """The ids that a document gives to entries with different links, and the pages that several entries share.

    Entries share a page when their links differ by the fragment only and their titles differ as well.
    """
    pages = _shared_pages(articles)
    links: defaultdict[str, set[str | None]] = defaultdict(set)
    for article in articles:
        if article.entry_id is not None:
            links[article.entry_id].add(_placed(article, pages).canonical_url)
    return pages | {entry_id for entry_id, urls in links.items() if len(urls) > 1}


def keyed(articles: Sequence[Article], *, repeated: frozenset[str] = frozenset()) -> tuple[Keyed, ...]:
    """Each entry of a document once, with its keys.

    Ids among `repeated` count only together with their links, pages among them only together with the fragment, which
    the article's canonical URL then holds. Every kind of key that may come to count is stored from the beginning, so
    that what begins to repeat brings nothing anew.
    """
    entries: dict[str, Keyed] = {}
    for article in articles:
        repeats = article.entry_id in repeated
        placed = _placed(article, repeated)
        keys = _keys(placed, with_link=repeats)
        if keys[0] not in entries:
            entries[keys[0]] = Keyed(
                article=placed, keys=keys, text_key=text_key(article), id_repeats=repeats
            )
    return tuple(entries.values())


def _shared_pages(articles: Iterable[Article]) -> frozenset[str]:
    """The canonical URLs under which a document lists different news by fragment."""
    items: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for article in articles:
        if article.canonical_url is not None and (place := _fragment(article)):
            items[article.canonical_url].setdefault(place, fold_key(article.title))
    return frozenset(url for url, titles in items.items() if len(set(titles.values())) > 1)


def _placed(article: Article, pages: Collection[str]) -> Article:
    """The article at its place on a page that it shares with others."""
    place = _fragment(article)
    if not place or article.canonical_url not in pages:
        return article
    return replace(article, canonical_url=f"{article.canonical_url}#{place}")


def _fragment(article: Article) -> str:
    """What the link says after the # where the canonical URL left it out."""
    if article.url is None or article.canonical_url is None or "#" in article.canonical_url:
        return ""
    return urldefrag(article.url).fragment


def _keys(article: Article, *, with_link: bool) -> tuple[str, ...]:
    links = _links(article)
    if article.entry_id is not None:
        alone = _key("id", article.entry_id)
        linked = [_key("id+link", f"{article.entry_id} {link}") for link in links or ("",)]
        return (*linked, alone) if with_link else (alone, *linked)
    if links:
        return tuple(_key("url", link) for link in links)
    return ("text:" + digest(article.title, article.summary, article.content),)


def _links(article: Article) -> tuple[str, ...]:
    """The page as it counts now, and as it would count once it is shared, or did before it was."""
    url = article.canonical_url
    if url is None:
        return ()
    if place := _fragment(article):
        return url, f"{url}#{place}"
    # Routes that a script reads, `#!` and `#/`, are canonical and name pages of their own.
    page, _, fragment = url.partition("#")
    return (url, page) if fragment and fragment[0] not in "!/" else (url,)


def _key(kind: str, value: str) -> str:
    return f"{kind}:{value if len(value) <= READABLE else digest(value)}"
