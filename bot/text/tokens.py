"""Where words start and end, and how many lie between two places.

A word starts and ends where the script or the class of the letter changes (letter, digit, neither). Scripts
that are written without spaces have no such places: there every character may start and end a word. A katakana
word starts where a run of katakana starts and may end anywhere. All functions take folded text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from bot.text.fold import CJK, Folded

DIGIT: Final = "DIGIT"
UNSPACED: Final = frozenset({"HAN", "HIRAGANA", "THAI", "LAO", "KHMER", "MYANMAR"})
"""Scripts without spaces: a term is a plain substring there."""
OPEN_ENDED: Final = UNSPACED | {"KATAKANA"}
"""Scripts where a word may end anywhere."""

_UNSPACED_CLASS: Final = (
    r"\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u1980-\u19ff\uaa60-\uaa7f\ua9e0-\ua9fe\u3005-\u3007\u3021-\u3029"
    r"\u3031-\u3035\u3038-\u303c\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    r"\U00016fe0-\U0003ffff"
)
HOLDS_UNSPACED: Final = re.compile(f"[{_UNSPACED_CLASS}]").search
"""Finds a character of a script where words may end anywhere; takes some others for one."""
spaced_chunks: Final = re.compile(rf"[^\s{_UNSPACED_CLASS}]+").finditer
"""The stretches of a folded text between white space and characters of such scripts."""

_RENAMED: Final = {
    "CJK": "HAN",
    "IDEOGRAPHIC": "HAN",
    "KATAKANA-HIRAGANA": "KATAKANA",
    "MODIFIER": "LATIN",
    "FEMININE": "LATIN",
    "MASCULINE": "LATIN",
}
_MARKS: Final = "\u0900-\u0903\u093a-\u094f\u0981-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece\u102b-\u103e\u17b6-\u17d3"
_UNIT: Final = re.compile(rf"[{CJK}]|(?:[^\W_{CJK}]|[{_MARKS}])+(?:'(?:[^\W_{CJK}]|[{_MARKS}])+)*")


_ASCII_RUN: Final = re.compile("[a-z]*")


class _Scripts(dict[str, str]):
    """Character to script, filled as characters come by; the first word of a Unicode name is the script."""

    def __missing__(self, character: str) -> str:
        category = unicodedata.category(character)[0]
        script = ""
        if category == "N":
            script = DIGIT
        elif category in "LM":
            first = unicodedata.name(character, "UNKNOWN").partition(" ")[0]
            script = _RENAMED.get(first, first)
        if category == "N" and unicodedata.name(character, "").startswith(("CJK", "IDEOGRAPHIC")):
            script = "HAN"
        self[character] = script
        return script


script_of: Final = _Scripts().__getitem__
"""The script of a character as Unicode names it ("LATIN", "HAN"), DIGIT, or "" for what is in no word."""


def script_of_word(word: str) -> str:
    """The script of all characters of a word, "" where they are of more than one."""
    scripts = {script_of(character) for character in word}
    return scripts.pop() if len(scripts) == 1 else ""


def starts_word(text: str, position: int) -> bool:
    """Whether a word may start at a character."""
    script = script_of(text[position])
    return position == 0 or script in UNSPACED or script_of(text[position - 1]) != script


def ends_word(text: str, position: int) -> bool:
    """Whether a word may end before `position` (at least 1)."""
    script = script_of(text[position - 1])
    return position >= len(text) or script in OPEN_ENDED or script_of(text[position]) != script


def run_end(text: str, start: int) -> int:
    """The end of the run of characters of one script that holds the character at `start`."""
    script = script_of(text[start])
    end = start + 1
    if script == "LATIN":
        end = max(end, _ASCII_RUN.match(text, start).end())  # type: ignore[union-attr]
    size = len(text)
    while end < size and script_of(text[end]) == script:
        end += 1
    return end


def run_start(text: str, last: int) -> int:
    """The start of the run of characters of one script that holds the character at `last`."""
    script = script_of(text[last])
    while last > 0 and script_of(text[last - 1]) == script:
        last -= 1
    return last


def words(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each word, a Chinese character or kana by itself."""
    for unit in _UNIT.finditer(text):
        yield unit.span()


class WordCount:
    """Counts the words before a place in the original text, in half words: two Chinese characters or kana make one."""

    __slots__ = ("_before", "_starts", "total")

    def __init__(self, folded: Folded) -> None:
        spans = list(words(folded.text))
        self._starts = [folded.span(start, end)[0] for start, end in spans]
        halves = (1 if script_of(folded.text[start]) in _HALF else 2 for start, _ in spans)
        self._before = [0, *accumulate(halves)]
        self.total = self._before[-1]

    def before(self, position: int) -> int:
        """Half words that start before a place."""
        return self._before[bisect_left(self._starts, position)]


_HALF: Final = frozenset({"HAN", "HIRAGANA", "KATAKANA"})
