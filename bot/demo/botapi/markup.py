"""HTML as Telegram reads it (TDLib, MessageEntity.cpp, parse_html): few tags, no forgiveness, offsets in bytes.

`pre` and `code` that cover the same text become one `pre` with a language. Anything unknown refuses the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.demo.botapi.entities import Entity, FormattedText, utf16_length
from bot.demo.botapi.links import BadLink, checked_link, mentioned_user
from bot.demo.botapi.refusals import Refusal, bad_request

_STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler",
}  # fmt: skip
_TAGS = frozenset((*_STYLES, "a", "tg-emoji", "tg-time", "pre", "code", "blockquote"))
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*));?")
_MAX_REFERENCE = 10
_MAX_CODE_POINT = 0x10FFFF
_SPACE = b" \t\r\n\v\f\0"
_TAG_NAME = re.compile(rb"[^\s\0>]*")
_END_OF_ATTRIBUTE_NAME = re.compile(rb"[^\s\0=>/\"']*")
_NAME_TOKEN = re.compile(rb"[A-Za-z0-9.\-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A start tag that waits for its end, and where its text begins."""

    tag: str
    attributes: dict[str, str]
    offset: int
    start: int


def parse_html(html: str) -> FormattedText:
    """The text and entities of a message in HTML. Raises Refusal with Telegram's wording and byte offset."""
    return _Parser(html.encode("utf-8", "surrogatepass")).parse()


def _refuse(reason: str) -> Refusal:
    return bad_request(f"Can't parse entities: {reason}")


