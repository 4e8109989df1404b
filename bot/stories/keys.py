"""The keys under which one and the same article is known again: its page, its id within the feed, its text."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from bot.models import Article, FoldReason, KnownArticle


class Keys:
    """Stories by the keys of their articles. It grows by every article that is placed; the first keeps a key.

    A title alone is no key: "Morning briefing" comes each day.
    """

    def __init__(self, known: Iterable[KnownArticle] = ()) -> None:
        self._by_url: dict[str, str] = {}
        self._by_id: dict[tuple[str, str], str] = {}
        self._by_text: dict[str, str] = {}
        for article in known:
            self._add(
                article.story_id, url=url_key(article.canonical_url), identity=None, text=article.text_key
            )

    def find(
        self, article: Article, *, text: str | None, id_repeats: bool = False
    ) -> tuple[str, FoldReason] | None:
        """The story of an article with one of these keys, and which key it was.

        `text` is the article's text key; with `id_repeats` its id is known to name several pages, and says nothing.
        """
        url = url_key(article.canonical_url)
        if url is not None and url in self._by_url:
            return self._by_url[url], FoldReason.SAME_URL
        identity = _identity(article, id_repeats=id_repeats)
        if identity is not None and identity in self._by_id:
            return self._by_id[identity], FoldReason.SAME_ID
        if text is not None and text in self._by_text:
            return self._by_text[text], FoldReason.SAME_TEXT
        return None

    def add(self, article: Article, story_id: str, *, text: str | None, id_repeats: bool = False) -> None:
        """Remember an article that was placed."""
        identity = _identity(article, id_repeats=id_repeats)
        self._add(story_id, url=url_key(article.canonical_url), identity=identity, text=text)

    def _add(
        self, story_id: str, *, url: str | None, identity: tuple[str, str] | None, text: str | None
    ) -> None:
        if url is not None:
            self._by_url.setdefault(url, story_id)
        if identity is not None:
            self._by_id.setdefault(identity, story_id)
        if text is not None:
            self._by_text.setdefault(text, story_id)


def url_key(canonical_url: str | None) -> str | None:
    """A canonical URL that can tell one article from another, or None.

    Some feeds link every entry to their site's front page; folding by that would silence all but the first.
    """
    if canonical_url is None:
        return None
    parts = urlsplit(canonical_url)
    return canonical_url if parts.path.strip("/") or parts.query or parts.fragment else None


def _identity(article: Article, *, id_repeats: bool) -> tuple[str, str] | None:
    """An id means something within its feed only: no feed can hide news by copying another's ids."""
    return None if article.entry_id is None or id_repeats else (article.feed_url, article.entry_id)
