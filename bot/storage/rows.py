"""Values to rows and back: what the columns hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.models import (
    Alert,
    Delivery,
    DeliveryKind,
    Earlier,
    EntityKind,
    FeedState,
    Folded,
    Held,
    Lead,
    Match,
    Message,
    OnTopicClosed,
    Place,
    Reason,
    Story,
    Teller,
    TextEntity,
    Told,
    Validators,
)

Row = dict[str, Any]


def seconds(at: datetime | None) -> float | None:
    """An aware time as seconds since the epoch."""
    return None if at is None else at.timestamp()


def moment(at: float | None) -> datetime | None:
    """Seconds since the epoch as an aware time in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC)


def message_to_json(message: Message) -> str:
    """A message, frozen: what is read back is equal to the letter."""
    entities = [[e.kind.value, e.offset, e.length, e.url] for e in message.entities]
    # The usual is left out, so that a message reads the same as one that was stored before there was a choice.
    unusual = {
        **({"silent": True} if message.silent else {}),
        **({} if message.preview else {"preview": False}),
    }
    return _json({"text": message.text, "entities": entities, **unusual})


def message_from_json(payload: str) -> Message:
    """The inverse of `message_to_json`."""
    value = json.loads(payload)
    return Message(
        text=value["text"],
        entities=tuple(
            TextEntity(kind=EntityKind(kind), offset=offset, length=length, url=url)
            for kind, offset, length, url in value["entities"]
        ),
        silent=value.get("silent", False),
        preview=value.get("preview", True),
    )


def matches_to_json(matches: tuple[Match, ...]) -> str:
    """Rules that rang, with their evidence."""
    return _json(
        [
            {"rule": m.rule, "evidence": [[s.field.value, s.start, s.end, s.text] for s in m.evidence]}
            for m in matches
        ]
    )


def alert_to_json(alert: Alert) -> str:
    """What a message shows of a story."""
    earlier = alert.earlier
    return _json(
        {
            "title": alert.title,
            "url": alert.url,
            "summary": alert.summary,
            "reasons": [[reason.rule, reason.title, reason.words] for reason in alert.reasons],
            "sources": alert.sources,
            "published": alert.published.timestamp(),
            "earlier": None if earlier is None else [earlier.title, earlier.url],
        }
    )


def alert_from_json(text: str) -> Alert:
    """The inverse of `alert_to_json`."""
    value = json.loads(text)
    earlier = value["earlier"]
    return Alert(
        title=value["title"],
        url=value["url"],
        summary=value["summary"],
        reasons=tuple(
            Reason(rule=rule, title=title, words=tuple(words)) for rule, title, words in value["reasons"]
        ),
        sources=tuple(value["sources"]),
        published=datetime.fromtimestamp(value["published"], UTC),
        earlier=None if earlier is None else Earlier(title=earlier[0], url=earlier[1]),
    )


def story_to_row(story: Story) -> Row:
    """What is remembered of a story as the columns of `story`, but for when it was written."""
    lead = story.lead
    return {
        "id": story.id,
        "title": lead.title,
        "lead": _json(
            {
                "feed_url": lead.feed_url,
                "source": lead.source,
                "title": lead.title,
                "url": lead.url,
                "summary": lead.summary,
                "published": lead.published.timestamp(),
            }
        ),
        "tellers": _json([[teller.feed_url, teller.source] for teller in story.tellers]),
        "words": _json(story.words),
        "facts": _json(sorted(story.facts)),
        "began_at": story.began_at.timestamp(),
        "last_at": story.last_at.timestamp(),
        "developed_at": seconds(story.developed_at),
        "follows": story.follows,
    }


def story_from_row(row: Row) -> Story:
    """The inverse of `story_to_row`."""
    lead = json.loads(row["lead"])
    published = datetime.fromtimestamp(lead.pop("published"), UTC)
    return Story(
        id=row["id"],
        lead=Lead(**lead, published=published),
        tellers=tuple(Teller(feed_url=url, source=source) for url, source in json.loads(row["tellers"])),
        words=tuple((rule, tuple(words)) for rule, words in json.loads(row["words"])),
        facts=frozenset(json.loads(row["facts"])),
        began_at=datetime.fromtimestamp(row["began_at"], UTC),
        last_at=datetime.fromtimestamp(row["last_at"], UTC),
        developed_at=moment(row["developed_at"]),
        follows=row["follows"],
    )


