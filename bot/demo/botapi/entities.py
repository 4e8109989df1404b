"""Text with entities as Telegram keeps it: checked, cleaned, trimmed, sorted, split where entities cross.

The rules are TDLib's (MessageEntity.cpp, fix_formatted_text). Offsets and lengths count UTF-16 code units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from bot.demo.botapi.links import BadLink, checked_link, mentioned_user
from bot.demo.botapi.refusals import bad_request

MAX_RAW_BYTES = 32_768
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ENTITIES = 100

_MAX_OFFSET = 1_000_000
_SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
_QUOTES = ("blockquote", "expandable_blockquote")
_PRE = ("pre", "code", "date_time")
_USER_GIVEN = frozenset((*_SPLITTABLE, *_QUOTES, *_PRE, "text_link", "text_mention", "custom_emoji"))
_FOUND_BY_TELEGRAM = frozenset(
    ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number")
)
_ORDER = {
    "blockquote": 0, "expandable_blockquote": 0, "pre": 11, "code": 20, "date_time": 30, "text_link": 49,
    "text_mention": 49, "bold": 90, "italic": 91, "underline": 92, "strikethrough": 93, "spoiler": 94,
    "custom_emoji": 99,
}  # fmt: skip
_OTHER_ORDER = 50
_ARGUMENTS = ("url", "language", "custom_emoji_id", "unix_time", "date_time_format")

_SPACES = {code: " " for code in range(0x21) if chr(code) not in "\n\r"}
_REMOVED = frozenset("\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a")
_INVISIBLE = frozenset(
    " \n\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e"
    "\u200f\u202e\u202f\u205f\u2800\u3000\ufffc\ufeff\u00a0"
)


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One Telegram MessageEntity; `user_id` stands for the user object of a text mention."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None

    @property
    def end(self) -> int:
        """The offset after the last code unit."""
        return self.offset + self.length

    @property
    def is_whole(self) -> bool:
        """Whether it can neither be split nor share its place, as links and code; bold can do both."""
        return self.type not in _SPLITTABLE and self.type not in _QUOTES

    def order(self) -> tuple[int, int, int]:
        """Telegram's order: by place, the longer first, then by type."""
        return self.offset, -self.length, _ORDER.get(self.type, _OTHER_ORDER)

    def text_in(self, text: str) -> str:
        """The part of `text` that it covers."""
        units = text.encode("utf-16-le", "surrogatepass")
        return units[2 * self.offset : 2 * self.end].decode("utf-16-le", "surrogatepass")

    def as_json(self) -> dict[str, Any]:
        """As the Bot API writes it."""
        plain: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        for name in _ARGUMENTS:
            value = getattr(self, name)
            if value is not None:
                plain[name] = value
        if self.user_id is not None:
            plain["user"] = {"id": self.user_id, "is_bot": False, "first_name": "User"}
        return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedText:
    """A text and its entities."""

    text: str
    entities: tuple[Entity, ...] = ()


def read_entities(values: object) -> tuple[Entity, ...]:
    """The entities of a decoded JSON argument. Anything but a list counts as none, as with Telegram.

    Kinds that only Telegram itself may set are left out. Raises Refusal.
    """
    if not isinstance(values, list):
        return ()
    entities = (_read_entity(value) for value in values)
    return tuple(entity for entity in entities if entity is not None)


def _read_entity(value: object) -> Entity | None:
    if not isinstance(value, Mapping):
        raise bad_request("Can't parse MessageEntity: expected an Object")
    offset, length = _whole_number(value, "offset"), _whole_number(value, "length")
    kind = value.get("type")
    if kind in _FOUND_BY_TELEGRAM:
        return None
    if kind not in _USER_GIVEN:
        raise bad_request("Can't parse MessageEntity: Unsupported type specified")
    entity = Entity(type=str(kind), offset=offset, length=length)
    match kind:
        case "text_link":
            return _link(entity, _text(value, "url"))
        case "text_mention":
            user = value.get("user")
            if not isinstance(user, Mapping):
                raise bad_request("Can't parse MessageEntity: Can't find field \"user\"")
            return replace(entity, user_id=_whole_number(user, "id"))
        case "custom_emoji":
            return replace(entity, custom_emoji_id=_text(value, "custom_emoji_id"))
        case "date_time":
            return replace(
                entity, unix_time=_whole_number(value, "unix_time"), date_time_format=_date_format(value)
            )
        case "pre":
            return replace(entity, language=str(value.get("language") or "") or None)
        case _:
            return entity


