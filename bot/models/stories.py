"""Stories, and how articles belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models.articles import Article, Match


class FoldReason(StrEnum):
    """Why an article belongs to its story."""

    SAME_URL = "same_url"
    SAME_ID = "same_id"
    SAME_TEXT = "same_text"
    NEAR_TEXT = "near_text"
    SAME_EVENT = "same_event"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """A stored article under the keys by which it is known again, and its story."""

    story_id: str
    canonical_url: str | None
    text_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketched:
    """What the index of stories remembers of a stored article.

    `sketch` is the article's text as `bot.stories.sketch` packs it; `at` when it was published, or found.
    """

    story_id: str
    feed_url: str
    at: datetime
    sketch: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """An article with its place, and the sketch by which later ones are held against it.

    `repeats` says that the same feed told this story before and nothing has happened since, so that it can be
    no news. `keys` are the names under which the feed will not be believed to bring this entry anew.
    """

    article: Article
    keys: tuple[str, ...]
    text_key: str | None
    story_id: str
    reason: FoldReason
    repeats: bool
    at: datetime
    sketch: bytes
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A feed that tells a story, and the name of its source."""

    feed_url: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What is shown of the article that represents a story."""

    feed_url: str
    source: str
    title: str
    url: str | None
    summary: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is remembered of a story beside its articles.

    `tellers` are the feeds that tell it, first to last; `words` for each rule that rang the words that matched;
    `facts` what its headlines have told. `last_at` is the time of its newest article, `developed_at` of its last
    development. `follows` is the ended story that it returns to.
    """

    id: str
    lead: Lead
    tellers: tuple[Teller, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]
    facts: frozenset[str]
    began_at: datetime
    last_at: datetime
    developed_at: datetime | None = None
    follows: str | None = None