def place_to_row(place: Place) -> Row:
    """A place in Telegram as the columns `chat` and `thread`, which is 0 where there is none."""
    return {"chat": place.chat, "thread": place.thread or 0}


def place_from_row(row: Row) -> Place:
    """The inverse of `place_to_row`."""
    return Place(chat=row["chat"], thread=row["thread"] or None)


def held_to_row(held: Held, at: datetime) -> Row:
    """A waiting story as the columns of `held`."""
    return {
        "dedupe_key": held.dedupe_key,
        **place_to_row(held.place),
        "rule": held.rule,
        "story_id": held.story_id,
        "title": held.title,
        "url": held.url,
        "source": held.source,
        "payload": message_to_json(held.message),
        "created_at": seconds(at),
    }


def held_from_row(row: Row) -> Held:
    """The inverse of `held_to_row`."""
    return Held(
        dedupe_key=row["dedupe_key"],
        place=place_from_row(row),
        rule=row["rule"],
        story_id=row["story_id"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        message=message_from_json(row["payload"]),
    )


def feed_to_row(state: FeedState) -> Row:
    """A feed's state as the columns of `feed`."""
    return {
        "url": state.url,
        "fetch_url": state.fetch_url,
        "title": state.title,
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "moved_to": state.moved_to,
        "moved_since": seconds(state.moved_since),
        "moved_polls": state.moved_polls,
        "first_polled_at": seconds(state.first_polled_at),
        "polled_at": seconds(state.polled_at),
        "next_due_at": seconds(state.next_due_at),
        "interval": state.interval.total_seconds(),
        "failures": state.failures,
        "last_error": state.last_error,
        "repeated_ids": json.dumps(sorted(state.repeated_ids)),
        "published": json.dumps([at.timestamp() for at in state.published]),
        "listed_at": seconds(state.listed_at),
    }


def feed_from_row(row: Row) -> FeedState:
    """The inverse of `feed_to_row`."""
    return FeedState(
        url=row["url"],
        fetch_url=row["fetch_url"],
        title=row["title"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        moved_to=row["moved_to"],
        moved_since=moment(row["moved_since"]),
        moved_polls=row["moved_polls"],
        first_polled_at=moment(row["first_polled_at"]),
        polled_at=moment(row["polled_at"]),
        next_due_at=datetime.fromtimestamp(row["next_due_at"], UTC),
        interval=timedelta(seconds=row["interval"]),
        failures=row["failures"],
        last_error=row["last_error"],
        repeated_ids=frozenset(json.loads(row["repeated_ids"])),
        published=tuple(datetime.fromtimestamp(at, UTC) for at in json.loads(row["published"])),
        listed_at=moment(row["listed_at"]),
    )


def article_to_row(folded: Folded, at: datetime) -> Row:
    """An article with its place as the columns of `article`."""
    article = folded.article
    return {
        "story_id": folded.story_id,
        "reason": folded.reason.value,
        "feed_url": article.feed_url,
        "source": article.source,
        "key": folded.keys[0],
        "entry_id": article.entry_id,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "text_key": folded.text_key,
        "title": article.title,
        "summary": article.summary,
        "content": article.content,
        "language": article.language,
        "published_at": seconds(article.published),
        "recorded_at": seconds(at),
        "matches": matches_to_json(folded.matches),
    }


def delivery_from_row(row: Row, target: int | None, thread: int | None) -> Delivery:
    """A claimed row of `delivery`, the message that it changes or answers, and the topic that it goes to."""
    return Delivery(
        id=row["id"],
        token=row["lease_token"],
        chat=row["chat"],
        thread=thread,
        message=message_from_json(row["payload"]),
        attempt=row["attempt"],
        doubts=row["uncertain_count"],
        priority=row["priority"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
        kind=DeliveryKind(row["kind"]),
        target=target,
        previous=row["previous"],
        on_topic_closed=OnTopicClosed(row["on_topic_closed"]),
    )


def told_from_row(row: Row) -> Told:
    """A row of `delivery` that holds an alert, with `replied_at`, and `chat` as the rules name it."""
    return Told(
        dedupe_key=row["dedupe_key"],
        story_id=row["story_id"],
        place=place_from_row(row),
        rules=tuple(json.loads(row["rules"])),
        priority=row["priority"],
        alert=alert_from_json(row["alert"]),
        replied_at=moment(row["replied_at"]),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
