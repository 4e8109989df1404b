"""The names that a headline and its first sentences tell, as far as capitals give them away.

A name is a run of words with capitals that stands within a sentence: the first word of a sentence has its capital
anyway. Of a title in capitals, or with a capital on every word, only those words count that the body writes as names.
German writes all nouns so, and scripts without case give nothing away: there no names are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from bot.text.fold import fold_key

_ALL_NOUNS: Final = frozenset({"de", "lb"})
_TITLE_CASE: Final = 0.75
"""The share of a title's longer words with a capital from which on its capitals say nothing."""

_LONGER: Final = 4
"""Letters of a word that title case gives a capital in any style guide."""

_STEM: Final = 4
"""Letters that two forms of one name share at least."""

_ENDING: Final = 2
"""Letters at the end of the shorter form that may differ: Ankara, Ankarada; Москва, Москве; Turkey, Turkish."""

_CALENDAR: Final = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december
    """.split()
)
"""What English writes with a capital and is no name."""

_NAME: Final = regex.compile(
    r"""\p{Lu}[\p{L}\p{M}]+(?:[-‐][\p{L}\p{M}]+)*
        (?:[ \u00a0](?:(?:of|de|del|la|du|da|do|di|van|von|der|bin|ibn|al|el)[ \u00a0-]){0,2}
           \p{Lu}[\p{L}\p{M}]+(?:[-‐][\p{L}\p{M}]+)*)*""",
    regex.VERBOSE,
)
_BEGINS: Final = regex.compile(r"""(?:^|[:.!?;–—|/])[\s"'“”‘’«»„(\[¡¿-]*[\p{L}\p{M}\p{N}]+|["“«„(\[]\p{L}+""")
"""The word with which a sentence, or a part that may be one, begins."""

_WORD: Final = regex.compile(r"\p{L}[\p{L}\p{M}]+")
_WITHOUT_CASE: Final = regex.compile(r"\p{Lo}\p{Lo}")
_DATELINE: Final = regex.compile(r"^.{0,60}?\([^()]{2,30}\)\s*[-–—:]\s")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is written, and its words folded; a name is known by any of them."""

    written: str
    words: tuple[str, ...]


def names(
    title: str, told: Sequence[str], *, body: Sequence[str], source: str, language: str | None
) -> tuple[Name, ...]:
    """The names of a title and of the sentences in `told`, each once; that of the source is none.

    `body` are sentences that show which words of a title without small letters are names.
    """
    if language in _ALL_NOUNS:
        return ()
    if _says_nothing(title):
        known = {word for sentence in body for name in _within(sentence) for word in name.words}
        title = _WORD.sub(lambda word: word[0] if fold_key(word[0]) in known else word[0].lower(), title)
    left_out = _CALENDAR | set(fold_key(source).split())
    found: dict[tuple[str, ...], Name] = {}
    for sentence in (title, *told):
        for name in _within(sentence):
            if not left_out.issuperset(name.words):
                found.setdefault(name.words, name)
    return tuple(found.values())


def is_known(name: Name, told: Iterable[str]) -> bool:
    """Whether one of a name's words is among those told, be it in another form."""
    known = tuple(told)
    return any(_same(word, other) for word in name.words for other in known)


def _within(sentence: str) -> Iterator[Name]:
    """The names within a sentence, behind the words with which it may begin."""
    if _WITHOUT_CASE.search(sentence):
        return
    sentence = _DATELINE.sub("", sentence)
    for match in _NAME.finditer(_BEGINS.sub(lambda begin: "_" * len(begin[0]), sentence)):
        words = tuple(fold_key(word) for word in _WORD.findall(match[0]) if word[0].isupper())
        yield Name(written=match[0], words=words)


def _says_nothing(title: str) -> bool:
    """Whether the capitals of a title are those of its style."""
    longer = [word for word in _WORD.findall(title)[1:] if len(word) >= _LONGER]
    return bool(sum(word[0].isupper() for word in longer) >= _TITLE_CASE * len(longer))


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    shorter = min(len(one), len(other))
    shared = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    return shared >= max(_STEM, shorter - _ENDING)
