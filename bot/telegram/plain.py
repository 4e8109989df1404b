"""The message that is sent when Telegram refuses the right one: its bare text, cut to size."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import regex

from bot.models import Message

MAX_TEXT: Final = 4096
"""The longest text that Telegram takes: in code points for certain, and in UTF-16 code units to be safe."""

_GRAPHEME: Final = regex.compile(r"\X")


def plainly(message: Message) -> Message:
    """The message without formatting and links, no longer than Telegram takes, of characters that can be written.

    Invisible marks stay: they keep names from becoming mentions.
    """
    writable = message.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return replace(message, text=cut(writable), entities=())


def cut(text: str) -> str:
    """As much of a text as Telegram takes, up to the end of a grapheme; of a grapheme too long, its beginning."""
    if utf16_length(text) <= MAX_TEXT:
        return text
    end = units = 0
    for grapheme in _GRAPHEME.finditer(text):
        units += utf16_length(grapheme[0])
        if units > MAX_TEXT:
            break
        end = grapheme.end()
    return text[: end or MAX_TEXT // 2]


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)