def _link(entity: Entity, url: str) -> Entity:
    """A text link, or the mention that a `tg://user` link is."""
    user_id = mentioned_user(url)
    if user_id is not None:
        return replace(entity, type="text_mention", user_id=user_id)
    try:
        return replace(entity, url=checked_link(url))
    except BadLink as refused:
        raise bad_request(f"Entity URL '{url}' is invalid: {refused}") from None


def _whole_number(value: Mapping[Any, Any], name: str) -> int:
    if name not in value:
        raise bad_request(f"Can't parse MessageEntity: Can't find field \"{name}\"")
    number = value[name]
    if isinstance(number, str) and number.lstrip("-").isdecimal():
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        raise bad_request(f'Can\'t parse MessageEntity: Field "{name}" must be of type Number')
    return number


def _text(value: Mapping[Any, Any], name: str) -> str:
    if name not in value:
        raise bad_request(f"Can't parse MessageEntity: Can't find field \"{name}\"")
    return str(value[name])


def _date_format(value: Mapping[Any, Any]) -> str | None:
    wanted = str(value.get("date_time_format") or "")
    if wanted not in {"", "r", "R"} and not set(wanted) <= set("tTdDwW"):
        raise bad_request("Can't parse MessageEntity: Invalid date-time format specified")
    return wanted or None


def tidy(formatted: FormattedText, *, limit: int, too_long: str, allow_empty: bool = False) -> FormattedText:
    """The text as Telegram stores it.

    Control characters become spaces, some marks go, white space is trimmed at both ends, entities are moved along,
    made to nest, and cut to the first hundred. `limit` is in code points after all that; `too_long` is the reason
    then given. Raises Refusal.
    """
    entities = _checked(formatted)
    cleaned, moved = _clean(formatted.text, entities)
    text, kept = _trim(cleaned, _nest(moved))
    if set(text) <= _INVISIBLE:
        if not allow_empty:
            raise bad_request("Text must be non-empty")
        return FormattedText(text="")
    if len(text) > limit:
        raise bad_request(too_long)
    return FormattedText(text=text, entities=kept[:MAX_ENTITIES])


def _checked(formatted: FormattedText) -> list[Entity]:
    try:
        formatted.text.encode()
    except UnicodeEncodeError:
        raise bad_request("Strings must be encoded in UTF-8") from None
    for entity in formatted.entities:
        if not 0 <= entity.offset <= _MAX_OFFSET:
            raise bad_request(f"Receive an entity with incorrect offset {entity.offset}")
        if not 0 <= entity.length <= _MAX_OFFSET:
            raise bad_request(f"Receive an entity with incorrect length {entity.length}")
    return _nest(entity for entity in formatted.entities if entity.length)


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """The text without what Telegram removes, and the entities where they then stand."""
    if not entities:
        return "".join(c for c in text if c not in _REMOVED).translate(_SPACES), []
    moved_to: list[int] = []  # new UTF-16 offset by old one; -1 within a surrogate pair
    byte_at: list[int] = []
    kept: list[str] = []
    new_offset = byte_offset = 0
    for character in text:
        units = 2 if character > "\uffff" else 1
        moved_to.extend((new_offset, -1)[:units])
        byte_at.extend((byte_offset,) * units)
        byte_offset += len(character.encode())
        if character not in _REMOVED:
            kept.append(character)
            new_offset += units
    moved_to.append(new_offset)
    byte_at.append(byte_offset)
    for entity in entities:
        _check_bounds(entity, moved_to, byte_at)
    moved = [
        replace(entity, offset=moved_to[entity.offset], length=moved_to[entity.end] - moved_to[entity.offset])
        for entity in entities
    ]
    return "".join(kept).translate(_SPACES), [entity for entity in moved if entity.length]


