"""What the decisions of one poll go by: the rules file, looked up by its names, and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.models import Article, Feed, Story
from bot.rules.definitions import Rule, RuleBook
from bot.stories.life import owners

FIRST_POLL_UNDATED = "undated on the feed's first poll"
FIRST_POLL_BEYOND = "beyond the newest of the feed's first poll"
TOO_OLD = "older than max_age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`first_poll` says that the feed was never polled before; `rules` are by id, `feeds` by URL."""

    book: RuleBook
    now: datetime
    first_poll: bool
    rules: Mapping[str, Rule]
    feeds: Mapping[str, Feed]

    @classmethod
    def of(cls, book: RuleBook, *, now: datetime, first_poll: bool) -> Desk:
        """The desk of a poll at a time."""
        return cls(
            book=book,
            now=now,
            first_poll=first_poll,
            rules={rule.id: rule for rule in book.rules},
            feeds={feed.url: feed for feed in book.feeds},
        )

    def is_sure(self, rule: Rule, story: Story) -> bool:
        """Whether as many tell a story as the rule asks for."""
        return rule.min_sources == 1 or len(owners(story, self.feeds)) >= rule.min_sources

    def stale(self, *articles: Article) -> str | None:
        """Why articles are too old to tell anybody of, by the newest of them; None where they are not."""
        newest = max((article.published for article in articles if article.published), default=None)
        if newest is None:
            return FIRST_POLL_UNDATED if self.first_poll else None
        return TOO_OLD if self.now - newest > self.book.defaults.max_age else None
