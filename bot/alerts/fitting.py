"""A message made to fit what Telegram takes, whatever it was made of, so that none is refused or changed.

Telegram counts a text in code points and entities in UTF-16 code units; here both keep within the units. It turns
controls into spaces, takes some marks out, trims white space, and refuses the whole message for one link that it does
not understand (TDLib, MessageEntity.cpp and LinkManager.cpp).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import regex

from bot.alerts.harmless import GRAPHEME, TAKEN_OUT, WORD_JOINER, beginning, is_blank, utf16_length
from bot.models import EntityKind, Message, TextEntity

MAX_TEXT: Final = 4096
"""UTF-16 code units, which are never fewer than code points."""

MAX_ENTITIES: Final = 100
MAX_URL: Final = 2048
MAX_PORT: Final = 65_535

UNTITLED: Final = "(no title)"

_VALUE: Final = {EntityKind.TEXT_LINK: 0, EntityKind.BOLD: 1, EntityKind.ITALIC: 2}
"""What is kept first where there is too much; Telegram sorts what stands in one place so as well."""

_TRIMMED: Final = " \n"
_WRITABLE: Final = {
    **{code: " " for code in range(0x20) if chr(code) not in "\n\r"},
    **dict.fromkeys(map(ord, TAKEN_OUT), WORD_JOINER),
}
"""What Telegram would put in the place of a character. For what it takes out another invisible one stands, so that no
offset moves."""

_OF_A_HOST: Final = r"(?:[a-z0-9_~-]|%[0-9a-f]{2}|[^\x00-\x7f])"
_LINK: Final = regex.compile(
    rf"https?://(?:\[[0-9a-f:.]+\]|(?:{_OF_A_HOST}++[.])++{_OF_A_HOST}*+)(?::(?P<port>[0-9]{{1,5}}))?(?:[/?#].*)?",
    regex.IGNORECASE,
)
_NOT_IN_A_LINK: Final = regex.compile(r"[\s\p{Z}\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def fitted(message: Message) -> Message:
    """The message as Telegram will show it: cut to size between graphemes, with the formatting that still has a place.

    Links that are none become plain text, and so does what is beyond a hundred entities: italic first, then bold. A
    message that shows nothing says that it has no title.
    """
    written = _writable(message.text)
    before = len(written) - len(written.lstrip(_TRIMMED))
    text = _cut(written.strip(_TRIMMED))
    if is_blank(text):
        return replace(message, text=UNTITLED, entities=())
    edges = _edges(text)
    clipped = (_clipped(entity, before, edges) for entity in message.entities if _is_sound(entity))
    return replace(message, text=text, entities=_most_valuable(entity for entity in clipped if entity.length))


def is_link(url: str) -> bool:
    """Whether an address may be linked to: http or https, a host that Telegram takes, nothing hidden in it."""
    found = _LINK.fullmatch(url) if len(url) <= MAX_URL and not _NOT_IN_A_LINK.search(url) else None
    return found is not None and (found["port"] is None or 0 < int(found["port"]) <= MAX_PORT)


def _writable(text: str) -> str:
    """The text with a character in the place of each that cannot be written or would not be kept."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.translate(_WRITABLE)


def _cut(text: str) -> str:
    """As much of a text as fits; of a grapheme that alone is too long, its beginning."""
    if utf16_length(text) <= MAX_TEXT:
        return text
    kept = beginning(text, MAX_TEXT - 1) or text[: (MAX_TEXT - 1) // 2]
    return kept.rstrip(_TRIMMED) + "…"


def _edges(text: str) -> list[int]:
    """The offsets, in UTF-16 code units, at which graphemes begin, and the end of the text."""
    edges = [0]
    for grapheme in GRAPHEME.finditer(text):
        edges.append(edges[-1] + utf16_length(grapheme[0]))
    return edges


def _is_sound(entity: TextEntity) -> bool:
    return entity.kind is not EntityKind.TEXT_LINK or (entity.url is not None and is_link(entity.url))


def _clipped(entity: TextEntity, before: int, edges: Sequence[int]) -> TextEntity:
    """The entity on the whole graphemes that it covers; `before` is what was trimmed in front of the text."""
    first = edges[min(bisect_left(edges, entity.offset - before), len(edges) - 1)]
    last = edges[max(bisect_right(edges, entity.offset - before + entity.length) - 1, 0)]
    return replace(entity, offset=first, length=max(last - first, 0))


def _most_valuable(entities: Iterable[TextEntity]) -> tuple[TextEntity, ...]:
    """As many entities as Telegram shows, in its order; of two links that overlap the first."""
    kept: list[TextEntity] = []
    linked = 0
    for entity in sorted(entities, key=lambda e: (_VALUE[e.kind], e.offset, -e.length)):
        if entity.kind is EntityKind.TEXT_LINK:
            if entity.offset < linked:
                continue
            linked = entity.offset + entity.length
        kept.append(entity)
    return tuple(sorted(kept[:MAX_ENTITIES], key=lambda e: (e.offset, -e.length, _VALUE[e.kind])))
