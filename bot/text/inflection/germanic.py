"""English, German, Dutch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_NO_ENDING: Final = endings("-")
_S: Final = endings("- s")
_ES: Final = endings("- es")
_Y: Final = endings("y ies ys")

_NOT_PLURAL: Final = endings(
    "arms customs goods means news odds works series species gas bus lens always perhaps plus thus bias"
)
_MEN_NOT: Final = ("german", "human", "roman", "ottoman", "norman", "shaman", "talisman", "oman")
_IRREGULAR: Final = {
    "child": "children",
    "foot": "feet",
    "tooth": "teeth",
    "goose": "geese",
    "mouse": "mice",
    "wife": "wives",
    "life": "lives",
    "knife": "knives",
    "leaf": "leaves",
    "loaf": "loaves",
    "half": "halves",
    "shelf": "shelves",
    "wolf": "wolves",
    "thief": "thieves",
    "calf": "calves",
    "scarf": "scarves",
}


def english(word: Word) -> Iterator[Form]:
    """Plurals; back from a plural only where it is written small, since Athens is no plural of Athen."""
    yield from _english_plural(word.folded)
    singular = _english_singular(word)
    if singular is not None:
        yield singular, _NO_ENDING
        yield from _english_plural(singular)


def _english_plural(word: str) -> Iterator[Form]:
    if word in _IRREGULAR:
        yield _IRREGULAR[word], _NO_ENDING
    elif word.endswith(("sis", "xis")):
        yield word[:-2], endings("is es")
    elif word.endswith(("s", "x", "z", "ch", "sh")):
        yield word, _ES
        if word.endswith("ch"):
            yield word, _S
    elif word.endswith("y") and word[-2:-1] not in {"a", "e", "i", "o", "u"}:
        yield word[:-1], _Y
    elif word.endswith("man") and not word.endswith(_MEN_NOT):
        yield word[:-2], endings("an en")
    elif word.endswith("o"):
        yield word, endings("- s es")
    else:
        yield word, _S


def _english_singular(word: Word) -> str | None:
    text = word.folded
    if word.capital or len(text) < 4 or text in _NOT_PLURAL or text.endswith(("ss", "us", "is", "ics")):
        return None
    if text.endswith("ies") and len(text) > 4:
        return text[:-3] + "y"
    if text.endswith(("ches", "shes", "sses", "xes", "zes")):
        return text[:-2]
    return text[:-1] if text.endswith("s") else None


_ADJECTIVE: Final = endings("- e en er es em")
_AFTER_E: Final = endings("- n s ns")
_AFTER_VOWEL: Final = endings("- s")
_AFTER_ER: Final = endings("- s n")
_AFTER_SIBILANT: Final = endings("- e en es")
_NOUN: Final = endings("- s es e en n ens")
_OF_PLURAL_IN_S: Final = endings("- s es")
_NEUTER: Final = endings("- s es e er ern")
_PLURAL_IN_ER: Final = tuple(
    endings(
        "amt bad bild blatt brett buch dach denkmal dorf fach fass feld geld geist gesicht glas gott grab haupt haus "
        "huhn kalb kind kleid kraut lamm land licht lied loch mann mitglied nest rad rand rind schild schloss schwert "
        "strauch tal tuch tum volk wald wort wurm"
    )
)
_PLURAL_IN_S: Final = ("streik", "start", "park")
_PLURAL_IN_S_ALONE: Final = frozenset({"bar", "test"})
"""Nouns whose plural is in -s, so that what ends in -en is another word (streiken, Bären)."""
_FEMININE_PLURAL: Final = ("ungen", "ionen", "heiten", "keiten", "schaften", "taten", "turen")


def german(word: Word) -> Iterator[Form]:
    """Plurals and cases of nouns; the endings of adjectives where another word follows."""
    text = word.folded
    if word.acronym:
        yield text, _S
        return
    yield text, _german_noun_endings(text)
    if text.endswith("in") and len(text) > 4:
        yield text, endings("- nen")
    if text.endswith("nis"):
        yield text, endings("- se ses sen")
    if text.endswith(("um", "us")) and len(text) > 4:
        yield text[:-2], endings("en")
    if text.endswith("ma"):
        yield text[:-1], endings("en")
    if text.endswith(_FEMININE_PLURAL):
        yield text[:-2], _NO_ENDING
    if not word.last:
        yield from _german_adjective(text)


def _german_noun_endings(text: str) -> frozenset[str]:
    if text.endswith(_PLURAL_IN_S) or text in _PLURAL_IN_S_ALONE:
        return _OF_PLURAL_IN_S
    if text.endswith(_PLURAL_IN_ER):
        return _NEUTER
    if text.endswith("e"):
        return _AFTER_E
    if text[-1] in "aiouy":
        return _AFTER_VOWEL
    if text.endswith(("er", "el", "en")):
        return _AFTER_ER
    if text[-1] in "sxz":
        return _AFTER_SIBILANT
    return _NOUN


def _german_adjective(text: str) -> Iterator[Form]:
    for ending in ("em", "en", "er", "es", "e"):
        if text.endswith(ending) and len(text) - len(ending) >= 3:
            yield text[: -len(ending)], _ADJECTIVE
            return
    if len(text) >= 3:
        yield text, _ADJECTIVE


_DUTCH: Final = endings("- s en n e")


def dutch(word: Word) -> Iterator[Form]:
    """Plurals with doubled consonants (val, vallen) and shortened vowels (school, scholen); adjectives in -e."""
    text = word.folded
    if word.acronym or (word.capital and word.first and word.last):
        yield text, _S
        return
    yield text, _DUTCH
    if len(text) > 3 and text[-1] == "e" and not word.last:
        yield text[:-1], endings("- e")
    if len(text) > 2 and text[-1] not in "aeiouwxh":
        yield text + text[-1], endings("en e")
        if text[-2] == text[-3] and text[-2] in "aeou":
            yield text[:-2] + text[-1], endings("en e")
