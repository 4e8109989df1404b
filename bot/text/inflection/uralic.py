"""Finnish and Hungarian, and Malay, whose few suffixes need no file of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_FINNISH: Final = endings(
    "- n a ta tta t ssa sta an en in on un seen han hen hin hon hun lla lta lle na ksi tta nsa "
    "ja jen ien iden ita issa ista ihin iin illa ilta ille ina iksi ita i"
)
_GRADES: Final = {"kk": "k", "pp": "p", "tt": "t", "nk": "ng", "nt": "nn", "mp": "mm", "lt": "ll", "rt": "rr"}


def finnish(word: Word) -> Iterator[Form]:
    """Cases on the stem, with the weak grade of its last consonants (Turkki, Turkin)."""
    text = word.folded
    yield text, _FINNISH
    if text.endswith("nen"):
        yield text[:-3], endings("nen sen sta seen ssa sta sella selta selle sena seksi set sia sten sissa")
    if len(text) > 4 and text[-1] in "aeiou" and text[-3:-1] in _GRADES:
        yield text[:-3] + _GRADES[text[-3:-1]] + text[-1], _FINNISH
    if text.endswith("i") and len(text) > 3:
        yield text[:-1], endings("en ea essa esta een ella elta elle et ien ia")


_CASES: Final = (
    "t ot et at ok ek ak k ban ben ba be bol nak nek ra re rol hoz hez on en n ig ert val vel tol nal kent "
    "okat eket akat kat okban ekben akban oknak eknek aknak okra ekre oktol ektol je ja jenek janak e a anak enek "
    "ai ei jai jei at et jat jet aban eben"
)
_HUNGARIAN: Final = endings("- " + _CASES)


def hungarian(word: Word) -> Iterator[Form]:
    """Cases and plurals; the doubled consonant before -val and -vá."""
    text = word.folded
    yield text, _HUNGARIAN
    if text[-1] not in "aeiou":
        yield text + text[-1], endings("al el")


_MALAY: Final = endings("- nya lah kah pun")


def malay(word: Word) -> Iterator[Form]:
    """The enclitics of Indonesian and Malay."""
    yield word.folded, _MALAY
