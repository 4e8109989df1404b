"""What must hold of every run of the delivery, whatever was killed in it: by the server's record and the database."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.demo.botapi import BotApiServer, Sent
from bot.models import NewDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A delivery as it stands in the database, and how its doubts ended."""

    id: int
    key: str
    chat: str
    kind: str
    state: str
    priority: int
    text: str
    attempts: int
    message_id: int | None
    why: str | None
    verdicts: tuple[str, ...]

    @property
    def name(self) -> str:
        """How a failure names it."""
        return f"delivery {self.id} ({self.key!r}, {self.state})"


def rows(database: Path) -> list[Row]:
    """All deliveries, in the order of recording."""
    with sqlite3.connect(database) as db:
        verdicts: defaultdict[int, list[str]] = defaultdict(list)
        for number, verdict in db.execute(
            "SELECT delivery_id, coalesce(verdict, 'open') FROM doubt ORDER BY id"
        ):
            verdicts[number].append(verdict)
        found = [
            Row(
                id=number,
                key=key,
                chat=chat,
                kind=kind,
                state=state,
                priority=priority,
                text=json.loads(payload)["text"],
                attempts=attempts,
                message_id=message_id,
                why=why,
                verdicts=tuple(verdicts[number]),
            )
            for number, key, chat, kind, state, priority, payload, attempts, message_id, why in db.execute(
                "SELECT id, dedupe_key, chat, kind, state, priority, payload, attempt, message_id, why "
                "FROM delivery ORDER BY id"
            )
        ]
    db.close()
    return found


def violations(
    server: BotApiServer, database: Path, owed: Sequence[NewDelivery], *, looked_for: bool
) -> list[str]:
    """Every breach of an invariant, in words; `looked_for` says that doubts were resolved by an audit chat."""
    found = rows(database)
    received: defaultdict[tuple[int, str], list[Sent]] = defaultdict(list)
    for sent in server.history.sent():
        if sent.message.forwarded_from is None:
            received[sent.message.chat_id, sent.message.text].append(sent)
    messages = [row for row in found if row.kind != "edit"]
    return [
        *_lost(server, messages, owed, received),
        *_repeated(server, messages, received, looked_for=looked_for),
        *_out_of_order(server, messages, received),
        *_unrecorded(server, messages, received),
        *_misnumbered(server, messages, received),
        *(f"the limits were not kept: {call.description}" for call in server.history.floods()),
        *(f"{row.name} is in flight after a clean stop" for row in found if row.state == "sending"),
        *_unrevised(server, found),
    ]


Received = defaultdict[tuple[int, str], list[Sent]]


def _lost(
    server: BotApiServer, messages: Sequence[Row], owed: Sequence[NewDelivery], received: Received
) -> Iterator[str]:
    by_key = {row.key: row for row in messages}
    for delivery in owed:
        row = by_key.get(delivery.dedupe_key)
        if row is None:
            yield f"{delivery.dedupe_key!r} was owed and is not in the database"
        elif row.state == "sent" and not _copies(server, row, received):
            yield f"{row.name} never arrived"
        elif row.state in {"failed", "expired", "suppressed"} and not row.why:
            yield f"{row.name} does not say why"
        elif row.state not in {"sent", "failed", "expired", "suppressed"}:
            yield f"{row.name} has not come to an end"


def _repeated(
    server: BotApiServer, messages: Sequence[Row], received: Received, *, looked_for: bool
) -> Iterator[str]:
    for row in messages:
        copies = len(_copies(server, row, received))
        allowed = 1 if looked_for else 1 + Counter(row.verdicts)["resent"]
        if copies > allowed:
            yield f"{row.name} came {copies} times, where {allowed} is allowed; its doubts: {row.verdicts}"


def _out_of_order(server: BotApiServer, messages: Sequence[Row], received: Received) -> Iterator[str]:
    """By first acceptance, in a chat and priority."""
    last: dict[tuple[str, int], tuple[int, Row]] = {}
    for row in messages:
        copies = _copies(server, row, received)
        if not copies:
            continue
        place = (row.chat, row.priority)
        sequence = copies[0].sequence
        if place in last and last[place][0] > sequence:
            yield f"{row.name} came before {last[place][1].name}"
        last[place] = (sequence, row)


def _unrecorded(server: BotApiServer, messages: Sequence[Row], received: Received) -> Iterator[str]:
    stored = {(server.chats.get(row.chat).id, row.text) for row in messages if row.attempts}
    for chat_id, text in received:
        if (chat_id, text) not in stored:
            yield f"{text!r} came to {chat_id} without having been stored as being sent"


def _misnumbered(server: BotApiServer, messages: Sequence[Row], received: Received) -> Iterator[str]:
    for row in messages:
        ids = [sent.message.id for sent in _copies(server, row, received)]
        if row.state == "sent" and row.message_id not in ids:
            yield f"{row.name} is taken for message {row.message_id}, but stands under {ids}"


def _unrevised(server: BotApiServer, found: Sequence[Row]) -> Iterator[str]:
    for row in found:
        if row.kind == "edit" and row.state == "sent" and row.message_id is not None:
            standing = server.messages.get(server.chats.get(row.chat).id, row.message_id)
            if standing is None or standing.text != row.text:
                yield f"{row.name} was made and cannot be seen"


def _copies(server: BotApiServer, row: Row, received: Received) -> list[Sent]:
    return received.get((server.chats.get(row.chat).id, row.text), [])
