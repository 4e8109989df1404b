"""Text from a feed, made fit to stand in a chat.

A feed may write anything: marks that turn the reading direction, towers of accents, a mention that would
notify somebody, a command that a tap would send. What is left here is shown and does nothing.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import regex

WORD_JOINER: Final = "\u2060"
"""Invisible and without width; behind `@`, `#`, `/` or a dot it keeps Telegram from making a link of the word."""

MARKS: Final = 4
"""Combining marks that a letter may carry; Vietnamese and pointed Hebrew need no more."""

_TRIGGER: Final = regex.compile(
    r"""(?<![\w/<>])/(?=\w)           # a command
      | (?<!\w)[#$](?=\w)            # a hashtag, a cashtag
      | @(?=\w)                      # a mention, an address of mail
      | :(?=//)                      # an address
      | (?<=\w)[.。](?=[^\W\d_]{2})   # a host
      """,
    regex.VERBOSE,
)
_GRAPHEME: Final = regex.compile(r"\X")
_INVISIBLE: Final = frozenset("\u200b\u2060\ufeff\u00ad\u180e")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DROPPED: Final = ("Cc", "Cs", "Co", "Cn")


def harmless(text: str) -> str:
    """One line of text without controls, bidi marks and towers of accents, that links to nothing by itself."""
    return _TRIGGER.sub(rf"\g<0>{WORD_JOINER}", visible(text))


def visible(text: str) -> str:
    """One line of text without controls, bidi marks and towers of accents."""
    kept = "".join(c for c in text if c.isspace() or not _dropped(c))
    return "".join(_few_marks(grapheme) for grapheme in _GRAPHEME.findall(" ".join(kept.split())))


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` UTF-16 code units, cut between graphemes, at a space where one is near."""
    if utf16_length(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - 1
    for grapheme in _GRAPHEME.findall(text):
        room -= utf16_length(grapheme)
        if room < 0:
            break
        kept.append(grapheme)
    cut = "".join(kept)
    space = cut.rfind(" ")
    if space > len(cut) // 2:
        cut = cut[:space]
    return cut.rstrip(" ,;:–—-") + "…"


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units, in which Telegram counts."""
    return len(text) + sum(c > "\uffff" for c in text)


def _dropped(char: str) -> bool:
    return char in _BIDI or char in _INVISIBLE or unicodedata.category(char) in _DROPPED


def _few_marks(grapheme: str) -> str:
    marks = 0
    kept: list[str] = []
    for char in grapheme:
        if unicodedata.combining(char):
            marks += 1
            if marks > MARKS:
                continue
        kept.append(char)
    return "".join(kept)
