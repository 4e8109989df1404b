"""Polish, Czech and Slovak, Croatian and its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_VOWELS: Final = "aeioy"
"""Endings that others take the place of; a word in -u is foreign and keeps it (Peru)."""
_PL_CONSONANT: Final = endings("- a u owi em iem ie e y i ow ami om ach ami")
_PL_VOWEL: Final = endings("a e y i ę ą o u em ie - om ami ach ow ii ia iom iami iach")
_PL_COUNTRY: Final = endings("a i ę ą o")
_PL_ADJECTIVE: Final = endings("y i a e ego emu ym im ej ą ych ich ymi imi")
_PL_SOFTENED: Final = {"k": "c", "g": "dz", "r": "rz", "t": "ci", "d": "dzi", "ch": "sz"}
AFTER_APOSTROPHE: Final = endings("a u owi em ie ego emu m y")


def polish(word: Word) -> Iterator[Form]:
    """Cases of nouns and adjectives, with the consonants that soften before -e (Polska, Polsce)."""
    text = word.folded
    if len(text) < 3 or word.acronym:
        return
    stem = text[:-1] if text[-1] in _VOWELS else text
    if stem != text and stem[-1:] in _PL_SOFTENED:
        yield stem[:-1] + _PL_SOFTENED[stem[-1]], endings("e")
    if word.capital and word.first and word.last and text.endswith(("ska", "cka")):
        # The name of a country, which shares but some endings with the adjective (Polska, not polskie).
        yield stem, _PL_COUNTRY
        return
    yield stem, _PL_VOWEL if stem != text else _PL_CONSONANT
    if text.endswith(("ek", "ec")) and len(text) > 4:
        yield text[:-2] + text[-1], _PL_CONSONANT - {""}
    if text[-1] in "yia" and (not word.last or text[-1] == "y"):
        yield stem, _PL_ADJECTIVE
    if text.endswith(("ska", "cka")):
        yield stem, _PL_ADJECTIVE


_CS_CONSONANT: Final = endings("- a u ovi em om e ě i y ů ov ům om ech ích ami mi")
_CS_VOWEL: Final = endings("a e y i u ou o - ám am ách ach ami í ím ích ími em ům ech ě")
_CS_ADJECTIVE: Final = endings("ý á é í ého ej ému ém ým ou ých ými ího ímu ím ích ími")


def czech(word: Word) -> Iterator[Form]:
    """Cases of nouns and adjectives in Czech and Slovak."""
    text = word.folded
    if len(text) < 3 or word.acronym:
        return
    stem = text[:-1] if text[-1] in _VOWELS else text
    yield stem, _CS_VOWEL if stem != text else _CS_CONSONANT
    if stem != text and stem[-1:] in {"k", "h"}:
        yield stem[:-1] + ("c" if stem[-1] == "k" else "z"), endings("e")
    if text.endswith(("ek", "ec")) and len(text) > 4:
        yield text[:-2] + text[-1], _CS_CONSONANT - {""}
    if stem != text and (not word.last or word.written[-1:] in "ýáéí"):
        yield stem, _CS_ADJECTIVE


_HR_CONSONANT: Final = endings("- a u om em e i ov ovi ove ova ima ama")
_HR_VOWEL: Final = endings("a e i u o om em ama ima -")
_HR_ADJECTIVE: Final = endings("- i a o e og oga om im ih oj u")


def croatian(word: Word) -> Iterator[Form]:
    """Cases in Croatian, Bosnian, Serbian and Slovene."""
    text = word.folded
    if len(text) < 3 or word.acronym:
        return
    stem = text[:-1] if text[-1] in _VOWELS else text
    yield stem, _HR_VOWEL if stem != text else _HR_CONSONANT
    if not word.last:
        yield stem, _HR_ADJECTIVE