class _Parser:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def parse(self) -> FormattedText:
        while self._at < len(self._source):
            byte = self._source[self._at : self._at + 1]
            if byte == b"<":
                self._tag()
            elif byte == b"&":
                self._append(self._reference() or self._plain(1))
            else:
                following = re.compile(rb"[^<&]+").match(self._source, self._at)
                self._append(self._plain(len(following[0]) if following else 1))
        if self._open:
            raise _refuse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        text = "".join(self._text)
        try:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise _refuse(
                "Text contains invalid Unicode characters after decoding HTML entities,"
                " check for unmatched surrogate code units"
            ) from None
        plain_code = (
            Entity(type=e.type, offset=e.offset, length=e.length) if e.type == "code" else e
            for e in self._entities
        )
        return FormattedText(text=text, entities=tuple(sorted(plain_code, key=Entity.order)))

    def _append(self, text: str) -> None:
        self._text.append(text)
        self._units += utf16_length(text)

    def _plain(self, length: int) -> str:
        text = self._source[self._at : self._at + length].decode("utf-8", "surrogatepass")
        self._at += length
        return text

    def _reference(self) -> str:
        """The character of a reference such as `&lt;`, "" where Telegram leaves it as it stands."""
        found = _REFERENCE.match(self._source, self._at)
        if found is None:
            return ""
        hexadecimal, decimal, name = found.groups()
        if name is not None:
            character = _NAMED.get(name, "")
        else:
            digits = hexadecimal if hexadecimal is not None else decimal
            code = int(digits or b"0", 16 if hexadecimal is not None else 10)
            long = len(found[0].rstrip(b";")) >= _MAX_REFERENCE
            character = "" if long or not 0 < code < _MAX_CODE_POINT else chr(code)
        if character:
            self._at = found.end()
        return character

    def _tag(self) -> None:
        begin = self._at
        if self._source.startswith(b"</", begin):
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _start_tag(self, begin: int) -> None:
        name = self._take(_TAG_NAME, begin + 1)
        if self._at >= len(self._source):
            raise _refuse(f"Unclosed start tag at byte offset {begin}")
        tag = name.lower()
        if tag not in _TAGS:
            raise _refuse(f'Unsupported start tag "{tag}" at byte offset {begin}')
        attributes: dict[str, str] = {}
        while self._skip_space() != b">":
            self._attribute(tag, begin, attributes)
        self._at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(_Open(tag=tag, attributes=attributes, offset=self._units, start=len(self._text)))

    def _attribute(self, tag: str, begin: int, attributes: dict[str, str]) -> None:
        name = self._take(_END_OF_ATTRIBUTE_NAME, self._at)
        if not name:
            raise _refuse(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        following = self._skip_space()
        if not following:
            raise _refuse(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if following != b"=":
            attributes[name] = ""
            return
        self._at += 1
        quote = self._skip_space()
        if not quote:
            raise _refuse(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self._quoted(quote) if quote in {b'"', b"'"} else self._token()
        if self._at >= len(self._source):
            raise _refuse(f"Unclosed start tag at byte offset {begin}")
        attributes[name] = value

    def _quoted(self, quote: bytes) -> str:
        self._at += 1
        value: list[str] = []
        plain = re.compile(rb"[^&" + quote + rb"]+")
        while self._at < len(self._source) and not self._source.startswith(quote, self._at):
            if self._source.startswith(b"&", self._at):
                value.append(self._reference() or self._plain(1))
            else:
                following = plain.match(self._source, self._at)
                value.append(self._plain(len(following[0]) if following else 1))
        self._at += 1
        return "".join(value)

    def _token(self) -> str:
        begin = self._at
        value = self._take(_NAME_TOKEN, begin).lower()
        following = self._source[self._at : self._at + 1]
        if following not in {b">", b""} and following not in _SPACE:
            raise _refuse(f"Unexpected end of name token at byte offset {begin}")
        return value

    def _end_tag(self, begin: int) -> None:
        if not self._open:
            raise _refuse(f"Unexpected end tag at byte offset {begin}")
        name = self._take(_TAG_NAME, begin + 2).lower()
        if self._skip_space() != b">":
            raise _refuse(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        opened = self._open.pop()
        if name and name != opened.tag:
            raise _refuse(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{name}>"'
            )
        if self._units > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        offset, length = opened.offset, self._units - opened.offset
        attributes = opened.attributes
        match opened.tag:
            case "a":
                self._link(opened, offset, length)
            case "pre" | "code":
                self._code(opened, offset, length)
            case "blockquote":
                kind = "expandable_blockquote" if "expandable" in attributes else "blockquote"
                self._entities.append(Entity(type=kind, offset=offset, length=length))
            case "tg-emoji":
                emoji = attributes.get("emoji-id", "")
                if not emoji.isdecimal() or not int(emoji):
                    raise _refuse("Invalid custom emoji identifier specified")
                self._entities.append(
                    Entity(type="custom_emoji", offset=offset, length=length, custom_emoji_id=emoji)
                )
            case "tg-time":
                self._time(attributes, offset, length)
            case tag:
                self._entities.append(Entity(type=_STYLES[tag], offset=offset, length=length))

    def _link(self, opened: _Open, offset: int, length: int) -> None:
        url = opened.attributes.get("href") or "".join(self._text[opened.start :])
        user = mentioned_user(url)
        if user is not None:
            self._entities.append(Entity(type="text_mention", offset=offset, length=length, user_id=user))
            return
        try:
            link = checked_link(url)
        except BadLink:
            return  # Telegram keeps the text and says nothing
        self._entities.append(Entity(type="text_link", offset=offset, length=length, url=link))

    def _code(self, opened: _Open, offset: int, length: int) -> None:
        written = opened.attributes.get("class", "")
        language = written.removeprefix("language-") if written.startswith("language-") else ""
        last = self._entities[-1] if self._entities else None
        same_place = last is not None and (last.offset, last.length) == (offset, length)
        if last is not None and same_place and last.type == "code" and opened.tag == "pre" and last.language:
            self._entities[-1] = Entity(type="pre", offset=offset, length=length, language=last.language)
        elif last is not None and same_place and last.type == "pre" and opened.tag == "code" and language:
            self._entities[-1] = Entity(type="pre", offset=offset, length=length, language=language)
        else:
            self._entities.append(
                Entity(
                    type=opened.tag,
                    offset=offset,
                    length=length,
                    language=language if opened.tag == "code" and language else None,
                )
            )

    def _time(self, attributes: dict[str, str], offset: int, length: int) -> None:
        wanted = attributes.get("format", "")
        if wanted not in {"", "r", "R"} and not set(wanted) <= set("tTdDwW"):
            raise _refuse("Invalid date-time format specified")
        seconds = attributes.get("unix", "")
        if seconds.isdecimal() and int(seconds):
            self._entities.append(
                Entity(
                    type="date_time",
                    offset=offset,
                    length=length,
                    unix_time=int(seconds),
                    date_time_format=wanted or None,
                )
            )

    def _take(self, pattern: re.Pattern[bytes], start: int) -> str:
        found = pattern.match(self._source, start)
        self._at = start if found is None else found.end()
        return "" if found is None else found[0].decode("utf-8", "surrogatepass")

    def _skip_space(self) -> bytes:
        """The byte after white space, b"" at the end of the source."""
        while self._at < len(self._source) and self._source[self._at] in _SPACE:
            self._at += 1
        return self._source[self._at : self._at + 1]
