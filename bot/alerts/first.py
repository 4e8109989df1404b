"""The first message of a story: which rules ring on it now, and what each place is owed or spared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.alerts.desk import FIRST_POLL_BEYOND, Desk
from bot.alerts.rendering import render
from bot.alerts.routing import rank, route
from bot.models import Alert, Article, Earlier, Folded, NewDelivery, Place, Reason, Story
from bot.stories.fingerprint import digest
from bot.stories.life import Words, sources, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An article in its story. `first` says that its feed did not tell the story before."""

    folded: Folded
    first: bool

    @property
    def article(self) -> Article:
        """The article itself."""
        return self.folded.article


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A story that rules ring on now: its articles of this poll, and the words that matched, by rule."""

    story: Story
    articles: tuple[Article, ...]
    words: Words


def news_of(before: Story | None, story: Story, tellings: Sequence[Telling], desk: Desk) -> News | None:
    """The news of a story in one poll; None where no rule rings on it.

    `before` is the story before the poll, `tellings` its articles in it. A feed tells a story once: what it
    re-keys, re-dates or links anew is no news, and neither is an entry that was held back on the first poll and
    comes again under another id. A rule that rang before, and was not told, was spared or waits, and so it stays
    until another feed tells the story.
    """
    start = next((i for i, telling in enumerate(tellings) if not telling.folded.repeats), len(tellings))
    counted = tellings[start:]
    words_now = words_of(match for telling in counted for match in telling.folded.matches)
    words_ever = dict(story.words)
    rang_before = frozenset(rule for rule, _ in before.words) if before is not None else frozenset()
    others = any(telling.first for telling in counted)
    rang = {}
    for rule in desk.book.rules if counted else ():
        words = (words_now if rule.min_sources == 1 else words_ever).get(rule.id)
        if words is not None and (others or rule.id not in rang_before) and desk.is_sure(rule, story):
            rang[rule.id] = words
    articles = tuple(telling.article for telling in counted)
    return News(story=story, articles=articles, words=rang) if rang else None


def spared(news: Sequence[News], desk: Desk) -> dict[str, str]:
    """The stories that no chat is to hear of, by id, each with the reason; of a first poll the newest are told."""
    reasons: dict[str, str] = {}
    quota = desk.book.defaults.first_poll
    for each in reversed(news):
        why = desk.stale(*each.articles)
        if why is None and desk.first_poll:
            why = FIRST_POLL_BEYOND if quota <= 0 else None
            quota -= 1
        if why is not None:
            reasons[each.story.id] = why
    return reasons


def first_alerts(
    news: News, *, told: Collection[Place], earlier: Earlier | None, spared: str | None, desk: Desk
) -> Iterator[NewDelivery]:
    """What each place that follows is owed: one message a story, whatever further rule rings on it later.

    `told` are the places that have it, `earlier` is the story that it returns to, `spared` why nobody is to hear.
    """
    has_it = {desk.one(place) for place in told}
    for owed in route(news.words, desk.book.channels, desk.same):
        if desk.one(owed.place) in has_it:
            continue
        alert = _alert(news, owed.rules, earlier, desk)
        parts = (*_name(owed.place), news.story.id)
        key = digest("spared", news.articles[0].feed_url, *parts) if spared else digest("first", *parts)
        yield NewDelivery(
            dedupe_key=key,
            story_id=news.story.id,
            chat=owed.place.chat,
            thread=owed.place.thread,
            rules=owed.rules,
            message=render(alert, desk.style(owed.place)),
            priority=rank(desk.rules[rule] for rule in owed.rules),
            suppressed=spared,
            alert=alert,
            handling=desk.handling(owed.place),
            feed_url=news.articles[0].feed_url,
        )


def _alert(news: News, rules: Sequence[str], earlier: Earlier | None, desk: Desk) -> Alert:
    lead = news.story.lead
    return Alert(
        title=lead.title,
        url=lead.url,
        summary=lead.summary,
        reasons=tuple(
            Reason(rule=rule, title=desk.rules[rule].title, words=news.words[rule]) for rule in rules
        ),
        sources=sources(news.story, desk.feeds),
        published=lead.published,
        earlier=earlier,
    )


def _name(place: Place) -> tuple[str, str]:
    return place.chat.casefold(), str(place.thread or "")
