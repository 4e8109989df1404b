"""What Telegram finds in a text by itself: mentions, commands, hashtags and addresses that nobody marked.

A mention notifies the one who is named, so that a headline with `@name` in it rings a stranger's phone.
Mentions and commands follow TDLib's rules (MessageEntity.cpp); addresses are found by scheme or by a common
top-level domain, which is enough to see that one is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.demo.botapi.entities import Entity, utf16_length

_MENTION = re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)")
_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")
_HASHTAG = re.compile(r"(?<!\w)#(?=\w*[^\W\d_])\w{1,256}")
_URL = re.compile(
    r"(?<![\w@/.\-])(?:https?://[^\s<>\"«»]+|(?:[\w\-]+\.)+(?:com|org|net|info|io|gov|edu|me|tr|ru|cn|uk|de|fr|eu)"
    r"(?![\w.@])(?:/[^\s<>\"«»]*)?)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w.\-])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_PATTERNS = (
    ("email", _EMAIL),
    ("url", _URL),
    ("mention", _MENTION),
    ("bot_command", _COMMAND),
    ("hashtag", _HASHTAG),
)
_TRAILING = ".,:;!?'\")]}…"


def detect(text: str, marked: tuple[Entity, ...] = ()) -> tuple[Entity, ...]:
    """The entities that Telegram adds to those that the sender marked, in reading order.

    What overlaps a link, code or any other whole of `marked` stays as it was marked; bold and its like do not
    hinder. Of two finds that overlap the earlier pattern wins.
    """
    taken = [(entity.offset, entity.end) for entity in marked if entity.is_whole]
    found: list[Entity] = []
    for kind, start, end in _finds(text):
        offset = utf16_length(text[:start])
        entity = Entity(type=kind, offset=offset, length=utf16_length(text[start:end]))
        if all(entity.end <= begin or entity.offset >= stop for begin, stop in taken):
            taken.append((entity.offset, entity.end))
            found.append(entity)
    return tuple(sorted(found, key=Entity.order))


def _finds(text: str) -> Iterator[tuple[str, int, int]]:
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            end = found.end()
            if kind == "url":
                end = found.start() + len(found[0].rstrip(_TRAILING))
            yield kind, found.start(), end
