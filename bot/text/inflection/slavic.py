"""Russian, Ukrainian and Belarusian, Bulgarian and Macedonian, Serbian in Cyrillic.

A word's last letters tell its declension; its stem then stands with every ending of that declension. In folded
text ё is е, and й is и.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_MASCULINE: Final = endings("- а у ом ем е ы и ов ев ей ам ами ах")
_SURNAME: Final = endings("- а у ым е ом ой ы ых ыми")
_IN_SHORT_I: Final = endings("й я ю ем е и ев ям ями ях")
_SOFT: Final = endings("ь я ю ем е и ью ей ям ями ях")
_IN_A: Final = endings("а ы и е у ой ою ей ею - ам ами ах")
_IN_YA: Final = endings("я и е ю ей ею й ь - ям ями ях")
_IN_YA_NAME: Final = endings("я и е ю ей ею")
_IN_O: Final = endings("о а у ом е - ам ами ах")
_IN_E: Final = endings("е я а ю у ем и й ей - ям ам ями ами ях ах")
_PLURAL_Y: Final = endings("ы - а у ом е ов ам ами ах ой")
_PLURAL_I: Final = endings("и - а я у ю ом ем е ь й ов ев ей ой ею ам ям ами ями ах ях")
_ADJECTIVE: Final = endings(
    "ый ий ой ая яя ое ее ые ие ого его ому ему ым им ом ем ую юю ою ею ых их ыми ими"
)
_ADJECTIVE_LEMMAS: Final = tuple(endings("ый ой ая яя ое ее ые ие ых их"))
_CONSONANTS: Final = "бвгджзклмнпрстфхцчшщ"
_FLEETING: Final = {"ок": "к", "ек": "к", "ец": "ц", "ел": "л", "ол": "л", "ен": "н", "ер": "р", "он": "н"}
AFTER_APOSTROPHE: Final = endings("а у ом е ы и ов ам ами ах")


def russian(word: Word) -> Iterator[Form]:
    """Cases of nouns, names and adjectives, with fleeting vowels (рынок, рынка; земля, земель)."""
    text = word.folded
    if len(text) < 3 or word.acronym:
        return
    last = word.written[-1:].casefold()
    yield from _russian_noun(word, text, last)
    for ending in _ADJECTIVE_LEMMAS:
        if text.endswith(ending) and len(text) - len(ending) >= 3:
            yield text[: -len(ending)], _ADJECTIVE
    if last == "й" and text[-2] in "иыо" and len(text) > 4:
        yield text[:-2], _ADJECTIVE


def _russian_noun(word: Word, text: str, last: str) -> Iterator[Form]:
    if last in _CONSONANTS:
        yield from _russian_masculine(word, text)
    elif last == "й":
        yield text[:-1], _IN_SHORT_I
    elif last == "ь":
        yield text[:-1], _SOFT
    elif last == "и":
        if not word.capital:  # written like a name it does not change (Моди)
            yield from _with_insertion(text[:-1], _PLURAL_I)
    elif last == "я" and word.capital:
        yield text[:-1], _IN_YA_NAME
    elif last in _RUSSIAN_BY_VOWEL:
        yield from _with_insertion(text[:-1], _RUSSIAN_BY_VOWEL[last])
    if text.endswith("ень"):
        yield text[:-3] + "н", _SOFT - endings("ь")


def _russian_masculine(word: Word, text: str) -> Iterator[Form]:
    yield text, _MASCULINE
    if word.capital and text.endswith(("ов", "ев", "ин", "ын")):
        yield text, _SURNAME
    if len(text) > 3 and text[-2:] in _FLEETING:
        yield text[:-2] + _FLEETING[text[-2:]], _MASCULINE - {""}


_RUSSIAN_BY_VOWEL: Final = {"а": _IN_A, "о": _IN_O, "е": _IN_E, "ё": _IN_E, "ы": _PLURAL_Y, "я": _IN_YA}


def _with_insertion(stem: str, declension: frozenset[str]) -> Iterator[Form]:
    """The stem, and its genitive plural with a vowel between its last consonants (ставка, ставок)."""
    yield stem, declension
    if len(stem) >= 3 and stem[-1] in "кнлцрмв" and stem[-2] in _CONSONANTS + "ьи":
        before = stem[:-1] if stem[-2] in _CONSONANTS else stem[:-2]
        for vowel in "ое":
            yield before + vowel + stem[-1], endings("- ь")


_UK_MASCULINE: Final = endings("- а у ові еві ом ем і е и ів їв ей ам ами ах")
_UK_TABLE: Final = {
    "й": endings("й я ю єві єм ї є їв ям ями ях"),
    "ь": endings("ь я ю еві ем і ю ей ів ям ями ях"),
    "а": endings("а и і у ою ею о - ам ами ах"),
    "я": endings("я і ї ю ею єю е є й ь - ям ями ях ів"),
    "о": endings("о а у ом і - ам ами ах"),
    "е": endings("е я а ю у ем і - ям ам ями ами ях ах"),
    "и": endings("и - а у ам ами ах ів ом і"),
    "і": endings("і - а я у ю ам ям ами ями ах ях ів ей ь ою ею"),
    "ї": endings("ї я ю єю ям ями ях й їв"),
}
_UK_ADJECTIVE: Final = endings(
    "ий ій а я е є ого ього ому ьому ої ьої ую юю у ю ою ьою им ім их іх ими іми і ї"
)
_UK_ADJECTIVE_LEMMAS: Final = ("ии", "іи", "их", "ого")


def ukrainian(word: Word) -> Iterator[Form]:
    """Cases, with і that opens to о or е in an open syllable (Харків, Харкова)."""
    text = word.folded
    if len(text) < 3 or word.acronym:
        return
    last = word.written[-1:].casefold()
    if last in _CONSONANTS + "ґ":
        yield text, _UK_MASCULINE
        closed = text.rfind("і", -3)
        if len(text) > 3 and closed > 0:
            for vowel in "оеє":
                yield text[:closed] + vowel + text[closed + 1 :], _UK_MASCULINE - {""}
        if text[-2:] in _FLEETING and len(text) > 3:
            yield text[:-2] + _FLEETING[text[-2:]], _UK_MASCULINE - {""}
    elif last in _UK_TABLE:
        yield from _with_insertion(text[:-1], _UK_TABLE[last])
    for ending in _UK_ADJECTIVE_LEMMAS:
        if text.endswith(ending) and len(text) - len(ending) >= 3:
            yield text[: -len(ending)], _UK_ADJECTIVE
    if not word.last and last in {"а", "я", "е", "є", "і"}:
        yield text[:-1], _UK_ADJECTIVE


_BULGARIAN: Final = endings("- ът а ят я та то те и ите ове овете ия ти о е ето ени ена ната")


def bulgarian(word: Word) -> Iterator[Form]:
    """The article behind the noun, and plurals."""
    text = word.folded
    if len(text) < 3 or word.acronym:
        return
    yield text, _BULGARIAN
    if text[-1] in "аеиоя" and not (word.capital and word.first and word.last):
        yield text[:-1], endings("а ата я ята и ите е ето о ото ия")


_SERBIAN: Final = endings("- а у ом ем е и ов ева ови ове ова овима има ама")


def serbian(word: Word) -> Iterator[Form]:
    """Cases."""
    text = word.folded
    if len(text) < 3 or word.acronym:
        return
    yield text, _SERBIAN
    if text[-1] in "аеио":
        yield text[:-1], endings("а е и у ом о ама има")
    if not word.last:
        yield text[:-1] if text[-1] in "аеио" else text, endings("и а о е ог ом им их ој у")
