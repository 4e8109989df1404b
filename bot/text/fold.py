"""Makes texts comparable, with a map from the folded text back to the original.

Folded away are case (full folding: ß is ss), diacritics, compatibility forms (full width, half-width katakana,
ligatures, Arabic presentation forms), the Turkish dotted and dotless i, alef, hamza and ya forms, ta marbuta,
tatweel and vowel marks, traditional Chinese characters, and the kinds of apostrophe and quote. HTML entities
are decoded. Soft hyphens, zero-width and control characters are nothing; a hyphen at a line's end joins, and so
does a line break between two Chinese or Japanese characters. White space, hyphens and dashes each fold to a
space; a run of them stays a run, and whoever compares takes it for one gap.

Marks are dropped where they are diacritics to a reader (Latin, Greek, Cyrillic, Arabic, Hebrew). Where they
carry the vowel or make another letter (Devanagari, Thai, the voicing marks of kana), they stay.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from bot.text.han import SIMPLIFIED

CJK: Final = (
    r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Han characters and kana, as the inside of a character class."""

_INVISIBLE: Final = r"[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]*"
_BREAK: Final = r"[ \t\u3000]*(?:\r\n|\n|\r)[ \t\u3000]*"
_ENTITY: Final = (
    r"&(?:amp;|\#0*38;|\#[xX]0*26;)*(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_JAMO: Final = rf"[\u1100-\u1112]{_INVISIBLE}[\u1161-\u1175](?:{_INVISIBLE}[\u11a8-\u11c2])?"
_LATE_JAMO: Final = rf"[\uac00-\ud7a3]{_INVISIBLE}[\u11a8-\u11c2]"
_KANA: Final = rf"[\u3046-\u30fd\uff66-\uff9d]{_INVISIBLE}[\u3099\u309a\uff9e\uff9f]"
_COMPOSED: Final = f"{_ENTITY}|{_JAMO}|{_LATE_JAMO}|{_KANA}"

_FOLD_CLUSTER: Final = re.compile(
    rf"{_COMPOSED}|(?<=[^\W\d_])[-\u2010]{_BREAK}(?=[^\W\d_])|(?<=[{CJK}]){_BREAK}(?=[{CJK}])"
)
_FOLD_HINT: Final = re.compile(r"[&\n\r\u1100-\u11c2\u3099\u309a\uff9e\uff9f]")
_WRITTEN_CLUSTER: Final = re.compile(
    rf"{_COMPOSED}|[^\W\d_](?:{_INVISIBLE}[\u0300-\u036f\u0653-\u0655\u093c])+"
)
_WRITTEN_HINT: Final = re.compile(r"[&\u0300-\u036f\u0653-\u0655\u093c\u1100-\u11c2\u3099\u309a\uff9e\uff9f]")
_PLAIN_ASCII: Final = re.compile(r"[\t\n\v\f\r\x1c-\x1f -%'-~]*")

_APOSTROPHES: Final = "'’‘‛ʼʻʹ´`′՚׳＇ꞌ"
_QUOTES: Final = '"“”„‟«»″״＂〝〞〟'
_HYPHENS: Final = "-‐‑‒–—―⁃−﹘﹣－"
_LETTERS: Final = {
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys(_QUOTES, '"'),
    **dict.fromkeys(_HYPHENS, " "),
    # A folded ampersand must not begin an entity again, or folding twice would differ from folding once.
    **dict.fromkeys("&＆﹠", "⁊"),
    **dict(zip("ıłøđðħŧ", "iloddht", strict=True)),
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    **dict(zip("ىیکةہۃەھٱ", "ييكههههها", strict=True)),
}
_DIACRITICS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u08d3-\u08ff\u093c\u09bc\u0a3c\u0abc"
    "\u0b3c\u0cbc\u1ab0-\u1ace\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]+"
)
_FILLERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\u0640"
"""Characters that show nothing, or only stretch a word (tatweel), without being of category Cf."""


class _FoldTable(dict[int, str]):
    """Code point to folded text, filled as characters come by."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


class _WrittenTable(dict[int, str]):
    """Code point to itself, or to nothing where it shows nothing."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = "" if _is_invisible(character) and not character.isspace() else character
        if unicodedata.category(character) == "Cs":
            kept = "\ufffd"
        self[code] = kept
        return kept


def _is_invisible(character: str) -> bool:
    if character in _FILLERS or unicodedata.category(character) in {"Cf", "Cc"}:
        return True
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in _LETTERS:
        return _LETTERS[character]
    if _is_invisible(character):
        return ""
    if unicodedata.category(character) == "Cs":
        return "\ufffd"
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    folded = _without_diacritics(_without_diacritics(character).casefold())
    if "\u1100" <= folded[:1] <= "\u11ff" or "\u3040" <= folded[:1] <= "\u30ff":
        folded = unicodedata.normalize("NFC", folded)
    return "".join(_fold_part(part) for part in folded)


def _fold_part(part: str) -> str:
    if part.isspace():
        return " "
    part = _LETTERS.get(part, part)
    return SIMPLIFIED.get(part, part)


def _without_diacritics(text: str) -> str:
    return _DIACRITICS.sub("", unicodedata.normalize("NFKD", text))


_FOLD: Final = _FoldTable()
_WRITTEN: Final = _WrittenTable()
_ASCII: Final = {code: _fold_character(chr(code)) for code in range(128)}