def _check_bounds(entity: Entity, moved_to: list[int], byte_at: list[int]) -> None:
    last = len(moved_to) - 1
    if entity.offset > last:
        raise bad_request(f"Entity begins after the end of the text at UTF-16 offset {entity.offset}")
    if moved_to[entity.offset] < 0:
        raise bad_request(
            f"Entity begins in a middle of a UTF-16 symbol at byte offset {byte_at[entity.offset + 1]}"
        )
    if entity.end > last:
        raise bad_request(
            f"Entity beginning at UTF-16 offset {entity.offset} ends after the end of the text"
            f" at UTF-16 offset {entity.end}"
        )
    if moved_to[entity.end] < 0:
        raise bad_request(
            f"Entity beginning at UTF-16 offset {entity.offset} ends in a middle of a UTF-16 symbol"
            f" at byte offset {byte_at[entity.end + 1]}"
        )


def _trim(text: str, entities: list[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """White space goes at the end, and at the front as far as no entity covers it."""
    text = text.rstrip(" \n")
    last = utf16_length(text)
    entities = [replace(e, length=min(e.end, last) - e.offset) for e in entities if e.offset < last]
    first = min((entity.offset for entity in entities), default=len(text))
    cut = 0
    while cut < first and cut < len(text) and text[cut] in " \n":
        cut += 1
    moved = (replace(entity, offset=entity.offset - cut) for entity in entities)
    return text[cut:], tuple(sorted(moved, key=Entity.order))


def _nest(entities: Iterable[Entity]) -> list[Entity]:
    """Entities that nest: of two wholes that cross the first stays, bold and its like are joined and split."""
    ordered = sorted(entities, key=Entity.order)
    quotes = _without_overlaps(entity for entity in ordered if entity.type in _QUOTES)
    wholes = [
        entity
        for entity in _without_overlaps(entity for entity in ordered if entity.is_whole)
        if not any(_crosses(entity, quote) for quote in quotes)
    ]
    pieces = _split([entity for entity in ordered if entity.type in _SPLITTABLE], [*wholes, *quotes])
    return sorted([*wholes, *quotes, *pieces], key=Entity.order)


def _without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _crosses(entity: Entity, quote: Entity) -> bool:
    apart = entity.end <= quote.offset or quote.end <= entity.offset
    within = quote.offset <= entity.offset and entity.end <= quote.end
    return not apart and not within


def _split(styles: list[Entity], others: list[Entity]) -> list[Entity]:
    """Styles of one type that touch become one; each is then cut where another entity begins or ends."""
    joined = [part for kind in _SPLITTABLE for part in _joined([s for s in styles if s.type == kind])]
    cuts = sorted(
        {edge for other in others for edge in (other.offset, other.end)} | {s.offset for s in joined}
    )
    pieces: list[Entity] = []
    for style in joined:
        edges = [style.offset, *(cut for cut in cuts if style.offset < cut < style.end), style.end]
        pieces.extend(replace(style, offset=start, length=end - start) for start, end in pairwise(edges))
    closed = [other for other in others if other.type in _PRE]
    return [p for p in pieces if not any(pre.offset <= p.offset and p.end <= pre.end for pre in closed)]


def _joined(styles: list[Entity]) -> list[Entity]:
    joined: list[Entity] = []
    for style in styles:
        if joined and style.offset <= joined[-1].end:
            joined[-1] = replace(joined[-1], length=max(joined[-1].end, style.end) - joined[-1].offset)
        else:
            joined.append(style)
    return joined
