"""Text from a feed, made fit to stand in a chat.

A feed may write anything: marks that turn the reading direction, towers of accents, a mention that would
notify somebody, a command that a tap would send, a number that a tap would call. What is left here is shown and
does nothing.

Telegram searches every text for such things, also one that comes with entities. What it takes for one is written in
TDLib (MessageEntity.cpp, find_entities): an invisible word joiner is no part of any name, host or number there. Phone
numbers only Telegram's servers know, by a rule that is not public; that a joiner inside stops it is believed.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import regex

WORD_JOINER: Final = "\u2060"
"""Invisible and without width; behind `@`, `#`, `/` or a dot it keeps Telegram from making a link of the word."""

MARKS: Final = 5
"""Marks in a row that a letter may carry: Burmese needs five, pointed Hebrew with its accents four."""

DIGITS: Final = 6
"""Digits in a row, less than any number that one could call; numbers of bank cards have 13 or more."""

GRAPHEME: Final = regex.compile(r"\X")
"""What a reader takes for one character."""

TAKEN_OUT: Final = frozenset("\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a")
"""What Telegram takes out of a text (TDLib, clean_input_string)."""

_TRIGGER: Final = regex.compile(
    r"""(?<![\p{L}\p{N}_/<>])/(?=[A-Za-z0-9_])            # a command
      | [#](?=\S)                                         # a hashtag
      | [$](?=1INCH|\p{L})                                # a cashtag
      | @(?=\w)                                           # a mention, an address of mail
      | :(?=//)                                           # an address
      | (?<=\S)[.](?=\p{L}[\p{L}\p{M}\p{N}\u200c\u200d-])  # a host
      | (?<=\d)[.](?=\d+[.]\d+[.]\d)                      # a host of four numbers
      | [+](?=\d)                                         # a phone number
      """,
    regex.VERBOSE,
)
_NUMBER: Final = regex.compile(rf"\d(?:[ ().\-\u2010-\u2015]*+\d){{{DIGITS},}}+")
_SIX_DIGITS: Final = regex.compile(rf"(?:\d\D*+){{{DIGITS - 1}}}\d(?=\D*\d)")
_BASELESS: Final = regex.compile(r"^[\p{M}\s\u200c\u200d]+")
_BLANK: Final = regex.compile(r"[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufffc]*+")

_INVISIBLE: Final = frozenset("\u200b\u2060\ufeff\u00ad\u180e")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DROPPED_CATEGORIES: Final = ("Cc", "Cs", "Co", "Cn")
_MARK_CATEGORIES: Final = ("Mn", "Me")
_RING: Final = "\u030a"


def harmless(text: str) -> str:
    """One line of text without controls, bidi marks and towers of accents, that links to nothing by itself."""
    disarmed = _TRIGGER.sub(rf"\g<0>{WORD_JOINER}", visible(text))
    return _NUMBER.sub(lambda number: _SIX_DIGITS.sub(rf"\g<0>{WORD_JOINER}", number[0]), disarmed)


def visible(text: str) -> str:
    """One line of text without controls, bidi marks and towers of accents, and with a letter below its first mark."""
    if _RING in text:
        text = unicodedata.normalize("NFC", text)  # Telegram takes the ring off an å, unless the two are one
    kept = "".join(c for c in text if c.isspace() or not _is_dropped(c))
    return _few_marks(_BASELESS.sub("", " ".join(kept.split())))


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return _BLANK.fullmatch(text) is not None


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` UTF-16 code units, cut between graphemes, at a space where one is near."""
    if utf16_length(text) <= limit:
        return text
    cut = beginning(text, limit - 1)
    space = cut.rfind(" ")
    if space > len(cut) // 2:
        cut = cut[:space]
    return cut.rstrip(" ,;:–—-") + "…"


def beginning(text: str, limit: int) -> str:
    """As many whole graphemes of a text as fit into `limit` UTF-16 code units."""
    end = units = 0
    for grapheme in GRAPHEME.finditer(text):
        units += utf16_length(grapheme[0])
        if units > limit:
            break
        end = grapheme.end()
    return text[:end]


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units, in which Telegram counts."""
    return len(text) + sum(c > "\uffff" for c in text)


def _is_dropped(char: str) -> bool:
    return (
        char in _BIDI
        or char in _INVISIBLE
        or char in TAKEN_OUT
        or unicodedata.category(char) in _DROPPED_CATEGORIES
    )


def _few_marks(text: str) -> str:
    marks = 0
    kept: list[str] = []
    for char in text:
        category = unicodedata.category(char)
        if category in _MARK_CATEGORIES:
            marks += 1
        elif category != "Cf":  # an invisible joiner between marks lowers no tower
            marks = 0
        if marks <= MARKS:
            kept.append(char)
    return "".join(kept)