class Folded:
    """A text made comparable, with the way back to the text that it came from."""

    __slots__ = ("_cluster", "_segments", "_table", "original", "text")

    def __init__(
        self, original: str, text: str, cluster: re.Pattern[str] | None, table: dict[int, str] | None
    ) -> None:
        self.original = original
        self.text = text
        self._cluster = cluster
        self._table = table
        self._segments: _Segments | None = _ONE_TO_ONE if table is None else None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded text from `start` to `end` (not empty) stands in the original.

        The marks of its last character belong to it; what shows nothing behind it does not.
        """
        segments = self._segments
        if segments is None:
            segments = self._segments = _segmented(self.original, self._cluster, self._table or {})
        if segments is _ONE_TO_ONE:
            return start, end
        last, behind = segments.start_of(end - 1), segments.behind(end - 1)
        while behind > last + 1 and _is_blank(self.original[behind - 1]):
            behind -= 1
        return segments.start_of(start), behind


class _Segments:
    """The map back: where each segment starts, in the folded text and in the original.

    In a segment that is no block each character became one character; a block of the original became the folded
    characters of its segment as a whole. Only what is out of the ordinary makes a segment, so that the map of
    most texts is short. The last segment is the end of both texts.
    """

    __slots__ = ("_blocks", "_folded", "_original")

    def __init__(self) -> None:
        self._folded = [0]
        self._original = [0]
        self._blocks = [False]

    def add_block(self, start: int, end: int, length: int) -> None:
        """The original from `start` to `end`, not before any earlier block, became `length` characters."""
        folded = self._folded[-1] + start - self._original[-1]
        self._folded += [folded, folded + length]
        self._original += [start, end]
        self._blocks += [True, False]

    def close(self, size: int) -> None:
        """The original, of `size` characters, holds no more blocks."""
        self.add_block(size, size, 0)

    def start_of(self, place: int) -> int:
        """Where what became the folded character at a place starts in the original."""
        number = bisect_right(self._folded, place) - 1
        start = self._original[number]
        return start if self._blocks[number] else start + place - self._folded[number]

    def behind(self, place: int) -> int:
        """Where what became the folded character behind that at a place starts, or where the original ends."""
        number = bisect_right(self._folded, place) - 1
        following = self._folded[number + 1] if self._blocks[number] else place + 1
        return self.start_of(following)


_ONE_TO_ONE: Final = _Segments()


def _segmented(original: str, cluster: re.Pattern[str] | None, table: dict[int, str]) -> _Segments:
    blocks = [
        (match.start(), match.end(), len(_compose(match).translate(table)))
        for match in (cluster.finditer(original) if cluster else ())
    ]
    odd = [character for character in set(original) if len(table[ord(character)]) != 1]
    if not blocks and not odd:
        return _ONE_TO_ONE
    singles = ((place, place + 1, len(table[ord(each)])) for each in odd for place in _places(original, each))
    segments = _Segments()
    done = 0
    for start, end, length in sorted([*blocks, *singles], key=lambda block: (block[0], -block[1])):
        if start >= done:
            segments.add_block(start, end, length)
            done = end
    segments.close(len(original))
    return segments


def _places(text: str, character: str) -> Iterator[int]:
    place = text.find(character)
    while place >= 0:
        yield place
        place = text.find(character, place + 1)


def _is_blank(character: str) -> bool:
    return character.isspace() or character in _HYPHENS or _is_invisible(character)


def fold(text: str) -> Folded:
    """Fold a text; see the module for what is folded away. Any string is welcome, lone surrogates too."""
    if text.isascii() and _PLAIN_ASCII.fullmatch(text) and "-\n" not in text and "-\r" not in text:
        return Folded(text, text.translate(_ASCII), None, None)
    return _mapped(text, _FOLD_HINT, _FOLD_CLUSTER, _FOLD)


def as_written(text: str) -> Folded:
    """The text with its case, marks and punctuation, but composed (NFC), entities decoded, nothing invisible."""
    if text.isascii() and text.isprintable() and "&" not in text:
        return Folded(text, text, None, None)
    return _mapped(text, _WRITTEN_HINT, _WRITTEN_CLUSTER, _WRITTEN)


def _mapped(text: str, hint: re.Pattern[str], cluster: re.Pattern[str], table: dict[int, str]) -> Folded:
    if hint.search(text) is None:
        return Folded(text, text.translate(table), None, table)
    return Folded(text, cluster.sub(_compose, text).translate(table), cluster, table)


def _compose(cluster: re.Match[str]) -> str:
    """What a cluster stands for, before its characters are folded one by one."""
    text = cluster[0]
    if text.startswith("&"):
        while (decoded := html.unescape(text)) != text:
            text = decoded
        return text
    if text[0].isspace() or text[0] in _HYPHENS:
        return ""
    visible = "".join(character for character in text if not _is_invisible(character))
    # Only NFKC composes half-width kana; NFC leaves other letters as they are written.
    form = "NFKC" if "\uff66" <= visible[0] <= "\uff9d" or visible[-1] in "\uff9e\uff9f" else "NFC"
    return unicodedata.normalize(form, visible)  # type: ignore[arg-type]


def fold_key(text: str) -> str:
    """The folded text with every gap as one space and none around: equal for texts that read the same."""
    return " ".join(fold(text).text.split())


def exact_key(text: str) -> str:
    """A text as written (case, diacritics) after differences of encoding only, gaps as one space."""
    composed = unicodedata.normalize("NFKC", _mapped(text, _FOLD_HINT, _FOLD_CLUSTER, _WRITTEN).text)
    plain = "".join(
        _LETTERS[c] if c in _APOSTROPHES or c in _QUOTES or c in _HYPHENS else c for c in composed
    )
    return " ".join(plain.split())
