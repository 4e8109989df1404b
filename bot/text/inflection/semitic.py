"""Arabic, Hebrew, and Persian, which shares Arabic's letters.

In folded text alef and hamza forms, ya and ta marbuta are already one: ة is ه.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_ARTICLE: Final = "ال"
_CONJUNCTIONS: Final = ("", "و", "ف")
_BARE: Final = frozenset(c + p for c in _CONJUNCTIONS for p in ("", "ب", "ك", "ل"))
_DEFINITE: Final = frozenset(c + p for c in _CONJUNCTIONS for p in ("ال", "بال", "كال", "لل"))
_DEFINITE_INSIDE: Final = frozenset({"ال", "لل", "بال"})
_TO_LAM: Final = frozenset(c + "ل" for c in _CONJUNCTIONS)
ARABIC_PROCLITICS: Final = _BARE | _DEFINITE
"""All that may stand before a word."""
_SHORT: Final = endings("- ا")
_POSSESSIVES: Final = "ه ها هم هن هما نا كم"
_NOUN: Final = endings(f"- ا ان ين ون ات {_POSSESSIVES}")
_ALEF: Final = endings("ا")
_AFTER_ALEF: Final = endings("-")
_FEMININE: Final = endings("ه ات تان تين ته تها تهم تنا تكم تهما اته اتها اتهم اتنا")
_PLURAL: Final = endings("ات ه اته اتها اتهم اتنا")
_ADJECTIVE: Final = endings("- ه ا ين ون ات")
_LAM: Final = "ل"
_YA: Final = "ي"


def arabic(word: Word) -> Iterator[Form]:
    """Plurals, duals, tanwin and possessives that keep the stem; an adjective's gender. Not the nisba in -ي."""
    text = _without_article(word.folded)
    if text.endswith("ه") and len(text) > 3:
        yield text[:-1], _FEMININE
        if not word.first:
            yield text[:-1], _ADJECTIVE
    elif text.endswith("ات") and len(text) > 4:
        yield text[:-2], _PLURAL
    elif text.endswith("ا"):
        yield text, _AFTER_ALEF
    elif len(text) <= 3:
        yield text, _SHORT
    else:
        ends = _ADJECTIVE if not word.first else _NOUN
        # Behind a nisba an alef makes the country of it (سوري, سوريا); that is worth more than its rare tanwin.
        yield text, ends - _ALEF if text.endswith(_YA) else ends


def arabic_proclitics(word: Word) -> frozenset[str]:
    """Conjunction, preposition and article; behind the first word of a phrase only the article.

    A word that is listed with its article stands with it, written together as Arabic does (للصين); where the
    word itself starts with that letter, it is not written three times (للاجئين).
    """
    bare = _without_article(word.folded)
    if bare != word.folded:
        definite = _DEFINITE if word.first else _DEFINITE_INSIDE
        if not bare.startswith(_LAM):
            return definite
        return definite | (_TO_LAM if word.first else frozenset({_LAM}))
    return _BARE | _DEFINITE if word.first else frozenset({"", _ARTICLE})


def _without_article(text: str) -> str:
    return text[2:] if text.startswith(_ARTICLE) and len(text) >= 5 else text


_PERSIAN: Final = endings("- ها هاي هايي هايش هايشان اش شان مان تان را")


def persian(word: Word) -> Iterator[Form]:
    """Plurals and the enclitics of Persian; the zero-width non-joiner before them is folded away."""
    yield word.folded, _PERSIAN if len(word.folded) > 3 else endings("- ها هاي")


HEBREW_PROCLITICS: Final = frozenset(
    c + s + p for c in ("", "ו") for s in ("", "ש", "כש") for p in ("", "ה", "ב", "ל", "כ", "מ", "מה")
)
"""And, that, when; the article and the prepositions of one letter."""
_HEBREW: Final = endings("- ים ות יו יה יהם")


def hebrew(word: Word) -> Iterator[Form]:
    """Plurals."""
    text = word.folded
    yield text, _HEBREW if len(text) > 2 else endings("-")
    if text.endswith("ה") and len(text) > 3:
        yield text[:-1], endings("ה ות ת")
