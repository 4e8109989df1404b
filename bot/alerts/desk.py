"""What the decisions of one poll go by: the rules file, looked up by its names, the chats that are one, the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.alerts.rendering import Style
from bot.alerts.routing import NO_TWINS, PlaceKey, handling, place_key
from bot.models import Article, Feed, Handling, Place, Story
from bot.rules.definitions import Channel, Rule, RuleBook
from bot.stories.life import owners

FIRST_POLL_UNDATED = "undated on the feed's first poll"
FIRST_POLL_BEYOND = "beyond the newest of the feed's first poll"
TOO_OLD = "older than max_age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`first_poll` says that the feed was never polled before; `rules` are by id, `feeds` by URL.

    `same` are the chats that go under another address, as `Storage.same_chats` has them; `channels` the first listing
    of each place.
    """

    book: RuleBook
    now: datetime
    first_poll: bool
    rules: Mapping[str, Rule]
    feeds: Mapping[str, Feed]
    same: Mapping[str, str]
    channels: Mapping[PlaceKey, Channel]

    @classmethod
    def of(
        cls, book: RuleBook, *, now: datetime, first_poll: bool, same: Mapping[str, str] = NO_TWINS
    ) -> Desk:
        """The desk of a poll at a time."""
        channels: dict[PlaceKey, Channel] = {}
        for channel in book.channels:
            channels.setdefault(place_key(Place(chat=channel.chat, thread=channel.thread), same), channel)
        return cls(
            book=book,
            now=now,
            first_poll=first_poll,
            rules={rule.id: rule for rule in book.rules},
            feeds={feed.url: feed for feed in book.feeds},
            same=same,
            channels=channels,
        )

    def one(self, place: Place) -> PlaceKey:
        """What all names of a place have in common."""
        return place_key(place, self.same)

    def channel(self, place: Place) -> Channel:
        """The settings of a place; the usual ones where it is no longer listed."""
        return self.channels.get(self.one(place)) or Channel(chat=place.chat, thread=place.thread, rules=())

    def style(self, place: Place) -> Style:
        """How a place wants its alerts."""
        channel = self.channel(place)
        return Style(
            timezone=self.book.defaults.timezone,
            template=channel.template,
            silent=channel.silent,
            preview=channel.previews,
        )

    def handling(self, place: Place) -> Handling:
        """What is done with deliveries to a place that do not go out as they should."""
        return handling(self.channel(place))

    def is_sure(self, rule: Rule, story: Story) -> bool:
        """Whether as many tell a story as the rule asks for."""
        return rule.min_sources == 1 or len(owners(story, self.feeds)) >= rule.min_sources

    def stale(self, *articles: Article) -> str | None:
        """Why articles are too old to tell anybody of, by the newest of them; None where they are not."""
        newest = max((article.published for article in articles if article.published), default=None)
        if newest is None:
            return FIRST_POLL_UNDATED if self.first_poll else None
        return TOO_OLD if self.now - newest > self.book.defaults.max_age else None
