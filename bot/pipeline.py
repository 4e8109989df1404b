"""All that is decided for one poll, without I/O and without a clock.

    entries ─► fresh ─► matched ─► placed in stories ─► summarised, routed, rendered ─► Batch

The poller fetches what each step needs to know and stores the batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.alerts.rendering import render
from bot.alerts.routing import route
from bot.feeds.identity import Keyed
from bot.models import Alert, Article, Batch, FeedState, Folded, KnownArticle, Match, NewDelivery, Reason
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
    known: Iterable[KnownArticle],
    book: RuleBook,
    before: FeedState,
    after: FeedState,
    now: datetime,
) -> Batch:
    """Everything that one poll wants stored.

    `candidates` are the entries that the feed never brought before, in its own order; `seen` all keys of the
    document; `known` the stored articles that share a key with a candidate; `before` and `after` the feed's
    state around the poll.
    """
    index = StoryIndex(known)
    # Feeds list the newest first, which decides between entries of one date.
    oldest_first = list(reversed(candidates))
    oldest_first.sort(key=_published(now))
    placed = tuple(_place(index, candidate) for candidate in oldest_first)
    spared = _spared(placed, defaults=book.defaults, first=before.first_polled_at is None, now=now)
    return Batch(
        at=now,
        feed=after,
        seen=tuple(seen),
        articles=placed,
        deliveries=tuple(
            delivery
            for story in _news(placed)
            for delivery in _deliveries(
                story, index=index, book=book, spared=spared.get(story[0].story_id), now=now
            )
        ),
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


def _news(placed: Iterable[Folded]) -> list[list[Folded]]:
    """The stories that a rule rang on, oldest first, each with its articles of this poll.

    A feed tells a story once: what it re-keys, re-dates or links anew is no news, and neither is an entry
    that was held back on the first poll and comes again under another id.
    """
    stories: defaultdict[str, list[Folded]] = defaultdict(list)
    for folded in placed:
        if not folded.repeats or folded.story_id in stories:
            stories[folded.story_id].append(folded)
    return [story for story in stories.values() if any(folded.matches for folded in story)]


def _spared(placed: Sequence[Folded], *, defaults: Defaults, first: bool, now: datetime) -> dict[str, str]:
    """The stories that no chat is to hear of, by id, each with the reason."""
    spared: dict[str, str] = {}
    quota = defaults.first_poll
    for story in reversed(_news(placed)):
        newest = max((f.article.published for f in story if f.article.published), default=None)
        if first and newest is None:
            spared[story[0].story_id] = FIRST_POLL_UNDATED
        elif newest is not None and now - newest > defaults.max_age:
            spared[story[0].story_id] = TOO_OLD
        elif first and quota <= 0:
            spared[story[0].story_id] = FIRST_POLL_BEYOND
        else:
            quota -= 1
    return spared


def _deliveries(
    story: Sequence[Folded], *, index: StoryIndex, book: RuleBook, spared: str | None, now: datetime
) -> Iterable[NewDelivery]:
    words = _words(story)
    titles = {rule.id: rule.title for rule in book.rules}
    lead = next(folded for folded in story if folded.matches).article
    sources = tuple(dict.fromkeys([lead.source, *index.sources(story[0].story_id)]))
    summary = summarise(lead) if spared is None else ""
    for owed in route(words.keys(), book.channels):
        alert = Alert(
            title=lead.title,
            url=lead.url,
            summary=summary,
            reasons=tuple(Reason(rule=rule, title=titles[rule], words=words[rule]) for rule in owed.rules),
            sources=sources,
            published=lead.published or now,
        )
        place = (owed.chat.casefold(), str(owed.thread or ""), story[0].story_id)
        yield NewDelivery(
            dedupe_key=digest("first", *place) if spared is None else digest("spared", lead.feed_url, *place),
            story_id=story[0].story_id,
            chat=owed.chat,
            thread=owed.thread,
            rules=owed.rules,
            message=render(alert, book.defaults.timezone),
            suppressed=spared,
        )


def _words(story: Iterable[Folded]) -> dict[str, tuple[str, ...]]:
    """For each rule that rang on the story, the words that matched, each once whatever its case."""
    words: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for folded in story:
        for match in folded.matches:
            for span in match.evidence:
                words[match.rule].setdefault(span.text.casefold(), " ".join(span.text.split()))
    return {rule: tuple(found.values()) for rule, found in words.items()}
