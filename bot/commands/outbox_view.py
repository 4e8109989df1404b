"""Deliveries as operators see them: a table, one in full, and JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.alerts.harmless import shorten
from bot.models import DeliveryKind, DeliveryState, Message, OutboxEntry, SettledDoubt
from bot.telegram.preview import panel
from bot.terminal import visible

EXCERPT: Final = 70
"""UTF-16 code units of a message that the list shows."""

STYLES: Final = {
    DeliveryState.PENDING: "cyan",
    DeliveryState.SENDING: "cyan",
    DeliveryState.UNCERTAIN: "bold yellow",
    DeliveryState.SENT: "green",
    DeliveryState.FAILED: "bold red",
    DeliveryState.EXPIRED: "yellow",
    DeliveryState.SUPPRESSED: "dim",
}

VERDICTS: Final = {
    "present": "found in the chat",
    "absent": "not found in the chat",
    "resent": "could not be found out, sent again",
    "dropped": "given up",
    None: "open",
}


def show_list(console: Console, entries: Sequence[OutboxEntry]) -> None:
    """A line a delivery, with the first line of its message and the reason for its state."""
    if not entries:
        console.print("no such deliveries")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", justify="right")
    for column in ("state", "chat", "owed (UTC)"):
        table.add_column(column, no_wrap=True)
    table.add_column("tries", justify="right")
    table.add_column("message", overflow="fold")
    for entry in entries:
        table.add_row(
            str(entry.id),
            Text(entry.state.value, STYLES[entry.state]),
            Text(_place(entry)),
            f"{entry.created_at:%Y-%m-%d %H:%M}",
            str(entry.attempts),
            _summary(entry),
        )
    console.print(table)


def show_counts(console: Console, states: Mapping[DeliveryState, int], doubts: Mapping[str, int]) -> None:
    """All deliveries by state, and all doubts by how they ended."""
    console.print()
    console.print(f"In all: {_counts({state.value: number for state, number in states.items()})}")
    console.print(f"Doubts: {_counts(doubts)}")


def show_entry(console: Console, entry: OutboxEntry) -> None:
    """All that is known of a delivery, and its message as the chat shows it."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(entry):
        table.add_row(name, value)
    for doubt in entry.doubts:
        table.add_row("doubt", Text(_doubt(doubt)))
    console.print(table)
    # A frame as wide as a pipe would be all frame.
    width = None if console.is_terminal else 100
    console.print(panel(_printable(entry.message), _place(entry)), width=width)


def entry_to_json(entry: OutboxEntry) -> dict[str, Any]:
    """A delivery as JSON; times are ISO 8601 in UTC."""
    message = entry.message
    return {
        "id": entry.id,
        "state": entry.state.value,
        "kind": entry.kind.value,
        "chat": entry.chat,
        "thread": entry.thread,
        "rules": list(entry.rules),
        "priority": entry.priority,
        "created_at": entry.created_at.isoformat(),
        "finished_at": _iso(entry.finished_at),
        "expires_at": _iso(entry.expires_at),
        "attempts": entry.attempts,
        "message_id": entry.message_id,
        "why": entry.why,
        "doubts": [
            {"began_at": doubt.began_at.isoformat(), "why": doubt.why, "verdict": doubt.verdict}
            for doubt in entry.doubts
        ],
        "message": {
            "text": message.text,
            "entities": [
                {"type": e.kind.value, "offset": e.offset, "length": e.length, "url": e.url}
                for e in message.entities
            ],
            "silent": message.silent,
            "preview": message.preview,
        },
    }


def _facts(entry: OutboxEntry) -> list[tuple[str, Text]]:
    """The names and values of what is known; what is not has no line."""
    values: list[tuple[str, str | None]] = [
        ("chat", _place(entry)),
        ("kind", None if entry.kind is DeliveryKind.MESSAGE else entry.kind.value),
        ("rules", visible(", ".join(entry.rules)) or None),
        ("priority", str(entry.priority)),
        ("owed", _time(entry.created_at)),
        ("expires", _time(entry.expires_at) if entry.finished_at is None else None),
        ("tries", str(entry.attempts)),
        ("ended", _time(entry.finished_at)),
        ("message id", None if entry.message_id is None else str(entry.message_id)),
        ("why", None if entry.why is None else visible(entry.why)),
    ]
    state = Text(entry.state.value, STYLES[entry.state])
    return [
        ("delivery", Text(str(entry.id))),
        ("state", state),
        *((name, Text(value)) for name, value in values if value is not None),
    ]


def _doubt(doubt: SettledDoubt) -> str:
    verdict = VERDICTS.get(doubt.verdict, doubt.verdict)
    return f"{_time(doubt.began_at)}: {visible(doubt.why)}: {verdict}"


def _place(entry: OutboxEntry) -> str:
    topic = "" if entry.thread is None else f"/{entry.thread}"
    return visible(f"{entry.chat}{topic}")


def _summary(entry: OutboxEntry) -> Text:
    words = "".join(c for c in entry.message.text if unicodedata.category(c) != "Cf" or c in "\u200c\u200d")
    first = next((line for line in words.splitlines() if line.strip()), "")
    text = Text("" if entry.kind is DeliveryKind.MESSAGE else f"{entry.kind.value}: ", "dim")
    text.append(visible(shorten(" ".join(first.split()), EXCERPT)), "not dim")
    if entry.why is not None:
        text.append(f" ({visible(' '.join(entry.why.split()))})", "dim")
    return text


def _printable(message: Message) -> Message:
    """A message that cannot steer a terminal; each character stays one, so that its entities stay in place."""
    text = "".join("\ufffd" if unicodedata.category(c) == "Cc" and c != "\n" else c for c in message.text)
    return replace(message, text=text)


def _counts(numbers: Mapping[str, int]) -> str:
    counted = [f"{number:,} {name}" for name, number in numbers.items() if number]
    return " · ".join(counted) or "none"


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
