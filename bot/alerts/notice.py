"""What operators are told in their chat."""

from __future__ import annotations

from typing import Final

from bot.alerts.harmless import shorten, visible
from bot.alerts.rendering import MessageBuilder
from bot.models import EntityKind, Message

DETAILS: Final = 3000
"""UTF-16 code units; the log has the rest."""


def notice(what: str, details: str) -> Message:
    """One sentence in bold, and below it the details, a line each."""
    message = MessageBuilder()
    message.add(f"⚙️ {what}", EntityKind.BOLD)
    lines = "\n".join(visible(line) for line in details.splitlines())
    if lines:
        message.add("\n" + shorten(lines, DETAILS))
    return message.build(preview=False)
