"""Values to rows and back: what the columns hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.models import (
    Delivery,
    EntityKind,
    FeedState,
    Field,
    Folded,
    Held,
    Match,
    Message,
    Place,
    Span,
    TextEntity,
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
    return json.dumps({"text": message.text, "entities": entities}, ensure_ascii=False)


def message_from_json(payload: str) -> Message:
    """The inverse of `message_to_json`."""
    value = json.loads(payload)
    return Message(
        text=value["text"],
        entities=tuple(
            TextEntity(kind=EntityKind(kind), offset=offset, length=length, url=url)
            for kind, offset, length, url in value["entities"]
        ),
    )


def matches_to_json(matches: tuple[Match, ...]) -> str:
    """Rules that rang, with their evidence."""
    return json.dumps(
        [
            {"rule": m.rule, "evidence": [[s.field.value, s.start, s.end, s.text] for s in m.evidence]}
            for m in matches
        ],
        ensure_ascii=False,
    )


def matches_from_json(text: str) -> tuple[Match, ...]:
    """The inverse of `matches_to_json`."""
    return tuple(
        Match(
            rule=match["rule"],
            evidence=tuple(
                Span(field=Field(field), start=start, end=end, text=words)
                for field, start, end, words in match["evidence"]
            ),
        )
        for match in json.loads(text)
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


def delivery_from_row(row: Row) -> Delivery:
    """A claimed row of `delivery`."""
    return Delivery(
        id=row["id"],
        token=row["lease_token"],
        chat=row["chat"],
        thread=row["thread"],
        message=message_from_json(row["payload"]),
        attempt=row["attempt"],
        doubts=row["uncertain_count"],
        priority=row["priority"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
    )
