"""Which story an article belongs to.

An article joins the story of an earlier one that has its canonical URL, its id within the same feed, or its
normalised title and body. Anything else is a story of its own. A title alone never folds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.models import Article, FoldReason, KnownArticle
from bot.stories.fingerprint import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """An article's story and why; `repeats` when the same feed told that story before."""

    story_id: str
    reason: FoldReason
    repeats: bool


class StoryIndex:
    """The stories that an article may join. It grows by every article that is placed.

    It does no I/O; whoever uses it brings the known articles that share a key with those to be placed.
    """

    def __init__(self, known: Iterable[KnownArticle] = ()) -> None:
        self._by_url: dict[str, str] = {}
        self._by_id: dict[tuple[str, str], str] = {}
        self._by_text: dict[str, str] = {}
        self._sources: dict[str, dict[str, str]] = {}
        for article in known:
            self._remember(
                article.story_id,
                feed_url=article.feed_url,
                source=article.source,
                url=url_key(article.canonical_url),
                text=article.text_key,
            )

    def place(self, article: Article, *, text: str | None, id_repeats: bool = False) -> Placement:
        """Place an article and remember it, so that the next one can join it.

        A story is named by its first article: the same entry founds the same story again after a crash.
        `text` is the article's text key; with `id_repeats` its id is known to name several pages, and says nothing.
        """
        url = url_key(article.canonical_url)
        identity = None if article.entry_id is None or id_repeats else (article.feed_url, article.entry_id)
        story_id, reason = self._find(article, url, identity, text)
        repeats = article.feed_url in self._sources.get(story_id, {})
        self._remember(story_id, feed_url=article.feed_url, source=article.source, url=url, text=text)
        if identity is not None:
            self._by_id.setdefault(identity, story_id)
        return Placement(story_id=story_id, reason=reason, repeats=repeats)

    def sources(self, story_id: str) -> tuple[str, ...]:
        """Who tells a story, first to last, each once."""
        return tuple(dict.fromkeys(self._sources.get(story_id, {}).values()))

    def feeds(self, story_id: str) -> tuple[str, ...]:
        """The URLs of the feeds that tell a story, first to last."""
        return tuple(self._sources.get(story_id, {}))

    def _find(
        self, article: Article, url: str | None, identity: tuple[str, str] | None, text: str | None
    ) -> tuple[str, FoldReason]:
        if url is not None and url in self._by_url:
            return self._by_url[url], FoldReason.SAME_URL
        if identity is not None and identity in self._by_id:
            return self._by_id[identity], FoldReason.SAME_ID
        if text is not None and text in self._by_text:
            return self._by_text[text], FoldReason.SAME_TEXT
        return _name(article), FoldReason.NEW

    def _remember(
        self, story_id: str, *, feed_url: str, source: str, url: str | None, text: str | None
    ) -> None:
        self._sources.setdefault(story_id, {}).setdefault(feed_url, source)
        if url is not None:
            self._by_url.setdefault(url, story_id)
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


def _name(article: Article) -> str:
    identity = (article.entry_id or "", article.canonical_url or "")
    return digest(article.feed_url, *identity, article.title, article.summary, article.content[:1000])[:20]
