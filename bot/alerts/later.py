"""What becomes of a story's messages after the first: they are revised, and answered where something has developed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.alerts.desk import Desk
from bot.alerts.rendering import render, render_development
from bot.alerts.routing import route
from bot.models import Alert, Folded, Lead, NewDelivery, Revision, Story, Told
from bot.stories.fingerprint import digest
from bot.stories.life import sources
from bot.stories.summary import summarise


def revisions(told: Iterable[Told], *, before: Story | None, after: Story, desk: Desk) -> Iterator[Revision]:
    """How the messages of a story should read by now, where that is otherwise than before the poll."""
    for first in told:
        was = first.alert if before is None else _revised(first.alert, before, desk)
        style = desk.style(first.place)
        message = render(_revised(first.alert, after, desk), style)
        if message != render(was, style):
            yield Revision(dedupe_key=first.dedupe_key, message=message)


def replies(
    told: Iterable[Told], *, folded: Folded, new: tuple[str, ...], story: Story, desk: Desk
) -> tuple[NewDelivery, ...]:
    """The answers to a story's first messages that an article with something new deserves.

    They go to the places that follow a rule which rings on the article itself, with the urgency of what they answer.
    """
    if desk.stale(folded.article) is not None:
        return ()
    rang = [
        match.rule
        for match in folded.matches
        if match.rule in desk.rules and desk.is_sure(desk.rules[match.rule], story)
    ]
    following = {desk.one(owed.place): owed.rules for owed in route(rang, desk.book.channels, desk.same)}
    article = folded.article
    lead = Lead(
        feed_url=article.feed_url,
        source=article.source,
        title=article.title,
        url=article.url,
        summary=summarise(article),
        published=folded.at,
    )
    owed = []
    for first in told:
        chat, thread = first.place.chat, first.place.thread
        # A chat that was told under two names, before they were known to be one, is answered once.
        rules = following.pop(desk.one(first.place), None)
        if rules is None:
            continue
        place = (chat.casefold(), str(thread or ""))
        owed.append(
            NewDelivery(
                dedupe_key=digest("development", *place, story.id, article.feed_url, folded.keys[0]),
                story_id=story.id,
                chat=chat,
                thread=thread,
                rules=rules,
                message=render_development(lead, new, desk.style(first.place)),
                priority=first.priority,
                replies_to=first.dedupe_key,
                handling=desk.handling(first.place),
                feed_url=article.feed_url,
            )
        )
    return tuple(owed)


def _revised(alert: Alert, story: Story, desk: Desk) -> Alert:
    """An alert with the story's sources and representative; why it rang and when stay what they were."""
    lead = story.lead
    return replace(
        alert, title=lead.title, url=lead.url, summary=lead.summary, sources=sources(story, desk.feeds)
    )
