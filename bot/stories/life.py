"""A story's life: founded by its first article, and told on by every one that joins it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.models import Article, Feed, Lead, Match, Story, Teller
from bot.stories.development import facts_of, remembered
from bot.stories.representative import better
from bot.stories.summary import summarise

WORDS: Final = 12
"""Words that are remembered for each rule; a message shows fewer."""

Words = Mapping[str, tuple[str, ...]]
"""For each rule that rang the words that matched."""


def founded(story_id: str, article: Article, *, at: datetime, follows: str | None) -> Story:
    """The story that an article begins, before anything was told in it."""
    return Story(
        id=story_id,
        lead=_lead(article, at),
        tellers=(),
        words=(),
        facts=frozenset(),
        began_at=at,
        last_at=at,
        follows=follows,
    )


def told_on(
    story: Story, article: Article, *, at: datetime, matches: Iterable[Match], feeds: Mapping[str, Feed]
) -> Story:
    """A story after one more article; `feeds` are those that are listed, by URL."""
    lead = _lead(article, at)
    return replace(
        story,
        lead=replace(lead, summary=summarise(article)) if _leads(lead, story, feeds) else story.lead,
        tellers=story.tellers if tells(story, article.feed_url) else (*story.tellers, _teller(article)),
        words=tuple(joined(dict(story.words), words_of(matches)).items()),
        facts=remembered(story.facts, facts_of(article)),
        began_at=min(story.began_at, at),
        last_at=max(story.last_at, at),
    )


def tells(story: Story, feed_url: str) -> bool:
    """Whether a feed tells the story."""
    return any(teller.feed_url == feed_url for teller in story.tellers)


def owners(story: Story, feeds: Mapping[str, Feed]) -> frozenset[str]:
    """Who tells the story; feeds of one owner are one source."""
    return frozenset(_owner(teller.feed_url, feeds) for teller in story.tellers)


def sources(story: Story, feeds: Mapping[str, Feed]) -> tuple[str, ...]:
    """The names of those who tell the story, the linked one first, then in the order of their telling."""
    names = {_owner(story.lead.feed_url, feeds): story.lead.source}
    for teller in story.tellers:
        names.setdefault(_owner(teller.feed_url, feeds), teller.source)
    return tuple(dict.fromkeys(names.values()))


def words_of(matches: Iterable[Match]) -> dict[str, tuple[str, ...]]:
    """For each rule that rang, the words that matched, each once whatever its case."""
    words: dict[str, tuple[str, ...]] = {}
    for match in matches:
        found = tuple(" ".join(span.text.split()) for span in match.evidence)
        words = joined(words, {match.rule: found})
    return words


def joined(words: Words, more: Words) -> dict[str, tuple[str, ...]]:
    """The words of both, for each rule the first come first."""
    together = dict(words)
    for rule, found in more.items():
        by_case: dict[str, str] = {}
        for word in (*together.get(rule, ()), *found):
            by_case.setdefault(word.casefold(), word)
        together[rule] = tuple(by_case.values())[:WORDS]
    return together


def _leads(lead: Lead, story: Story, feeds: Mapping[str, Feed]) -> bool:
    return not story.tellers or better(lead, story.lead, feeds)


def _lead(article: Article, at: datetime) -> Lead:
    return Lead(
        feed_url=article.feed_url,
        source=article.source,
        title=article.title,
        url=article.url,
        summary="",
        published=at,
    )


def _teller(article: Article) -> Teller:
    return Teller(feed_url=article.feed_url, source=article.source)


def _owner(feed_url: str, feeds: Mapping[str, Feed]) -> str:
    feed = feeds.get(feed_url)
    return feed.owner if feed is not None and feed.owner else feed_url
