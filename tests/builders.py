"""Values for tests, whole but for what a test says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.models import (
    Alert,
    Article,
    Batch,
    FeedState,
    Field,
    Folded,
    FoldReason,
    Lead,
    Match,
    Message,
    NewDelivery,
    Reason,
    Revision,
    Span,
    Story,
    Teller,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FEED = "https://wire.example/rss.xml"
CHAT = "@rare_earth_wire"


def make_article(**changes: Any) -> Article:
    """An article of the wire, published a minute before noon."""
    article = Article(
        feed_url=FEED,
        source="Example Wire",
        entry_id="tag:wire.example,2026:1",
        url="https://wire.example/1",
        canonical_url="https://wire.example/1",
        title="A refinery for rare earths",
        summary="The ministry will build a refinery near Eskişehir. Work begins in spring.",
        content="",
        language="en",
        published=NOON - timedelta(minutes=1),
    )
    return replace(article, **changes)


def make_match(rule: str = "rare-earth", text: str = "rare earths") -> Match:
    """A rule that rang on some words of the title."""
    return Match(rule=rule, evidence=(Span(field=Field.TITLE, start=0, end=len(text), text=text),))


def make_state(url: str = FEED, **changes: Any) -> FeedState:
    """The state of a feed that was polled before."""
    state = FeedState(
        url=url,
        fetch_url=url,
        first_polled_at=NOON - timedelta(days=1),
        polled_at=NOON - timedelta(minutes=5),
        next_due_at=NOON,
        interval=timedelta(minutes=5),
    )
    return replace(state, **changes)


def make_folded(story_id: str = "story-1", **changes: Any) -> Folded:
    """A matched article that founds a story."""
    folded = Folded(
        article=make_article(),
        keys=("id:tag:wire.example,2026:1",),
        text_key="text-1",
        story_id=story_id,
        reason=FoldReason.NEW,
        repeats=False,
        at=NOON,
        sketch=b"sketch",
        matches=(make_match(),),
    )
    return replace(folded, **changes)


def make_story(story_id: str = "story-1", **changes: Any) -> Story:
    """The story that `make_folded` founds."""
    article = make_article()
    story = Story(
        id=story_id,
        lead=Lead(
            feed_url=article.feed_url,
            source=article.source,
            title=article.title,
            url=article.url,
            summary=article.summary,
            published=NOON - timedelta(minutes=1),
        ),
        tellers=(Teller(feed_url=article.feed_url, source=article.source),),
        words=(("rare-earth", ("rare earths",)),),
        facts=frozenset({"refinery"}),
        began_at=NOON - timedelta(minutes=1),
        last_at=NOON - timedelta(minutes=1),
    )
    return replace(story, **changes)


def make_alert(**changes: Any) -> Alert:
    """What a chat is shown of the story."""
    alert = Alert(
        title="A refinery for rare earths",
        url="https://wire.example/1",
        summary="The ministry will build a refinery near Eskişehir.",
        reasons=(Reason(rule="rare-earth", title="Rare earths", words=("rare earths",)),),
        sources=("Example Wire",),
        published=NOON - timedelta(minutes=1),
    )
    return replace(alert, **changes)


def make_delivery(key: str = "key-1", chat: str = CHAT, **changes: Any) -> NewDelivery:
    """A message that a chat is owed."""
    delivery = NewDelivery(
        dedupe_key=key,
        story_id="story-1",
        chat=chat,
        thread=None,
        rules=("rare-earth",),
        message=Message(text=f"the alert {key}"),
    )
    return replace(delivery, **changes)


def make_revision(key: str = "key-1", text: str = "the alert, revised") -> Revision:
    """How the message of a delivery should read by now."""
    return Revision(dedupe_key=key, message=Message(text=text))


def make_batch(*deliveries: NewDelivery, **changes: Any) -> Batch:
    """A poll at noon that owes these deliveries; its articles' stories are there unless it names its own."""
    batch = replace(Batch(at=NOON, feed=make_state(), deliveries=deliveries), **changes)
    if batch.stories:
        return batch
    founded = dict.fromkeys(folded.story_id for folded in batch.articles)
    return replace(batch, stories=tuple(make_story(story_id) for story_id in founded))
