"""Runs the tests of a rules file: single articles against the rules, sequences through the whole decision.

A sequence goes through the same pipeline as polls do, with all that was stored before kept in memory: each
article is a poll of its feed that brings nothing else. One imaginary chat follows every rule; the alerts are
the first messages that it would be sent, one a story: how they are edited and answered later is no alert.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from bot.feeds.identity import keyed
from bot.models import (
    Article,
    Batch,
    Cooldown,
    Feed,
    FeedState,
    Held,
    KnownArticle,
    Match,
    NewDelivery,
    Place,
    Story,
    Told,
)
from bot.pipeline import Candidate, decide, fold
from bot.rules.cases import Verdict, judge, judge_alerts
from bot.rules.definitions import Channel, RuleBook, RuleTest, TestArticle
from bot.stories.folding import StoryIndex
from bot.stories.keys import Keys
from bot.stories.urls import canonical_url
from bot.text.language import language_of

Matcher: TypeAlias = Callable[[Article], tuple[Match, ...]]

START: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When the first article of every sequence appears; any time would do."""

_CHAT: Final = "@rehearsal"
_LATER_THAN_ANY: Final = datetime.max.replace(tzinfo=UTC)


def run_tests(book: RuleBook, match: Matcher) -> tuple[Verdict, ...]:
    """Run all tests of a file, in its order."""
    return tuple(run_test(test, articles_of(test, book.feeds), book, match) for test in book.tests)


def run_test(test: RuleTest, articles: tuple[Article, ...], book: RuleBook, match: Matcher) -> Verdict:
    """Run one test on its articles, as `articles_of` gives them."""
    if test.alerts is None:
        return judge(test, articles[0], match(articles[0]), [rule.id for rule in book.rules])
    return judge_alerts(test, articles, rehearse(test, articles, book, match))


def articles_of(test: RuleTest, feeds: Sequence[Feed]) -> tuple[Article, ...]:
    """The articles of a test as a poll would give them.

    A test's `feed` is a feed of the file by name or URL, or one that only the test knows; articles that name
    none come from one and the same. The language is the test's word, else the feed's, else what the text reads
    as.
    """
    by_name = {name: feed for feed in reversed(feeds) for name in (feed.name, feed.url) if name}
    return tuple(_article(article, by_name.get(article.feed or "")) for article in test.articles)


def _article(article: TestArticle, feed: Feed | None) -> Article:
    named = article.feed or ""
    return Article(
        feed_url=feed.url if feed else named,
        source=(feed.name or feed.url) if feed else named,
        entry_id=None,
        url=article.url,
        canonical_url=canonical_url(article.url) if article.url else None,
        title=article.title,
        summary=article.summary,
        content=article.content,
        language=language_of(
            "\n".join((article.title, article.summary, article.content)),
            article.language,
            feed.language if feed else None,
        ),
        published=START + article.after,
        tags=tuple(dict.fromkeys((*(feed.tags if feed else ()), *article.tags))),
    )


def rehearse(
    test: RuleTest, articles: Sequence[Article], book: RuleBook, match: Matcher
) -> tuple[tuple[str, ...], ...]:
    """The alerts that come of a sequence, in order, each as the rules that it names."""
    chat = _Chat(book)
    for article, given in sorted(zip(articles, test.articles, strict=True), key=lambda pair: pair[1].after):
        chat.appears(article, match(article), START + given.after)
    return chat.all_alerts()


class _Chat:
    """What the imaginary chat is sent, and what a database would know meanwhile."""

    def __init__(self, book: RuleBook) -> None:
        everything = Channel(chat=_CHAT, rules=tuple(rule.id for rule in book.rules))
        self._book = replace(
            book, channels=(everything,), defaults=replace(book.defaults, max_age=timedelta.max)
        )
        self._waits = {rule.id: rule.cooldown for rule in book.rules}
        self._index = StoryIndex(
            ends_after=book.defaults.story_ends_after, fold_events=book.defaults.fold_events
        )
        self._known: list[KnownArticle] = []
        self._stories: dict[str, Story] = {}
        self._told: list[Told] = []
        self._seen: set[tuple[str, str]] = set()
        self._owed: set[str] = set()
        self._held: list[Held] = []
        self._cooldowns: dict[tuple[Place, str], Cooldown] = {}
        self._alerts: list[tuple[str, ...]] = []

    def appears(self, article: Article, matches: tuple[Match, ...], now: datetime) -> None:
        """A feed brings an article."""
        self._release(now)
        (entry,) = keyed([article])
        key = (article.feed_url, entry.keys[0])
        if key in self._seen:
            return
        self._seen.add(key)
        state = FeedState(
            url=article.feed_url,
            fetch_url=article.feed_url,
            first_polled_at=START,
            next_due_at=now,
            interval=timedelta(minutes=1),
        )
        candidate = Candidate(keyed=entry, matches=matches)
        self._record(
            decide(
                fold([candidate], self._index, Keys(self._known), now),
                seen=entry.keys,
                stories=self._stories.values(),
                told=self._told,
                cooling=tuple(self._cooldowns.values()),
                book=self._book,
                before=state,
                after=state,
                now=now,
            )
        )

    def all_alerts(self) -> tuple[tuple[str, ...], ...]:
        """All alerts, those included for which a story still waits."""
        self._release(_LATER_THAN_ANY)
        return tuple(self._alerts)

    def _record(self, batch: Batch) -> None:
        for delivery in batch.deliveries:
            is_first = delivery.replies_to is None and delivery.suppressed is None
            if is_first and delivery.dedupe_key not in self._owed:
                self._owed.add(delivery.dedupe_key)
                self._send(delivery)
        for held in batch.held:
            if held.dedupe_key not in self._owed:
                self._owed.add(held.dedupe_key)
                self._held.append(held)
        self._stories |= {story.id: story for story in batch.stories}
        self._known += [
            KnownArticle(
                story_id=folded.story_id,
                canonical_url=folded.article.canonical_url,
                text_key=folded.text_key,
            )
            for folded in batch.articles
        ]

    def _send(self, delivery: NewDelivery) -> None:
        self._alerts.append(delivery.rules)
        if delivery.alert is not None:
            self._told.append(
                Told(
                    dedupe_key=delivery.dedupe_key,
                    story_id=delivery.story_id,
                    place=Place(chat=delivery.chat, thread=delivery.thread),
                    rules=delivery.rules,
                    priority=delivery.priority,
                    alert=delivery.alert,
                )
            )
        for cooldown in delivery.cooldowns:
            self._cooldowns[cooldown.place, cooldown.rule] = cooldown

    def _release(self, now: datetime) -> None:
        """Let what has waited long enough come, one message a rule, as `bot.services.digests` does."""
        waiting: defaultdict[tuple[Place, str], list[Held]] = defaultdict(list)
        for held in self._held:
            waiting[held.place, held.rule].append(held)
        ready = [key for key in waiting if key not in self._cooldowns or self._cooldowns[key].until <= now]
        for place, rule in sorted(ready, key=lambda key: self._cooldowns[key].until):
            self._alerts.append((rule,))
            self._held = [held for held in self._held if (held.place, held.rule) != (place, rule)]
            wait = self._waits[rule]
            if wait is not None:
                until = self._cooldowns[place, rule].until + wait
                self._cooldowns[place, rule] = Cooldown(place=place, rule=rule, until=until)
