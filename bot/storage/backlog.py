"""What was not sent in time, and the one message a place that tells of it.

A digest is known by `delivery.tells_of`, the number of deliveries that expired into it. As long as it certainly was not
sent, what expires later joins it.

Each function works on a connection, in the transaction that its caller opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from sqlite_utils import Database

from bot.models import Backlog, Headline, Message, NewDelivery, Place
from bot.storage import standing
from bot.storage.outbox import add_delivery
from bot.storage.rows import Row, alert_from_json, message_from_json, message_to_json
from bot.storage.statements import first

EXPIRED_AT_ONCE: Final = 2000
"""Deliveries that one call gathers, the oldest; what is left waits for the next, and joins the same digest."""

LISTED: Final = 15
"""Headlines of a place, as many as `bot.alerts.digest` shows."""

# What may have been sent before the database was restored is looked for first: a digest would tell it twice.
_OVERDUE: Final = """
SELECT id, priority, coalesce(named_chat, chat) AS chat, thread FROM delivery
WHERE state='pending' AND expires_at<=? AND kind<>'edit' AND tells_of=0 AND suspect=0 ORDER BY expires_at, id LIMIT ?
"""

_OPEN_DIGEST: Final = """
SELECT id, chat, tells_of, created_at FROM delivery
WHERE chat IN (SELECT coalesce(same_as, address) FROM chat WHERE address=:chat COLLATE NOCASE)
AND coalesce(named_chat, chat)=:chat AND thread IS :thread
AND state='pending' AND tells_of>0 AND uncertain_count=0 AND suspect=0 ORDER BY id LIMIT 1
"""

_TOLD_BY_DIGEST: Final = """
SELECT id, priority FROM delivery
WHERE chat=:of AND state='expired' AND finished_at>=:since AND coalesce(named_chat, chat)=:chat AND thread IS :thread
ORDER BY priority DESC, id DESC LIMIT :limit
"""

_EXPIRE: Final = """
UPDATE delivery SET state='expired', why='it was not sent in time', finished_at=:at
WHERE id=:id AND state='pending' AND kind<>'edit'
"""


def overdue(db: Database, at: float) -> tuple[Backlog, ...]:
    """See `Storage.overdue`; places in the order of what waited the longest."""
    places: defaultdict[Place, list[Row]] = defaultdict(list)
    for row in db.query(_OVERDUE, [at, EXPIRED_AT_ONCE]):
        places[Place(chat=row["chat"], thread=row["thread"])].append(row)
    return tuple(_backlog(db, place, rows) for place, rows in places.items())


def expire(db: Database, backlog: Backlog, digest: NewDelivery, at: float) -> int:
    """See `Storage.expire`. What was sent or dropped meanwhile is not told of."""
    expired = [number for number in backlog.ids if db.execute(_EXPIRE, {"id": number, "at": at}).rowcount]
    if not expired:
        return 0
    for number in expired:
        standing.settled(db, {"id": number, "kind": "message", "state": "expired"}, at)
        db.execute("DELETE FROM revision WHERE delivery_id=?", [number])
    earlier = _open_digest(db, backlog.place)
    if earlier is None:
        add_delivery(db, digest, at)
        db.execute("UPDATE delivery SET tells_of=? WHERE dedupe_key=?", [len(expired), digest.dedupe_key])
    else:
        db.execute(
            "UPDATE delivery SET payload=?, tells_of=? WHERE id=?",
            [message_to_json(digest.message), earlier["tells_of"] + len(expired), earlier["id"]],
        )
    return len(expired)


def _backlog(db: Database, place: Place, rows: list[Row]) -> Backlog:
    earlier = _open_digest(db, place)
    told = [] if earlier is None else _told_by(db, earlier, place)
    ranked = sorted([*rows, *told], key=lambda row: (-row["priority"], -row["id"]))
    return Backlog(
        place=place,
        ids=tuple(sorted(row["id"] for row in rows)),
        count=len(rows) + (0 if earlier is None else earlier["tells_of"]),
        headlines=tuple(_headlines(db, [row["id"] for row in ranked[:LISTED]])),
    )


def _open_digest(db: Database, place: Place) -> Row | None:
    """The digest of a place that what expires now may join; one that was in doubt may stand in the chat."""
    return first(db, _OPEN_DIGEST, {"chat": place.chat, "thread": place.thread})


def _told_by(db: Database, digest: Row, place: Place) -> list[Row]:
    """What a digest is to tell of, the most urgent and newest: all that expired in its place since it was stored."""
    return list(
        db.query(
            _TOLD_BY_DIGEST,
            {
                "of": digest["chat"],
                "since": digest["created_at"],
                "chat": place.chat,
                "thread": place.thread,
                "limit": LISTED,
            },
        )
    )


def _headlines(db: Database, ids: Iterable[int]) -> Iterable[Headline]:
    for number in ids:
        row = first(db, "SELECT alert, payload FROM delivery WHERE id=?", [number])
        headline = None if row is None else _headline(row)
        if headline is not None:
            yield headline


def _headline(row: Row) -> Headline | None:
    """What a line can say of a delivery; None where it cannot be read, so that it is counted and no more."""
    try:
        if row["alert"] is None:
            return _first_line(message_from_json(row["payload"]))
        alert = alert_from_json(row["alert"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Headline(title=alert.title, url=alert.url, source=next(iter(alert.sources), ""))


def _first_line(message: Message) -> Headline:
    """A message that shows no single alert, as its first line and the first link in it."""
    line = message.text.partition("\n")[0]
    length = len(line.encode("utf-16-le", "surrogatepass")) // 2
    links = (entity.url for entity in message.entities if entity.url and entity.offset < length)
    return Headline(title=line.strip(), url=next(links, None), source="")
