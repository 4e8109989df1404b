"""Deliveries in somebody's hands, as the sender is given them."""

from __future__ import annotations

from typing import Any

from builders import NOON

from bot.models import Delivery, EntityKind, Message, TextEntity

BOLD = TextEntity(kind=EntityKind.BOLD, offset=0, length=5)
HELLO = Message(text="hello, world", entities=(BOLD,))


def make_attempt(chat: str = "100000001", **changes: Any) -> Delivery:
    """A first attempt to say hello in a private chat."""
    values: dict[str, Any] = {
        "id": 1,
        "token": 1,
        "chat": chat,
        "thread": None,
        "message": HELLO,
        "attempt": 1,
        "doubts": 0,
        "created_at": NOON,
        **changes,
    }
    return Delivery(**values)
