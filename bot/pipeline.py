"""All that is decided for one poll, without I/O and without a clock.

    entries ─► fresh ─► matched ─► placed in stories ─► summarised, routed, rendered ─► Batch

The poller fetches what each step needs to know and stores the batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.alerts.rendering import render
from bot.alerts.routing import Cooldowns, Owed, rank, route
from bot.feeds.identity import Keyed
from bot.models import (
    Alert,
    Article,
    Batch,
    Cooldown,
    FeedState,
    Folded,
    Held,
    KnownArticle,
    Match,
    NewDelivery,
    Place,
    Reason,
)
from bot.rules.definitions import Defaults, RuleBook
from bot.stories.fingerprint import digest
from bot.stories.folding import StoryIndex, url_key
from bot.stories.summary import summarise

FIRST_POLL_UNDATED: Final = "undated on the feed's first poll"
FIRST_POLL_BEYOND: Final = "beyond the newest of the feed's first poll"
TOO_OLD: Final = "older than max_age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A new entry of a feed with the rules that rang on it."""

    keyed: Keyed
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A story that rules ring on now: its articles of this poll, and the words that matched, by rule."""

    story_id: str
    articles: tuple[Folded, ...]
    words: dict[str, tuple[str, ...]]

    @property
    def lead(self) -> Article:
        """The article that the alert shows: the first that rang, or else the first."""
        return next((folded for folded in self.articles if folded.matches), self.articles[0]).article


def match_all(
    entries: Iterable[Keyed], match: Callable[[Article], tuple[Match, ...]]
) -> tuple[Candidate, ...]:
    """Hold the rules against each entry."""
    return tuple(Candidate(keyed=entry, matches=match(entry.article)) for entry in entries)


def fold_keys(entries: Iterable[Keyed]) -> tuple[frozenset[str], frozenset[str]]:
    """The canonical URLs and text keys under which stories may be known already."""
    known = tuple(entries)
    urls = frozenset(url for entry in known if (url := url_key(entry.article.canonical_url)) is not None)
    texts = frozenset(entry.text_key for entry in known if entry.text_key is not None)
    return urls, texts


def decide(
    candidates: Sequence[Candidate],
    *,
    seen: Collection[str],
    known: Sequence[KnownArticle],
    cooling: Iterable[Cooldown],
    book: RuleBook,
    before: FeedState,
    after: FeedState,
    now: datetime,
) -> Batch:
    """Everything that one poll wants stored.

    `candidates` are the entries that the feed never brought before, in its own order; `seen` all keys of the
    document; `known` the stored articles of every story that shares a key with a candidate; `cooling` the
    cooldowns that run; `before` and `after` the feed's state around the poll.
    """
    index = StoryIndex(known)
    # Feeds list the newest first, which decides between entries of one date.
    oldest_first = list(reversed(candidates))
    oldest_first.sort(key=_published(now))
    placed = tuple(_place(index, candidate) for candidate in oldest_first)
    news = _news(placed, known=known, index=index, book=book)
    spared = _spared(news, defaults=book.defaults, first=before.first_polled_at is None, now=now)
    cooldowns = Cooldowns(cooling, now)
    rules = {rule.id: rule for rule in book.rules}
    deliveries: list[NewDelivery] = []
    held: list[Held] = []
    for story in news:
        for alert in _alerts(story, index=index, book=book, spared=spared.get(story.story_id), now=now):
            owed = Owed(place=Place(chat=alert.chat, thread=alert.thread), rules=alert.rules)
            waits_for = None if alert.suppressed else cooldowns.holding(owed)
            if waits_for is not None:
                held.append(_held(alert, story, owed.place, waits_for))
                continue
            started = () if alert.suppressed else cooldowns.start(owed, rules)
            deliveries.append(replace(alert, cooldowns=started))
    return Batch(
        at=now,
        feed=after,
        seen=tuple(seen),
        articles=placed,
        deliveries=tuple(deliveries),
        held=tuple(held),
    )


def _published(now: datetime) -> Callable[[Candidate], datetime]:
    """When a candidate was published; the undated are as new as their discovery."""
    return lambda candidate: candidate.keyed.article.published or now


def _place(index: StoryIndex, candidate: Candidate) -> Folded:
    entry = candidate.keyed
    place = index.place(entry.article, text=entry.text_key, id_repeats=entry.id_repeats)
    return Folded(
        article=entry.article,
        keys=entry.keys,
        text_key=entry.text_key,
        story_id=place.story_id,
        reason=place.reason,
        repeats=place.repeats,
        matches=candidate.matches,
    )


def _news(
    placed: Iterable[Folded], *, known: Iterable[KnownArticle], index: StoryIndex, book: RuleBook
) -> list[News]:
    """The stories that a rule rings on, oldest first.

    A feed tells a story once: what it re-keys, re-dates or links anew is no news, and neither is an entry
    that was held back on the first poll and comes again under another id.
    """
    stories: defaultdict[str, list[Folded]] = defaultdict(list)
    for folded in placed:
        if not folded.repeats or folded.story_id in stories:
            stories[folded.story_id].append(folded)
    earlier: defaultdict[str, list[Match]] = defaultdict(list)
    for article in known:
        earlier[article.story_id].extend(article.matches)
    owners = {feed.url: feed.owner or feed.url for feed in book.feeds}
    news = []
    for story_id, articles in stories.items():
        sources = {owners.get(url, url) for url in index.feeds(story_id)}
        words = _words([match for folded in articles for match in folded.matches])
        all_words = _words([*earlier[story_id], *(match for folded in articles for match in folded.matches)])
        rang = {
            rule.id: (words if rule.min_sources == 1 else all_words)[rule.id]
            for rule in book.rules
            if rule.id in (words if rule.min_sources == 1 else all_words) and len(sources) >= rule.min_sources
        }
        if rang:
            news.append(News(story_id=story_id, articles=tuple(articles), words=rang))
    return news


def _spared(news: Sequence[News], *, defaults: Defaults, first: bool, now: datetime) -> dict[str, str]:
    """The stories that no chat is to hear of, by id, each with the reason."""
    spared: dict[str, str] = {}
    quota = defaults.first_poll
    for story in reversed(news):
        newest = max((f.article.published for f in story.articles if f.article.published), default=None)
        if first and newest is None:
            spared[story.story_id] = FIRST_POLL_UNDATED
        elif newest is not None and now - newest > defaults.max_age:
            spared[story.story_id] = TOO_OLD
        elif first and quota <= 0:
            spared[story.story_id] = FIRST_POLL_BEYOND
        else:
            quota -= 1
    return spared


def _alerts(
    story: News, *, index: StoryIndex, book: RuleBook, spared: str | None, now: datetime
) -> Iterable[NewDelivery]:
    rules = {rule.id: rule for rule in book.rules}
    lead = story.lead
    sources = tuple(dict.fromkeys([lead.source, *index.sources(story.story_id)]))
    summary = summarise(lead) if spared is None else ""
    for owed in route(story.words, book.channels):
        alert = Alert(
            title=lead.title,
            url=lead.url,
            summary=summary,
            reasons=tuple(
                Reason(rule=rule, title=rules[rule].title, words=story.words[rule]) for rule in owed.rules
            ),
            sources=sources,
            published=lead.published or now,
        )
        place = (owed.place.chat.casefold(), str(owed.place.thread or ""), story.story_id)
        yield NewDelivery(
            dedupe_key=digest("first", *place) if spared is None else digest("spared", lead.feed_url, *place),
            story_id=story.story_id,
            chat=owed.place.chat,
            thread=owed.place.thread,
            rules=owed.rules,
            message=render(alert, book.defaults.timezone),
            priority=rank(rules[rule] for rule in owed.rules),
            suppressed=spared,
        )


def _held(alert: NewDelivery, story: News, place: Place, rule: str) -> Held:
    return Held(
        dedupe_key=alert.dedupe_key,
        place=place,
        rule=rule,
        story_id=alert.story_id,
        title=story.lead.title,
        url=story.lead.url,
        source=story.lead.source,
        message=alert.message,
    )


def _words(matches: Iterable[Match]) -> dict[str, tuple[str, ...]]:
    """For each rule that rang, the words that matched, each once whatever its case."""
    words: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for match in matches:
        for span in match.evidence:
            words[match.rule].setdefault(span.text.casefold(), " ".join(span.text.split()))
    return {rule: tuple(found.values()) for rule, found in words.items()}
