"""The message that is sent when Telegram refuses the right one: its bare text, cut to size."""

from __future__ import annotations

from dataclasses import replace

from bot.alerts.fitting import MAX_TEXT
from bot.alerts.harmless import beginning, utf16_length
from bot.models import Message


def plainly(message: Message) -> Message:
    """The message without formatting and links, no longer than Telegram takes, of characters that can be written.

    Invisible marks stay: they keep names from becoming mentions.
    """
    writable = message.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return replace(message, text=_cut(writable), entities=())


def _cut(text: str) -> str:
    """As much of a text as Telegram takes, up to the end of a grapheme; of a grapheme too long, its beginning."""
    if utf16_length(text) <= MAX_TEXT:
        return text
    return beginning(text, MAX_TEXT) or text[: MAX_TEXT // 2]
