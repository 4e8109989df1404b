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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bot.text.han import SIMPLIFIED

CJK: Final = (
    r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Han characters and kana, as the inside of a character class."""

_INVISIBLE: Final = r"[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]*"
_BREAK: Final = r"[ \t\u3000]*(?:\r\n|\n|\r)[ \t\u3000]*"
_ENTITY: Final = r"&(?:amp;|\#0{0,9}38;|\#[xX]0{0,9}26;){0,9}(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_JAMO: Final = rf"[\u1100-\u1112]{_INVISIBLE}[\u1161-\u1175](?:{_INVISIBLE}[\u11a8-\u11c2])?"
_LATE_JAMO: Final = rf"[\uac00-\ud7a3]{_INVISIBLE}[\u11a8-\u11c2]"
_KANA: Final = rf"[\u3046-\u30fd\uff66-\uff9d]{_INVISIBLE}[\u3099\u309a\uff9e\uff9f]"
_COMPOSED: Final = f"{_ENTITY}|{_JAMO}|{_LATE_JAMO}|{_KANA}"

_FOLD_CLUSTER: Final = re.compile(
    rf"{_COMPOSED}|(?<=[^\W\d_])[-\u2010]{_BREAK}(?=[^\W\d_])|(?<=[{CJK}]){_BREAK}(?=[{CJK}])"
)
_FOLD_HINT: Final = re.compile(r"[\u1100-\u11c2\u3099\u309a\uff9e\uff9f]")
_WRITTEN_CLUSTER: Final = re.compile(
    rf"{_COMPOSED}|[^\W\d_](?:{_INVISIBLE}[\u0300-\u036f\u0653-\u0655\u093c])+"
)
_WRITTEN_HINT: Final = re.compile(r"[\u0300-\u036f\u0653-\u0655\u093c\u1100-\u11c2\u3099\u309a\uff9e\uff9f]")

_ENTITIES: Final = re.compile(_ENTITY)
_JOINED: Final = re.compile(rf"[-\u2010{CJK}]")
_BLANKS: Final = " \t\u3000\r"

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


class _Table(dict[str, str]):
    """Character to what it becomes, filled as characters come by."""

    def __init__(self, become: Callable[[str], str]) -> None:
        super().__init__()
        self._become = become
        self._uneven = ""
        self._find_uneven: re.Pattern[str] | None = None

    def __missing__(self, character: str) -> str:
        became = self[character] = self._become(character)
        if len(became) != 1:
            self._uneven += character
            self._find_uneven = re.compile(f"[{re.escape(self._uneven)}]")
        return became

    def uneven(self, text: str) -> Iterator[re.Match[str]]:
        """The characters of a text that became none or several, all of which have come by."""
        return self._find_uneven.finditer(text) if self._find_uneven else iter(())


def _shown(character: str) -> str:
    """A character itself, or nothing where it shows nothing."""
    if unicodedata.category(character) == "Cs":
        return "\ufffd"
    return "" if _is_invisible(character) and not character.isspace() else character


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


_ASCII_NOTHING: Final = bytes(code for code in range(128) if not _fold_character(chr(code)))
_ASCII: Final = b"".join(_fold_character(chr(code))[:1].encode("utf-8")[:1] or b"?" for code in range(256))
_FEW: Final = 24
"""So many different characters are changed faster one after the other than all in one pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A way to change texts: first what clusters of characters stand for, then character by character.

    `others` finds the characters that may change; news has few of them, and one look for them costs a tenth of
    `str.translate`. `hint` finds those that stand in clusters. With `folds`, case is nothing and lines are joined.
    """

    table: _Table
    others: re.Pattern[str]
    hint: re.Pattern[str]
    clusters: re.Pattern[str]
    folds: bool

    def of(self, text: str) -> Folded:
        """The text changed."""
        changed = text.lower() if self.folds else text
        others = set(self.others.findall(changed))
        clusters = self._clusters_in(text, others)
        if clusters:
            composed = clusters.sub(_compose, text)
            changed = composed.lower() if self.folds else composed
            others = set(self.others.findall(changed))
        if len(others) > _FEW:
            return Folded(text, self.others.sub(lambda match: self.table[match[0]], changed), clusters, self)
        for character in others:
            changed = changed.replace(character, self.table[character])
        return Folded(text, changed, clusters, self)

    def _clusters_in(self, text: str, others: set[str]) -> re.Pattern[str] | None:
        if self.hint.search("".join(others)) or (self.folds and _joins_lines(text)):
            return self.clusters
        return _ENTITIES if "&" in text else None

    def blocks(self, text: str, clusters: re.Pattern[str] | None) -> list[tuple[int, int, int]]:
        """What of a text became none or several characters: start, end, and the number of those, in order."""
        found = [
            (match.start(), match.end(), sum(len(self.table[character]) for character in _compose(match)))
            for match in (clusters.finditer(text) if clusters else ())
        ]
        # Of all letters only the dotted capital I has more than one as its small one.
        even = text.replace("İ", "i").lower() if self.folds else text
        found += [
            (match.start(), match.end(), len(self.table[match[0]])) for match in self.table.uneven(even)
        ]
        return sorted(found, key=lambda block: (block[0], -block[1]))


def _joins_lines(text: str) -> bool:
    """Whether a line may end in a hyphen or within a Chinese or Japanese text."""
    for end in "\n\r":
        place = text.find(end)
        while place >= 0:
            before = place - 1
            while before >= 0 and text[before] in _BLANKS:
                before -= 1
            if before >= 0 and _JOINED.match(text, before):
                return True
            place = text.find(end, place + 1)
    return False


def _others_than(plain: Callable[[str], bool], blocks: tuple[tuple[int, int], ...]) -> re.Pattern[str]:
    """Finds all characters but those of some blocks that are plain."""
    spans = [span for low, high in blocks for span in _plain_spans(plain, low, high)]
    return re.compile(f"[^{''.join(f'{re.escape(chr(low))}-{re.escape(chr(high))}' for low, high in spans)}]")


def _plain_spans(plain: Callable[[str], bool], low: int, high: int) -> Iterator[tuple[int, int]]:
    for is_plain, codes in groupby(range(low, high + 1), lambda code: plain(chr(code))):
        if is_plain:
            listed = list(codes)
            yield listed[0], listed[-1]


_ALPHABETS: Final = (
    (0x09, 0x180),
    (0x370, 0x530),
    (0x5D0, 0x700),
    (0x904, 0x93A),
    (0x2010, 0x2028),
    (0x2030, 0x2050),
)
_EAST: Final = ((0x3001, 0x3096), (0x309B, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
_FOLDING: Final = _Change(
    table=_Table(_fold_character),
    others=_others_than(
        lambda c: c not in SIMPLIFIED if c >= "\u4e00" else _fold_character(c) == c, _ALPHABETS + _EAST
    ),
    hint=_FOLD_HINT,
    clusters=_FOLD_CLUSTER,
    folds=True,
)
_SHOWING: Final = _Change(
    table=_Table(_shown),
    others=_others_than(
        lambda c: c >= "\u4e00" or (_shown(c) == c and not unicodedata.combining(c)), _ALPHABETS + _EAST
    ),
    hint=_WRITTEN_HINT,
    clusters=_WRITTEN_CLUSTER,
    folds=False,
)


class Folded:
    """A text made comparable, with the way back to the text that it came from."""

    __slots__ = ("_change", "_clusters", "_segments", "original", "text")

    def __init__(
        self, original: str, text: str, clusters: re.Pattern[str] | None = None, change: _Change | None = None
    ) -> None:
        self.original = original
        self.text = text
        self._clusters = clusters
        self._change = change
        self._segments: _Segments | None = _ONE_TO_ONE if change is None else None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded text from `start` to `end` (not empty) stands in the original.

        The marks of its last character belong to it; what shows nothing behind it does not.
        """
        segments = self._segments
        if segments is None:
            blocks = self._change.blocks(self.original, self._clusters) if self._change else []
            segments = self._segments = _segmented(blocks, len(self.original))
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


def _segmented(blocks: Iterable[tuple[int, int, int]], size: int) -> _Segments:
    """The map of a text of some size; blocks within others do not count."""
    segments = _Segments()
    done = 0
    for start, end, length in blocks:
        if start >= done:
            segments.add_block(start, end, length)
            done = end
    if not done:
        return _ONE_TO_ONE
    segments.close(size)
    return segments


def _is_blank(character: str) -> bool:
    return character.isspace() or character in _HYPHENS or _is_invisible(character)


def fold(text: str) -> Folded:
    """Fold a text; see the module for what is folded away. Any string is welcome, lone surrogates too."""
    if text.isascii() and "&" not in text and "-\n" not in text and "-\r" not in text:
        folded = text.encode("ascii").translate(_ASCII, _ASCII_NOTHING)
        if len(folded) == len(text):
            return Folded(text, folded.decode("ascii"))
    return _FOLDING.of(text)


def as_written(text: str) -> Folded:
    """The text with its case, marks and punctuation, but composed (NFC), entities decoded, nothing invisible."""
    if text.isascii() and text.isprintable() and "&" not in text:
        return Folded(text, text)
    return _SHOWING.of(text)


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


def _shown_joined(text: str) -> str:
    """A text as written, with its lines joined as folding joins them."""
    return "".join(_SHOWING.table[character] for character in _FOLD_CLUSTER.sub(_compose, text))


def exact_key(text: str) -> str:
    """A text as written (case, diacritics) after differences of encoding only, gaps as one space."""
    if text.isascii() and text.isalnum():
        return text
    composed = unicodedata.normalize("NFKC", _shown_joined(text))
    plain = "".join(
        _LETTERS[c] if c in _APOSTROPHES or c in _QUOTES or c in _HYPHENS else c for c in composed
    )
    return " ".join(plain.split())
